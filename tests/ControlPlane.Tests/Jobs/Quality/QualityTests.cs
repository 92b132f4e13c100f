using System.Net;
using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Videos;

namespace VmDataset.ControlPlane.Tests.Jobs.Quality;

public sealed class QualityTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task The_quality_view_shows_duplicates_failures_and_the_distribution_of_sizes_and_times()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30}""");
        await _api.FinishAsync(job, "alpha", 0, 10, puzzle: static index => index % 8);
        await _api.FinishAsync(job, "alpha", 5, 10, attempt: 2, puzzle: static index => index % 8);
        await _api.FailAsync(job, "alpha", 14, 4);

        var quality = await OneAsync($"/v1/jobs/{job.Id}/quality");
        (quality.GetProperty("samples").GetInt32(), quality.GetProperty("distinct").GetInt32()).ShouldBe((15, 8));
        quality.GetProperty("left_out").GetInt32().ShouldBe(0);
        var duplicates = quality.GetProperty("duplicates");
        duplicates.GetProperty("count").GetInt32().ShouldBe(7);
        duplicates.GetProperty("first")[0].GetRawText().ShouldBe("""{"index":8,"duplicate_of":0}""");
        quality.GetProperty("failed").GetRawText().ShouldBe("""[{"kind":"raised","samples":3}]""");
        quality.GetProperty("retried").GetInt32().ShouldBe(5);
        quality.GetProperty("bytes").GetRawText().ShouldBe("""{"min":30,"p50":30,"p90":30,"p99":30,"max":30,"mean":30,"sum":450}""");
        quality.At("seconds.sum").GetDouble().ShouldBe(7.5);
    }

    [Fact]
    public async Task The_quality_view_names_final_frames_that_contradict_their_video_and_videos_that_stand_still()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30}""");
        await _api.FinishAsync(job, "alpha", 0, 10, change: static sample => sample with
        {
            Video = new VideoFacts(64, 64, sample.Index == 2 ? 1 : 81, 16, 5, "avc1"),
            FinalFrameDistance = sample.Index is 3 or 7 ? 27.5 : 20,
            StaticVideo = sample.Index == 5 ? true : null,
        });
        await _api.FinishAsync(job, "alpha", 10, 10);

        var videos = (await OneAsync($"/v1/jobs/{job.Id}/quality")).GetProperty("videos");
        (videos.GetProperty("known").GetInt32(), videos.GetProperty("compared").GetInt32()).ShouldBe((10, 10));
        videos.GetProperty("contradictions").GetRawText().ShouldBe("""{"count":2,"first":[{"index":3,"distance":27.5},{"index":7,"distance":27.5}]}""");
        videos.GetProperty("static").GetRawText().ShouldBe("""{"count":2,"first":[2,5]}""");
    }

    [Fact]
    public async Task The_quality_view_names_samples_that_differ_from_others_in_wording_alone()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30}""");
        await _api.FinishAsync(job, "alpha", 0, 10, puzzle: static index => index == 9 ? 8 : index, change: static sample => sample with
        {
            Files = [new SampleFileRecord("first_frame.png", 10, sample.Index % 5 == 2 ? "same" : $"{sample.Index}"), new SampleFileRecord("metadata.json", 9, $"{sample.Index}"), new SampleFileRecord("prompt.txt", 20, $"{sample.Index}")],
        });
        await _api.FinishAsync(job, "alpha", 10, 10, change: static sample => sample with { Files = [new SampleFileRecord("prompt.txt", 20, $"{sample.Index}")] });

        var quality = await OneAsync($"/v1/jobs/{job.Id}/quality");

        quality.GetProperty("reworded").GetRawText().ShouldBe("""{"count":1,"first":[{"index":7,"duplicate_of":2}]}""");
        quality.At("duplicates.count").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task The_quality_view_says_nothing_of_videos_that_nothing_is_known_of()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30}""");
        await _api.FinishAsync(job, "alpha", 0, 10);
        (await OneAsync($"/v1/jobs/{job.Id}/quality")).TryGetProperty("videos", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task The_quality_view_pages_generators_in_the_jobs_order()
    {
        var job = await _api.SubmitAsync("""{"generators": ["beta", "alpha"], "samples": 10}""");
        var page = await _api.GetAsync($"/v1/jobs/{job.Id}/quality?limit=1");
        (Name(page), page.GetProperty("next_cursor").GetString()).ShouldBe(("beta", "beta"));
        page.GetProperty("items")[0].TryGetProperty("bytes", out _).ShouldBeFalse();
        var last = await _api.GetAsync($"/v1/jobs/{job.Id}/quality?limit=1&cursor=beta");
        Name(last).ShouldBe("alpha");
        last.TryGetProperty("next_cursor", out _).ShouldBeFalse();
        Name(await _api.GetAsync($"/v1/jobs/{job.Id}/quality?generator=alpha")).ShouldBe("alpha");
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?cursor=gamma", "cursor")]
    [InlineData("?generator=gamma", "generator")]
    public async Task An_invalid_quality_query_is_refused(string query, string field)
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 10}""");
        (await _api.GetAsync($"/v1/jobs/{job.Id}/quality{query}", HttpStatusCode.BadRequest)).GetRawText().ShouldContain($"\"{field}\"");
    }

    private static string? Name(JsonElement page) => page.At("items[0].generator").GetString();

    private async Task<JsonElement> OneAsync(string path) => (await _api.GetAsync(path)).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
}
