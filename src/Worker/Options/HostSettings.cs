using VmDataset.Pipeline.Settings;

namespace VmDataset.Worker.Options;

/// <summary>What a user may set of any process, API or worker: what it tells, and how it ends.</summary>
public sealed record HostSettings
{
    /// <summary>How the log is written (<c>LOG_FORMAT</c>); on Lambda JSON unless told, for CloudWatch Logs finds fields in it.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>The collector of traces, metrics and logs (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>); null for none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Seconds after SIGTERM within which the process has ended (<c>SHUTDOWN_SECONDS</c>), 2 to 3,600.</summary>
    public int ShutdownSeconds { get; init; } = 25;

    /// <summary>The part of them in which work is finished or given back; the rest is for the last telemetry and for Python's end.</summary>
    public TimeSpan WorkBound => TimeSpan.FromSeconds(0.8 * ShutdownSeconds);

    /// <summary>What is wrong is left with <paramref name="settings"/>.</summary>
    public static HostSettings Read(SettingsReader settings, bool onLambda)
    {
        var defaults = new HostSettings();
        return new HostSettings
        {
            LogFormat = settings.Choice(nameof(LogFormat), onLambda ? LogFormat.Json : LogFormat.Text),
            OtlpEndpoint = Endpoint(settings),
            ShutdownSeconds = settings.WholeNumber(nameof(ShutdownSeconds), 2, 3_600) ?? defaults.ShutdownSeconds,
        };
    }

    // The exporter itself would take no notice of one that it cannot read.
    private static Uri? Endpoint(SettingsReader settings)
    {
        const string Name = "OTEL_EXPORTER_OTLP_ENDPOINT";
        if (settings.Text(Name) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
        settings.Mistake($"{Name} is '{text}'; allowed: a collector's address, as http://localhost:4317.");
        return null;
    }
}

/// <summary>The forms of the log.</summary>
public enum LogFormat
{
    /// <summary>One line for people.</summary>
    Text,

    /// <summary>One JSON object a line, its scopes included: job, generator, range, trace.</summary>
    Json,
}
