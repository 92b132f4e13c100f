namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>A cause of failures: their generator, kind and exception, and their message without its numbers.</summary>
internal sealed partial record FailureCause(string Generator, FailureKind Kind, string? ExceptionType, string Message)
{
    /// <summary>The form of an id.</summary>
    public const string Pattern = "^[0-9a-f]{12}$";

    public const string Rule = "an id of GET /v1/jobs/{id}/failures/causes, 12 letters of 0-9 and a-f";

    /// <summary>The same wherever and whenever a failure says the same.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(new[] { Generator, Kind.ToString(), ExceptionType, Message })))[..12];

    public static FailureCause Of(FailureView failure) =>
        new(failure.Generator, failure.Kind, failure.ExceptionType, Digits().Replace(failure.Message, "#"));

    /// <summary>Whether a text may be the id of a cause.</summary>
    public static bool IsId(string text) => Form().IsMatch(text);

    // \z, not $: a trailing line feed is not part of an id.
    [GeneratedRegex(@"^[0-9a-f]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
