namespace VmDataset.Pipeline.Jobs;

/// <summary>Whose failures a failure budget counts.</summary>
public enum BudgetScope
{
    /// <summary>All together; beyond it the job stops.</summary>
    Job,

    /// <summary>Each generator's own; beyond it that generator stops and the others go on.</summary>
    Generator,
}
