namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Work that no request asks for. It may find that there is nothing to do, and must then cost next to nothing.</summary>
internal interface IChore
{
    /// <summary>
    /// Does what is due, so that any number of instances may do it at once. On Lambda nothing may be left to do when it
    /// returns; elsewhere what takes longer goes on by itself, for the other chores wait.
    /// </summary>
    Task RunAsync(CancellationToken cancellationToken);
}
