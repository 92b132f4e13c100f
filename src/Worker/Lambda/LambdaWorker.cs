using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Lambda;

/// <summary>The worker as a Lambda function: one event after the other, until Lambda ends the process.</summary>
internal sealed partial class LambdaWorker(SqsEventHandler handler, IGeneratorRuntime generators, TimeProvider time,
    ILogger<LambdaWorker> logger, TelemetryFlush? telemetry = null)
{
    // Lambda ends a start that takes 10 s and begins it anew within the first event, where it is paid for a second time.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(8);

    /// <returns>The process's exit code; it ends only when something is wrong with it.</returns>
    public async Task<int> RunAsync(RuntimeApi runtime)
    {
        // Python's imports are paid while the function starts, when it has a full processor.
        var starting = generators.GetStatusAsync();
        using var enough = new CancellationTokenSource();
        var isKnown = await Task.WhenAny(starting, Task.Delay(StartPatience, time, enough.Token)) == starting;
        await enough.CancelAsync();
        if (isKnown && ProblemOf(await starting) is { } problem)
        {
            Log.CannotStart(logger, problem);
            await runtime.FailInitAsync(new InvalidOperationException(problem));
            return 1;
        }

        if (!isKnown) Log.StillStarting(logger, StartPatience.TotalSeconds);
        while (true)
        {
            try
            {
                var invocation = await runtime.NextAsync();
                using var scope = logger.BeginScope(new Dictionary<string, object?>
                {
                    ["RequestId"] = invocation.RequestId,
                    ["XRayTraceId"] = invocation.TraceId,
                });
                if (!isKnown && ProblemOf(await starting) is { } late)
                {
                    Log.CannotStart(logger, late);
                    await runtime.FailAsync(invocation, new InvalidOperationException(late));
                    return 1;
                }

                isKnown = true;
                await AnswerAsync(runtime, invocation);
            }
            catch (HttpRequestException exception)
            {
                // An event whose answer does not arrive counts as failed and is delivered again, to a fresh process.
                Log.RuntimeLost(logger, exception);
                return 1;
            }
        }
    }

    // A generator may do without a module that is missing.
    private static string? ProblemOf(RuntimeStatus status) => status.MissingModules.Count == 0 ? status.Problem : null;

    private async Task AnswerAsync(RuntimeApi runtime, Invocation invocation)
    {
        byte[] answer;
        try
        {
            answer = await handler.HandleAsync(invocation.Event, invocation.Deadline);
        }
        catch (InvalidDataException exception)
        {
            Log.Refused(logger, exception.Message);
            await FlushAsync(invocation);
            await runtime.FailAsync(invocation, exception);
            return;
        }

        await FlushAsync(invocation);
        await runtime.RespondAsync(invocation, answer);
    }

    // After the answer the process stands still until the next event, which may never come.
    private Task FlushAsync(Invocation invocation) => telemetry?.RunAsync(invocation.Deadline) ?? Task.CompletedTask;

    private static partial class Log
    {
        // The AWS stack counts it, see LateStartFilter in infra/template.yaml.
        [LoggerMessage(1, LogLevel.Critical, "No generator can run: {Problem}")]
        public static partial void CannotStart(ILogger logger, string problem);

        [LoggerMessage(2, LogLevel.Critical, "The Lambda Runtime API failed; the process ends")]
        public static partial void RuntimeLost(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "{Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(4, LogLevel.Warning, "Python is not ready after {Seconds} s; the first event waits for it")]
        public static partial void StillStarting(ILogger logger, double seconds);
    }
}
