using System.Diagnostics;
using VmDataset.EndToEnd.Tests;

namespace VmDataset.Cli.Tests;

public sealed class DocumentTests(Vmds vmds)
{
    [Fact]
    public async Task The_page_of_the_program_is_its_own_help()
    {
        var page = (await vmds.RunAsync("reference")).Succeeds().Out;
        var path = Path.Combine(Server.Metadata("Repository"), "docs", "cli.md");

        (await File.ReadAllTextAsync(path)).ShouldBe(page, "docs/cli.md is out of date; make it anew: scripts/vmds reference > docs/cli.md");
    }

    [Fact]
    public async Task Bash_completes_verbs_options_and_words_with_what_the_program_suggests()
    {
        // As bash does at the tab key, with the program as a function.
        const string Script = """
            vmds() { dotnet "$PROGRAM" "$@"; }
            eval "$(vmds completion bash)"
            complete_line() {
                COMP_LINE=$1 COMP_POINT=${#1}
                read -ra COMP_WORDS <<<"$1"
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _vmds
                echo "${COMPREPLY[*]}"
            }
            complete_line "vmds ca"
            complete_line "vmds submit --out"
            complete_line "vmds keys cr"
            """;
        var start = new ProcessStartInfo("bash", ["-c", Script]) { RedirectStandardOutput = true };
        start.Environment["PROGRAM"] = Server.Metadata("Cli");
        using var bash = Process.Start(start)!;
        var lines = (await bash.StandardOutput.ReadToEndAsync()).TrimEnd().Split('\n');

        lines.ShouldBe(["cancel", "--output-format", "create"]);
    }
}
