using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace VmDataset.ControlPlane.Tests.Storage;

/// <summary>What an application logs, warnings and errors.</summary>
public sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    public IReadOnlyList<string> Errors => [.. _lines.Where(static line => line.Level >= LogLevel.Error).Select(static line => line.Text)];

    public IReadOnlyList<string> All => [.. _lines.Select(static line => line.Text)];

    public ILogger CreateLogger(string categoryName) => new Lines(_lines);

    public void Clear() => _lines.Clear();

    public void Dispose()
    {
    }

    private sealed class Lines(ConcurrentQueue<(LogLevel, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));
        }
    }
}
