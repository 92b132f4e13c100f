namespace VmDataset.Pipeline.Generators;

/// <summary>Which generators there are: read from their folders, or from an index where those are not.</summary>
public interface IGeneratorCatalog
{
    /// <summary>In ordinal order of name.</summary>
    IReadOnlyList<GeneratorInfo> List();

    /// <summary>Null when there is none of that name.</summary>
    GeneratorInfo? Find(string name);
}
