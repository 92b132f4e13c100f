using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Publishing;

/// <summary>Takes the finished samples of one message, in any order, and puts their data into the store.</summary>
internal interface IRangePublisher : IAsyncDisposable
{
    /// <summary>Waits until a sample of this index may be drawn without letting too many wait for their turn on disk.</summary>
    Task WaitForRoomAsync(int index, CancellationToken cancellationToken);

    /// <summary>Takes a sample over, its folder included.</summary>
    Task AddAsync(Sample sample, CancellationToken cancellationToken);

    /// <summary>Says that there will be no sample of this index.</summary>
    Task SkipAsync(int index, CancellationToken cancellationToken);

    /// <summary>Bytes that are still to be put into the store when the data is finished.</summary>
    long PendingBytes { get; }

    /// <summary>Hands out, once, the runs whose data is in the store already.</summary>
    Task<IReadOnlyList<FinishedRun>> TakeFinishedAsync(CancellationToken cancellationToken);

    /// <summary>Finishes the data. All of it is in the store when this returns.</summary>
    /// <returns>The runs of consecutive samples that were not handed out yet, each to be marked finished by one manifest.</returns>
    Task<IReadOnlyList<FinishedRun>> CompleteAsync(CancellationToken cancellationToken);
}

/// <summary>Consecutive samples of one domain whose data is in the store.</summary>
/// <param name="Shards">The tars that hold them; empty in the <c>files</c> format.</param>
internal sealed record FinishedRun(string Domain, IReadOnlyList<SampleRecord> Samples, OutputFormat Format, IReadOnlyList<Shard> Shards);
