namespace VmDataset.Worker.Lanes;

// The JSON lines spoken with the Python side; docs/generator-host.md describes them.

internal sealed record SpawnRequest(string Op, string Socket, string Generator, string Entry, string? Library, string Scratch,
    int? MemoryMb, int RenewAfter);

internal sealed record InspectRequest(string Op, int Id, string Generator, string Entry, string? Library);

internal sealed record DrawRequest(string Op, string Work, IReadOnlyList<string> Argv, int Seed, double Timeout, bool Fresh,
    int KeepAfter, IReadOnlyDictionary<string, JsonElement>? Config, VideoSpec? Video, int? Processor);

internal sealed record BareRequest(string Op);

/// <summary>Any line that the zygote writes.</summary>
internal sealed record ZygoteLine
{
    public string? Event { get; init; }

    public string? Python { get; init; }

    public Dictionary<string, string?>? Modules { get; init; }

    /// <summary>What the sandbox can do here.</summary>
    public SandboxStatus? Sandbox { get; init; }

    /// <summary>Whether it has what conforms videos.</summary>
    public bool Conforms { get; init; }

    public string? Message { get; init; }

    public int? Id { get; init; }

    public List<string>? Missing { get; init; }

    public List<string>? Optional { get; init; }

    public ParameterSchema? Parameters { get; init; }

    public string? ParametersError { get; init; }

    /// <summary>Where the generator's source reads the clock.</summary>
    public List<ClockRead>? ReadsClock { get; init; }

    /// <summary>Why the generator's source could not be read.</summary>
    public string? Error { get; init; }

    /// <summary>The socket of the lane that could not start, or that ended.</summary>
    public string? Socket { get; init; }
}

/// <summary>What became of a draw.</summary>
public sealed record DrawResult
{
    /// <summary><c>ok</c>, <c>raised</c>, <c>exited</c>, <c>killed</c>, <c>timed_out</c>; <c>invalid</c> when it cannot be conformed,
    /// <c>unsupported</c> when none can be here; <c>refused</c> when the request was not usable;
    /// null when the lane itself has failed.</summary>
    public string? Status { get; init; }

    /// <summary>Seconds the generator ran.</summary>
    public double Seconds { get; init; }

    /// <summary>Processor seconds of its process and that one's children, since the process answered last.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>MB that its process held at most; 0 where the kernel does not tell.</summary>
    public double MaxRssMb { get; init; }

    /// <summary>The end of its output, at most 16 KiB.</summary>
    public string Log { get; init; } = "";

    public string? Type { get; init; }

    public string? Message { get; init; }

    public string? Traceback { get; init; }

    public int? Code { get; init; }

    public int? Signal { get; init; }

    public string? SignalName { get; init; }

    public double? Limit { get; init; }

    /// <summary>Of a conformed sample: the mean absolute difference, 0 to 255, of the video's first picture from the still.</summary>
    public double? FirstFrameDistance { get; init; }

    /// <summary>The same of the last picture.</summary>
    public double? FinalFrameDistance { get; init; }

    /// <summary>Its pictures do not differ.</summary>
    public bool? StaticVideo { get; init; }

    /// <summary>It ran in the generator's modules of the sample before, not in modules imported anew.</summary>
    public bool Kept { get; init; }

    /// <summary>Why modules are imported anew in its process, where keeping them was tried.</summary>
    public string? ImportedBecause { get; init; }

    /// <summary>The draw was stopped on request, so it says nothing about the generator.</summary>
    public bool Aborted { get; init; }
}
