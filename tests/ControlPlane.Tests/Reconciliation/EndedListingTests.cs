using System.Net;
using System.Text.Json;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

/// <summary>A large job that has ended: the reconciler stores its listing, and requests answer from it.</summary>
public sealed class EndedListingTests : IAsyncDisposable
{
    private const int Batches = 5_000;

    private readonly Api _api;
    private CountingStore? _counting;

    public EndedListingTests()
    {
        // Without the loop: a test makes each pass.
        _api = Api.Empty(services =>
        {
            Api.WrapStore(services, store => _counting = new CountingStore(store));
            Api.RemoveLoop(services);
        });
        _api.AddGenerator("alpha");
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_large_job_that_has_ended_is_answered_and_retried_without_a_LIST_of_its_manifests_but_for_the_sending()
    {
        var job = await _api.SubmitAsync($$"""{"generators": ["alpha"], "samples": {{Batches}}, "batch_size": 1}""");
        await _api.DeadLetterAsync(job, "alpha", 0, 1);
        await Parallel.ForEachAsync(Enumerable.Range(1, Batches - 1), TestContext.Current.CancellationToken,
            async (index, _) => await _api.FinishAsync(job, "alpha", index, 1));
        await _api.PassAsync(job.Id);
        _counting!.Writes.ShouldContain(key => key.StartsWith(ObjectKeys.EndedListingPrefix(job.Id), StringComparison.Ordinal));
        _counting.Reset();

        var read = await _api.GetAsync($"/v1/jobs/{job.Id}");
        read.At("samples.failed").GetInt32().ShouldBe(1);
        DoneLists(job.Id).ShouldBe(0);

        using var client = _api.Client();
        using var answer = await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/retry", UriKind.Relative), null);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var retried = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        retried.At("samples.done").GetInt32().ShouldBe(Batches - 1);
        retried.At("samples.failed").GetInt32().ShouldBe(0);
        await Eventually.BeTrueAsync(() => Task.FromResult(_counting.Writes.Contains(ObjectKeys.Sent(job.Id, 1, 1))
            || _counting.Writes.Contains(ObjectKeys.Sent(job.Id, 1, Batches))));
        DoneLists(job.Id).ShouldBe(1);
    }

    private int DoneLists(string jobId) =>
        _counting!.Lists.Count(prefix => prefix.StartsWith(ObjectKeys.DonePrefix(jobId), StringComparison.Ordinal));
}
