using System.Net;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Operations;

public sealed class QueueTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task The_queue_counts_messages_over_all_jobs()
    {
        await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 20, "batch_size": 10}""");
        await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");
        await _api.Queue.ReceiveAsync(2, TimeSpan.FromMinutes(1), TimeSpan.Zero);
        await _api.DeadLetters.SendAsync(new OutgoingMessage("{}", "group"), "It is empty.");

        (await _api.GetAsync("/v1/queue")).GetRawText().ShouldBe("""{"queued":3,"in_flight":2,"dead":1}""");
    }

    [Theory]
    [InlineData("/v1/queue?group=a", "group")]
    [InlineData("/v1/queue?limit=1", "limit")]
    public async Task A_query_of_the_queue_that_is_not_understood_is_refused(string url, string field)
    {
        var problem = await _api.GetAsync(url, HttpStatusCode.BadRequest);

        problem.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(problem.GetRawText());
    }
}
