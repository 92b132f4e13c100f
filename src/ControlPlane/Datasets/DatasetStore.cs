namespace VmDataset.ControlPlane.Datasets;

/// <summary>The records of datasets: which instance is writing one, and which was written last.</summary>
internal sealed class DatasetStore(IObjectStore store, BackendOptions backend, TimeProvider time, RecordWarnings warnings)
{
    /// <summary>A claim that is not renewed for so long has died with its writer.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));

    private readonly string _instance = Guid.NewGuid().ToString("N");

    /// <summary>What was written last; null before the first time, and where that cannot be read: then it is written anew.</summary>
    public async Task<DatasetRecord?> FindAsync(string jobId, CancellationToken cancellationToken) =>
        (await store.TryGetJsonAsync<DatasetRecord>(ObjectKeys.Dataset(jobId), cancellationToken)).OrWarn(warnings);

    public Task PutAsync(string jobId, DatasetRecord record, CancellationToken cancellationToken) =>
        store.PutJsonAsync(ObjectKeys.Dataset(jobId), record, cancellationToken: cancellationToken);

    /// <summary>Takes back that a dataset is there.</summary>
    public Task ForgetAsync(string jobId, CancellationToken cancellationToken) =>
        store.DeleteAsync(ObjectKeys.Dataset(jobId), cancellationToken);

    public async Task<bool> IsWritingAsync(string jobId, CancellationToken cancellationToken) =>
        (await store.TryGetJsonAsync<DatasetClaim>(ObjectKeys.DatasetClaim(jobId), cancellationToken)).OrWarn(warnings) is { } claim
            && FreeAt(claim) > time.GetUtcNow() && !claim.Failed;

    /// <summary>Makes this instance the job's writer, unless another one is.</summary>
    /// <returns>The claim; or null and when to try again.</returns>
    public async Task<(DatasetClaim? Claim, DateTimeOffset TryAgainAt)> ClaimAsync(string jobId, CancellationToken cancellationToken)
    {
        var key = ObjectKeys.DatasetClaim(jobId);
        var now = time.GetUtcNow();
        var read = await store.TryGetJsonAsync<DatasetClaim>(key, cancellationToken);
        var last = read.OrWarn(warnings);
        if (!read.IsAbsent)
        {
            // One that cannot be read is a dead writer's.
            if (last is not null && FreeAt(last) is var free && free > now) return (null, free);
            // Two may take over at once: both write the same bytes.
            await store.DeleteAsync(key, cancellationToken);
        }

        var claim = new DatasetClaim(now, _instance, (last?.Attempts ?? 0) + 1, Failed: false);
        return await store.PutJsonAsync(key, claim, ifAbsent: true, cancellationToken) ? (claim, now) : (null, now + Lease);
    }

    /// <summary>Says that the writer lives.</summary>
    public Task RenewAsync(string jobId, DatasetClaim claim, CancellationToken cancellationToken) =>
        store.PutJsonAsync(ObjectKeys.DatasetClaim(jobId), claim with { At = time.GetUtcNow() }, cancellationToken: cancellationToken);

    public Task ReleaseAsync(string jobId, CancellationToken cancellationToken) =>
        store.DeleteAsync(ObjectKeys.DatasetClaim(jobId), cancellationToken);

    /// <summary>Says that the writer gave up; the next attempt waits, longer each time.</summary>
    public Task FailAsync(string jobId, DatasetClaim claim, CancellationToken cancellationToken) =>
        store.PutJsonAsync(ObjectKeys.DatasetClaim(jobId), claim with { At = time.GetUtcNow(), Failed = true },
            cancellationToken: cancellationToken);

    private DateTimeOffset FreeAt(DatasetClaim claim)
    {
        if (claim.Failed) return claim.At + Pauses.After(claim.Attempts);
        // A local backend has one process: another one's claim is a dead one's.
        return backend.Engine == BackendKind.Local && claim.Instance != _instance ? claim.At : claim.At + Lease;
    }
}

/// <summary>Says who writes a job's dataset.</summary>
/// <param name="At">When that was last said.</param>
/// <param name="Instance">The process.</param>
/// <param name="Attempts">How often it was tried since it was last done.</param>
/// <param name="Failed">Whether the writer gave up.</param>
internal sealed record DatasetClaim(DateTimeOffset At, string Instance, int Attempts, bool Failed);

/// <summary>A dataset that is written, files and all.</summary>
internal sealed record DatasetRecord
{
    /// <summary>What it was made of, see <see cref="DatasetIdentity"/>.</summary>
    public required string Of { get; init; }

    /// <summary>Samples in it.</summary>
    public required long Samples { get; init; }

    /// <summary>Bytes of its samples.</summary>
    public required long Bytes { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>The files about it, at the root of its folder.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }
}
