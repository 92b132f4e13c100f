using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Generators;

namespace VmDataset.ControlPlane.Tests.Generators;

public sealed class GeneratorTests : IAsyncDisposable
{
    private readonly FakeRuntime _runtime = new();
    private readonly Api _api;

    public GeneratorTests()
    {
        _api = Api.Empty(services => services.AddSingleton<IGeneratorRuntime>(_runtime));
        _api.AddGenerator("chess", readme: "# Chess\n\nPositions with a mate\nin one.\n");
        _api.AddGenerator("blender");
        _api.AddGenerator("broken", entry: null);
        _api.AddGenerator("_shared");
        _runtime.Missing["blender"] = ["bpy"];
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Generators_are_listed_by_name_with_the_reason_where_they_cannot_be_used()
    {
        var items = (await _api.GetAsync("/v1/generators")).GetProperty("items").EnumerateArray().ToList();

        items.Select(item => (item.GetProperty("name").GetString(), item.GetProperty("usable").GetBoolean()))
            .ShouldBe([("blender", false), ("broken", false), ("chess", true)]);
        items[0].GetProperty("problem").GetString().ShouldBe("It needs the Python module bpy, which this interpreter lacks. Package: bpy is bpy in pip.");
        items[1].GetProperty("problem").GetString().ShouldBe("It has no examples/generate.py.");
        items[2].TryGetProperty("problem", out _).ShouldBeFalse();
        items[2].GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()).ShouldBe(["--num-samples", "--seed", "--output"]);
    }

    [Fact]
    public async Task A_generator_can_be_read_alone()
    {
        var chess = await _api.GetAsync("/v1/generators/chess");

        chess.GetProperty("description").GetString().ShouldBe("Positions with a mate in one.");
        chess.GetProperty("version").GetString()!.Length.ShouldBe(16);
    }

    [Fact]
    public async Task A_generator_read_alone_names_its_reads_of_the_clock()
    {
        _runtime.ClockReads["chess"] = [new ClockRead { File = "core/metadata_builder.py", Function = "datetime.datetime.now" }];

        (await _api.GetAsync("/v1/generators/chess")).GetProperty("reads_clock").GetRawText()
            .ShouldBe("""[{"file":"core/metadata_builder.py","function":"datetime.datetime.now"}]""");
        _api.AddGenerator("maze");
        (await _api.GetAsync("/v1/generators/maze")).GetProperty("reads_clock").GetArrayLength().ShouldBe(0);
        _api.AddGenerator("unread");
        _runtime.Uncheckable = "unread";
        (await _api.GetAsync("/v1/generators/unread")).TryGetProperty("reads_clock", out _).ShouldBeFalse();
        (await _api.GetAsync("/v1/generators")).GetRawText().ShouldNotContain("reads_clock");
    }

    [Fact]
    public async Task Generators_are_filtered_by_the_category_that_they_state()
    {
        _api.AddGenerator("maze", readme: "Mazes.\n\n| **Category** | Spatiality |\n");

        (await _api.GetAsync("/v1/generators/maze")).GetProperty("category").GetString().ShouldBe("Spatiality");
        (await _api.GetAsync("/v1/generators/chess")).TryGetProperty("category", out _).ShouldBeFalse();
        (await NamesAsync("spatiality")).ShouldBe(["maze"]);
        (await NamesAsync("other")).ShouldBe(["blender", "broken", "chess"]);
        (await NamesAsync("Perception")).ShouldBeEmpty();
        (await _api.GetAsync("/v1/generators?category=", HttpStatusCode.BadRequest)).ErrorOf("category")
            .ShouldBe("category is ''; allowed: 1 to 40 characters.");
    }

    [Fact]
    public async Task A_generator_that_hides_one_of_a_later_folder_warns_of_it_and_names_no_folder()
    {
        using var folder = new TemporaryFolder();
        await using var api = Api.Empty(settings: new Dictionary<string, string> { ["GeneratorsDir"] = $"{folder.Combine("one")}:{folder.Combine("two")}" });
        foreach (var path in new[] { "one/alpha", "one/beta", "two/alpha", "two/gamma" })
            Directory.CreateDirectory(folder.Combine(path));

        var items = (await api.GetAsync("/v1/generators")).GetProperty("items").EnumerateArray().ToList();

        items.Select(item => (item.GetProperty("name").GetString(), item.TryGetProperty("warning", out _)))
            .ShouldBe([("alpha", true), ("beta", false), ("gamma", false)]);
        items[0].GetProperty("warning").GetString()!.ShouldStartWith("A later folder of GENERATORS_DIR has a generator of this name too");
        items[0].GetRawText().ShouldNotContain(folder.Path);
        Directory.Delete(folder.Combine("two"), recursive: true);
        (await api.GetAsync("/health/ready")).At("checks.generators.detail").GetString()
            .ShouldBe("1 of the 2 folders in GENERATORS_DIR do not exist: no job can be made with their generators.");
    }

