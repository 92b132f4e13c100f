using VmDataset.Worker.Samples;
using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Batches;

/// <summary>Turns one message into finished samples, without knowing SQS, S3 or its host. Any step may be repeated after a crash: data
/// comes first, the manifest last, the acknowledgement after.</summary>
public sealed partial class BatchProcessor(
    GeneratorCatalog catalog, ParameterBinder binder, JobEventLog control, DrawnVersions versions, ProgressReader progress,
    BatchRunner runner, FailureHandler failures, IBatchQueue queue,
    WorkerOptions options, TimeProvider time, ILogger<BatchProcessor> logger, IEnumerable<IWorkerMetrics> metrics,
    HaltTiming? halts = null)
{
    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), Factor: 3);

    private readonly HaltTiming _halts = halts ?? HaltTiming.Local;

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
            await failures.RefuseAsync(leased, reason);
            return BatchOutcome.Acknowledge;
        }

        trace.Describe(message);
        using var scope = Log.Scope(logger, message.JobId, message.Name, message.Range);
        try
        {
            await ProcessAsync(message, leased.ReceiveCount, bounds, trace);
            return BatchOutcome.Acknowledge;
        }
        catch (Exception exception) when (!bounds.LeaseLost.IsCancellationRequested)
        {
            // The store, the queue or Python is out of reach: the message is fine, so it comes back later.
            var delay = Pauses.After(leased.ReceiveCount);
            Log.GivenBack(logger, exception, delay.TotalSeconds);
            trace.GiveBack(exception);
            return BatchOutcome.GiveBack(delay);
        }
    }

    private async Task ProcessAsync(BatchMessage message, int receiveCount, BatchBounds bounds, BatchTrace trace)
    {
        // At once: on S3 each takes as long as it takes to draw a small sample.
        var controlled = message.Generation is null
            ? control.ReadAsync(message.JobId, bounds.LeaseLost)
            : control.ReadRecentAsync(message.JobId, _halts.Interval);
        var unfinished = progress.MissingAsync(message, bounds.LeaseLost);
        await Task.WhenAll(controlled, unfinished);
        var (now, missing) = (await controlled, await unfinished);
        if (now.Drops(message))
        {
            trace.Outcome = BatchTrace.Unwanted;
            Log.Dropped(logger, message.Generation);
            return;
        }

        message = message with { Generation = message.Generation ?? now.For(message.Name).Generation };
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

        await using var watch = new HaltMonitor(control, message, _halts, time, logger);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(bounds.Stop, watch.Dropped);
        if (message.Parameters is { } parameters)
        {
            var (bound, refusal) = await binder.BindAsync(generator, parameters, stop.Token);
            if (bound is null)
            {
                await failures.GiveUpAsync(message, missing, FailureKind.UnusableGenerator, refusal!);
                return;
            }

            generator = bound;
        }

        trace.Outcome = BatchTrace.Dropped;
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(bounds.LeaseLost, watch.Abandoned);
        await NoteVersionAsync(message, generator.Version, now);
        if (await DrawAsync(message, generator, missing, bounds with { Stop = stop.Token, LeaseLost = lost.Token }, watch) is not { } drawn)
        {
            bounds.LeaseLost.ThrowIfCancellationRequested();
            trace.Outcome = BatchTrace.Unwanted;
            Log.Abandoned(logger, message.Generation);
            return;
        }

        // It may have changed while it was drawn.
        if (drawn.Done > 0 && catalog.Find(message.Generator) is { Usable: true, Version: var version }) await NoteVersionAsync(
            message, version, now);
        var figures = new BatchFigures(message.Generator, drawn.Done, drawn.Failures.Count, drawn.Seconds, drawn.Bytes);
        foreach (var sink in metrics) sink.Report(figures);
        bounds.LeaseLost.ThrowIfCancellationRequested();
        if (watch.Dropped.IsCancellationRequested)
        {
            trace.Outcome = BatchTrace.Unwanted;
            Log.Dropped(logger, message.Generation);
            return;
        }

        await failures.SendOnAsync(message, drawn.Failures);
        if (!drawn.Unfinished.IsEmpty) await HandOverAsync(message, drawn);
        trace.Finish(drawn);
        Log.Processed(logger, drawn.Done, drawn.Failures.Count, drawn.Unfinished.SampleCount);
    }

    /// <returns>Null when the job was halted and what was drawn could not be stored soon after.</returns>
    private async Task<BatchRun?> DrawAsync(BatchMessage message, GeneratorInfo generator, RangeSet missing, BatchBounds bounds,
        HaltMonitor watch)
    {
        var drawing = runner.DrawAsync(message, generator, missing, bounds, watch.ConfirmAsync);
        try
        {
            // A store that never answers may not keep the message: whatever comes of it then writes no manifest.
            return await drawing.WaitAsync(watch.Abandoned);
        }
        catch (Exception) when (watch.Abandoned.IsCancellationRequested || (watch.Dropped.IsCancellationRequested && drawing.IsCanceled))
        {
            _ = drawing.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            return null;
        }
    }

    private Task NoteVersionAsync(BatchMessage message, string version, JobControlState now) =>
        message.GeneratorVersion is not { } submitted || submitted == version
        || now.Changes.Any(each => each.Generator == message.Name && each.Version == version)
            ? Task.CompletedTask : versions.NoteAsync(message.JobId, message.Name, version);

    private async Task HandOverAsync(BatchMessage message, BatchRun drawn)
    {
        // A range of which nothing at all can be done in one go would be handed over for ever.
        var stuck = drawn.Done == 0 && drawn.Failures.Count == 0 && drawn.DeadlineReached;
        if (stuck && message.Attempt >= JobLimits.MaxAttempts)
        {
            await failures.GiveUpAsync(message, drawn.Unfinished, FailureKind.TimedOut,
                "No sample was finished before the worker's deadline.");
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

        [LoggerMessage(4, LogLevel.Information,
            "The message of dispatch generation {Generation} is dropped: its job was cancelled, paused, stopped, deleted or sent again")]
        public static partial void Dropped(ILogger logger, int? generation);

        [LoggerMessage(5, LogLevel.Warning,
            "The message of dispatch generation {Generation} is dropped: its job was halted, and its unfinished samples with it")]
        public static partial void Abandoned(ILogger logger, int? generation);

        [LoggerMessage(3, LogLevel.Information, "Finished {Done} samples, {Failed} failed, {Left} handed over")]
        public static partial void Processed(ILogger logger, int done, int failed, long left);
    }
}
