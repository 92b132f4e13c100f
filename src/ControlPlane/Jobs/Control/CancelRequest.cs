using VmDataset.ControlPlane.Jobs.Submission;

namespace VmDataset.ControlPlane.Jobs.Control;

/// <summary>A request to cancel a job. An empty one, or none, gives no reason.</summary>
public sealed record CancelRequest
{
    internal const string Example = """{"reason": "The mazes are too easy."}""";

    /// <summary>The reason, for people: a line.</summary>
    /// <example>The mazes are too easy.</example>
    [MinLength(1), MaxLength(TextRules.MaxLine)]
    public string? Reason { get; init; }

    internal static (CancelRequest? Cancel, IReadOnlyList<ValidationError> Errors) Read(JsonElement body)
    {
        var fields = new JsonFields(body);
        fields.RefuseUnknownAndRepeated(["reason"]);
        var cancel = new CancelRequest { Reason = fields.Text("reason", required: false, TextRules.IsLine, TextRules.LineRule) };
        return fields.Errors.Count > 0 ? (null, fields.Errors) : (cancel, []);
    }
}
