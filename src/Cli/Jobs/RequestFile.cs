using System.Text.Json.Nodes;
using VmDataset.Cli.Api;

namespace VmDataset.Cli.Jobs;

/// <summary>A request that the user wrote into a file.</summary>
internal static class RequestFile
{
    /// <param name="path">A file; <c>-</c> for stdin.</param>
    /// <exception cref="UsageException">It cannot be read, or is no JSON object.</exception>
    public static JsonObject Read(string path)
    {
        try
        {
            var text = path == "-" ? Console.In.ReadToEnd() : File.ReadAllText(path);
            return JsonNode.Parse(text) as JsonObject ?? throw new UsageException($"--file {path} holds no JSON object.");
        }
        catch (JsonException exception)
        {
            throw new UsageException($"--file {path} holds no JSON object: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--file is '{path}', which cannot be read: {exception.Message}");
        }
    }
}
