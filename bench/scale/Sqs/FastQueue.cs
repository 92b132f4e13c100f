namespace VmDataset.Bench.Scale.Sqs;

/// <summary>A queue of SQS: a received message is hidden until its lease ends, and stays until it is deleted.</summary>
internal sealed class FastQueue
{
    /// <summary>What batches have and other messages have not.</summary>
    public const string BatchField = "\"num_samples\"";

    private readonly Lock _lock = new();
    private readonly Queue<QueuedMessage> _waiting = new();
    private readonly Dictionary<string, QueuedMessage> _leased = new(StringComparer.Ordinal);

    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);

    /// <summary>Batches that were ever sent of a group.</summary>
    public long Sent(string group)
    {
        lock (_lock) return _sent.GetValueOrDefault(group);
    }

    public (int Waiting, int InFlight) Depth()
    {
        lock (_lock)
        {
            ReturnExpired();
            return (_waiting.Count, _leased.Count);
        }
    }

    public void Send(QueuedMessage message)
    {
        lock (_lock)
        {
            _waiting.Enqueue(message);
            if (message.Body.Contains(BatchField, StringComparison.Ordinal)) _sent[message.Group ?? ""] = _sent.GetValueOrDefault(message.Group ?? "") + 1;
        }
    }

    public List<QueuedMessage> Receive(int max, TimeSpan lease)
    {
        List<QueuedMessage> received = [];
        lock (_lock)
        {
            ReturnExpired();
            while (received.Count < max && _waiting.TryDequeue(out var message))
            {
                message.Receives++;
                message.Handle = $"{message.Id}-{message.Receives}";
                message.LeasedUntil = DateTimeOffset.UtcNow + lease;
                _leased[message.Handle] = message;
                received.Add(message);
            }
        }

        return received;
    }

    /// <returns>Whether the handle is that of a lease.</returns>
    public bool Renew(string handle, TimeSpan lease)
    {
        lock (_lock)
        {
            if (!_leased.TryGetValue(handle, out var message)) return false;
            message.LeasedUntil = DateTimeOffset.UtcNow + lease;
            return true;
        }
    }

    public void Delete(string handle)
    {
        lock (_lock) _leased.Remove(handle);
    }

    public void Purge()
    {
        lock (_lock)
        {
            _waiting.Clear();
            _leased.Clear();
        }
    }

    private void ReturnExpired()
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var (handle, message) in _leased)
        {
            if (message.LeasedUntil > now) continue;
            _leased.Remove(handle);
            _waiting.Enqueue(message);
        }
    }
}

/// <param name="Id">Given by the queue.</param>
/// <param name="Body">The text.</param>
/// <param name="Group">MessageGroupId; null without one.</param>
internal sealed record QueuedMessage(string Id, string Body, string? Group)
{
    /// <summary>Why it was given up; null if it was not.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset SentAt { get; } = DateTimeOffset.UtcNow;

    public int Receives { get; set; }

    public string Handle { get; set; } = "";

    public DateTimeOffset LeasedUntil { get; set; }
}
