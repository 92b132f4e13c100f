using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Webhooks;

/// <summary>A receiver of webhooks on this machine, over HTTP.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Message> _messages = new();
    private readonly HttpListener _listener = new();
    private readonly Func<int, HttpListenerResponse, Task> _answer;
    private readonly Task _serving;

    /// <param name="statuses">The first message is answered with the first status, and so on; the last one holds on.</param>
    public Receiver(params int[] statuses)
        : this((index, answer) =>
        {
            answer.StatusCode = statuses.Length == 0 ? 204 : statuses[Math.Min(index, statuses.Length - 1)];
            return Task.CompletedTask;
        })
    {
    }

    /// <param name="answer">Given how many messages came before.</param>
    public Receiver(Func<int, HttpListenerResponse, Task> answer)
    {
        _answer = answer;
        // Another process may take the port between the look for it and its use.
        for (var tries = 1; ; tries++)
        {
            Url = new Uri($"http://127.0.0.1:{FreePort()}/hooks/datasets");
            _listener.Prefixes.Add(Url.GetLeftPart(UriPartial.Authority) + "/");
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (tries < 10)
            {
                _listener.Prefixes.Clear();
            }
        }

        _serving = ServeAsync();
    }

    public Uri Url { get; }

    public IReadOnlyList<Message> Messages => [.. _messages];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = AnswerAsync(context);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var headers = context.Request.Headers.AllKeys.ToDictionary(name => name!, name => context.Request.Headers[name]!, StringComparer.OrdinalIgnoreCase);
        var index = _messages.Count;
        _messages.Enqueue(new Message(context.Request.HttpMethod, context.Request.RawUrl!, headers, body.ToArray()));
        await _answer(index, context.Response);
        context.Response.Close();
    }
}

internal sealed record Message(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Id => Headers["webhook-id"];

    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>The signatures that these keys give, as the specification says it.</summary>
    public string SignedWith(params byte[][] keys)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes($"{Id}.{Headers["webhook-timestamp"]}."), .. Body];
        return string.Join(' ', keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, content))));
    }
}
