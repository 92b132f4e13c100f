namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Whether the worker beside the API can bring videos into a form; of workers elsewhere nothing is known.</summary>
internal static class VideoSupport
{
    /// <returns>Why a request with this form is refused; null if it is not.</returns>
    public static async Task<ValidationError?> ProblemAsync(
        IGeneratorRuntime? runtime, VideoSpec? video, CancellationToken cancellationToken) =>
        video is not null && runtime is not null && (await runtime.GetStatusAsync(cancellationToken)).ConformingProblem is { } lacks
            ? new ValidationError(VideoSpecReader.Field, $"{VideoSpecReader.Field} is there, but {lacks} Allowed: no {VideoSpecReader.Field}.")
            : null;
}
