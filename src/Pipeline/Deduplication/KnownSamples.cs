using System.Buffers.Binary;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>
/// The samples of other jobs that a unique job is not to repeat, see <see cref="Job.UniqueAgainst"/>. They are read from those jobs once
/// and then kept with this one, so that nothing that happens to the others later changes its dataset.
/// </summary>
public sealed class KnownSamples(JobStore jobs, ManifestReader manifests, IObjectStore store)
{
    private const int KeyBytes = 16;

    /// <returns>By <see cref="DistinctSamples.KeyOf"/>; null if the job names no other.</returns>
    /// <exception cref="MissingJobException">One of the other jobs is gone, and nothing was kept of it yet.</exception>
    public async Task<IReadOnlySet<UInt128>?> ReadAsync(Job job, string generator, CancellationToken cancellationToken = default)
    {
        if (job.UniqueAgainst is not { } others) return null;
        var key = ObjectKeys.KnownSamples(job.Id, generator);
        if (await KeptAsync(key, cancellationToken) is { } kept) return kept;
        var source = job.GeneratorNamed(generator).Source;
        var found = await CollectAsync(others, source, cancellationToken);
        await using var content = new MemoryStream(found.Count * KeyBytes);
        var bytes = new byte[KeyBytes];
        foreach (var known in found)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, known);
            content.Write(bytes);
        }

        content.Position = 0;
        // Whoever was first decides for all.
        return await store.PutAsync(key, content, ifAbsent: true, cancellationToken) ? found : await KeptAsync(key, cancellationToken);
    }

    private async Task<HashSet<UInt128>> CollectAsync(IReadOnlyList<string> others, string source, CancellationToken cancellationToken)
    {
        HashSet<UInt128> found = [];
        foreach (var id in others)
        {
            var other = await jobs.FindAsync(id, cancellationToken) ?? throw new MissingJobException(id);
            foreach (var generator in other.Generators.Where(each => each.Source == source))
            {
                await foreach (var sample in manifests.SamplesAsync(other, generator.Name, cancellationToken: cancellationToken))
                    if (sample.Record.Excluded is null) found.Add(DistinctSamples.KeyOf(sample.Record.Fingerprint));
            }
        }

        return found;
    }

    private async Task<HashSet<UInt128>?> KeptAsync(string key, CancellationToken cancellationToken)
    {
        using var found = await store.GetAsync(key, cancellationToken);
        if (found is null) return null;
        HashSet<UInt128> known = [];
        var bytes = new byte[KeyBytes];
        await using var content = new BufferedStream(found.Content, 1 << 16);
        while (await content.ReadAtLeastAsync(bytes, KeyBytes, throwOnEndOfStream: false, cancellationToken) == KeyBytes)
            known.Add(BinaryPrimitives.ReadUInt128BigEndian(bytes));
        return known;
    }
}

/// <summary>A job whose samples another one is not to repeat is gone.</summary>
public sealed class MissingJobException(string jobId)
    : Exception($"The job '{jobId}', whose samples this job was not to repeat (unique_against), is not there any more.");
