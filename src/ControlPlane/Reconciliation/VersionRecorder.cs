namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Adds to a job's log that samples were drawn with another version of a generator than the job was submitted with: a dataset of
/// two versions is not what it seems.</summary>
internal sealed class VersionRecorder(DrawnVersions drawn, JobEventLog log)
{
    /// <returns>Whether something was added.</returns>
    public async Task<bool> RecordAsync(Job job, JobControlState control, CancellationToken cancellationToken)
    {
        var added = false;
        await foreach (var (name, version) in drawn.ReadAsync(job.Id, cancellationToken))
        {
            if (Knows(control, name, version) || job.Generators.FirstOrDefault(each => each.Name == name) is not { } generator) continue;
            added |= (await log.AppendAsync(job.Id, now => now.Deleted || Knows(now, name, version) ? null
                : log.Event(JobEventType.GeneratorChanged) with
                {
                    Generator = name,
                    Version = version,
                    Reason = $"The generator '{name}' is not what the job was submitted with: samples are drawn with version {version}, it was version {generator.Version}.",
                }, cancellationToken)).Added is not null;
        }

        return added;
    }

    private static bool Knows(JobControlState control, string generator, string version) =>
        control.Changes.Any(each => each.Generator == generator && each.Version == version);
}
