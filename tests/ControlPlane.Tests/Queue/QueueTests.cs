using System.Net;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Queue;

public sealed class QueueTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Counts_messages_over_all_jobs()
    {
        await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 20, "batch_size": 10}""");
        await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");
        await _api.Queue.ReceiveAsync(2, TimeSpan.FromMinutes(1), TimeSpan.Zero);
        await _api.Queue.SendDeadLetterAsync(new OutgoingMessage("{}", "group"), "It is empty.");

        (await _api.GetAsync("/v1/queue")).GetRawText().ShouldBe("""{"queued":3,"in_flight":2,"dead":1}""");
    }

    [Fact]
    public async Task Shows_dead_letters_as_they_were_sent_with_their_reason()
    {
        const string good = """{"type": "alpha", "start_index": 0, "num_samples": 1, "seed": 1, "job_id": "j1"}""";
        const string bad = "not JSON: <b>\"\u0001\"</b> 日本";
        await _api.Queue.SendDeadLetterAsync(new OutgoingMessage(good, "j1"), "It failed three times.");
        await _api.Queue.SendDeadLetterAsync(new OutgoingMessage(bad, "x"), "The message is not JSON.");

        var items = (await _api.GetAsync("/v1/queue/dead-letters")).GetProperty("items");

        items.GetArrayLength().ShouldBe(2);
        items[0].GetProperty("body").GetString().ShouldBe(good);
        items[0].GetProperty("job_id").GetString().ShouldBe("j1");
        items[1].GetProperty("body").GetString().ShouldBe(bad);
        items[1].GetProperty("reason").GetString().ShouldBe("The message is not JSON.");
        items[1].TryGetProperty("job_id", out _).ShouldBeFalse();
        items[1].GetProperty("died_at").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await _api.GetAsync("/v1/queue/dead-letters?limit=1")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await _api.GetAsync("/v1/queue")).GetProperty("dead").GetInt32().ShouldBe(2);
    }

    [Theory]
    [InlineData("/v1/queue/dead-letters?limit=0", "limit")]
    [InlineData("/v1/queue/dead-letters?cursor=1", "cursor")]
    [InlineData("/v1/queue?group=a", "group")]
    public async Task Refuses_what_it_does_not_understand(string url, string field)
    {
        var problem = await _api.GetAsync(url, HttpStatusCode.BadRequest);

        problem.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(problem.GetRawText());
    }
}
