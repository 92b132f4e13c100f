using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Parameters;

namespace VmDataset.ControlPlane.Tests.Generators;

public sealed class GeneratorIndexTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_API_with_an_index_shows_what_one_with_the_folder_does()
    {
        await using var withFolder = new Api();
        withFolder.AddGenerator("gamma", readme: "# Gamma\n\nDraws gammas.\n\n| **Category** | Perception |\n");
        await File.WriteAllBytesAsync(_folder.Combine("index.json"), GeneratorIndex.Write(new GeneratorCatalog(withFolder.GeneratorsDir).List()));
        await using var withIndex = Api.Empty(services => services.AddSingleton<IGeneratorCatalog>(GeneratorIndex.Read(_folder.Combine("index.json"))));

        (await withIndex.GetAsync("/v1/generators")).GetRawText().ShouldBe((await withFolder.GetAsync("/v1/generators")).GetRawText());
        var job = await withIndex.SubmitAsync("""{"generators": "all", "samples": 1}""");
        job.Generators.ShouldBe((await withFolder.SubmitAsync("""{"generators": "all", "samples": 1}""")).Generators);
    }

    [Fact]
    public async Task An_index_tells_what_can_be_set()
    {
        await using var withFolder = new Api();
        var schema = ParameterSchema.Read(JsonElement.Parse("""{"type": "object", "properties": {"size": {"type": "integer", "x-flag": "--size"}}}"""));
        var generators = new GeneratorCatalog(withFolder.GeneratorsDir).List().Select(generator => generator.Name switch
        {
            "alpha" => generator with
            {
                Parameters = new ParameterDiscovery(schema, null),
                ClockReads = [new ClockRead { File = "src/search.py", Function = "time.time" }],
            },
            "beta" => generator with { Parameters = new ParameterDiscovery(null, null) },
            _ => generator,
        });
        await File.WriteAllBytesAsync(_folder.Combine("index.json"), GeneratorIndex.Write(generators));
        await using var withIndex = Api.Empty(services => services.AddSingleton<IGeneratorCatalog>(GeneratorIndex.Read(_folder.Combine("index.json"))));

        (await withIndex.GetAsync("/v1/generators/alpha")).At("parameters.properties.size.type").GetString().ShouldBe("integer");
        (await withIndex.GetAsync("/v1/generators/alpha")).At("reads_clock[0].function").GetString().ShouldBe("time.time");
        (await withIndex.GetAsync("/v1/generators/beta")).TryGetProperty("parameters_problem", out _).ShouldBeFalse();
        (await withIndex.GetAsync("/v1/generators/beta")).TryGetProperty("reads_clock", out _).ShouldBeFalse();
        (await withIndex.SubmitAsync("""{"generators": ["alpha"], "samples": 1, "parameters": {"size": 3}}""")).Generators[0].Parameters!.Json.ShouldBe("""{"size":3}""");
        await withIndex.PostJobAsync("""{"generators": ["beta"], "samples": 1, "parameters": {"size": 3}}""", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_index_made_without_Python_says_so()
    {
        await using var withFolder = new Api();
        await File.WriteAllBytesAsync(_folder.Combine("index.json"), GeneratorIndex.Write(new GeneratorCatalog(withFolder.GeneratorsDir).List()));
        await using var withIndex = Api.Empty(services => services.AddSingleton<IGeneratorCatalog>(GeneratorIndex.Read(_folder.Combine("index.json"))));

        var problem = (await withIndex.GetAsync("/v1/generators/alpha")).GetProperty("parameters_problem").GetString();
        problem.ShouldBe("The index of generators was made without Python, or by an earlier version.");
        (await withIndex.PostJobAsync("""{"generators": ["alpha"], "samples": 1, "parameters": {"size": 3}}""", HttpStatusCode.BadRequest))
            .GetRawText().ShouldContain("made without Python");
    }
}
