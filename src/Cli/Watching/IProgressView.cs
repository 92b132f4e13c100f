using VmDataset.Cli.Api;

namespace VmDataset.Cli.Watching;

/// <summary>Shows how a job gets on.</summary>
internal interface IProgressView
{
    void Show(Job job);

    void Show(Failure failure);

    /// <summary>The API did not answer this time.</summary>
    void ShowAway(string message);
}
