namespace VmDataset.ControlPlane.Webhooks;

/// <summary>How webhooks are signed and where they may go.</summary>
public sealed record WebhookOptions
{
    /// <summary>
    /// The keys (<c>WEBHOOK_SECRET</c>, several parted by spaces): each signs every message, so that receivers can go from
    /// one to the next. Empty if no webhooks are sent.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Keys { get; init; } = [];

    /// <summary>Whether receivers may have private addresses and plain http (<c>WEBHOOK_ALLOW_PRIVATE</c>).</summary>
    public bool AllowPrivate { get; init; }
}
