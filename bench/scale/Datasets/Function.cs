using System.Diagnostics;
using VmDataset.Bench.Scale.Sqs;
using VmDataset.Pipeline.Datasets;
using VmDataset.Tests.Aws;

namespace VmDataset.Bench.Scale.Datasets;

/// <summary>A function of the worker, and the event source mapping that feeds it from the queue.</summary>
internal sealed class Function : IAsyncDisposable
{
    private const int MemoryMb = 1_769;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly FakeRuntimeApi _runtime;
    private readonly ProductProcess _process;
    private readonly string _scratch;

    private Function(FakeRuntimeApi runtime, ProductProcess process, string scratch) =>
        (_runtime, _process, _scratch) = (runtime, process, scratch);

    public static async Task<Function> StartAsync(string folder, IReadOnlyDictionary<string, string> aws)
    {
        var runtime = await FakeRuntimeApi.StartAsync();
        var scratch = Directory.CreateDirectory(Path.Combine(folder, "tmp")).FullName;
        var environment = new Dictionary<string, string>(aws)
        {
            ["AWS_LAMBDA_RUNTIME_API"] = runtime.Address,
            ["AWS_LAMBDA_FUNCTION_NAME"] = "vm-dataset-generator",
            ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = $"{MemoryMb}",
            ["GENERATORS_DIR"] = Directory.CreateDirectory(Path.Combine(folder, "generators")).FullName,
            ["SCRATCH_DIR"] = Path.Combine(scratch, "vm-dataset"),
            ["TMPDIR"] = scratch,
            // The runtime takes the function's memory for the machine's, as it does in a container.
            ["DOTNET_GCTotalPhysicalMemory"] = $"{(long)MemoryMb << 20:X}",
        };
        return new Function(runtime, new ProductProcess("Worker", folder, environment), scratch);
    }

    public double ProcessorSeconds() => _process.ProcessorSeconds();

    /// <summary>Receives message after message until it is told to stop.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="used">Told after each message.</param>
    /// <param name="stop">Ends it between two messages.</param>
    public async Task FeedAsync(FastQueue queue, Action<FunctionUse> used, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (_process.HasEnded) throw new InvalidOperationException($"A function ended; its log is beside '{_scratch}'.");
            if (queue.Receive(1, Deadline) is [var message]) used(await DeliverAsync(queue, message));
            else await Task.Delay(Moment, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _runtime.DisposeAsync();
    }

    private async Task<FunctionUse> DeliverAsync(FastQueue queue, QueuedMessage message)
    {
        _process.ForgetPeak();
        using var watch = new ScratchWatch(_scratch);
        var start = Stopwatch.GetTimestamp();
        var answer = await _runtime.InvokeAsync(
            SqsEvents.Of((message.Id, message.Handle, message.Body, message.Receives, message.Group, null)), Deadline, patience: Deadline);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (answer.Succeeded && SqsEvents.Failures(answer.Body).Count == 0) queue.Delete(message.Handle);
        else Report.Say($"FAILED: {message.Body} was answered with {answer.Body}");
        return new FunctionUse(DatasetTask.Parse(message.Body)?.Part ?? message.Body, seconds, _process.Memory().Peak, watch.Peak >> 20);
    }
}
