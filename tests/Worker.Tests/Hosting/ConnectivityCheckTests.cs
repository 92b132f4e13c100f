using System.Collections.Concurrent;
using System.Net;
using Amazon.SQS;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Hosting;

namespace VmDataset.Worker.Tests.Hosting;

public sealed class ReachCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_check_waits_until_a_queue_out_of_reach_answers()
    {
        var queue = new UnreachableQueue(new IOException("SQS failed", new HttpRequestException("Connection refused")), failures: 2);
        var log = new Lines();

        await Check(queue, log).RunAsync(CancellationToken.None);

        queue.Calls.ShouldBe(3);
        log.Texts.Count(text => text.StartsWith("The queues (SQS_QUEUE_URL, SQS_DLQ_URL) cannot be reached; trying again in ", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task The_check_fails_after_one_call_when_a_resource_does_not_exist_or_is_not_allowed(HttpStatusCode status)
    {
        var queue = new UnreachableQueue(new IOException("SQS failed", new AmazonSQSException("no") { StatusCode = status }), failures: int.MaxValue);

        var ended = await Should.ThrowAsync<StartUpException>(Check(queue, new Lines()).RunAsync(CancellationToken.None));

        ended.Message.ShouldContain("cannot be used");
        queue.Calls.ShouldBe(1);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task The_check_waits_while_AWS_is_at_fault_until_it_is_stopped(HttpStatusCode status)
    {
        var queue = new UnreachableQueue(new IOException("SQS failed", new AmazonSQSException("no") { StatusCode = status }), failures: int.MaxValue);
        using var stop = new CancellationTokenSource();

        var waiting = Check(queue, new Lines()).RunAsync(stop.Token);
        await Eventually.BeTrueAsync(() => Task.FromResult(queue.Calls >= 2));
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
    }

    private ConnectivityCheck Check(IBatchQueue queue, ILogger<ConnectivityCheck> log) => new(queue, new FileSystemObjectStore(_folder.Path), TimeProvider.System, log);

    private sealed class Lines : ILogger<ConnectivityCheck>
    {
        public ConcurrentQueue<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Texts.Enqueue(formatter(state, exception));
    }

    private sealed class UnreachableQueue(Exception failure, int failures) : IBatchQueue
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public bool ChoosesGroups => false;

        public Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default) =>
            Interlocked.Increment(ref _calls) <= failures ? Task.FromException<QueueDepth?>(failure) : Task.FromResult<QueueDepth?>(null);

        public Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
