namespace VmDataset.Worker.Options;

/// <summary>Log, telemetry and stop of a process, API or worker.</summary>
public sealed record ProcessOptions
{
    /// <summary>How the log is written. The default on Lambda is JSON, as CloudWatch Logs finds fields in it.</summary>
    [Setting]
    public LogFormat LogFormat { get; init; }

    // The exporter itself would take no notice of one that it cannot read.
    /// <summary>The collector of traces, metrics and logs; null for none.</summary>
    [HttpUrl(Name = "OTEL_EXPORTER_OTLP_ENDPOINT", Allowed = "a collector's address, as http://localhost:4317")]
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Seconds after SIGTERM within which the process has ended.</summary>
    [WholeNumber(2, 3_600)]
    public int ShutdownSeconds { get; init; } = 25;

    /// <summary>The part of them in which work is finished or given back; the rest is for the last telemetry and for Python's
    /// end.</summary>
    public TimeSpan WorkBound => TimeSpan.FromSeconds(0.8 * ShutdownSeconds);
}

/// <summary>The forms of the log.</summary>
public enum LogFormat
{
    /// <summary>One line for people.</summary>
    Text,

    /// <summary>One JSON object a line, its scopes included: job, generator, range, trace.</summary>
    Json,
}

[OptionsValidator]
public sealed partial class ProcessOptionsValidator : IValidateOptions<ProcessOptions>;
