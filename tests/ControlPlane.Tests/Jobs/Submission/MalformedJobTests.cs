using System.Net;
using System.Text;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

/// <summary>All of them ask one application, so a single one let through fails the rest too.</summary>
public sealed class MalformedJobTests(Api api) : IClassFixture<Api>
{
    private static readonly string Deep = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));

    public static TheoryData<string, string, string> Bodies => new()
    {
        // Not a JSON object.
        { "", "body", "is empty; allowed: a JSON object such as" },
        { " ", "body", "is not JSON at line 1, byte 2" },
        { "{", "body", "is not JSON at line 1, byte 2" },
        { "{\"generators\": [\"alpha\"],\n \"samples\": ten}", "body", "is not JSON at line 2, byte 14" },
        { "{\"generators\": [\"alpha\"], \"samples\": 010}", "body", "is not JSON at line 1" },
        { "{\"generators\": [\"alpha\"], \"samples\": 1,}", "body", "is not JSON at line 1" },
        { "{\"generators\": [\"alpha\"], \"samples\": NaN}", "body", "is not JSON at line 1" },
        { "{\"generators\": [\"alpha\"], \"samples\": 1} {}", "body", "is not JSON at line 1, byte 41" },
        { "generators=alpha", "body", "is not JSON at line 1, byte 1" },
        { "null", "body", "is null; allowed: a JSON object" },
        { "[]", "body", "is an array; allowed: a JSON object" },
        { "\"alpha\"", "body", "is \"alpha\"; allowed: a JSON object" },
        { "12", "body", "is 12; allowed: a JSON object" },
        { "{\"generators\": " + Deep + "}", "body", "is not JSON at line 1" },

        // Fields.
        { "{}", "generators", "is missing; allowed: an array of 1 to 1,000 generator names, or \"all\"" },
        { "{}", "samples", "is missing; allowed: an integer from 1 to 10,000,000" },
        { Job("\"samples\": 1, \"Samples\": 2"), "Samples", "is not a field; allowed: generators, samples, batch_size, seed, output_format, start_index" },
        { Job("\"samples\": 1, \"num_samples\": 2"), "num_samples", "is not a field" },
        { Job("\"samples\": 1, \"\": 2"), "", "is not a field" },
        { Job("\"samples\": 1, \"\\ud800\": 2"), "body", "not Unicode" },
        { Job("\"samples\": 1, \"samples\": 1"), "samples", "more than once; allowed: once" },

        // Numbers.
        { Job("\"samples\": null"), "samples", "is null; allowed: an integer from 1 to 10,000,000" },
        { Job("\"samples\": \"ten\""), "samples", "is \"ten\"; allowed: an integer from 1 to 10,000,000" },
        { Job("\"samples\": \"10\""), "samples", "is \"10\"; allowed: an integer" },
        { Job("\"samples\": 0"), "samples", "is 0; allowed: an integer from 1" },
        { Job("\"samples\": -0"), "samples", "is -0; allowed: an integer from 1" },
        { Job("\"samples\": -1"), "samples", "is -1; allowed: an integer from 1" },
        { Job("\"samples\": 1.5"), "samples", "is 1.5; allowed: an integer" },
        { Job("\"samples\": 10.0"), "samples", "is 10.0; allowed: an integer" },
        { Job("\"samples\": 1e3"), "samples", "is 1e3; allowed: an integer" },
        { Job("\"samples\": 10000001"), "samples", "is 10000001; allowed: an integer from 1 to 10,000,000" },
        { Job("\"samples\": 99999999999"), "samples", "is 99999999999; allowed: an integer" },
        { Job("\"samples\": 1" + new string('0', 5000)), "samples", "…; allowed: an integer" },
        { Job("\"samples\": 1e999999999"), "samples", "is 1e999999999; allowed: an integer" },
        { Job("\"samples\": true"), "samples", "is true; allowed: an integer" },
        { Job("\"samples\": [1]"), "samples", "is an array; allowed: an integer" },
        { Job("\"samples\": {\"value\": 1}"), "samples", "is an object; allowed: an integer" },
        { Job("\"samples\": \"\\udc00\""), "samples", "allowed: an integer" },
        { Job("\"samples\": 1, \"batch_size\": 0"), "batch_size", "is 0; allowed: an integer from 1 to 10,000" },
        { Job("\"samples\": 1, \"batch_size\": 10001"), "batch_size", "is 10001; allowed: an integer from 1 to 10,000" },
        { Job("\"samples\": 1000001, \"batch_size\": 1"), "batch_size", "makes 1,000,001 batches; allowed: at most 1,000,000 batches, here from batch_size 2 on" },
        { Job("\"samples\": 1, \"seed\": -1"), "seed", "is -1; allowed: an integer from 0 to 2,147,483,647" },
        { Job("\"samples\": 1, \"seed\": 2147483648"), "seed", "is 2147483648; allowed: an integer from 0 to 2,147,483,647" },
        { Job("\"samples\": 2, \"seed\": 2147483647"), "seed", "seed + the last index is 2,147,483,648; allowed: at most 2,147,483,647" },
        { Job("\"samples\": 1, \"start_index\": 1, \"seed\": 2147483647"), "seed", "seed + the last index is 2,147,483,648" },
        { Job("\"samples\": 1, \"start_index\": -1"), "start_index", "is -1; allowed: an integer from 0 to 99,999,999" },
        { Job("\"samples\": 1, \"start_index\": 100000000"), "start_index", "is 100000000; allowed: an integer from 0" },
        { Job("\"samples\": 10, \"start_index\": 99999991"), "start_index", "start_index + samples is 100,000,001; allowed: at most 100,000,000" },

        // Words.
        { Job("\"samples\": 1, \"output_format\": \"tar\""), "output_format", "is \"tar\"; allowed: \"files\" or \"webdataset\"" },
        { Job("\"samples\": 1, \"output_format\": \"Files\""), "output_format", "is \"Files\"; allowed: \"files\" or" },
        { Job("\"samples\": 1, \"output_format\": 0"), "output_format", "is 0; allowed: \"files\" or" },
        { Job("\"samples\": 1, \"output_format\": \"\\ud800\""), "output_format", "allowed: \"files\" or" },

        // Generators.
        { "{\"generators\": null, \"samples\": 1}", "generators", "is null; allowed: an array of 1 to 1,000 generator names, or \"all\"" },
        { "{\"generators\": [], \"samples\": 1}", "generators", "is an array of 0; allowed: an array of 1 to 1,000" },
        { "{\"generators\": \"alpha\", \"samples\": 1}", "generators", "is \"alpha\"; allowed: an array of 1 to 1,000" },
        { "{\"generators\": \"ALL\", \"samples\": 1}", "generators", "is \"ALL\"; allowed: an array" },
        { "{\"generators\": {\"name\": \"alpha\"}, \"samples\": 1}", "generators", "is an object; allowed: an array" },
        { "{\"generators\": 7, \"samples\": 1}", "generators", "is 7; allowed: an array" },
        { Generators(Enumerable.Range(0, 1001).Select(i => $"g{i}")), "generators", "is an array of 1001; allowed: an array of 1 to 1,000" },
        { Generators(["alpha", "beta", "alpha"]), "generators[2]", "repeats generators[0], \"alpha\"; allowed: each name once" },
        { Generators(["alpha", "beta", "missing-one"]), "generators[2]", "is \"missing-one\", which is not here; allowed: what GET /v1/generators lists" },
        { Generators(["alfa"]), "generators[0]", "near it: alpha" },
        { Generators(["Alpha"]), "generators[0]", "near it: alpha" },
        { Generators(["broken"]), "generators[0]", "which cannot be used: It has no examples/generate.py. Allowed: what GET /v1/generators shows as usable" },
        { Generators([""]), "generators[0]", "is \"\"; allowed: a generator's name" },
        { Generators(["../alpha"]), "generators[0]", "is \"../alpha\"; allowed: a generator's name, which is 1 to 128 letters" },
        { Generators(["alpha\\n"]), "generators[0]", "allowed: a generator's name" },
        { Generators(["alpha\\u0000"]), "generators[0]", "allowed: a generator's name" },
        { Generators([new string('a', 129)]), "generators[0]", "allowed: a generator's name" },
        { "{\"generators\": [\"alpha\", 3], \"samples\": 1}", "generators[1]", "is 3; allowed: a generator's name" },
        { "{\"generators\": [null], \"samples\": 1}", "generators[0]", "is null; allowed: a generator's name" },
        { "{\"generators\": [[\"alpha\"]], \"samples\": 1}", "generators[0]", "is an array; allowed: a generator's name" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_refusal_names_the_field_and_what_is_allowed_and_makes_no_job(string body, string field, string phrase)
    {
        var problem = await api.PostJobAsync(body, HttpStatusCode.BadRequest);

        problem.GetProperty("status").GetInt32().ShouldBe(400);
        problem.GetProperty("errors").TryGetProperty(field, out var errors).ShouldBeTrue(problem.GetRawText());
        errors.EnumerateArray().Select(error => error.GetString()).ShouldContain(error => error!.Contains(phrase, StringComparison.Ordinal), problem.GetRawText());
        await NothingHappenedAsync();
    }

    [Fact]
    public async Task A_refusal_reports_everything_together()
    {
        var problem = await api.PostJobAsync("""{"generators": ["alpha", "gone", 5], "samples": "ten", "batch_size": 0, "seed": -1, "output_format": "x", "start_index": 1e9, "extra": 1}""", HttpStatusCode.BadRequest);

        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name)
            .ShouldBe(["extra", "generators[1]", "generators[2]", "samples", "batch_size", "seed", "output_format", "start_index"], ignoreOrder: true);
        problem.GetProperty("detail").GetString()!.ShouldStartWith("8 fields are wrong: ");
        await NothingHappenedAsync();
    }

    [Theory]
    [InlineData("text/plain", "Content-Type is text/plain; allowed: application/json")]
    [InlineData("application/x-www-form-urlencoded", "Content-Type is application/x-www-form-urlencoded; allowed")]
    [InlineData("application/json; charset=utf-16", "Content-Type is application/json; charset=utf-16; allowed: application/json, in UTF-8")]
    [InlineData(null, "Content-Type is missing; allowed: application/json")]
    public async Task Other_content_types_are_refused(string? contentType, string phrase)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Job("\"samples\": 1")));
        if (contentType is not null) content.Headers.Add("Content-Type", contentType);

        await PostAsync(content, HttpStatusCode.UnsupportedMediaType, phrase);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        using var content = new ByteArrayContent([.. "{\"generators\": [\"alpha"u8, 0xff, 0xfe, .. "\"], \"samples\": 1}"u8]);
        content.Headers.Add("Content-Type", "application/json");

        await PostAsync(content, HttpStatusCode.BadRequest, "not UTF-8");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Too_large_a_body_is_refused_with_and_without_a_length(bool withLength)
    {
        var body = Encoding.UTF8.GetBytes(Job("\"samples\": 1") + new string(' ', 1 << 20));
        using HttpContent content = withLength ? new ByteArrayContent(body) : new StreamContent(new Unseekable(body));
        content.Headers.Add("Content-Type", "application/json");
        content.Headers.ContentLength.ShouldBe(withLength ? body.Length : null);

        await PostAsync(content, HttpStatusCode.RequestEntityTooLarge, "1048576 bytes");
    }

    [Fact]
    public async Task A_job_of_all_generators_is_refused_where_none_is_usable()
    {
        await using var empty = Api.Empty();
        empty.AddGenerator("broken", entry: null);

        var problem = await empty.PostJobAsync("""{"generators": "all", "samples": 1}""", HttpStatusCode.BadRequest);

        problem.ErrorOf("generators").ShouldContain("no generator is usable here; allowed: generators that GET /v1/generators shows as usable");
    }

    private async Task PostAsync(HttpContent content, HttpStatusCode expected, string phrase)
    {
        using var client = api.Client();
        using var answer = await client.PostAsync(new Uri("/v1/jobs", UriKind.Relative), content);

        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        answer.StatusCode.ShouldBe(expected, problem.GetRawText());
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        problem.GetProperty("detail").GetString()!.ShouldContain(phrase);
        await NothingHappenedAsync();
    }

    private async Task NothingHappenedAsync()
    {
        (await api.GetAsync("/v1/queue")).GetRawText().ShouldBe("""{"queued":0,"in_flight":0,"dead":0}""");
        (await api.GetAsync("/v1/jobs")).GetRawText().ShouldBe("""{"items":[]}""");
        Directory.Exists(Path.Combine(api.DataDir, "store", "jobs")).ShouldBeFalse();
    }

    private static string Job(string rest) => "{\"generators\": [\"alpha\"], " + rest + "}";

    private static string Generators(IEnumerable<string> names) =>
        "{\"generators\": [" + string.Join(", ", names.Select(name => $"\"{name}\"")) + "], \"samples\": 1}";

    /// <summary>Content whose length nobody knows.</summary>
    private sealed class Unseekable(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
