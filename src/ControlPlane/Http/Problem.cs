namespace VmDataset.ControlPlane.Http;

/// <summary>The error answers that handlers give.</summary>
internal static class Problem
{
    /// <summary>The header's number again, for clients that read the body alone.</summary>
    public const string RetryAfterSeconds = "retry_after_seconds";

    public static ProblemHttpResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, detail);

    public static ProblemHttpResult Of(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    /// <summary>429, with the time to wait in <c>Retry-After</c>.</summary>
    public static ProblemHttpResult TooMany(string detail, TimeSpan retryAfter) =>
        Later(StatusCodes.Status429TooManyRequests, detail, retryAfter);

    /// <summary>503, with the time to wait in <c>Retry-After</c>.</summary>
    public static ProblemHttpResult NotNow(string detail, TimeSpan retryAfter) =>
        Later(StatusCodes.Status503ServiceUnavailable, detail, retryAfter);

    /// <summary>400 with every field that is wrong, in <c>errors</c>.</summary>
    public static ProblemHttpResult Invalid(params IReadOnlyCollection<ValidationError> errors)
    {
        var byField = errors.GroupBy(static error => error.Field, static error => error.Message, StringComparer.Ordinal)
            .ToDictionary(static field => field.Key, static field => field.ToArray(), StringComparer.Ordinal);
        return TypedResults.Problem(new HttpValidationProblemDetails(byField)
        {
            Status = StatusCodes.Status400BadRequest,
            Title = "Bad Request",
            Detail = byField.Count == 1 ? errors.First().Message
                : $"{byField.Count} fields are wrong: {string.Join(", ", byField.Keys.Take(10))}{(byField.Count > 10 ? ", …" : ".")}",
        });
    }

    private static ProblemHttpResult Later(int status, string detail, TimeSpan retryAfter) =>
        TypedResults.Problem(detail, statusCode: status,
        extensions: new Dictionary<string, object?> { [RetryAfterSeconds] = (int)Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds)) });
}
