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
    public void A_directory_that_is_not_there_has_no_generators() =>
        new GeneratorCatalog(_folder.Combine("nowhere")).List().ShouldBeEmpty();

    private void Write(string generator, string file, string text)
    {
        var path = _folder.Combine(generator, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
