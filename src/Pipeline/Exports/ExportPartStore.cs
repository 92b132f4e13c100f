using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Exports;

/// <summary>The plan and the parts of one export that copies samples. They are there until it is made.</summary>
public sealed class ExportPartStore(IObjectStore store, ExportTask task)
{
    /// <summary>What is in the export; null before it is planned, and after it was made.</summary>
    public Task<ExportPlan?> FindPlanAsync(CancellationToken cancellationToken = default) =>
        store.GetJsonAsync<ExportPlan>(ObjectKeys.ExportPlan(task.JobId, task.Options.Id, task.Of), cancellationToken);

    /// <summary>Records a plan, the plans of whose parts are there.</summary>
    public Task PutPlanAsync(ExportPlan plan, CancellationToken cancellationToken = default) => store.PutJsonAsync(
        ObjectKeys.ExportPlan(task.JobId, task.Options.Id, task.Of), plan, cancellationToken: cancellationToken);

    public Task<ExportPartPlan?> FindPartPlanAsync(int part, CancellationToken cancellationToken = default) =>
        store.GetJsonAsync<ExportPartPlan>(ObjectKeys.ExportPartPlan(task.JobId, task.Options.Id, task.Of, part), cancellationToken);

    public Task PutPartPlanAsync(int part, ExportPartPlan plan, CancellationToken cancellationToken = default) => store.PutJsonAsync(
        ObjectKeys.ExportPartPlan(task.JobId, task.Options.Id, task.Of, part), plan, cancellationToken: cancellationToken);

    public Task<ExportPartRecord?> FindPartAsync(int part, CancellationToken cancellationToken = default) =>
        store.GetJsonAsync<ExportPartRecord>(ObjectKeys.ExportPart(task.JobId, task.Options.Id, task.Of, part), cancellationToken);

    /// <summary>Records a part whose files are there.</summary>
    public Task PutPartAsync(int part, ExportPartRecord record, CancellationToken cancellationToken = default) => store.PutJsonAsync(
        ObjectKeys.ExportPart(task.JobId, task.Options.Id, task.Of, part), record, cancellationToken: cancellationToken);

    /// <returns>The parts that are not made; null if the plan is gone, as the export is made.</returns>
    public async Task<IReadOnlyList<int>?> MissingAsync(ExportPlan plan, CancellationToken cancellationToken = default)
    {
        var keys = await KeysAsync(ObjectKeys.ExportPartPrefix(task.JobId, task.Options.Id, task.Of), cancellationToken);
        return !keys.Contains(ObjectKeys.ExportPlan(task.JobId, task.Options.Id, task.Of)) ? null : [.. Enumerable.Range(1, plan.Parts)
            .Where(part => !keys.Contains(ObjectKeys.ExportPart(task.JobId, task.Options.Id, task.Of, part)))];
    }

    /// <summary>Removes all of it, and what is left of earlier states of the job's data.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken = default)
    {
        // First, so that who records a part behind the LIST sees that it is of no use any more.
        await store.DeleteAsync(ObjectKeys.ExportPlan(task.JobId, task.Options.Id, task.Of), cancellationToken);
        await store.DeleteManyAsync(
            await KeysAsync(ObjectKeys.ExportPartPrefix(task.JobId, task.Options.Id), cancellationToken), cancellationToken);
    }

    private async Task<HashSet<string>> KeysAsync(string prefix, CancellationToken cancellationToken)
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(prefix, cancellationToken: cancellationToken)) keys.Add(entry.Key);
        return keys;
    }
}
