namespace VmDataset.Worker.Publishing;

/// <summary>Reads back a range that another worker had too and finished first. Both stored the same samples, but a generator may write a
/// path or a file's time into <c>metadata.json</c>, and the last writer differs from file to file.</summary>
internal sealed class StoredRange(IObjectStore store)
{
    /// <param name="drawn">What this worker stored.</param>
    /// <returns>What is there; null if that is the other one's tar, as its manifest says already.</returns>
    public async Task<Manifest?> DescribeAsync(string jobId, Manifest drawn)
    {
        if (drawn.AllShards is [_, ..] shards)
        {
            foreach (var shard in shards)
                if ((await ReadAsync(shard.Key))?.Sha256 != shard.Sha256) return null;
            return drawn;
        }

        List<SampleRecord> samples = [];
        foreach (var sample in drawn.Samples)
        {
            var files = await Task.WhenAll(sample.Files.Select(async file =>
                // A file that is gone was left out of a dataset meanwhile, and will be again.
                await ReadAsync(ObjectKeys.SampleFile(jobId, drawn.Generator, drawn.Domain, sample.Index, file.Name)) is { } stored
                    ? file with { Bytes = stored.Bytes, Sha256 = stored.Sha256 } : file));
            samples.Add(sample with { Files = files });
        }

        return drawn with { Samples = samples, Bytes = samples.Sum(static sample => sample.Files.Sum(static file => file.Bytes)) };
    }

    private async Task<(long Bytes, string Sha256)?> ReadAsync(string key)
    {
        using var stored = await store.GetAsync(key);
        return stored is null ? null : (stored.Size, Convert.ToHexStringLower(await SHA256.HashDataAsync(stored.Content)));
    }
}
