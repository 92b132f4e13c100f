using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Generators;

public sealed class GeneratorCheckTests : IAsyncDisposable
{
    private readonly Api _api = new();
    private readonly TemporaryFolder _folder = new();

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_generator_that_nobody_has_tried_is_pending_and_taken()
    {
        var alpha = await _api.GetAsync("/v1/generators/alpha");

        alpha.At("check.state").GetString().ShouldBe("pending");
        alpha.GetProperty("entry").GetString().ShouldBe("examples/generate.py");
        await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 1}""");
    }

    [Fact]
    public async Task A_generator_that_failed_is_refused_with_the_reason()
    {
        await WriteAsync("alpha", static check => check with
        {
            Kind = TrialFailure.Raised,
            Message = "ValueError: no solvable position found",
            Traceback = "Traceback (most recent call last)",
            LogTail = "drawing",
        });

        var alpha = await _api.GetAsync("/v1/generators/alpha");
        var problem = await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 1}""", HttpStatusCode.BadRequest);
        var all = await _api.PostJobAsync("""{"generators": "all", "samples": 1}""");

        alpha.GetProperty("usable").GetBoolean().ShouldBeFalse();
        alpha.GetProperty("problem").GetString().ShouldBe("A sample was drawn to try it, and failed: ValueError: no solvable position found");
        var check = alpha.GetProperty("check");
        (check.GetProperty("state").GetString(), check.GetProperty("kind").GetString(), check.GetProperty("traceback").GetString(), check.GetProperty("log_tail").GetString())
            .ShouldBe(("failed", "raised", "Traceback (most recent call last)", "drawing"));
        check.GetProperty("retry_at").GetDateTimeOffset().ShouldBe(check.GetProperty("at").GetDateTimeOffset().AddHours(1));
        (await _api.GetAsync("/v1/generators")).At("items[0].check").TryGetProperty("traceback", out _).ShouldBeFalse();
        problem.ErrorOf("generators[0]").ShouldContain("failed: ValueError: no solvable position found");
        all.At("spec.generators").GetRawText().ShouldBe("""["beta"]""");
    }

    [Fact]
    public async Task A_failure_with_made_up_parameters_is_shown_and_does_not_condemn()
    {
        ParameterSet.TryRead(JsonElement.Parse("""{"task": "1"}"""), out var parameters, out _).ShouldBeTrue();
        await WriteAsync("alpha", check => check with { Kind = TrialFailure.Raised, Message = "KeyError: '1'", Parameters = parameters });

        var alpha = await _api.GetAsync("/v1/generators/alpha");

        alpha.GetProperty("usable").GetBoolean().ShouldBeTrue();
        (alpha.At("check.state").GetString(), alpha.At("check.message").GetString()).ShouldBe(("failed", "KeyError: '1'"));
        alpha.At("check.parameters").GetRawText().ShouldBe("""{"task":"1"}""");
        await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 1}""");
    }

    [Fact]
    public async Task Circumstances_do_not_condemn()
    {
        await WriteAsync("alpha", static check => check with { Kind = TrialFailure.TimedOut, Message = "The generator took longer than 120 s.", Tries = 2 });

        var alpha = await _api.GetAsync("/v1/generators/alpha");

        alpha.GetProperty("usable").GetBoolean().ShouldBeTrue();
        var check = alpha.GetProperty("check");
        (check.GetProperty("retry_at").GetDateTimeOffset() - check.GetProperty("at").GetDateTimeOffset()).ShouldBe(TimeSpan.FromMinutes(20));
    }

    [Fact]
    public async Task A_generator_of_another_version_is_another_generator()
    {
        await WriteAsync("alpha", static check => check with { Kind = TrialFailure.NoOutput, Message = "none" });
        (await _api.GetAsync("/v1/generators/alpha")).GetProperty("usable").GetBoolean().ShouldBeFalse();
        File.AppendAllText(Path.Combine(_api.GeneratorsDir, "alpha", "examples", "generate.py"), "\n# mended\n");
        (await _api.GetAsync("/v1/generators/alpha")).At("check.state").GetString().ShouldBe("pending");
    }

    [Fact]
    public async Task An_index_may_bring_checks_and_a_newer_one_in_the_store_goes_before_it()
    {
        var generators = new GeneratorCatalog(_api.GeneratorsDir).List()
            .Select(static generator => generator with { Check = Check(generator) with { Domain = "shape", Files = ["first_frame.png", "prompt.txt"], Seconds = 0.5 } });
        await File.WriteAllBytesAsync(_folder.Combine("index.json"), GeneratorIndex.Write(generators));
        await using var withIndex = Api.Empty(services => services.AddSingleton<IGeneratorCatalog>(GeneratorIndex.Read(_folder.Combine("index.json"))));

        var alpha = await withIndex.GetAsync("/v1/generators/alpha");
        alpha.GetProperty("domain").GetString().ShouldBe("shape");
        alpha.At("check.state").GetString().ShouldBe("passed");
        alpha.At("check.files").GetArrayLength().ShouldBe(2);

        var indexed = generators.First(static generator => generator.Name == "alpha");
        await new TrialResultStore(withIndex.Store, withIndex.Time).WriteAsync(indexed.Check! with { At = DateTimeOffset.UtcNow.AddMinutes(1), Kind = TrialFailure.Exited, Message = "It exited." });
        withIndex.Time.Shift = TimeSpan.FromMinutes(2);
        (await withIndex.GetAsync("/v1/generators/alpha")).GetProperty("usable").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, 4, false)]
    [InlineData(true, 4, false)]
    [InlineData(false, 4, true)]
    [InlineData(false, 1, false)]
    public async Task A_job_of_a_generator_that_seeds_do_not_change_has_a_warning(bool? varies, int samples, bool warned)
    {
        await WriteAsync("alpha", check => check with { Seconds = 0.5, Varies = varies });

        var job = await _api.PostJobAsync($$"""{"generators": ["alpha", "beta"], "samples": {{samples}}}""");

        job.TryGetProperty("warnings", out var warnings).ShouldBe(warned);
        if (warned) warnings[0].GetString().ShouldStartWith("Different seeds gave the same sample of alpha when it was tried");
        (await _api.GetAsync("/v1/generators/alpha")).GetProperty("check").TryGetProperty("varies", out var shown).ShouldBe(varies is not null);
        if (varies is { } value) shown.GetBoolean().ShouldBe(value);
    }

    private Task WriteAsync(string name, Func<GeneratorTrialResult, GeneratorTrialResult> change) =>
        new TrialResultStore(_api.Store, _api.Time).WriteAsync(change(Check(new GeneratorCatalog(_api.GeneratorsDir).Find(name)!)));

    private static GeneratorTrialResult Check(GeneratorInfo generator) => new() { Generator = generator.Name, Version = generator.Version, At = DateTimeOffset.UtcNow };
}
