using VmDataset.Pipeline.Settings;

namespace VmDataset.Worker.Options;

/// <summary>What a user may set of a worker, wherever it is hosted; null leaves a default.</summary>
public sealed record WorkerSettings
{
    /// <summary>Samples drawn at once (<c>LANES</c>), 1 to 256; null for one per processor.</summary>
    public int? Lanes { get; init; }

    /// <summary>The Python interpreter (<c>PYTHON</c>); null finds one.</summary>
    public string? Python { get; init; }

    /// <summary>Seconds that one sample may take (<c>SAMPLE_TIMEOUT_SECONDS</c>), 1 to 86,400.</summary>
    public int? SampleTimeoutSeconds { get; init; }

    /// <summary>Memory in MB that one sample may allocate (<c>LANE_MEMORY_MB</c>), 64 to 1,048,576.</summary>
    public int? LaneMemoryMb { get; init; }

    /// <summary>Deliveries of a message after which it is given up (<c>MAX_RECEIVES</c>), 1 to 1,000.</summary>
    public int? MaxReceives { get; init; }

    /// <summary>Whether an idle worker tries the generators that nobody has tried yet (<c>CHECK_GENERATORS</c>).</summary>
    public bool CheckGenerators { get; init; } = true;

    /// <summary>How far generators are confined (<c>SANDBOX</c>).</summary>
    public SandboxMode Sandbox { get; init; }

    /// <summary>What is wrong is left with <paramref name="settings"/>.</summary>
    public static WorkerSettings Read(SettingsReader settings) => new()
    {
        Lanes = settings.WholeNumber(nameof(Lanes), 1, 256),
        Python = settings.Text(nameof(Python)),
        SampleTimeoutSeconds = settings.WholeNumber(nameof(SampleTimeoutSeconds), 1, 86_400),
        LaneMemoryMb = settings.WholeNumber(nameof(LaneMemoryMb), 64, 1_048_576),
        MaxReceives = settings.WholeNumber(nameof(MaxReceives), 1, 1_000),
        CheckGenerators = settings.Flag(nameof(CheckGenerators), otherwise: true),
        Sandbox = settings.Choice(nameof(Sandbox), SandboxMode.Auto),
    };

    /// <param name="scratchDir">See <see cref="WorkerOptions.ScratchDir"/>.</param>
    /// <param name="stateDir">See <see cref="WorkerOptions.StateDir"/>.</param>
    /// <param name="maxLiveLanes">See <see cref="WorkerOptions.MaxLiveLanes"/>; null for what suits a machine of its own.</param>
    /// <param name="name">See <see cref="WorkerOptions.Name"/>; null for the default.</param>
    public WorkerOptions Options(string scratchDir, string stateDir, int? maxLiveLanes = null, string? name = null)
    {
        var defaults = new WorkerOptions { ScratchDir = scratchDir, StateDir = stateDir };
        var lanes = Lanes ?? defaults.Lanes;
        return new WorkerOptions
        {
            ScratchDir = scratchDir,
            StateDir = stateDir,
            Name = name ?? defaults.Name,
            Python = Python,
            Lanes = lanes,
            CheckGenerators = CheckGenerators,
            Sandbox = Sandbox,
            MaxLiveLanes = maxLiveLanes ?? Math.Max(defaults.MaxLiveLanes, 2 * lanes),
            MaxReceives = MaxReceives ?? defaults.MaxReceives,
            LaneMemoryMb = LaneMemoryMb ?? defaults.LaneMemoryMb,
            SampleTimeout = SampleTimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : defaults.SampleTimeout,
        };
    }
}
