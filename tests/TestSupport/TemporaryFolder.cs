namespace VmDataset.Tests;

/// <summary>A folder of its own for a test, removed with what is in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vmds-test-").FullName;

    public string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose()
    {
        for (var left = 100; Directory.Exists(Path); left--)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (left > 0)
            {
                // A process that has just been ended may still write or remove what is its own.
                Thread.Sleep(20);
            }
        }
    }
}
