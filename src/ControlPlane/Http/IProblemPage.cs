namespace VmDataset.ControlPlane.Http;

/// <summary>Metadata of endpoints for people, whose error answers are pages.</summary>
internal interface IProblemPage
{
    /// <summary>Writes the body of an answer whose status is set.</summary>
    Task WriteAsync(HttpContext http, ProblemDetails problem);
}
