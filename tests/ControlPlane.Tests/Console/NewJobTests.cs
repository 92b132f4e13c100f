using System.Net;
using System.Text.Json;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Parameters;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class NewJobTests : IAsyncDisposable
{
    private readonly Api _api = new();

    [Fact]
    public async Task A_job_is_submitted_from_the_form_and_shown()
    {
        using var browser = new Browser(_api);
        var form = Form(await browser.GetAsync("/jobs/new"));

        var page = await browser.FollowAsync(form, ("generators", "alpha"), ("generators", "beta"), ("samples", "40"), ("seed", "7"), ("batch_size", "20"),
            ("output_format", "webdataset"), ("max_failed_percent", "5"), ("do", "submit"));

        page.QuerySelector(".notice.good").Words().ShouldBe("The job is submitted.");
        var spec = (await JobsAsync()).ShouldHaveSingleItem().GetProperty("spec");
        spec.GetRawText().ShouldStartWith("""{"generators":["alpha","beta"],"samples":40,"batch_size":20,"seed":7,"output_format":"webdataset","start_index":0,"max_failed_percent":5""");
    }

    [Fact]
    public async Task Generators_to_choose_from_are_grouped_and_filtered_by_category()
    {
        _api.AddGenerator("zeta", readme: "| **Category** | Perception |\n");
        _api.AddGenerator("gamma", readme: "| **Category** | Perception |\n");
        using var browser = new Browser(_api);
        var page = await browser.GetAsync("/jobs/new?generators=gamma");

        page.QuerySelectorAll("#choices .group, #choices input").Select(static each => each.GetAttribute("value") ?? each.Words())
            .ShouldBe(["Chosen", "gamma", "Perception", "zeta", "Other", "alpha", "beta"]);
        var filtered = await browser.FollowAsync(Form(page), ("category", "Other"), ("generators", "gamma"), ("do", "show"));
        filtered.QuerySelectorAll("#choices input").Select(static each => each.GetAttribute("value")).ShouldBe(["gamma", "alpha", "beta"]);
        filtered.QuerySelector("#category option[selected]").Words().ShouldBe("Other");
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_makes_one_job_and_another_request_of_it_another()
    {
        using var browser = new Browser(_api);
        var form = Form(await browser.GetAsync("/jobs/new"));

        foreach (var samples in new[] { "40", "40", "41" })
        {
            using var answer = await browser.SendAsync(form, ("generators", "alpha"), ("samples", samples), ("do", "submit"));
            answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        }

        (await JobsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_the_API_refuses_stands_beside_the_fields_in_its_own_words_and_the_form_is_kept()
    {
        using var browser = new Browser(_api);
        var form = Form(await browser.GetAsync("/jobs/new"));

        using var answer = await browser.SendAsync(form, ("generators", "alpha"), ("generators", "<script>"), ("samples", "many"), ("seed", "-1"), ("deadline_seconds", "0"), ("video.fps", "999"), ("do", "submit"));
        var page = await Browser.ReadAsync(answer, HttpStatusCode.BadRequest);
        var errors = (await _api.PostJobAsync("""{"generators": ["alpha", "<script>"], "samples": "many", "seed": -1, "deadline_seconds": 0, "video": {"fps": 999}}""", HttpStatusCode.BadRequest)).GetProperty("errors");

        foreach (var field in new[] { "samples", "seed", "deadline_seconds", "video.fps" })
        {
            page.GetElementById("error:" + field).Words().ShouldBe(errors.GetProperty(field)[0].GetString());
            page.GetElementById(field)!.GetAttribute("aria-invalid").ShouldBe("true");
            page.GetElementById(field)!.GetAttribute("aria-describedby")!.ShouldStartWith("error:" + field);
        }

        page.QuerySelectorAll("p.error").Select(static error => error.Words()).ShouldContain(errors.GetProperty("generators[1]")[0].GetString());
        page.GetElementById("samples")!.GetAttribute("value").ShouldBe("many");
        page.QuerySelectorAll("input[name=generators][checked]").Select(static box => box.GetAttribute("value")).ShouldBe(["alpha", "<script>"]);
        page.QuerySelectorAll("main script").ShouldBeEmpty();
        (await JobsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_plan_is_told_with_the_request_as_a_command_and_nothing_is_sent()
    {
        using var browser = new Browser(_api);
        var form = Form(await browser.GetAsync("/jobs/new"));

        var page = await browser.FollowAsync(form, ("generators", "alpha"), ("samples", "5000"), ("do", "plan"));

        page.QuerySelector("#plan .facts").Words().ShouldContain("5,000 in 50 batches of 100");
        page.QuerySelector("#plan .notice.warn").Words().ShouldContain("has never been measured");
        page.QuerySelector("#plan pre")!.TextContent.ShouldEndWith("""-d '{"generators":["alpha"],"samples":5000,"output_format":"files"}'""");
        (await JobsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_plan_is_read_again_in_part_while_the_form_is_filled_in()
    {
        using var browser = new Browser(_api);
        var page = await browser.GetAsync("/jobs/new");
        browser.Client.DefaultRequestHeaders.Add("HX-Request", "true");

        using var plan = await browser.SendAsync(Form(page), ("generators", "alpha"), ("samples", "0"), ("do", "plan"));
        using var choices = await browser.SendAsync(Form(page), ("search", "BET"), ("do", "choices"));

        var text = await plan.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        text.ShouldStartWith("<section class=\"plate\" id=\"plan\"");
        text.ShouldContain("samples is 0; allowed: an integer from 1 to 10,000,000.");
        var found = await choices.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        found.ShouldContain("value=\"beta\"");
        found.ShouldNotContain("value=\"alpha\"");
    }

    [Fact]
    public async Task A_mix_with_splits_is_copied_into_the_form_with_its_whole_request()
    {
        var job = await _api.SubmitAsync("""{"generators": [{"name": "alpha", "as": "few", "samples": 5}, "alpha"], "samples": 12, "seed": 9, "splits": {"train": 0.9, "test": 0.1}, "holdout": ["few"]}""");
        using var browser = new Browser(_api);

        await browser.FollowAsync(Form(await browser.GetAsync($"/jobs/new?from={job.Id}")), ("do", "submit"));

        (await JobsAsync()).ConvertAll(static each => each.GetProperty("spec").GetRawText()).Distinct().ShouldHaveSingleItem().ShouldContain("\"as\":\"few\"");
    }

    [Theory]
    [InlineData("{\"splits\": ", "others is not a field")]
    [InlineData("{\"splits\": {\"train\": 2}}", "splits.train is 2; allowed: a number above 0 and up to 1.")]
    public async Task Other_fields_are_judged_by_the_API(string others, string error)
    {
        using var browser = new Browser(_api);
        var page = await browser.FollowAsync(Form(await browser.GetAsync("/jobs/new")), ("generators", "alpha"), ("samples", "5"), ("others", others), ("do", "submit"));
        page.Body.Words().ShouldContain(error);
        (await JobsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_is_copied_into_the_form_with_its_whole_request()
    {
        var job = await _api.SubmitAsync("""{"generators": ["beta", "alpha"], "samples": 12, "batch_size": 3, "seed": 9, "unique": true, "start_index": 4, "video": {"preset": "wan2.2"}, "deadline_seconds": 900}""");
        using var browser = new Browser(_api);

        await browser.FollowAsync(Form(await browser.GetAsync($"/jobs/new?from={job.Id}")), ("do", "submit"));

        var specs = (await JobsAsync()).ConvertAll(static each => each.GetProperty("spec").GetRawText());
        specs.Count.ShouldBe(2);
        specs[0].ShouldBe(specs[1].Replace("""["beta","alpha"]""", """["alpha","beta"]""", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parameters_are_fields_from_the_generators_schema_and_judged_by_it()
    {
        await using var api = Api.Empty(static services => services.AddSingleton<IGeneratorCatalog>(new OneGenerator()));
        using var browser = new Browser(api);
        var form = Form(await browser.GetAsync("/jobs/new?generators=mazes"));

        form.QuerySelectorAll("#parameters .fields > label").Select(static label => label.Words()).ShouldBe(["size", "deep", "style", "weights", "Parameters as JSON"]);
        form.QuerySelector("[id='parameter:mazes:size']")!.GetAttribute("placeholder").ShouldBe("8");
        form.QuerySelectorAll("[id='parameter:mazes:style'] option").Select(static option => option.Words()).ShouldBe(["default", "round", "square"]);
        var refused = await browser.FollowAsync(form, ("parameter:mazes:size", "99"), ("parameter:mazes:weights", "no JSON"), ("do", "submit"));
        refused.GetElementById("error:parameter:mazes:size").Words().ShouldContain("is 99; allowed: an integer");
        refused.GetElementById("error:parameter:mazes:weights").Words().ShouldContain("is \"no JSON\"");

        await browser.FollowAsync(Form(refused), ("parameter:mazes:size", "9"), ("parameter:mazes:deep", "true"), ("parameter:mazes:style", "round"), ("parameter:mazes:weights", "[1, 2]"), ("do", "submit"));

        var spec = (await api.GetAsync("/v1/jobs")).GetProperty("items")[0].GetProperty("spec");
        spec.GetProperty("parameters").GetRawText().ShouldBe("""{"deep":true,"size":9,"style":"round","weights":[1,2]}""");
    }

    [Fact]
    public async Task A_sample_is_drawn_with_the_forms_parameters_or_refused_beside_them()
    {
        await using var api = Api.Empty(static services => services.AddSingleton<IGeneratorCatalog>(new OneGenerator()));
        using var browser = new Browser(api);
        var form = Form(await browser.GetAsync("/jobs/new?generators=mazes"));

        var refused = await browser.FollowAsync(form, ("parameter:mazes:size", "99"), ("draw", "mazes"));
        refused.GetElementById("drawn:mazes")!.QuerySelector(".error").Words().ShouldContain("is 99; allowed: an integer");
        var asking = browser.FollowAsync(form, ("parameters", """{"size": 4, "deep": true}"""), ("parameter:mazes:size", "9"), ("seed", "7"), ("draw", "mazes"));
        var preview = await Eventually.GetAsync(api.FindPreviewAsync, static job => job is not null);
        (preview!.Seed, preview.Samples, preview.Generators[0].Parameters!.Json).ShouldBe((7, 1, """{"deep":true,"size":9}"""));
        await api.FinishAsync(preview, "mazes", 0, 1, change: static sample => sample with { Prompt = "<i>Find out.</i>" });

        var drawn = (await asking).GetElementById("drawn:mazes")!;
        drawn.QuerySelector(".prompt").Words().ShouldBe("<i>Find out.</i>");
        drawn.QuerySelector("img")!.GetAttribute("src").ShouldNotBeNull().ShouldContain("first_frame.png");
        (await api.GetAsync("/v1/jobs")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_form_without_its_token_submits_nothing()
    {
        using var browser = new Browser(_api);
        await browser.GetAsync("/jobs/new");

        using var answer = await browser.PostAsync("/jobs/new", ("generators", "alpha"), ("samples", "1"), ("do", "submit"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JobsAsync()).ShouldBeEmpty();
    }

    private async Task<List<JsonElement>> JobsAsync() => [.. (await _api.GetAsync("/v1/jobs")).GetProperty("items").EnumerateArray()];

    private static IElement Form(IDocument page) => page.QuerySelector("main form")!;

    private sealed class OneGenerator : IGeneratorCatalog
    {
        private static readonly GeneratorInfo Mazes = new()
        {
            Name = "mazes",
            Entry = "examples/generate.py",
            Folder = "",
            Flags = [],
            Version = "0123456789abcdef",
            Parameters = new ParameterDiscovery(ParameterSchema.Read(JsonElement.Parse("""
                {
                  "type": "object",
                  "properties": {
                    "size": {"type": "integer", "minimum": 3, "maximum": 30, "default": 8, "x-flag": "--size"},
                    "deep": {"type": "boolean", "x-field": "deep"},
                    "style": {"type": "string", "enum": ["round", "square"], "x-field": "style"},
                    "weights": {"type": "array", "items": {"type": "number"}, "x-field": "weights"}
                  }
                }
                """)), null),
        };

        public IReadOnlyList<GeneratorInfo> List() => [Mazes];

        public GeneratorInfo? Find(string name) => name == "mazes" ? Mazes : null;
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
