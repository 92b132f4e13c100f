using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Tests;

/// <summary>A store with no room left for a job's data.</summary>
internal sealed class FullStore(IObjectStore inner) : ForwardingStore(inner)
{
    public override Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
        key.StartsWith("jobs/", StringComparison.Ordinal) ? throw new IOException("No space left on device") : base.PutAsync(key, content, ifAbsent, cancellationToken);

    public override Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) =>
        throw new IOException("No space left on device");
}
