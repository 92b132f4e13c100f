using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Control;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Messages;
using VmDataset.Pipeline.Progress;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Worker.Metrics;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Batches;

/// <summary>
/// Turns one message into finished samples. Knows neither SQS nor S3 nor how it is hosted. Any step may be repeated after a
/// crash: data comes first, the manifest last, the acknowledgement after.
/// </summary>
public sealed partial class BatchProcessor(
    GeneratorCatalog catalog, ParameterBinder binder, ControlLog control, ProgressReader progress, RangeDrawer drawer, FailureHandler failures, IBatchQueue queue,
    WorkerOptions options, TimeProvider time, ILogger<BatchProcessor> logger, IEnumerable<IWorkerMetrics> metrics)
{
    /// <param name="leased">The message.</param>
    /// <param name="bounds">When to stop.</param>
    /// <exception cref="OperationCanceledException">The lease was lost.</exception>
    public async Task<BatchOutcome> ProcessAsync(LeasedMessage leased, BatchBounds bounds)
    {
        using var trace = new BatchTrace(queue.Name, leased);
        var (message, errors) = BatchMessageParser.Parse(leased.Body);
        if (message is null)
        {
            var reason = string.Join(" ", errors);
            Log.Malformed(logger, reason);
            trace.Refuse(reason);
            await queue.SendDeadLetterAsync(new OutgoingMessage(leased.Body, leased.Group ?? ""), reason, CancellationToken.None);
            return BatchOutcome.Acknowledge;
        }

        trace.Describe(message);
        using var scope = Log.Scope(logger, message.JobId, message.Generator, message.Range);
        try
        {
            await ProcessAsync(message, leased.ReceiveCount, bounds, trace);
            return BatchOutcome.Acknowledge;
        }
        catch (Exception exception) when (!bounds.LeaseLost.IsCancellationRequested)
        {
            // The store, the queue or Python is out of reach: the message is fine, so it comes back later.
            var delay = TimeSpan.FromSeconds(Math.Min(300, 5 * Math.Pow(3, leased.ReceiveCount - 1)));
            Log.GivenBack(logger, exception, delay.TotalSeconds);
            trace.GiveBack(exception);
            return BatchOutcome.GiveBack(delay);
        }
    }

    private async Task ProcessAsync(BatchMessage message, int receiveCount, BatchBounds bounds, BatchTrace trace)
    {
        var now = message.Round is null
            ? await control.ReadAsync(message.JobId, bounds.LeaseLost)
            : await control.ReadRecentAsync(message.JobId, ControlWatch.Interval);
        if (now.Drops(message))
        {
            trace.Outcome = BatchTrace.Unwanted;
            Log.Dropped(logger, message.Round);
            return;
        }

        message = message with { Round = message.Round ?? now.For(message.Generator).Round };
        var missing = await progress.MissingAsync(message, bounds.LeaseLost);
        trace.Outcome = BatchTrace.Repeated;
        if (missing.IsEmpty) return;
        trace.Outcome = BatchTrace.GivenUp;
        if (receiveCount > options.MaxReceives)
        {
            await failures.GiveUpAsync(message, missing, FailureKind.Worker,
                $"The message was delivered {receiveCount - 1} times and no worker finished it: each died, hung or could not store its results.");
            return;
        }

        if (catalog.Find(message.Generator) is not { Usable: true } generator)
        {
            await failures.GiveUpAsync(message, missing, FailureKind.UnusableGenerator,
                catalog.Find(message.Generator)?.Problem ?? $"There is no generator '{message.Generator}' in the generators directory.");
            return;
        }

        if (message.Parameters is { } parameters)
        {
            var (bound, refusal) = await binder.BindAsync(generator, parameters, bounds.LeaseLost);
            if (bound is null)
            {
                await failures.GiveUpAsync(message, missing, FailureKind.UnusableGenerator, refusal!);
                return;
            }

            generator = bound;
        }

        trace.Outcome = BatchTrace.Dropped;
        await using var watch = new ControlWatch(control, message, time, logger);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(bounds.Stop, watch.Dropped);
        var drawn = await drawer.DrawAsync(message, generator, missing, bounds with { Stop = stop.Token });
        var figures = new BatchFigures(message.Generator, drawn.Done, drawn.Failures.Count, drawn.Seconds, drawn.Bytes);
        foreach (var sink in metrics) sink.Report(figures);
        bounds.LeaseLost.ThrowIfCancellationRequested();
        if (watch.Dropped.IsCancellationRequested)
        {
            trace.Outcome = BatchTrace.Unwanted;
            Log.Dropped(logger, message.Round);
            return;
        }

        await failures.SendOnAsync(message, drawn.Failures);
        if (!drawn.Unfinished.IsEmpty) await HandOverAsync(message, drawn);
        trace.Finish(drawn);
        Log.Processed(logger, drawn.Done, drawn.Failures.Count, drawn.Unfinished.SampleCount);
    }

    private async Task HandOverAsync(BatchMessage message, RangeDrawing drawn)
    {
        // A range of which nothing at all can be done in one go would be handed over for ever.
        var stuck = drawn.Done == 0 && drawn.Failures.Count == 0 && drawn.DeadlineReached;
        if (stuck && message.Attempt >= JobLimits.MaxAttempts)
        {
            await failures.GiveUpAsync(message, drawn.Unfinished, FailureKind.TimedOut, "No sample was finished before the worker's deadline.");
            return;
        }

        await queue.SendAsync([.. drawn.Unfinished.Select(range =>
            new OutgoingMessage(message.With(range, message.Attempt + (stuck ? 1 : 0)).ToJson(), message.JobId))]);
    }

    private static partial class Log
    {
        public static readonly Func<ILogger, string, string, SampleRange, IDisposable?> Scope =
            LoggerMessage.DefineScope<string, string, SampleRange>("Job {JobId} generator {Generator} range {Range}");

        [LoggerMessage(1, LogLevel.Warning, "A malformed message went to the dead-letter queue: {Reason}")]
        public static partial void Malformed(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Error, "The message is given back for {Seconds} s")]
        public static partial void GivenBack(ILogger logger, Exception exception, double seconds);

        [LoggerMessage(4, LogLevel.Information, "The message of round {Round} is dropped: its job was cancelled, paused, stopped, deleted or sent anew")]
        public static partial void Dropped(ILogger logger, int? round);

        [LoggerMessage(3, LogLevel.Information, "Finished {Done} samples, {Failed} failed, {Left} handed over")]
        public static partial void Processed(ILogger logger, int done, int failed, long left);
    }
}
