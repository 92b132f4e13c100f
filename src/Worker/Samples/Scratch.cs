namespace VmDataset.Worker.Samples;

internal static class Scratch
{
    /// <summary>Removes a folder; one that is not there is no error.</summary>
    public static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing to remove.
        }
    }
}
