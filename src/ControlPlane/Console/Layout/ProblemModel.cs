namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>An error as a page tells it.</summary>
/// <param name="Errors">Of several fields, a sentence each.</param>
/// <param name="Back">A path of this server from which to go on.</param>
public sealed record ProblemModel(int Status, string Title, string Detail, IReadOnlyList<string> Errors, string Back, string TraceId);
