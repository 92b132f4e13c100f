using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace VmDataset.Tests;

/// <summary>A client of a job's events.</summary>
public sealed class EventListener : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly HttpResponseMessage _answer;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private EventListener(HttpResponseMessage answer, Stream body)
    {
        _answer = answer;
        _parser = SseParser.Create(body);
        _events = _parser.EnumerateAsync().GetAsyncEnumerator();
    }

    public HttpResponseMessage Answer => _answer;

    /// <summary>What a browser would send as <c>Last-Event-ID</c>.</summary>
    public string LastId => _parser.LastEventId;

    public static async Task<EventListener> OpenAsync(HttpClient client, string job, string? lastId = null)
    {
        var answer = await SendAsync(client, job, lastId);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return new EventListener(answer, await answer.Content.ReadAsStreamAsync());
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string job, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}/events");
        if (lastId is not null) request.Headers.Add("Last-Event-ID", lastId);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
    }

    /// <summary>The next event's name and data; null at the end of the stream.</summary>
    public async Task<(string Type, JsonElement Data)?> NextAsync()
    {
        if (!await _events.MoveNextAsync().AsTask().WaitAsync(Patience)) return null;
        return (_events.Current.EventType, JsonElement.Parse(_events.Current.Data));
    }

    /// <summary>The events up to the first that is asked for.</summary>
    public async Task<List<(string Type, JsonElement Data)>> UntilAsync(Func<string, JsonElement, bool> isIt)
    {
        List<(string Type, JsonElement Data)> events = [];
        while (true)
        {
            var next = await NextAsync() ?? throw new InvalidOperationException($"The stream ended after: {string.Join(", ", events)}");
            events.Add(next);
            if (isIt(next.Type, next.Data)) return events;
        }
    }

    /// <summary>All that is left.</summary>
    public async Task<List<(string Type, JsonElement Data)>> RestAsync()
    {
        List<(string Type, JsonElement Data)> events = [];
        while (await NextAsync() is { } next) events.Add(next);
        return events;
    }

    public ValueTask DisposeAsync()
    {
        // The enumerator may be waiting for an event that never comes.
        _answer.Dispose();
        return ValueTask.CompletedTask;
    }
}