    [Fact]
    public async Task Generators_do_not_tell_where_on_the_machine_they_lie()
    {
        (await _api.GetAsync("/v1/generators")).GetRawText().ShouldNotContain(_api.GeneratorsDir);
        (await _api.GetAsync("/v1/generators/chess")).GetRawText().ShouldNotContain(_api.GeneratorsDir);
    }

    [Fact]
    public async Task Generators_that_appear_or_change_are_seen_by_the_next_request()
    {
        var before = await _api.GetAsync("/v1/generators/chess");
        await _api.GetAsync("/v1/generators/new", HttpStatusCode.NotFound);
        _api.AddGenerator("new");
        File.AppendAllText(Path.Combine(_api.GeneratorsDir, "chess", "examples", "generate.py"), "\n# changed\n");

        (await _api.GetAsync("/v1/generators/new")).GetProperty("usable").GetBoolean().ShouldBeTrue();
        (await _api.GetAsync("/v1/generators/chess")).GetProperty("version").GetString().ShouldNotBe(before.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Generators_are_checked_for_modules_once_per_version_and_again_while_one_is_missing()
    {
        for (var i = 0; i < 3; i++) await _api.GetAsync("/v1/generators");
        _runtime.Asked.Order().ShouldBe(["blender", "chess"]);

        _runtime.Missing.Clear();
        _api.Time.Shift = TimeSpan.FromMinutes(1);

        (await _api.GetAsync("/v1/generators/blender")).GetProperty("usable").GetBoolean().ShouldBeTrue();
        await _api.GetAsync("/v1/generators/chess");
        _runtime.Asked.Order().ShouldBe(["blender", "blender", "chess"]);
    }

    [Fact]
    public async Task A_generator_that_cannot_be_checked_does_not_hide_the_others()
    {
        _runtime.Uncheckable = "blender";

        var items = (await _api.GetAsync("/v1/generators")).GetProperty("items");

        items[0].GetProperty("problem").GetString().ShouldBe("Its Python modules could not be checked: No answer came.");
        items[2].GetProperty("usable").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task No_generator_is_usable_where_none_can_run()
    {
        _runtime.Status = new RuntimeStatus("There is no Python here.", null, []);

        var problem = await _api.PostJobAsync("""{"generators": ["chess"], "samples": 1}""", HttpStatusCode.BadRequest);

        problem.ErrorOf("generators[0]").ShouldContain("which cannot be used: There is no Python here. Allowed");
        (await _api.GetAsync("/v1/generators/broken")).GetProperty("problem").GetString().ShouldBe("It has no examples/generate.py.");
    }

    [Fact]
    public async Task Generators_that_lack_a_module_are_refused_in_jobs()
    {
        var problem = await _api.PostJobAsync("""{"generators": ["blender"], "samples": 1}""", HttpStatusCode.BadRequest);
        var all = await _api.PostJobAsync("""{"generators": "all", "samples": 1}""");

        problem.ErrorOf("generators[0]").ShouldContain("It needs the Python module bpy");
        all.At("spec.generators").GetRawText().ShouldBe("""["chess"]""");
    }

    private async Task<IEnumerable<string?>> NamesAsync(string category) =>
        (await _api.GetAsync($"/v1/generators?category={category}")).GetProperty("items").EnumerateArray()
            .Select(static item => item.GetProperty("name").GetString());

    [Theory]
    [InlineData("gone", HttpStatusCode.NotFound, "There is no generator 'gone'; GET /v1/generators lists them.")]
    [InlineData("_shared", HttpStatusCode.BadRequest, "name is '_shared'; allowed: 1 to 128 letters")]
    [InlineData("..%2Fchess", HttpStatusCode.BadRequest, "name is '..%2Fchess'; allowed")]
    public async Task Generators_that_are_not_there_are_told_from_names_that_cannot_be_one(string name, HttpStatusCode status, string phrase)
    {
        var problem = await _api.GetAsync($"/v1/generators/{name}", status);

        problem.GetProperty("detail").GetString()!.ShouldContain(phrase);
    }
}
