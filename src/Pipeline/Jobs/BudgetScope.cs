namespace VmDataset.Pipeline.Jobs;

/// <summary>The scope of a failure budget.</summary>
public enum BudgetScope
{
    /// <summary>All together; beyond it the job stops.</summary>
    Job,

    /// <summary>Each generator's own; beyond it that generator stops and the others go on.</summary>
    Generator,
}
