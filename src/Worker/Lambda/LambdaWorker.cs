using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Lambda;

/// <summary>The worker as a Lambda function: one event after the other, until Lambda ends the process.</summary>
internal sealed partial class LambdaWorker(SqsEventHandler handler, IGeneratorRuntime generators, ILogger<LambdaWorker> logger,
    TelemetryFlush? telemetry = null)
{
    /// <returns>The process's exit code; it ends only when something is wrong with it.</returns>
    public async Task<int> RunAsync(RuntimeApi runtime)
    {
        // Python's imports are paid while the function starts, when it has a full processor.
        var status = await generators.GetStatusAsync();
        if (status.Problem is { } problem && status.MissingModules.Count == 0)
        {
            Log.CannotStart(logger, problem);
            await runtime.FailInitAsync(new InvalidOperationException(problem));
            return 1;
        }

        while (true)
        {
            try
            {
                await AnswerAsync(runtime, await runtime.NextAsync());
            }
            catch (HttpRequestException exception)
            {
                // An event whose answer does not arrive counts as failed and is delivered again, to a fresh process.
                Log.RuntimeLost(logger, exception);
                return 1;
            }
        }
    }

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
        [LoggerMessage(1, LogLevel.Critical, "No generator can run: {Problem}")]
        public static partial void CannotStart(ILogger logger, string problem);

        [LoggerMessage(2, LogLevel.Critical, "The Lambda Runtime API failed; the process ends")]
        public static partial void RuntimeLost(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "{Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
