namespace VmDataset.Pipeline.Generators;

/// <summary>Which generators there are: read from their folder, or from an index of it where the folder is not.</summary>
public interface IGeneratorCatalog
{
    /// <summary>In ordinal order of name.</summary>
    IReadOnlyList<GeneratorInfo> List();

    /// <summary>Null when there is none of that name.</summary>
    GeneratorInfo? Find(string name);
}
