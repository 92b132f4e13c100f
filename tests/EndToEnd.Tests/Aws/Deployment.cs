using System.Security.Cryptography;
using Amazon.S3.Model;
using VmDataset.Pipeline.Ranges;
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
    /// <param name="links">Whether files are given out as links into the bucket.</param>
    /// <param name="settings">More of the API's settings.</param>
    /// <param name="resources">Queue and bucket, if they are there already.</param>
    public static async Task<Deployment> StartAsync(string generators, string? endpoint = null, AwsResources? resources = null, bool links = true,
        IReadOnlyDictionary<string, string>? settings = null)
    {
        var aws = resources ?? await AwsResources.CreateAsync();
        var environment = aws.Environment();
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) environment[name] = value;
        environment["ENGINE"] = "Aws";
        environment["PRESIGNED_LINKS"] = $"{links}";
        if (endpoint is not null) environment["AWS_ENDPOINT_URL"] = endpoint;
        return new Deployment(aws, await new Server(generators, settings: environment).StartAsync());
    }

    /// <summary>A job's data as <c>aws s3 sync</c> brings it, by path, as SHA-256.</summary>
    public async Task<SortedDictionary<string, string>> SyncAsync(string job)
    {
        using var folder = new TemporaryFolder();
        var emulator = await AwsEmulator.GetAsync();
        await emulator.CliAsync("s3", "sync", "--only-show-errors", $"s3://{Aws.Options.Bucket}/jobs/{job}/data", folder.Path);
        SortedDictionary<string, string> hashes = new(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateDirectories(folder.Path).SelectMany(static each => Directory.EnumerateFiles(each, "*", SearchOption.AllDirectories)))
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

    /// <summary>The samples of <c>ok-generator</c> that a job's manifests tell of.</summary>
    public async Task<RangeSet> DoneAsync(string job) => RangeSet.Of((await KeysAsync($"jobs/{job}/done/"))
        .Select(static key => Pipeline.Records.ObjectKeys.TryParseRange(key, out _, out var range) ? range : throw new InvalidDataException(key)));

    /// <summary>That every sample of <c>ok-generator</c> is there with its five files, and nothing else.</summary>
    public async Task ShouldBeExactAsync(string job, int samples)
    {
        (await DoneAsync(job)).ShouldBe([new SampleRange(0, samples)]);
        var names = (await KeysAsync($"jobs/{job}/data/")).Where(static key => key.EndsWith("prompt.txt", StringComparison.Ordinal)).ToList();
        names.ShouldBe(Enumerable.Range(0, samples).Select(index => $"jobs/{job}/data/ok-generator/ok_task/ok_{index:D8}/prompt.txt"));
        (await KeysAsync($"jobs/{job}/data/ok-generator/")).Count.ShouldBe(samples * 5);
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        Aws.Dispose();
    }
}
