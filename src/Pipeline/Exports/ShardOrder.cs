namespace VmDataset.Pipeline.Exports;

/// <summary>The samples that share the shards of an export.</summary>
public enum ShardOrder
{
    /// <summary>Those of all generators, shuffled.</summary>
    Mixed,

    /// <summary>Those of one generator each, shuffled.</summary>
    ByGenerator,
}
