namespace VmDataset.Worker.Lambda;

/// <summary>What an event source mapping delivers from SQS, as far as it matters here.</summary>
internal sealed record SqsEvent
{
    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web);

    public IReadOnlyList<SqsRecord?>? Records { get; init; }

    /// <exception cref="InvalidDataException">It is no SQS event.</exception>
    public static SqsEvent Parse(byte[] json)
    {
        try
        {
            var parsed = JsonSerializer.Deserialize<SqsEvent>(json, Wire);
            if (parsed?.Records is { } records && records.All(static record => record is { IsComplete: true })) return parsed;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The event is not an SQS event: {exception.Message}", exception);
        }

        throw new InvalidDataException(
            "The event is not an SQS event: allowed is an object whose field Records is a list of messages with messageId, receiptHandle and body.");
    }
}

internal sealed record SqsRecord
{
    public string? MessageId { get; init; }

    public string? ReceiptHandle { get; init; }

    public string? Body { get; init; }

    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    public IReadOnlyDictionary<string, SqsAttribute?>? MessageAttributes { get; init; }

    public bool IsComplete => MessageId is not null && ReceiptHandle is not null && Body is not null;

    public LeasedMessage ToMessage() => new(Body!, Attributes?.GetValueOrDefault("MessageGroupId"),
        int.TryParse(Attributes?.GetValueOrDefault("ApproximateReceiveCount"), out var count) ? count : 1, ReceiptHandle!)
    {
        TraceParent = MessageAttributes?.GetValueOrDefault(MessageActivities.TraceParent)?.StringValue,
    };
}

/// <param name="StringValue">Null where its type is another.</param>
internal sealed record SqsAttribute(string? StringValue);

/// <summary>
/// What the mapping is told: these messages, and no others, are to come again. It must be there even when it names none, as
/// Lambda takes an answer without it for success.
/// </summary>
internal sealed record SqsAnswer([property: JsonPropertyName("batchItemFailures")] IReadOnlyList<SqsFailure> Failures);

internal sealed record SqsFailure([property: JsonPropertyName("itemIdentifier")] string MessageId);
