using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Jobs.Samples;

public sealed class SampleTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Samples_are_described_with_links_that_work()
    {
        var job = await SubmitAsync();
        await _api.FinishAsync(job, "alpha", 7, 1);
        await _api.PutTextAsync(ObjectKeys.SampleFile(job.Id, "alpha", JobFacts.Domain, 7, "prompt.txt"), "Move the shape.");

        var sample = (await ListAsync(job)).ShouldHaveSingleItem();

        sample.GetProperty("name").GetString().ShouldBe("shape_00000007");
        sample.GetProperty("index").GetInt32().ShouldBe(7);
        sample.GetProperty("seed").GetInt32().ShouldBe(job.Seed + 7);
        sample.GetProperty("fingerprint").GetString().ShouldBe("7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451");
        sample.GetProperty("bytes").GetInt32().ShouldBe(30);
        sample.TryGetProperty("shard", out _).ShouldBeFalse();
        sample.GetProperty("files")[0].GetRawText().ShouldBe(
            $$"""{"name":"first_frame.png","bytes":10,"sha256":"cd","url":"/v1/jobs/{{job.Id}}/files/alpha/shape_task/shape_00000007/first_frame.png"}""");
        using var client = _api.Client();
        (await client.GetStringAsync(new Uri(sample.At("files[1].url").GetString()!, UriKind.Relative))).ShouldBe("Move the shape.");
    }

    [Fact]
    public async Task Samples_in_a_tar_have_its_link_and_their_names_within()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30, "output_format": "webdataset"}""");
        await _api.FinishAsync(job, "alpha", 10, 2);

        var sample = (await ListAsync(job))[1];

        sample.GetProperty("output_format").GetString().ShouldBe("webdataset");
        sample.GetProperty("shard").GetRawText().ShouldBe($$"""{"url":"/v1/jobs/{{job.Id}}/files/alpha/alpha-00000010-2.tar","bytes":10240,"sha256":"ab"}""");
        sample.GetProperty("files")[1].GetRawText().ShouldBe("""{"name":"prompt.txt","bytes":20,"sha256":"ef","member":"shape_00000011.prompt.txt"}""");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public async Task Samples_of_overlapping_manifests_are_listed_once_and_in_order(int limit)
    {
        var job = await SubmitAsync();
        foreach (var (start, count) in new[] { (20, 10), (0, 10), (5, 10), (8, 1), (5, 2), (0, 3), (12, 10) })
            await _api.FinishAsync(job, "beta", start, count);
        await _api.FinishAsync(job, "alpha", 25, 5);

        var names = await PageThroughAsync(job, limit);

        names.ShouldBe([.. Enumerable.Range(25, 5).Select(i => $"alpha {i}"), .. Enumerable.Range(0, 30).Select(i => $"beta {i}")]);
    }

    [Fact]
    public async Task Samples_beyond_the_range_of_the_job_are_not_shown()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 10, "start_index": 5}""");
        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.FinishAsync(job, "alpha", 12, 10);

        (await PageThroughAsync(job, 100)).ShouldBe(["alpha 5", "alpha 6", "alpha 7", "alpha 8", "alpha 9", "alpha 12", "alpha 13", "alpha 14"]);
    }

    [Fact]
    public async Task Samples_at_the_end_of_the_largest_batch_are_found_too()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30000, "batch_size": 10000}""");
        await _api.FinishAsync(job, "alpha", 10_000, 10_000);
        await _api.FinishAsync(job, "alpha", 20_000, 1);

        var page = await _api.GetAsync($"/v1/jobs/{job.Id}/samples?cursor=alpha:19998");

        page.GetProperty("items").EnumerateArray().Select(Name).ShouldBe(["alpha 19999", "alpha 20000"]);
    }

    [Fact]
    public async Task Samples_of_one_generator_can_be_listed_alone()
    {
        var job = await SubmitAsync();
        await _api.FinishAsync(job, "alpha", 0, 2);
        await _api.FinishAsync(job, "beta", 0, 2);

        (await ListAsync(job, "?generator=beta")).Select(Name).ShouldBe(["beta 0", "beta 1"]);
    }

    [Theory]
    [InlineData("generator=gamma", "generator", "generator is 'gamma'; allowed: one of this job's generators")]
    [InlineData("cursor=beta", "cursor", "allowed: the next_cursor")]
    [InlineData("cursor=beta:-1", "cursor", "allowed: the next_cursor")]
    [InlineData("cursor=beta:100000000", "cursor", "allowed: the next_cursor")]
    [InlineData("cursor=..%2f:1", "cursor", "allowed: the next_cursor")]
    [InlineData("limit=0", "limit", "allowed: an integer from 1 to 100")]
    [InlineData("sort=seed", "sort", "allowed: shuffle, split, generator, limit, cursor")]
    public async Task A_query_of_samples_that_is_not_understood_is_refused(string query, string field, string phrase)
    {
        var job = await SubmitAsync();

        var problem = await _api.GetAsync($"/v1/jobs/{job.Id}/samples?{query}", HttpStatusCode.BadRequest);

        problem.ErrorOf(field).ShouldContain(phrase);
    }

    [Fact]
    public async Task Samples_are_linked_into_the_store_where_it_can_serve_them_itself()
    {
        await using var api = Api.Empty(services => services.AddSingleton<IObjectStore>(provider => new LinkingStore(provider.GetRequiredService<ControlPlane.Hosting.DataFolder>().Store)));
        api.AddGenerator("alpha");
        var job = await api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");
        await api.FinishAsync(job, "alpha", 0, 1);

        var url = (await api.GetAsync($"/v1/jobs/{job.Id}/samples")).At("items[0].files[0].url").GetString();
        using var client = api.Client();
        using var redirect = await client.GetAsync(new Uri($"/v1/jobs/{job.Id}/files/alpha/a b.png", UriKind.Relative));

        url.ShouldBe($"https://store.example/jobs/{job.Id}/data/alpha/shape_task/shape_00000000/first_frame.png?for=3600");
        redirect.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        redirect.Headers.Location!.AbsoluteUri.ShouldBe($"https://store.example/jobs/{job.Id}/data/alpha/a%20b.png?for=600");
    }

    private Task<Job> SubmitAsync() => _api.SubmitAsync("""{"generators": ["beta", "alpha"], "samples": 30, "batch_size": 10, "seed": 42}""");

    private async Task<List<JsonElement>> ListAsync(Job job, string query = "") =>
        [.. (await _api.GetAsync($"/v1/jobs/{job.Id}/samples{query}")).GetProperty("items").EnumerateArray()];

    private async Task<List<string>> PageThroughAsync(Job job, int limit)
    {
        List<string> names = [];
        string? cursor = null;
        do
        {
            var page = await _api.GetAsync($"/v1/jobs/{job.Id}/samples?limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}");
            page.GetProperty("items").GetArrayLength().ShouldBeInRange(1, limit);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(Name));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        return names;
    }

    private static string Name(JsonElement sample) => $"{sample.GetProperty("generator").GetString()} {sample.GetProperty("index").GetInt32()}";

    /// <summary>A store that browsers can reach, as a cloud's.</summary>
    private sealed class LinkingStore(string root) : IObjectStore
    {
        private readonly FileSystemObjectStore _files = new(root);

        public Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
            _files.PutAsync(key, content, ifAbsent, cancellationToken);

        public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) =>
            _files.PutFileAsync(key, path, cancellationToken);

        public Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default) => _files.GetAsync(key, cancellationToken);

        public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default) =>
            _files.ListAsync(prefix, startAfter, cancellationToken);

        public Task DeleteAsync(string key, CancellationToken cancellationToken = default) => _files.DeleteAsync(key, cancellationToken);

        public Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) => _files.DeleteManyAsync(keys, cancellationToken);

        public Uri DownloadLink(string key, TimeSpan validFor) => new($"https://store.example/{key}?for={validFor.TotalSeconds}");
    }
}
