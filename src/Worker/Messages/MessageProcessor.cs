using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Exports;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Datasets;
using VmDataset.Worker.Duplicates;
using VmDataset.Worker.Exports;

namespace VmDataset.Worker.Messages;

/// <summary>Passes a queue message on to the processor of its kind.</summary>
public sealed class MessageProcessor(
    BatchProcessor batches, DatasetTaskProcessor datasets, DispatchTaskProcessor dispatches, DuplicateCheckProcessor duplicates,
    ExportTaskProcessor exports)
{
    /// <param name="leased">The message.</param>
    /// <param name="bounds">When to stop.</param>
    /// <exception cref="OperationCanceledException">The lease was lost.</exception>
    public Task<BatchOutcome> ProcessAsync(LeasedMessage leased, BatchBounds bounds) =>
        DatasetTask.Parse(leased.Body) is { } part ? datasets.ProcessAsync(leased, part, bounds)
        : DispatchTask.Parse(leased.Body) is { } dispatch ? dispatches.ProcessAsync(dispatch, bounds)
        : DuplicateCheckTask.Parse(leased.Body) is { } check ? duplicates.ProcessAsync(check, bounds)
        : ExportTask.Parse(leased.Body) is { } export ? exports.ProcessAsync(leased, export, bounds)
        : batches.ProcessAsync(leased, bounds);
}
