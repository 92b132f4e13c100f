using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Generators;

namespace VmDataset.ControlPlane.Tests.Generators;

public sealed class GeneratorIndexTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_API_with_an_index_shows_what_one_with_the_folder_does()
    {
        await using var withFolder = new Api();
        withFolder.AddGenerator("gamma", readme: "# Gamma\n\nDraws gammas.\n");
        await File.WriteAllBytesAsync(_folder.Combine("index.json"), GeneratorIndex.Write(new GeneratorCatalog(withFolder.GeneratorsDir).List()));
        await using var withIndex = Api.Empty(services => services.AddSingleton<IGeneratorCatalog>(GeneratorIndex.Read(_folder.Combine("index.json"))));

        (await withIndex.GetAsync("/v1/generators")).GetRawText().ShouldBe((await withFolder.GetAsync("/v1/generators")).GetRawText());
        var job = await withIndex.SubmitAsync("""{"generators": "all", "samples": 1}""");
        job.Generators.ShouldBe((await withFolder.SubmitAsync("""{"generators": "all", "samples": 1}""")).Generators);
    }
}
