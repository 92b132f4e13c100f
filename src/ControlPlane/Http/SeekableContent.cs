namespace VmDataset.ControlPlane.Http;

/// <summary>An object's content that can be read from anywhere, as a browser reads a video.</summary>
internal static class SeekableContent
{
    /// <returns>The content itself, or a copy on disk that is gone when it is closed. Closing it closes the object.</returns>
    public static async Task<Stream> OfAsync(StoredObject found, CancellationToken cancellationToken)
    {
        if (found.Content.CanSeek) return found.Content;
        using (found)
        {
            var copy = new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
                FileShare.None,
                64 * 1024, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
            try
            {
                await found.Content.CopyToAsync(copy, cancellationToken);
                copy.Position = 0;
                return copy;
            }
            catch
            {
                await copy.DisposeAsync();
                throw;
            }
        }
    }
}
