using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VmDataset.Bench.Scale.S3;
using VmDataset.Bench.Scale.Sqs;
using VmDataset.Tests.Aws;

namespace VmDataset.Bench.Scale;

/// <summary>S3 and SQS in memory, behind one address. Each answer takes a fixed time.</summary>
internal sealed class FastAws : IAsyncDisposable
{
    private const string Region = "eu-central-1";

    private readonly WebApplication _app;
    private readonly FixedDelay _latency;

    private FastAws(TimeSpan latency, string folder)
    {
        (_latency, S3) = (new FixedDelay(latency), new FastS3(folder));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public FastS3 S3 { get; }

    public FastSqs Sqs { get; } = new();

    /// <param name="latency">From a request's head to the first byte of its answer.</param>
    /// <param name="folder">Where large objects go.</param>
    public static async Task<FastAws> StartAsync(TimeSpan latency, string folder)
    {
        var aws = new FastAws(latency, folder);
        await aws._app.StartAsync();
        return aws;
    }

    /// <summary>What a process of the product needs to know.</summary>
    public Dictionary<string, string> Environment()
    {
        var endpoint = _app.Urls.Single();
        return new()
        {
            ["ENGINE"] = "Aws",
            ["AWS_ENDPOINT_URL"] = endpoint,
            ["AWS_REGION"] = Region,
            ["AWS_ACCESS_KEY_ID"] = "bench",
            ["AWS_SECRET_ACCESS_KEY"] = "bench",
            ["OUTPUT_BUCKET"] = FastS3.BucketName,
            ["SQS_QUEUE_URL"] = $"{endpoint}/000000000000/tasks",
            ["SQS_DLQ_URL"] = $"{endpoint}/000000000000/dead",
        };
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _latency.Dispose();
    }

    private Task AnswerAsync(HttpContext http)
    {
        var latency = _latency.WaitAsync();
        return http.Request.Headers.ContainsKey("X-Amz-Target") ? Sqs.AnswerAsync(http, latency) : S3.AnswerAsync(http, latency);
    }
}
