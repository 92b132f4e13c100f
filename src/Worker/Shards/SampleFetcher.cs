using System.Formats.Tar;
using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Shards;

/// <summary>Reads samples from the store: one in a tar by one request, one in files by a request for each.</summary>
internal sealed class SampleFetcher(IObjectStore store, string jobId)
{
    private const int FilesAtOnce = 8;
    private const int SamplesAtOnce = 16;

    // Of samples that are fetched and not written yet; one larger sample apart.
    private const long MaxBytesAhead = 64 << 20;

    /// <summary>Samples in their order, several of which are fetched at once.</summary>
    public async IAsyncEnumerable<SampleContent> FetchAsync(IReadOnlyList<SampleSource> sources, IReadOnlyList<PlannedSample> samples,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Queue<(Task<SampleContent> Content, long Bytes)> ahead = new();
        var bytes = 0L;
        try
        {
            foreach (var sample in samples)
            {
                var size = sample.Bytes.Sum();
                while (ahead.Count >= SamplesAtOnce || (ahead.Count > 0 && bytes + size > MaxBytesAhead))
                {
                    var first = ahead.Dequeue();
                    yield return await first.Content;
                    bytes -= first.Bytes;
                }

                ahead.Enqueue((FetchAsync(sources[sample.Source], sample, stop.Token), size));
                bytes += size;
            }

            while (ahead.TryDequeue(out var last)) yield return await last.Content;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(ahead.Select(static each => (Task)each.Content)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<SampleContent> FetchAsync(SampleSource source, PlannedSample sample, CancellationToken cancellationToken)
    {
        var files = sample.Tar is null
            ? await FilesAsync(source, sample, cancellationToken)
            : await MembersAsync(source, sample, cancellationToken);
        if (SampleDigest.Text(SampleDigest.Of(files)) != sample.Check)
            throw new InvalidDataException($"{source.Generator} {sample.Index} is not what its manifest says.");
        return new SampleContent(source, sample.Index, files);
    }

    private async Task<byte[][]> FilesAsync(SampleSource source, PlannedSample sample, CancellationToken cancellationToken)
    {
        var files = new byte[source.Files.Count][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, files.Length, options, async (at, token) =>
        {
            var key = ObjectKeys.SampleFile(jobId, source.Generator, source.Domain, sample.Index, source.Files[at]);
            files[at] = sample.Bytes[at] == 0 ? [] : await GetAsync(key, 0, sample.Bytes[at], token);
        });
        return files;
    }

    private async Task<byte[][]> MembersAsync(SampleSource source, PlannedSample sample, CancellationToken cancellationToken)
    {
        var bytes = TarLayout.SizeOf(source.Domain, sample.Index, source.Files.Zip(sample.Bytes));
        var range = await GetAsync(ObjectKeys.DatasetFile(jobId, sample.Tar!), sample.Offset!.Value, bytes, cancellationToken);
        using var content = new MemoryStream(range);
        await using var tar = new TarReader(content);
        var files = new byte[source.Files.Count][];
        for (var at = 0; at < files.Length; at++)
        {
            var name = ObjectKeys.ShardMember(source.Domain, sample.Index, source.Files[at]);
            var member = await NextAsync(tar, cancellationToken);
            if (member?.Name != name || member.Length != sample.Bytes[at]) throw new InvalidDataException(
                $"'{sample.Tar}' does not have '{name}' of {sample.Bytes[at]} bytes where its manifest says.");
            files[at] = new byte[member.Length];
            if (member.DataStream is { } data) await data.ReadExactlyAsync(files[at], cancellationToken);
        }

        return files;
    }

    private static async Task<TarEntry?> NextAsync(TarReader tar, CancellationToken cancellationToken)
    {
        try
        {
            return await tar.GetNextEntryAsync(cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            return null;
        }
    }

    private async Task<byte[]> GetAsync(string key, long start, long bytes, CancellationToken cancellationToken) =>
        await store.GetRangeAsync(key, start, checked((int)bytes), cancellationToken)
            ?? throw new InvalidDataException($"Object '{key}' is named by a manifest and is not there.");
}
