using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Settings;
using VmDataset.Tests.Aws;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Lambda;
using VmDataset.Worker.Messages;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests.Lambda;

/// <summary>The function's loop over HTTP, on a whole worker.</summary>
public class LambdaWorkerTests
{
    private static readonly TimeSpan QueueVisibility = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task A_message_becomes_samples_and_the_answer_names_no_failure()
    {
        await using var function = await Function.StartAsync();
        var message = await function.SendAsync(WorkerHarness.Message("ok-generator", 0, 7).ToJson());

        var answer = await function.Runtime.InvokeAsync(message);

        answer.ShouldBe(new LambdaAnswer(true, """{"batchItemFailures":[]}""", null));
        (await function.Worker.DoneAsync("job", "ok-generator")).ShouldBe([new SampleRange(0, 7)]);
    }

    [Fact]
    public async Task The_trace_context_of_an_event_goes_on_with_what_is_sent_on()
    {
        await using var function = await Function.StartAsync();

        await function.Runtime.InvokeAsync(await function.SendAsync(WorkerHarness.Message("raises-generator", 3, 1).ToJson(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"));

        // Even where nobody listens: the log names the trace.
        (await function.Worker.Queue.ReceiveAsync(1, QueueVisibility, TimeSpan.FromSeconds(5))).ShouldHaveSingleItem().TraceParent!.ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
    }

    [Fact]
    public async Task A_malformed_message_rests_with_the_dead_letters_and_does_not_come_again()
    {
        await using var function = await Function.StartAsync();

        var answer = await function.Runtime.InvokeAsync(await function.SendAsync("""{"type": "ok-generator"}"""));

        SqsEvents.Failures(answer.Body).ShouldBeEmpty();
        (await function.Worker.Queue.DeadLetters.PeekAsync(10)).ShouldHaveSingleItem().Reason!.ShouldContain("start_index");
    }

    [Fact]
    public async Task A_message_that_could_not_be_stored_is_named_and_seen_again_after_a_moment()
    {
        await using var function = await Function.StartAsync(broken: true);
        var message = await function.SendAsync(WorkerHarness.Message("ok-generator", 0, 2).ToJson());

        var answer = await function.Runtime.InvokeAsync(message);

        answer.Succeeded.ShouldBeTrue();
        SqsEvents.Failures(answer.Body).ShouldBe(["message-0"]);
        // Long before the queue's own visibility timeout of 15 minutes.
        (await function.Worker.Queue.ReceiveAsync(1, QueueVisibility, TimeSpan.FromSeconds(30))).ShouldHaveSingleItem().ReceiveCount.ShouldBe(2);
    }

    [Fact]
    public async Task The_answer_to_several_messages_names_only_the_failed_ones()
    {
        await using var function = await Function.StartAsync();
        List<LeasedMessage> leased = [];
        foreach (var start in new[] { 0, 5 })
        {
            await function.Worker.Queue.SendAsync([new OutgoingMessage(WorkerHarness.Message("ok-generator", start, 5).ToJson(), "job")]);
            leased.AddRange(await function.Worker.Queue.ReceiveAsync(1, QueueVisibility, TimeSpan.Zero));
        }

        // Its lease is another's: the work on it is dropped, and it is not for this answer to delete it.
        await function.Worker.Queue.RenewAsync(leased[1], TimeSpan.Zero);
        await function.Worker.Queue.ReceiveAsync(1, QueueVisibility, TimeSpan.Zero);
        var answer = await function.Runtime.InvokeAsync(SqsEvents.Of(leased.Select(static (message, i) =>
            ($"message-{i}", message.Handle, message.Body, message.ReceiveCount, message.Group, message.TraceParent))));

        SqsEvents.Failures(answer.Body).ShouldBe(["message-1"]);
        (await function.Worker.DoneAsync("job", "ok-generator")).ShouldContain(new SampleRange(0, 5));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("""{"Records": [null]}""")]
    [InlineData("""{"Records": [{"messageId": "m", "receiptHandle": "h"}]}""")]
    public async Task An_event_that_is_not_from_SQS_is_an_error_and_never_an_answer(string json)
    {
        await using var function = await Function.StartAsync();

        var answer = await function.Runtime.InvokeAsync(json);

        answer.Succeeded.ShouldBeFalse();
        answer.ErrorType.ShouldBe("Worker.InvalidDataException");
        answer.Body.ShouldContain("not an SQS event");
        // It goes on with the next.
        (await function.Runtime.InvokeAsync(await function.SendAsync(WorkerHarness.Message("ok-generator", 0, 1).ToJson()))).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task A_function_near_its_deadline_hands_over_the_rest_and_nothing_is_drawn_twice()
    {
        await using var function = await Function.StartAsync();
        var message = await function.SendAsync(WorkerHarness.Message("ok-generator", 0, 3_000).ToJson());
        // Prepared, so that the few seconds are for samples.
        await function.Runtime.InvokeAsync(await function.SendAsync(WorkerHarness.Message("ok-generator", 0, 1, jobId: "warm").ToJson()));

        var answer = await function.Runtime.InvokeAsync(message, TimeSpan.FromSeconds(22));

        SqsEvents.Failures(answer.Body).ShouldBeEmpty();
        var done = await function.Worker.DoneAsync("job", "ok-generator");
        done.SampleCount.ShouldBeInRange(1, 2_999);
        var rest = await function.Worker.Queue.ReceiveAsync(10, QueueVisibility, TimeSpan.FromSeconds(5));
        RangeSet.Of(rest.Select(static left => BatchMessageParser.Parse(left.Body).Message!.Range))
            .ShouldBe(RangeSet.Of(new SampleRange(0, 3_000)).Subtract(done));
    }

    [Fact]
    public async Task A_post_that_fails_ends_the_process()
    {
        await using var function = await Function.StartAsync();
        function.Runtime.RefusePosts = 500;

        var message = await function.SendAsync(WorkerHarness.Message("ok-generator", 0, 1).ToJson());
        _ = function.Runtime.InvokeAsync(message).ContinueWith(static task => task.Exception, TaskScheduler.Default);

        (await function.Loop.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe(1);
    }

    [Fact]
    public async Task A_function_without_Python_reports_it_immediately_and_ends()
    {
        await using var function = await Function.StartAsync(python: "/nowhere/python3");
        (await function.Runtime.InitError.WaitAsync(TimeSpan.FromSeconds(60))).Body.ShouldContain("/nowhere/python3");
        (await function.Loop).ShouldBe(1);
    }

    [Theory]
    [InlineData(128, 1, 64)]
    [InlineData(1_024, 1, 724)]
    [InlineData(1_769, 1, 1_469)]
    [InlineData(1_770, 2, 735)]
    [InlineData(10_240, 6, 1_656)]
    public void Memory_tells_the_processors(int memoryMb, int lanes, int laneMemoryMb)
    {
        var environment = new LambdaEnvironment(memoryMb);
        (environment.Lanes, environment.LaneMemoryMb).ShouldBe((lanes, laneMemoryMb));
    }

    [Fact]
    public void A_function_is_known_by_its_log_stream_and_keeps_no_idle_lane()
    {
        var settings = new SettingsBinder(new ConfigurationBuilder()
            .AddInMemoryCollection([new("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0123abcd"), new("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3538"), new("LANES", "5")]).Build());

        var options = WorkerProcess.BindWorker(settings, settings.Bind(new LambdaEnvironment()), "scratch");

        settings.ThrowIfWrong();
        (options.Name, options.Lanes, options.MaxLiveLanes, options.LaneMemoryMb).ShouldBe(("2026/11/23/[$LATEST]0123abcd", 5, 5, 1_619));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_start_that_takes_long_is_awaited_within_the_first_event(bool fails)
    {
        var (time, slow) = (new FakeTimeProvider(), new SlowStart());
        await using var function = await Function.StartAsync(generators: slow, time: time);
        var asked = function.Runtime.InvokeAsync(await function.SendAsync(WorkerHarness.Message("ok-generator", 0, 2).ToJson()));
        function.Runtime.Nexts.ShouldBe(0);

        time.Advance(TimeSpan.FromSeconds(8));
        await Eventually.BeTrueAsync(() => Task.FromResult(function.Runtime.Nexts == 1));
        asked.IsCompleted.ShouldBeFalse();
        slow.Status.SetResult(new RuntimeStatus(fails ? "There is no Python." : null, null, []));
        var answer = await asked;

        if (!fails)
        {
            answer.ShouldBe(new LambdaAnswer(true, """{"batchItemFailures":[]}""", null));
            return;
        }

        answer.Succeeded.ShouldBeFalse();
        answer.Body.ShouldContain("There is no Python.");
        (await function.Loop.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(1);
    }

    [Fact]
    public async Task The_log_names_the_request_and_its_trace()
    {
        var log = new Scopes();
        await using var function = await Function.StartAsync(logger: log);

        await function.Runtime.InvokeAsync("{}", traceId: "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");

        var scope = log.Seen.ShouldHaveSingleItem();
        scope["RequestId"].ShouldBe(function.Runtime.LastId);
        scope["XRayTraceId"].ShouldBe("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
    }

    [Fact]
    public async Task The_Runtime_API_is_asked_without_the_environments_proxy()
    {
        await using var runtime = await FakeRuntimeApi.StartAsync();
        var former = HttpClient.DefaultProxy;
        // Where nothing listens, and only for this address: other tests run meanwhile.
        HttpClient.DefaultProxy = new ProxyFor(runtime.Address);
        try
        {
            using var client = RuntimeApi.Find(new ConfigurationBuilder()
                .AddInMemoryCollection([new("AWS_LAMBDA_RUNTIME_API", runtime.Address)]).Build())!;
            await client.FailInitAsync(new InvalidOperationException("no"));
        }
        finally
        {
            HttpClient.DefaultProxy = former;
        }

        (await runtime.InitError).Body.ShouldContain("no");
    }

    private sealed class ProxyFor(string authority) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri GetProxy(Uri destination) => new("http://127.0.0.1:9");

        public bool IsBypassed(Uri host) => host.Authority != authority;
    }

    /// <summary>A Python that comes when the test says so.</summary>
    private sealed class SlowStart : IGeneratorRuntime
    {
        public TaskCompletionSource<RuntimeStatus> Status { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<RuntimeStatus> GetStatusAsync(CancellationToken cancellationToken = default) => Status.Task;

        public Task<IReadOnlyList<string>> MissingModulesAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<string>> OptionalModulesAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<ParameterDiscovery> ParametersAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<ClockRead>?> ClockReadsAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }

    private sealed class Scopes : ILogger<LambdaWorker>
    {
        public ConcurrentQueue<IReadOnlyDictionary<string, object?>> Seen { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Seen.Enqueue((IReadOnlyDictionary<string, object?>)state);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => false;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }
    }

    private sealed class Function : IAsyncDisposable
    {
        public required WorkerHarness Worker { get; init; }

        public required FakeRuntimeApi Runtime { get; init; }

        /// <summary>Ends with the process's exit code.</summary>
        public required Task<int> Loop { get; init; }

        public static async Task<Function> StartAsync(bool broken = false, string? python = null, IGeneratorRuntime? generators = null,
            TimeProvider? time = null, ILogger<LambdaWorker>? logger = null)
        {
            var worker = new WorkerHarness(python: python, wrapStore: broken ? static store => new FullStore(store) : null);
            var runtime = await FakeRuntimeApi.StartAsync();
            var client = RuntimeApi.Find(new ConfigurationBuilder().AddInMemoryCollection([new("AWS_LAMBDA_RUNTIME_API", runtime.Address)]).Build())!;
            var handler = new SqsEventHandler(worker.Queue, worker.Get<MessageProcessor>(), worker.Get<WorkerOptions>(), TimeProvider.System, NullLogger<SqsEventHandler>.Instance);
            return new Function
            {
                Worker = worker,
                Runtime = runtime,
                Loop = new LambdaWorker(handler, generators ?? worker.Get<IGeneratorRuntime>(), time ?? TimeProvider.System,
                    logger ?? NullLogger<LambdaWorker>.Instance).RunAsync(client),
            };
        }

        /// <summary>Puts a message on the queue, takes it as a mapping does, and makes an event of it.</summary>
        public async Task<string> SendAsync(string body, string? traceParent = null)
        {
            await Worker.Queue.SendAsync([new OutgoingMessage(body, "job") { TraceParent = traceParent }]);
            var leased = (await Worker.Queue.ReceiveAsync(1, QueueVisibility, TimeSpan.FromSeconds(5))).Single();
            return SqsEvents.Of(("message-0", leased.Handle, leased.Body, leased.ReceiveCount, leased.Group, leased.TraceParent));
        }

        public async ValueTask DisposeAsync()
        {
            await Runtime.DisposeAsync();
            await Loop.WaitAsync(TimeSpan.FromSeconds(30));
            await Worker.DisposeAsync();
        }
    }
}
