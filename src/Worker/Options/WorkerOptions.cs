namespace VmDataset.Worker.Options;

/// <summary>How a worker uses its machine, wherever it is hosted. The defaults suit any.</summary>
public sealed record WorkerOptions
{
    private static readonly int Processors = Math.Min(256, Environment.ProcessorCount);

    private readonly int? _maxLiveLanes;

    /// <summary>Folder for samples being drawn, best on a fast local disk; emptied at start. Each process gets a folder in it.</summary>
    [Required]
    public required string ScratchDir { get; init; }

    /// <summary>Folder for caches that may be lost, such as compiled fonts' tables; best kept over restarts.</summary>
    [Required]
    public required string StateDir { get; init; }

    /// <summary>Leads an operator to the worker's log. Default: the machine's name and the process's id.</summary>
    [Required]
    public string Name { get; init; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>The Python interpreter; null finds one that imports the usual modules.</summary>
    [Setting]
    public string? Python { get; init; }

    /// <summary>Libraries that the generator host imports once, before it forks lanes. Null: what nearly every generator imports.</summary>
    public IReadOnlyList<string>? Preload { get; init; }

    /// <summary>Samples drawn at once. Default: one per processor.</summary>
    [WholeNumber(1, 256)]
    public int Lanes { get; init; } = Processors;

    /// <summary>Lanes that may live at once, busy or idle, at least <see cref="Lanes"/>: an idle one holds about 60 MB.</summary>
    [Range(1, 1024)]
    public int MaxLiveLanes
    {
        get => _maxLiveLanes ?? Math.Max(8, 2 * Math.Max(Lanes, Processors));
        init => _maxLiveLanes = value;
    }

    /// <summary>An idle lane is ended after so long.</summary>
    public TimeSpan LaneIdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A lane's process is renewed after so many samples, 1 or more.</summary>
    [Range(1, int.MaxValue)]
    public int LaneRenewAfter { get; init; } = 500;

    /// <summary>Memory (MB) that one sample's process may allocate; null sets no bound.</summary>
    [WholeNumber(64, 1_048_576)]
    public int? LaneMemoryMb { get; init; } = DefaultLaneMemoryMb();

    /// <summary>How far generators are confined.</summary>
    [Setting]
    public SandboxMode Sandbox { get; init; }

    /// <summary>A sample that takes longer is killed. Set in whole seconds.</summary>
    [WholeNumber(1, 86_400, Name = "SAMPLE_TIMEOUT_SECONDS")]
    public TimeSpan SampleTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>A generator host or lane that is not ready after so long is killed: cv2 imports slowly on a cold, busy machine.</summary>
    public TimeSpan HostStartTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Whether generators that nobody has tried yet are tried while there is nothing else to do.</summary>
    [Setting]
    public bool CheckGenerators { get; init; } = true;

    /// <summary>How long a message is leased at a time; renewed at a third of it.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A message delivered more often than this has killed its workers: it is given up.</summary>
    [WholeNumber(1, 1_000)]
    public int MaxReceives { get; init; } = 3;

    /// <summary>Bytes that one sample's files may have together.</summary>
    [Range(1, long.MaxValue)]
    public long MaxSampleBytes { get; init; } = 512L << 20;

    // Four fifths of the machine, shared by the lanes: a sample that runs away gets MemoryError, not the machine.
    private static int DefaultLaneMemoryMb() =>
        (int)Math.Clamp((GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20) * 8 / 10 / Environment.ProcessorCount, 512, 16_384);
}
