using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Generators;

public sealed class GeneratorCatalogTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private const string Entry = """
        parser.add_argument("--num-samples", type=int)
        parser.add_argument(
            "--seed", type=int)
        parser.add_argument('-o', '--output')
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly GeneratorCatalog _catalog;

    public GeneratorCatalogTests() => _catalog = new GeneratorCatalog(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_catalog_describes_a_usable_generator()
    {
        Write("maze", "examples/generate.py", Entry);
        Write("maze", "src/config.py", "    domain: str = Field(default=\"maze\")\n");
        Write("maze", "README.md", "# Maze\n\n![badge](x)\n\nDraws a maze\nand its path.\n\nMore.\n");
        var found = _catalog.List().ShouldHaveSingleItem();
        found.Problem.ShouldBeNull();
        found.Flags.ShouldBe(["--num-samples", "--seed", "--output"]);
        found.OutputFlag.ShouldBe("--output");
        found.Domain.ShouldBe("maze");
        found.Description.ShouldBe("Draws a maze and its path.");
        found.Version.ShouldMatch("^[0-9a-f]{16}$");
    }

    [Fact]
    public void The_catalog_knows_the_newer_output_flag_and_a_shared_command_line()
    {
        Write("new", "examples/generate.py", Entry.Replace("--output", "--output-dir"));
        Write("thin", "examples/generate.py", "from kit import main\n");
        Write("_shared", "kit.py", Entry);
        _catalog.Find("new")!.OutputFlag.ShouldBe("--output-dir");
        _catalog.Find("thin")!.Usable.ShouldBeTrue();
        _catalog.List().Select(static generator => generator.Name).ShouldBe(["new", "thin"]);
    }

    [Fact]
    public void The_catalog_says_why_a_folder_is_not_usable()
    {
        Write("empty", "README.md", "Nothing.");
        Write("mute", "examples/generate.py", "parser.add_argument(\"--num-samples\")");
        Write("bad name", "examples/generate.py", Entry);
        _catalog.Find("empty")!.Problem.ShouldBe("It has no examples/generate.py.");
        _catalog.Find("mute")!.Problem.ShouldBe("examples/generate.py does not take --seed, --output or --output-dir.");
        _catalog.List().Single(static generator => generator.Name == "bad name").Problem.ShouldNotBeNull().ShouldContain("allowed: 1 to 128");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../outside")]
    [InlineData("/etc")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("missing")]
    public void The_catalog_finds_nothing_by_a_path_or_an_unknown_name(string name) => _catalog.Find(name).ShouldBeNull();

    [Fact]
    public void The_version_follows_content_and_nothing_else()
    {
        Write("g", "examples/generate.py", Entry);
        Write("h", "examples/generate.py", Entry);
        var version = _catalog.Find("g")!.Version;
        _catalog.Find("h")!.Version.ShouldBe(version);

        Write("g", ".git/HEAD", "ref");
        Write("g", "src/__pycache__/x.pyc", "compiled");
        File.SetLastWriteTimeUtc(_folder.Combine("g", "examples", "generate.py"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _catalog.Find("g")!.Version.ShouldBe(version);

        Write("g", "examples/generate.py", Entry + "\n# changed");
        var changed = _catalog.Find("g")!.Version;
        changed.ShouldNotBe(version);
        Write("_shared", "kit.py", "x = 1");
        _catalog.Find("g")!.Version.ShouldNotBe(changed);
    }

    [Theory]
    [InlineData("refs/heads/main", "", "https://user:secret@example.org/g.git", Commit, "https://example.org/g.git")]
    [InlineData(null, Commit + " refs/heads/main\n", "https://example.org/g", Commit, "https://example.org/g")]
    [InlineData(null, "# pack-refs\n", "git@example.org:g.git", null, null)]
    public void A_clone_tells_its_commit_and_where_it_came_from(string? loose, string packed, string url, string? commit, string? repository)
    {
        Write("g", "examples/generate.py", Entry);
        Write("g", ".git/HEAD", "ref: refs/heads/main\n");
        Write("g", ".git/packed-refs", packed);
        Write("g", ".git/config", $"[core]\n\tbare = false\n[remote \"origin\"]\n\turl = {url}\n\tfetch = +refs/heads/*\n");
        if (loose is not null) Write("g", $".git/{loose}", Commit + "\n");

        var found = _catalog.Find("g")!;
        (found.Commit, found.Repository).ShouldBe((commit, repository));
    }

    [Fact]
    public void A_clone_may_be_at_a_commit_without_a_branch()
    {
        Write("g", "examples/generate.py", Entry);
        _catalog.Find("g")!.Commit.ShouldBeNull();
        Write("g", ".git/HEAD", Commit + "\n");
        _catalog.Find("g")!.Commit.ShouldBe(Commit);
        Write("g", ".git/HEAD", "ref: refs/../../../secret\n");
        _catalog.Find("g")!.Commit.ShouldBeNull();
    }

    [Fact]
    public void Of_generators_with_one_name_that_of_the_first_folder_counts_and_says_so()
    {
        Write("one", "maze/examples/generate.py", Entry);
        Write("one", "alone/examples/generate.py", Entry);
        Write("two", "maze/examples/generate.py", Entry + "# other");
        Write("two", "chess/examples/generate.py", Entry);
        var catalog = new GeneratorCatalog([_folder.Combine("one"), _folder.Combine("two"), _folder.Combine("nowhere"), _folder.Combine("one") + "/"]);

        catalog.List().Select(each => (each.Name, Path.GetRelativePath(_folder.Path, each.Folder), each.Warning is not null))
            .ShouldBe([("alone", "one/alone", false), ("chess", "two/chess", false), ("maze", "one/maze", true)]);
        catalog.Find("maze")!.Folder.ShouldBe(_folder.Combine("one", "maze"));
        catalog.Find("maze")!.Warning.ShouldBe(catalog.List()[2].Warning);
        catalog.Find("chess")!.Warning.ShouldBeNull();
        Directory.Delete(_folder.Combine("one", "maze"), recursive: true);
        var other = catalog.Find("maze")!;
        (other.Folder, other.Warning).ShouldBe((_folder.Combine("two", "maze"), null));
        other.Version.ShouldBe(new GeneratorCatalog(_folder.Combine("two")).Find("maze")!.Version);
    }

    [Fact]
    public void A_generator_has_the_shared_folders_of_its_own_folder_and_none_of_another()
    {
        Write("one", "maze/examples/generate.py", Entry);
        Write("two", "_shared/kit.py", "x = 1");
        var catalog = new GeneratorCatalog([_folder.Combine("one"), _folder.Combine("two")]);

        catalog.Find("maze")!.Version.ShouldBe(new GeneratorCatalog(_folder.Combine("one")).Find("maze")!.Version);
    }

    [Theory]
    [InlineData("from samplekit import Sample, run\n")]
    [InlineData("try:\n    import samplekit.shapes as shapes\nexcept ImportError:\n    shapes = None\n")]
    public void A_generator_of_any_folder_that_imports_the_library_has_it_as_if_it_lay_beside(string import)
    {
        Write("lent", "_shared/samplekit/__init__.py", Entry);
        Write("one", "maze/examples/generate.py", import);
        Write("beside", "maze/examples/generate.py", import);
        Write("beside", "_shared/samplekit/__init__.py", Entry);
        var library = SharedLibrary.Find(_folder.Combine("lent", "_shared"));
        var catalog = new GeneratorCatalog([_folder.Combine("one")], library);

        var found = catalog.Find("maze")!;
        (found.Usable, found.Library).ShouldBe((true, _folder.Combine("lent", "_shared")));
        found.Version.ShouldBe(new GeneratorCatalog([_folder.Combine("beside")], library).Find("maze")!.Version);
        found.Version.ShouldBe(new GeneratorCatalog(_folder.Combine("beside")).Find("maze")!.Version);
        new GeneratorCatalog(_folder.Combine("one")).Find("maze")!.Version.ShouldNotBe(found.Version);
    }

    [Fact]
    public void A_generator_that_imports_nothing_of_the_library_has_nothing_of_it()
    {
        Write("lent", "_shared/samplekit/__init__.py", "x = 1");
        Write("one", "maze/examples/generate.py", Entry + "\n# not from samplekit\nfrom samplekit_2 import x\n");

        var found = new GeneratorCatalog([_folder.Combine("one")], SharedLibrary.Find(_folder.Combine("lent", "_shared"))).Find("maze")!;
        found.Library.ShouldBeNull();
        found.Version.ShouldBe(new GeneratorCatalog(_folder.Combine("one")).Find("maze")!.Version);
        SharedLibrary.Find(_folder.Combine("nowhere")).ShouldBeNull();
    }

    [Theory]
    [InlineData("# Maze\n\nDraws mazes.\n\n| Property | Value |\n|----------|-------|\n| **Task ID** | G-1 |\n| **Category** | Perception |\n", "Perception")]
    [InlineData("| Category | Spatial reasoning |\n", "Spatial reasoning")]
    [InlineData("# Spatiality\n\nA task of perception. Category: Abstraction.\n", null)]
    [InlineData("| **Category** | `{category}` |\n", null)]
    [InlineData("| **Category** |  |\n", null)]
    public void A_category_is_that_of_the_readmes_table_and_never_guessed(string readme, string? category)
    {
        Write("G-1_maze", "examples/generate.py", Entry);
        Write("G-1_maze", "README.md", readme);

        _catalog.Find("G-1_maze")!.Category.ShouldBe(category);
    }

    [Fact]
    public void A_directory_that_is_not_there_has_no_generators() =>
        new GeneratorCatalog(_folder.Combine("nowhere")).List().ShouldBeEmpty();

    private void Write(string generator, string file, string text)
    {
        var path = _folder.Combine(generator, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
