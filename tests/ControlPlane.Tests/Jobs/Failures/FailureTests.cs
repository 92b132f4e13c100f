using System.Net;
using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Jobs.Failures;

public sealed class FailureTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Failures_are_shown_with_all_that_is_known()
    {
        var job = await SubmitAsync();
        await _api.FailAsync(job, "alpha", 3, 1, attempt: 3);

        var failure = (await ListAsync(job)).ShouldHaveSingleItem();

        failure.GetProperty("generator").GetString().ShouldBe("alpha");
        failure.GetProperty("start_index").GetInt32().ShouldBe(3);
        failure.GetProperty("samples").GetInt32().ShouldBe(1);
        failure.GetProperty("attempt").GetInt32().ShouldBe(3);
        failure.GetProperty("seed").GetInt32().ShouldBe(job.Seed);
        failure.GetProperty("kind").GetString().ShouldBe("raised");
        failure.GetProperty("message").GetString().ShouldBe("no solvable position found");
        failure.GetProperty("exception_type").GetString().ShouldBe("ValueError");
        failure.GetProperty("traceback").GetString()!.ShouldStartWith("Traceback");
        failure.GetProperty("log_tail").GetString().ShouldBe("drawing…");
        failure.GetProperty("worker").GetString().ShouldBe("worker-2:5");
        failure.GetProperty("permanent").GetBoolean().ShouldBeFalse();
        failure.GetProperty("recovered").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Failures_that_were_made_good_since_are_shown_on_demand_only()
    {
        var job = await SubmitAsync();
        await _api.FailAsync(job, "alpha", 0, 10);
        await _api.FailAsync(job, "alpha", 10, 10);
        await _api.FailAsync(job, "beta", 0, 1, attempt: 3);
        await _api.DeadLetterAsync(job, "beta", 0, 1);
        await _api.FinishAsync(job, "alpha", 0, 5);
        await _api.FinishAsync(job, "alpha", 5, 5);
        await _api.FinishAsync(job, "alpha", 10, 9);

        var standing = await ListAsync(job);
        var all = await ListAsync(job, "?all=true");

        standing.Select(Name).ShouldBe(["alpha 10", "beta 0"]);
        standing.Select(failure => failure.GetProperty("permanent").GetBoolean()).ShouldBe([false, true]);
        all.Select(Name).ShouldBe(["alpha 0", "alpha 10", "beta 0"]);
        all.Select(failure => failure.GetProperty("recovered").GetBoolean()).ShouldBe([true, false, false]);
    }

    [Fact]
    public async Task Dead_ranges_that_were_finished_after_all_are_dead_no_more()
    {
        var job = await SubmitAsync();
        await _api.FailAsync(job, "alpha", 0, 1, attempt: 3);
        await _api.DeadLetterAsync(job, "alpha", 0, 1);
        await _api.FinishAsync(job, "alpha", 0, 1);

        (await ListAsync(job, "?all=true")).ShouldHaveSingleItem().GetProperty("permanent").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Failures_of_a_page_are_read_concurrently()
    {
        MeetingStore? meeting = null;
        await using var api = Api.Empty(services => Api.WrapStore(services, store => meeting = new MeetingStore(store)));
        api.AddGenerator("alpha");
        var job = await api.SubmitAsync("""{"generators": ["alpha"], "samples": 30, "batch_size": 10, "seed": 1}""");
        foreach (var index in new[] { 3, 7, 11 }) await api.FailAsync(job, "alpha", index, 1);

        var items = (await api.GetAsync($"/v1/jobs/{job.Id}/failures?limit=3")).GetProperty("items");

        items.EnumerateArray().Select(static failure => failure.GetProperty("start_index").GetInt32()).ShouldBe([3, 7, 11]);
        meeting!.HaveMet.ShouldBeTrue();
    }

    [Fact]
    public async Task Failures_are_paged_in_order()
    {
        var job = await SubmitAsync();
        foreach (var generator in new[] { "beta", "alpha" })
            foreach (var start in new[] { 20, 0, 10 })
                await _api.FailAsync(job, generator, start, 1);
        await _api.FinishAsync(job, "alpha", 10, 1);

        List<string> names = [];
        string? cursor = null;
        do
        {
            var page = await _api.GetAsync($"/v1/jobs/{job.Id}/failures?limit=2{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            page.GetProperty("items").GetArrayLength().ShouldBeInRange(1, 2);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(Name));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        names.ShouldBe(["alpha 0", "alpha 20", "beta 0", "beta 10", "beta 20"]);
    }

    [Fact]
    public async Task Failures_of_one_generator_are_listed_alone_and_a_cursor_of_another_begins_or_ends_the_list()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 30, "batch_size": 10, "seed": 1}""");
        foreach (var generator in new[] { "alpha", "beta" })
            foreach (var start in new[] { 0, 10 }) await _api.FailAsync(job, generator, start, 1);

        var first = await _api.GetAsync($"/v1/jobs/{job.Id}/failures?generator=alpha&limit=1");
        var cursor = first.GetProperty("next_cursor").GetString()!;

        (await ListAsync(job, "?generator=alpha")).Select(Name).ShouldBe(["alpha 0", "alpha 10"]);
        (await ListAsync(job, "?generator=beta")).Select(Name).ShouldBe(["beta 0", "beta 10"]);
        (await ListAsync(job, $"?generator=alpha&cursor={Uri.EscapeDataString(cursor)}")).Select(Name).ShouldBe(["alpha 10"]);
        (await ListAsync(job, $"?generator=beta&cursor={Uri.EscapeDataString(cursor)}")).Select(Name).ShouldBe(["beta 0", "beta 10"]);
        (await ListAsync(job, "?generator=alpha&cursor=beta%2F00000000-1.json")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("generator=gamma", "generator", "allowed: one of this job's generators")]
    [InlineData("all=yes", "all", "all is 'yes'; allowed: true or false")]
    [InlineData("limit=1000", "limit", "allowed: an integer from 1 to 100")]
    [InlineData("cursor=alpha", "cursor", "allowed: the next_cursor")]
    [InlineData("cursor=a/b/00000000-1.json", "cursor", "allowed: the next_cursor")]
    [InlineData("recovered=true", "recovered", "allowed: all, generator, limit, cursor")]
    public async Task A_query_of_failures_that_is_not_understood_is_refused(string query, string field, string phrase)
    {
        var job = await SubmitAsync();

        var problem = await _api.GetAsync($"/v1/jobs/{job.Id}/failures?{query}", HttpStatusCode.BadRequest);

        problem.ErrorOf(field).ShouldContain(phrase);
    }

    /// <summary>A store in which a reader of a failure waits for another one.</summary>
    private sealed class MeetingStore(IObjectStore inner) : ForwardingStore(inner)
    {
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _reading;

        public bool HaveMet => _met.Task.IsCompleted;

        public override async Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default)
        {
            if (!key.Contains("/failed/", StringComparison.Ordinal)) return await base.GetAsync(key, cancellationToken);
            if (Interlocked.Increment(ref _reading) > 1) _met.TrySetResult();
            await Task.WhenAny(_met.Task, Task.Delay(TimeSpan.FromSeconds(2), cancellationToken));
            Interlocked.Decrement(ref _reading);
            return await base.GetAsync(key, cancellationToken);
        }
    }

    private Task<Job> SubmitAsync() => _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 30, "batch_size": 10, "seed": 1}""");

    private async Task<List<JsonElement>> ListAsync(Job job, string query = "") =>
        [.. (await _api.GetAsync($"/v1/jobs/{job.Id}/failures{query}")).GetProperty("items").EnumerateArray()];

    private static string Name(JsonElement failure) =>
        $"{failure.GetProperty("generator").GetString()} {failure.GetProperty("start_index").GetInt32()}";
}
