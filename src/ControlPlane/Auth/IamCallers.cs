namespace VmDataset.ControlPlane.Auth;

/// <summary>
/// Callers whom a function URL has checked: with <c>AWS_IAM</c>, Lambda verifies the signature and names the caller in the event. The Web
/// Adapter hands the event's context on in a header, in whose place a caller's own never arrives.
/// </summary>
internal sealed class IamCallers(BackendOptions backend)
{
    private const string ContextHeader = "x-amzn-request-context";

    /// <summary>Reads the caller's ARN where the process takes the events itself, and the header would be the caller's own.</summary>
    public Func<HttpContext, string?>? ArnOf { get; init; }

    /// <summary>Null where IAM has checked nobody.</summary>
    public Caller? Find(HttpContext http)
    {
        // Elsewhere anybody could send the header.
        if (!backend.OnLambda) return null;
        var arn = ArnOf is null ? ArnIn(http.Request.Headers[ContextHeader].ToString()) : ArnOf(http);
        return string.IsNullOrEmpty(arn) ? null : Of(arn);
    }

    /// <summary>An admin, as everyone is who may call an API without credentials of its own.</summary>
    internal static Caller Of(string arn) => new()
    {
        Id = $"iam:{arn}",
        // The user, or the session of the role.
        Name = arn[(arn.LastIndexOfAny(['/', ':']) + 1)..] is { } name && CallerName.IsValid(name) ? name : "iam",
        Role = Role.Admin,
    };

    private static string? ArnIn(string context)
    {
        if (context.Length == 0) return null;
        try
        {
            using var parsed = JsonDocument.Parse(context);
            return Member(Member(Member(parsed.RootElement, "authorizer"), "iam"), "userArn") is { ValueKind: JsonValueKind.String } arn
                ? arn.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;
}
