using System.Buffers;

namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>
/// Writes server-sent events (WHATWG HTML, section 9.2.5). TypedResults.ServerSentEvents is not used: it writes no comments, which keep a
/// silent connection open, and does not report how many bytes it wrote, by which a stream's length is bounded on Lambda.
/// </summary>
internal sealed class SseWriter(Stream body, JsonSerializerOptions json)
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    /// <summary>How long the client shall wait before it connects again.</summary>
    public void Retry(TimeSpan after) => Append($"retry: {(long)after.TotalMilliseconds}\n\n");

    /// <param name="type">The event's name.</param>
    /// <param name="id">What the client has with it; null where that is said with a later one.</param>
    /// <param name="data">Becomes JSON, which has no line breaks.</param>
    public void Event<T>(string type, EventId? id, T data)
    {
        if (id is not null) Append($"id: {id}\n");
        Append($"event: {type}\ndata: ");
        _buffer.Write(JsonSerializer.SerializeToUtf8Bytes(data, json));
        Append("\n\n");
    }

    public void Comment() => Append(":\n\n");

    /// <summary>Sends what was written, and waits while the client is slow.</summary>
    /// <returns>Whether there was anything.</returns>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        if (_buffer.WrittenCount == 0) return false;
        await body.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        await body.FlushAsync(cancellationToken);
        Written += _buffer.WrittenCount;
        _buffer.ResetWrittenCount();
        return true;
    }

    private void Append(string text) => Encoding.UTF8.GetBytes(text, _buffer);
}
