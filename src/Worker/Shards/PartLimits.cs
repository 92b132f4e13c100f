namespace VmDataset.Worker.Shards;

/// <summary>How much of an export a worker makes for one message: a minute's work of any worker, and one shard's disk.</summary>
/// <param name="Bytes">Bytes of the shards of a part, one larger shard apart.</param>
/// <param name="Samples">Their samples, one larger shard apart: in the <c>files</c> format each file of a sample is a request.</param>
/// <param name="Shards">Their number.</param>
/// <param name="MaxShards">Shards of the whole export: its record names each.</param>
public sealed record PartLimits(long Bytes, int Samples, int Shards, int MaxShards = 10_000)
{
    public static readonly PartLimits Default = new(1L << 30, 10_000, 1_000);
}
