namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>Links to objects of the dataset.</summary>
internal sealed class FileLinks(IObjectStore store)
{
    private static readonly TimeSpan Validity = TimeSpan.FromHours(1);

    /// <summary>The store's own link where it has one, else a path on this server.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="key">A key below the job's data.</param>
    public string To(string jobId, string key) =>
        store.DownloadLink(key, Validity)?.AbsoluteUri
        ?? $"/v1/jobs/{jobId}/files/{string.Join('/', key[ObjectKeys.DataPrefix(jobId).Length..].Split('/').Select(Uri.EscapeDataString))}";
}
