using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Generators;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Videos;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

public sealed class JobVideoTests : IAsyncDisposable
{
    private readonly FakeRuntime _runtime = new();
    private readonly Api _api;

    public JobVideoTests()
    {
        _api = Api.Empty(services => services.AddSingleton<IGeneratorRuntime>(_runtime));
        _api.AddGenerator("maze");
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_jobs_video_is_shown_with_its_figures_stored_and_sent()
    {
        var view = await _api.PostJobAsync("""{"generators": ["maze"], "samples": 4, "batch_size": 2, "seed": 1, "video": {"preset": "wan2.2", "width": 512}}""");
        view.At("spec.video").GetRawText()
            .ShouldBe("""{"preset":"wan2.2","width":512,"height":480,"frames":81,"fps":16,"codec":"h264"}""");

        var bodies = await BodiesAsync();
        bodies.Count.ShouldBe(2);
        bodies.Select(static body => BatchMessageParser.Parse(body).Message!.Video)
            .ShouldAllBe(static video => video == new VideoSpec { Width = 512, Height = 480, Frames = 81, Fps = 16 });
        bodies.ShouldAllBe(static body => !body.Contains("preset", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_is_posted_again_from_its_spec_has_the_same_video()
    {
        var spec = (await _api.PostJobAsync("""{"generators": ["maze"], "samples": 1, "video": {"preset": "ltx", "keep_original": true}}""")).GetProperty("spec");
        (await _api.PostJobAsync(spec.GetRawText())).At("spec.video").GetRawText().ShouldBe(spec.GetProperty("video").GetRawText());
    }

    [Fact]
    public async Task A_job_without_video_says_nothing_of_it()
    {
        var view = await _api.PostJobAsync("""{"generators": ["maze"], "samples": 1, "seed": 1}""");
        view.GetProperty("spec").TryGetProperty("video", out _).ShouldBeFalse();
        (await BodiesAsync()).ShouldHaveSingleItem().ShouldNotContain("video");
    }

    [Fact]
    public async Task A_job_with_video_is_refused_where_the_worker_is_known_to_lack_what_conforms()
    {
        _runtime.Status = _runtime.Status with { ConformingProblem = "the Python interpreter lacks PyAV." };
        var problem = await _api.PostJobAsync("""{"generators": ["maze"], "samples": 1, "video": {"fps": 16}}""", HttpStatusCode.BadRequest);
        problem.GetRawText().ShouldContain("video is there, but the Python interpreter lacks PyAV. Allowed: no video.");
        await _api.PostJobAsync("""{"generators": ["maze"], "samples": 1}""");
    }

    private async Task<List<string>> BodiesAsync() =>
        [.. (await _api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero, [])).Select(static leased => leased.Body)];
}
