using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Generators;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

public sealed class JobParameterTests : IAsyncDisposable
{
    private readonly FakeRuntime _runtime = new() { Uncheckable = "odd" };
    private readonly Api _api;

    public JobParameterTests()
    {
        _api = Api.Empty(services => services.AddSingleton<IGeneratorRuntime>(_runtime));
        foreach (var name in new[] { "maze", "chess", "plain" }) _api.AddGenerator(name);
        _runtime.Parameters["maze"] = """
            {"type": "object", "properties": {
              "grid_size": {"type": "integer", "minimum": 2, "maximum": 20, "x-flag": "--grid-size"},
              "fps": {"type": "integer", "x-field": "fps"}}}
            """;
        _runtime.Parameters["chess"] = """{"type": "object", "properties": {"fps": {"type": "integer", "x-field": "fps"}}}""";
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_generator_shows_what_can_be_set_and_the_list_does_not()
    {
        var maze = await _api.GetAsync("/v1/generators/maze");
        maze.At("parameters.properties.grid_size.maximum").GetInt32().ShouldBe(20);
        maze.TryGetProperty("parameters_problem", out _).ShouldBeFalse();
        (await _api.GetAsync("/v1/generators/plain")).TryGetProperty("parameters", out _).ShouldBeFalse();
        (await _api.GetAsync("/v1/generators")).GetRawText().ShouldNotContain("grid_size");
    }

    [Fact]
    public async Task Parameters_that_all_share_are_shown_once_and_go_with_every_message()
    {
        var view = await _api.PostJobAsync("""{"generators": ["maze", "chess"], "samples": 4, "batch_size": 2, "seed": 1, "parameters": {"fps": 9}}""");

        view.At("spec.generators").GetRawText().ShouldBe("""["maze","chess"]""");
        view.At("spec.parameters").GetRawText().ShouldBe("""{"fps":9}""");
        view.At("generators[1].parameters").GetRawText().ShouldBe("""{"fps":9}""");
        (await MessagesAsync()).Select(static message => message.Parameters!.Json).ShouldBe(Enumerable.Repeat("""{"fps":9}""", 4));
    }

    [Fact]
    public async Task An_item_adds_to_the_jobs_parameters_and_overrides_them()
    {
        var view = await _api.PostJobAsync("""
            {"generators": [{"name": "maze", "parameters": {"grid_size": 5.0, "fps": 12}}, "chess", {"name": "plain", "parameters": {}}],
             "samples": 1, "seed": 1}
            """);
        Generators(view).ShouldBe("""[{"name":"maze","parameters":{"fps":12,"grid_size":5}},"chess","plain"]""");

        var both = await _api.PostJobAsync("""
            {"generators": [{"name": "maze", "parameters": {"fps": 12, "grid_size": 6}}, {"name": "chess"}], "samples": 1, "seed": 1, "parameters": {"fps": 3}}
            """);
        Generators(both).ShouldBe("""[{"name":"maze","parameters":{"fps":12,"grid_size":6}},{"name":"chess","parameters":{"fps":3}}]""");
        both.GetProperty("spec").TryGetProperty("parameters", out _).ShouldBeFalse();

        static string Generators(JsonElement view) => view.At("spec.generators").GetRawText();
    }

    [Fact]
    public async Task The_spec_posted_again_makes_the_same_samples_again()
    {
        var spec = (await _api.PostJobAsync("""{"generators": [{"name": "maze", "parameters": {"grid_size": 5}}, "plain"], "samples": 1}""")).GetProperty("spec");
        var again = (await _api.PostJobAsync(spec.GetRawText())).GetProperty("spec");
        JsonElement.DeepEquals(spec, again).ShouldBeTrue();
    }

    [Fact]
    public async Task Every_mistake_is_told_with_generator_field_and_what_is_allowed()
    {
        var errors = (await _api.PostJobAsync("""
            {"generators": [{"name": "maze", "parameters": {"grid_sise": 5, "grid_size": 99}}, "chess", "plain", {"name": "chess"}, {"nam": "x"}, {"name": 5}],
             "samples": 0, "parameters": {"fps": "fast"}}
            """, HttpStatusCode.BadRequest)).GetProperty("errors");
        Messages(errors).ShouldBe([
            "generators[3] repeats generators[1], \"chess\"; allowed: each name once. The same generator may be there again under another name, such as {\"name\": \"chess\", \"as\": \"chess-2\"}.",
            "generators[4].nam is not a field; allowed: name, as, samples, parameters.",
            "generators[4].name is missing; allowed: a generator's name.",
            "generators[5] is 5; allowed: a generator's name, which is 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit.",
            "samples is 0; allowed: an integer from 1 to 10,000,000.",
        ], ignoreOrder: true);

        errors = (await _api.PostJobAsync("""
            {"generators": [{"name": "maze", "parameters": {"grid_sise": 5, "grid_size": 99}}, "chess", "plain"], "samples": 1, "parameters": {"fps": "fast"}}
            """, HttpStatusCode.BadRequest)).GetProperty("errors");
        Messages(errors).ShouldBe([
            "generators[0].parameters.grid_sise is no parameter of the generator 'maze'; near it: grid_size; allowed: grid_size, fps.",
            "generators[0].parameters.grid_size is 99; allowed: an integer, at least 2, at most 20, for the generator 'maze'.",
            "parameters.fps is \"fast\"; allowed: an integer, for the generator 'maze'.",
            "parameters.fps is \"fast\"; allowed: an integer, for the generator 'chess'.",
            "parameters: the generator 'plain' takes no parameters; allowed: none for it.",
        ], ignoreOrder: true);
    }

    [Fact]
    public async Task An_invalid_set_of_parameters_is_refused_with_the_mistake()
    {
        foreach (var (generator, parameters, mistake) in new[]
        {
            ("maze", "[1]", "parameters is an array; allowed: a JSON object of at most 4,096 bytes."),
            ("absent", "5", "parameters is 5; allowed: a JSON object of at most 4,096 bytes."),
            ("maze", """{"fps": 1, "fps": 2}""", "parameters holds a name twice"),
        })
        {
            (await _api.PostJobAsync($$"""{"generators": ["{{generator}}"], "samples": 1, "parameters": {{parameters}}}""", HttpStatusCode.BadRequest))
                .GetRawText().ShouldContain(mistake);
        }
    }

    [Fact]
    public async Task A_generator_that_requires_a_parameter_takes_jobs_that_set_it()
    {
        _runtime.Parameters["plain"] = """
            {"type": "object", "properties": {"task": {"type": "string", "enum": ["sort", "count"], "x-flag": "--task"}}, "required": ["task"]}
            """;

        foreach (var (job, field) in new[]
        {
            ("""{"generators": ["maze", "plain"], "samples": 1}""", "generators[1].parameters.task"),
            ("""{"generators": [{"name": "plain", "parameters": {}}], "samples": 1}""", "generators[0].parameters.task"),
        })
        {
            (await _api.PostJobAsync(job, HttpStatusCode.BadRequest)).ErrorOf(field)
                .ShouldBe($"{field} is missing, and the generator 'plain' requires it; allowed: \"sort\", \"count\".");
        }

        using var client = _api.Client();
        using var preview = await client.PostAsync(new Uri("/v1/generators/plain/preview", UriKind.Relative), null);
        preview.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await preview.Content.ReadAsStringAsync()).ShouldContain("parameters.task is missing");
        (await _api.PostJobAsync("""{"generators": ["plain"], "samples": 1, "parameters": {"task": "count"}}""")).At("spec.generators").GetRawText()
            .ShouldBe("""["plain"]""");
        // All that can be made without more words.
        (await _api.PostJobAsync("""{"generators": "all", "samples": 1}""")).At("spec.generators").GetRawText().ShouldBe("""["chess","maze"]""");
    }

