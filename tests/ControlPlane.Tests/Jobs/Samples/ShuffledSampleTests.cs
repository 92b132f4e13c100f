using System.Net;
using System.Text.Json;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.ControlPlane.Tests.Reconciliation;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Jobs.Samples;

public sealed class ShuffledSampleTests(Api api) : IClassFixture<Api>
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task A_shuffled_list_has_each_finished_sample_once_whatever_the_length_of_its_pages(int limit)
    {
        var job = await SubmitAsync();
        foreach (var (start, count) in new[] { (5, 10), (5, 2), (12, 10), (27, 3) }) await api.FinishAsync(job, "beta", start, count);
        await api.FinishAsync(job, "alpha", 25, 5);

        var names = await PageThroughAsync(job, "shuffle=3", limit);

        names.Order(StringComparer.Ordinal).ShouldBe(new[] { 25, 26, 27, 28, 29 }.Select(static i => $"alpha {i:00}")
            .Concat(Enumerable.Range(5, 17).Concat([27, 28, 29]).Select(static i => $"beta {i:00}")));
        names.ShouldBe(await PageThroughAsync(job, "shuffle=3", 13));
        names.ShouldNotBe(await PageThroughAsync(job, "shuffle=4", 13));
    }

    [Fact]
    public async Task A_shuffled_order_stays_while_more_samples_are_finished()
    {
        var job = await SubmitAsync();
        await api.FinishAsync(job, "beta", 0, 10);
        var before = await PageThroughAsync(job, "shuffle=3", 5);

        await api.FinishAsync(job, "alpha", 0, 30);
        await api.FinishAsync(job, "beta", 10, 20);
        var after = await PageThroughAsync(job, "shuffle=3", 100);

        after.Count.ShouldBe(60);
        after.Where(before.Contains).ShouldBe(before);
    }

    [Fact]
    public async Task A_shuffled_list_of_one_generator_has_its_samples_alone_and_links_as_the_other_list()
    {
        var job = await SubmitAsync();
        await api.FinishAsync(job, "alpha", 0, 30);
        await api.FinishAsync(job, "beta", 4, 1);

        (await PageThroughAsync(job, "shuffle=0&generator=alpha", 7)).Count.ShouldBe(30);
        var shuffled = (await api.GetAsync($"/v1/jobs/{job.Id}/samples?shuffle=0&generator=beta")).At("items[0]");
        shuffled.GetRawText().ShouldBe((await api.GetAsync($"/v1/jobs/{job.Id}/samples?generator=beta")).At("items[0]").GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("&shuffle=3")]
    public async Task The_lists_of_the_splits_have_each_sample_once_and_no_held_out_generator_elsewhere(string order)
    {
        var job = await api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 60, "batch_size": 20, "splits": {"train": 0.9, "rare": 0.1}, "holdout": ["beta"], "holdout_split": "unseen"}""");
        foreach (var generator in new[] { "alpha", "beta" })
            for (var start = 0; start < 60; start += 20) await api.FinishAsync(job, generator, start, 20);

        var train = await PageThroughAsync(job, $"split=train{order}", 7);
        var rare = await PageThroughAsync(job, $"split=rare{order}", 100);
        var unseen = await PageThroughAsync(job, $"split=unseen{order}", 13);

        rare.Count.ShouldBeInRange(1, 20);
        train.Concat(rare).Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 60).Select(static index => $"alpha {index:00}"));
        unseen.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 60).Select(static index => $"beta {index:00}"));
        (await PageThroughAsync(job, $"split=rare&generator=beta{order}", 10)).ShouldBeEmpty();
        (await api.GetAsync($"/v1/jobs/{job.Id}/samples?split=rare{order}")).GetProperty("items").EnumerateArray()
            .ShouldAllBe(static each => each.GetProperty("split").GetString() == "rare");
    }

    [Fact]
    public async Task A_split_that_the_job_does_not_have_is_refused()
    {
        var split = await api.SubmitAsync("""{"generators": ["alpha"], "samples": 10, "splits": {"train": 0.9, "test": 0.1}}""");
        var plain = await SubmitAsync();

        (await api.GetAsync($"/v1/jobs/{split.Id}/samples?split=val", HttpStatusCode.BadRequest)).ErrorOf("split").ShouldBe("split is 'val'; allowed: train, test.");
        (await api.GetAsync($"/v1/jobs/{plain.Id}/samples?split=train", HttpStatusCode.BadRequest)).ErrorOf("split").ShouldBe("split is 'train'; allowed: none, as the job has no splits.");
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_is_left_out_of_a_shuffled_list()
    {
        var job = await SubmitAsync();
        await api.FinishAsync(job, "alpha", 0, 10);
        await api.PutTextAsync(ObjectKeys.Done(job.Id, "alpha", new SampleRange(10, 10)), new string('x', 2_000));

        (await PageThroughAsync(job, "shuffle=1", 30)).Count.ShouldBe(10);
    }

    [Theory]
    [InlineData("shuffle=-1", "shuffle", "allowed: an integer from 0 to 2147483647")]
    [InlineData("shuffle=yes", "shuffle", "allowed: an integer from 0 to 2147483647")]
    [InlineData("shuffle=1&cursor=alpha:3", "cursor", "allowed: the next_cursor")]
    [InlineData("cursor=3", "cursor", "allowed: the next_cursor")]
    public async Task A_query_of_shuffled_samples_that_is_not_understood_is_refused(string query, string field, string phrase)
    {
        var job = await SubmitAsync();

        (await api.GetAsync($"/v1/jobs/{job.Id}/samples?{query}", HttpStatusCode.BadRequest)).ErrorOf(field).ShouldContain(phrase);
        (await api.GetAsync($"/v1/jobs/{job.Id}/samples?shuffle=1&cursor=9223372036854775807")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_shuffled_page_reads_a_manifest_for_each_of_its_samples_at_most_and_lists_what_a_reading_of_the_job_does()
    {
        ReadingStore? reading = null;
        CountingStore? counting = null;
        await using var other = Api.Empty(services => { Api.WrapStore(services, inner => counting = new CountingStore(reading = new ReadingStore(inner))); Api.RemoveLoop(services); });
        other.AddGenerator("alpha");
        var job = await other.SubmitAsync("""{"generators": ["alpha"], "samples": 2000, "batch_size": 10}""");
        for (var start = 0; start < 2_000; start += 10) await other.FinishAsync(job, "alpha", start, 10);
        counting!.Reset();
        reading!.Manifests = 0;

        (await other.GetAsync($"/v1/jobs/{job.Id}/samples?shuffle=5&limit=24")).GetProperty("items").GetArrayLength().ShouldBe(24);

        reading.Manifests.ShouldBeInRange(15, 24);
        counting.Lists.Count.ShouldBeLessThanOrEqualTo(5, string.Join(' ', counting.Lists));
        counting.Writes.ShouldBeEmpty();
        counting.Reset();
        using var client = other.Client();
        (await client.GetAsync(new Uri($"/jobs/{job.Id}/gallery?shuffle=5", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        counting.Lists.Count.ShouldBeLessThanOrEqualTo(5, string.Join(' ', counting.Lists));
    }

    [Fact]
    public async Task A_shuffled_page_of_a_split_reads_no_manifest_twice()
    {
        ReadingStore? reading = null;
        await using var other = Api.Empty(services => { Api.WrapStore(services, inner => reading = new ReadingStore(inner)); Api.RemoveLoop(services); });
        other.AddGenerator("alpha");
        var job = await other.SubmitAsync("""{"generators": ["alpha"], "samples": 2000, "batch_size": 100, "splits": {"train": 0.95, "rare": 0.05}}""");
        for (var start = 0; start < 2_000; start += 100) await other.FinishAsync(job, "alpha", start, 100);
        reading!.Manifests = 0;

        (await other.GetAsync($"/v1/jobs/{job.Id}/samples?shuffle=5&split=rare&limit=24")).GetProperty("items").GetArrayLength().ShouldBe(24);

        reading.Manifests.ShouldBeInRange(15, 20);
    }

    [Fact]
    public void A_shuffled_page_of_a_job_of_millions_ends_where_its_manifests_or_places_become_too_many()
    {
        var job = Large(samples: 2_000_000, batch: 10_000);
        var half = new FinishedSamples(job, Read(job, [.. job.Range(job.Generators[0]).Split(10_000).Where(static batch => batch.Start / 10_000 % 2 == 0)]), SampleFilter.All);
        var few = new FinishedSamples(Large(10_000_000, 10), Read(Large(10_000_000, 10), [new SampleRange(0, 10)]), SampleFilter.All);

        var (page, next) = half.Page(seed: 1, from: 0, limit: 100);
        var (second, _) = half.Page(seed: 1, from: next!.Value, limit: 100);
        (int Samples, int Pages) all = (0, 0);
        for (long? from = 0; from is { } place; all.Pages++)
        {
            (var some, from) = few.Page(1, place, 100);
            all.Samples += some.Count;
        }

        page.Select(static each => each.Manifest).Distinct().Sum(static each => each.Count).ShouldBe(50_000);
        page.Concat(second).Select(static each => each.Index).Distinct().Count().ShouldBe(page.Count + second.Count);
        all.ShouldBe((10, 10));
    }

    private static Job Large(int samples, int batch) => new()
    {
        Id = JobId.New(DateTimeOffset.UtcNow),
        CreatedAt = DateTimeOffset.UtcNow,
        Generators = [new JobGenerator("alpha")],
        StartIndex = 0,
        Samples = samples,
        BatchSize = batch,
        Seed = 0,
        OutputFormat = OutputFormat.Files,
    };

    private static JobProgress Read(Job job, IReadOnlyList<SampleRange> done) => JobProgress.Of(job, JobControlState.None,
        new JobListing(new Dictionary<int, DispatchCheckpoint>(), [.. done.Select(static range => new RangeEntry("alpha", range, DateTimeOffset.UtcNow))], []), DateTimeOffset.UtcNow);

    private Task<Job> SubmitAsync() => api.SubmitAsync("""{"generators": ["beta", "alpha"], "samples": 30, "batch_size": 10, "seed": 42}""");

    private async Task<List<string>> PageThroughAsync(Job job, string query, int limit)
    {
        List<string> names = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await api.GetAsync($"/v1/jobs/{job.Id}/samples?{query}&limit={limit}{(cursor is "" ? "" : $"&cursor={cursor}")}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(Name));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }

        return names;
    }

    private static string Name(JsonElement sample) => $"{sample.GetProperty("generator").GetString()} {sample.GetProperty("index").GetInt32():00}";

    /// <summary>Counts the manifests that are read.</summary>
    private sealed class ReadingStore(IObjectStore inner) : ForwardingStore(inner)
    {
        private int _manifests;

        public int Manifests { get => _manifests; set => _manifests = value; }

        public override Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default)
        {
            if (key.Contains("/done/", StringComparison.Ordinal)) Interlocked.Increment(ref _manifests);
            return base.GetAsync(key, cancellationToken);
        }
    }
}
