using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using VmDataset.Tests.Aws;

namespace VmDataset.Submission;

/// <summary>The stub in a process of its own.</summary>
internal sealed class StubProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private StubProcess(Process process, string queueUrl)
    {
        (_process, QueueUrl) = (process, queueUrl);
        _http = new HttpClient { BaseAddress = new Uri(new Uri(queueUrl), "/") };
    }

    public string QueueUrl { get; }

    public static async Task<StubProcess> StartAsync(int latency)
    {
        var process = Child.Start("stub", latency.ToString(CultureInfo.InvariantCulture));
        var queueUrl = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The stub did not start.");
        return new StubProcess(process, queueUrl);
    }

    /// <summary>Milliseconds that a plain HTTP client waits for the answer to a request, one after another.</summary>
    public async Task<double[]> LatencyAsync(int requests)
    {
        var seen = new double[requests];
        // The first ones open the connection and compile.
        for (var i = -20; i < requests; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/");
            request.Headers.Add("X-Amz-Target", "AmazonSQS.SendMessageBatch");
            request.Content = new StringContent("""{"Entries":[{"Id":"0","MessageBody":"probe"}]}""", Encoding.UTF8,
                "application/x-amz-json-1.0");
            var start = Stopwatch.GetTimestamp();
            using var answer = await _http.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            if (i >= 0) seen[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return seen;
    }

    public async Task ResetAsync()
    {
        using var answer = await _http.PostAsync(new Uri("/reset", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<StubSqsCounts> CountsAsync() => (await _http.GetFromJsonAsync<StubSqsCounts>("/counts"))!;

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }
}
