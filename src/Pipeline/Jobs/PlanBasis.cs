namespace VmDataset.Pipeline.Jobs;

/// <summary>The source of a generator's figures in a plan.</summary>
public enum PlanBasis
{
    /// <summary>Samples of jobs that ended.</summary>
    Measured,

    /// <summary>A few samples drawn to try the generator, each in a process of its own.</summary>
    Trial,

    /// <summary>Nothing is known of the generator; the figures are those of an average one.</summary>
    Default,
}
