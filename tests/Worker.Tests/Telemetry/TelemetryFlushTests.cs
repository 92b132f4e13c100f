using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using VmDataset.Pipeline.Telemetry;
using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Tests.Telemetry;

public class TelemetryFlushTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_flush_sends_all_telemetry_before_it_returns()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var services = Services(collector, []);
        var flush = services.GetRequiredService<TelemetryFlush>();
        var id = "";
        // OpenTelemetry looks after 1 s of real time whether a batch has left its queue, not whether the collector has it. On a machine
        // so busy that this is not the same, nothing is said of the order.
        await Eventually.BeTrueAsync(async () =>
        {
            using (var span = Instrumentation.Activities.StartActivity("flushed")) id = span!.SpanId.ToHexString();
            var start = Stopwatch.GetTimestamp();
            await flush.RunAsync(_time.GetUtcNow().AddMinutes(1));
            return Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(0.9);
        });

        var sent = collector.Spans.Single(span => span.SpanId == id);
        (sent.Service, sent.Name).ShouldBe(("test-service", "flushed"));
        collector.Paths.ShouldContain("/v1/metrics");
    }

    [Fact]
    public async Task A_collector_that_hangs_costs_a_moment_once_and_is_told_once()
    {
        ConcurrentQueue<string> log = new();
        await using var collector = await OtlpCollector.StartAsync();
        collector.Hangs = true;
        var services = Services(collector, log);
        var flush = services.GetRequiredService<TelemetryFlush>();
        Instrumentation.Activities.StartActivity("lost")!.Dispose();

        var first = flush.RunAsync(_time.GetUtcNow().AddMinutes(1));
        await Eventually.BeTrueAsync(() => Task.FromResult(collector.Paths.Count > 0));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        first.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await first.WaitAsync(TimeSpan.FromSeconds(60));
        for (var i = 0; i < 3; i++) flush.RunAsync(_time.GetUtcNow().AddMinutes(1)).IsCompletedSuccessfully.ShouldBeTrue();

        log.Count(static line => line.Contains("Telemetry may be lost", StringComparison.Ordinal)).ShouldBe(1);
        // Then the exporter gives up at once.
        await collector.DisposeAsync();
        await services.DisposeAsync();
    }

    [Fact]
    public async Task A_flush_near_the_deadline_sends_nothing()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var services = Services(collector, []);
        var flush = services.GetRequiredService<TelemetryFlush>();
        Instrumentation.Activities.StartActivity("kept")!.Dispose();

        await flush.RunAsync(_time.GetUtcNow().AddSeconds(1));

        collector.Paths.ShouldBeEmpty();
        await flush.RunAsync(_time.GetUtcNow().AddMinutes(1));
        // A flush gives up after its own time, which a busy machine may need for the way to the collector.
        await Eventually.BeTrueAsync(() => Task.FromResult(collector.Spans.Any(static span => span.Name == "kept")));
    }

    private ServiceProvider Services(OtlpCollector collector, ConcurrentQueue<string> log)
    {
        var settings = collector.Environment;
        // Only a flush sends.
        settings["OTEL_BSP_SCHEDULE_DELAY"] = "60000";
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings!).Build())
            .AddSingleton<TimeProvider>(_time)
            .AddLogging(logging => logging.AddProvider(new ListLog(log)));
        services.AddTelemetry("test-service");
        return services.BuildServiceProvider();
    }

    private sealed class ListLog(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
