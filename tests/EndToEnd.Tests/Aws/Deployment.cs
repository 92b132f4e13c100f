using System.Diagnostics;
using System.Security.Cryptography;
using Amazon.S3.Model;
using VmDataset.Tests.Aws;

namespace VmDataset.EndToEnd.Tests.Aws;

/// <summary>A queue, a bucket and an API on them; the workers are the test's.</summary>
public sealed class Deployment : IAsyncDisposable
{
    private Deployment(AwsResources resources, Server api) => (Aws, Api) = (resources, api);

    public AwsResources Aws { get; }

    public Server Api { get; }

    /// <param name="generators">The API's generators folder.</param>
    /// <param name="endpoint">What the API takes for AWS; null for the emulator itself.</param>
    public static async Task<Deployment> StartAsync(string generators, string? endpoint = null)
    {
        var aws = await AwsResources.CreateAsync();
        var settings = aws.Environment();
        settings["ENGINE"] = "Aws";
        if (endpoint is not null) settings["AWS_ENDPOINT_URL"] = endpoint;
        return new Deployment(aws, await new Server(generators, settings: settings).StartAsync());
    }

    /// <summary>The <c>aws</c> command against the emulator.</summary>
    public async Task<string> CliAsync(params IEnumerable<string> arguments)
    {
        var program = AwsEmulator.Find("aws");
        Assert.SkipWhen(program is null, "needs the aws command (AWS CLI)");
        var start = new ProcessStartInfo(program!, ["--endpoint-url", Aws.Options.EndpointUrl!.AbsoluteUri, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Aws.Environment()) start.Environment[name] = value;
        start.Environment["AWS_DEFAULT_REGION"] = AwsEmulator.Region;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await errors);
        return output;
    }

    /// <summary>A job's data as <c>aws s3 sync</c> brings it, by path, as SHA-256.</summary>
    public async Task<SortedDictionary<string, string>> SyncAsync(string job)
    {
        using var folder = new TemporaryFolder();
        await CliAsync("s3", "sync", "--only-show-errors", $"s3://{Aws.Options.Bucket}/jobs/{job}/data", folder.Path);
        SortedDictionary<string, string> hashes = new(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
            hashes.Add(Path.GetRelativePath(folder.Path, path), Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path))));
        return hashes;
    }

    /// <summary>The names of the objects below a prefix.</summary>
    public async Task<List<string>> KeysAsync(string prefix)
    {
        List<string> keys = [];
        var request = new ListObjectsV2Request { BucketName = Aws.Options.Bucket, Prefix = prefix };
        do
        {
            var page = await Aws.S3.ListObjectsV2Async(request);
            keys.AddRange((page.S3Objects ?? []).Select(static entry => entry.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
        return keys;
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        Aws.Dispose();
    }
}
