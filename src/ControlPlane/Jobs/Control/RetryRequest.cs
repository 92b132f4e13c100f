using VmDataset.ControlPlane.Jobs.Failures;

namespace VmDataset.ControlPlane.Jobs.Control;

/// <summary>A request to retry a part of a job. An empty one, or none, retries all missing samples.</summary>
public sealed record RetryRequest
{
    internal const string Example = """{"timeout_seconds": 600}""";

    /// <summary>Only the samples of this generator, which must be one of the job's.</summary>
    /// <example>chess-task-data-generator</example>
    public string? Generator { get; init; }

    /// <summary>Only the samples that failed for good by this cause: an <c>id</c> of
    /// <c>GET /v1/jobs/{id}/failures/causes</c>.</summary>
    /// <example>5b0c2f9d71ae</example>
    [RegularExpression(FailureCause.Pattern)]
    public string? Cause { get; init; }

    /// <summary>Seconds that a sample may take from now on. Default: the worker's own limit.</summary>
    /// <example>600</example>
    [Range(1, JobLimits.MaxTimeoutSeconds)]
    public int? TimeoutSeconds { get; init; }

    internal static (RetryRequest? Retry, IReadOnlyList<ValidationError> Errors) Read(JsonElement body)
    {
        var fields = new JsonFields(body);
        fields.RefuseUnknownAndRepeated(["generator", "cause", "timeout_seconds"]);
        var retry = new RetryRequest
        {
            Generator = fields.Text("generator", required: false, GeneratorName.IsValid, GeneratorName.Rule),
            Cause = fields.Text("cause", required: false, FailureCause.IsId, FailureCause.Rule),
            TimeoutSeconds = fields.WholeNumber("timeout_seconds", required: false, 1, JobLimits.MaxTimeoutSeconds),
        };
        return fields.Errors.Count > 0 ? (null, fields.Errors) : (retry, []);
    }
}
