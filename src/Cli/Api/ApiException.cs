namespace VmDataset.Cli.Api;

/// <summary>The API refused, failed or did not answer.</summary>
/// <param name="message">For a person: what was asked, what came back.</param>
/// <param name="status">The HTTP status; null if there was no answer.</param>
internal sealed class ApiException(string message, int? status, Exception? inner = null) : Exception(message, inner)
{
    public int? Status { get; } = status;

    /// <summary>The time after which the server wants to be asked again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether there never was a connection, so nothing can have been done.</summary>
    public bool NeverConnected { get; init; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool MayPass => Status is null or 408 or 429 or >= 500;
}