    [Fact]
    public async Task A_mistake_for_hundreds_of_generators_is_told_for_some()
    {
        for (var i = 0; i < 60; i++) _api.AddGenerator($"more-{i}");
        var errors = (await _api.PostJobAsync("""{"generators": "all", "samples": 1, "parameters": {"fps": 1}}""", HttpStatusCode.BadRequest)).GetProperty("errors");
        Messages(errors).Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_generator_with_unknown_parameters_shows_the_reason_and_takes_no_job_with_parameters()
    {
        _api.AddGenerator("odd");
        _runtime.Uncheckable = null;
        await _api.GetAsync("/v1/generators/odd");
        _runtime.Uncheckable = "odd";
        (await _api.GetAsync("/v1/generators/odd")).GetProperty("parameters_problem").GetString().ShouldBe("SyntaxError in odd/src/config.py");
        (await _api.PostJobAsync("""{"generators": ["odd"], "samples": 1, "parameters": {"a": 1}}""", HttpStatusCode.BadRequest))
            .GetProperty("detail").GetString().ShouldBe("parameters: the generator 'odd' is not known to take parameters (SyntaxError in odd/src/config.py); allowed: none for it.");

        await using var alone = new Api();
        (await alone.GetAsync("/v1/generators/alpha")).GetProperty("parameters_problem").GetString().ShouldBe("This server has neither Python nor an index of generators.");
        await alone.PostJobAsync("""{"generators": ["alpha"], "samples": 1, "parameters": {"a": 1}}""", HttpStatusCode.BadRequest);
        await alone.PostJobAsync("""{"generators": ["alpha"], "samples": 1, "parameters": {}}""");
    }

    [Fact]
    public async Task Other_parameters_are_another_request_and_another_order_is_the_same()
    {
        async Task<HttpStatusCode> PostAsync(string parameters)
        {
            using var client = _api.Client();
            using var content = new StringContent($$"""{"generators": ["maze"], "samples": 1, "parameters": {{parameters}}}""", System.Text.Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = content };
            request.Headers.Add("Idempotency-Key", "one");
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }

        (await PostAsync("""{"grid_size": 5, "fps": 1}""")).ShouldBe(HttpStatusCode.Accepted);
        (await PostAsync("""{"fps": 1, "grid_size": 5}""")).ShouldBe(HttpStatusCode.Accepted);
        (await PostAsync("""{"grid_size": 6, "fps": 1}""")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_resumption_sends_them_again()
    {
        var job = await _api.SubmitAsync("""{"generators": ["maze"], "samples": 1, "parameters": {"fps": 2}}""");
        using var client = _api.Client();
        (await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/pause", UriKind.Relative), null)).EnsureSuccessStatusCode();
        (await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/resume", UriKind.Relative), null)).EnsureSuccessStatusCode();

        var messages = await MessagesAsync();
        messages.Select(static message => message.Generation).ShouldBe([0, 2]);
        messages.ShouldAllBe(static message => message.Parameters!.Json == "{\"fps\":2}");
    }

    private static List<string> Messages(JsonElement errors) =>
        [.. errors.EnumerateObject().SelectMany(static field => field.Value.EnumerateArray()).Select(static message => message.GetString()!)];

    private async Task<List<BatchMessage>> MessagesAsync() =>
        [.. (await _api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero, [])).Select(static leased => BatchMessageParser.Parse(leased.Body).Message!)];
}
