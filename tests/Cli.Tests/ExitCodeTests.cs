namespace VmDataset.Cli.Tests;

public sealed class ExitCodeTests(Vmds vmds)
{
    [Theory]
    [InlineData("frob", "'frob' is no verb; allowed: submit, plan, watch,")]
    [InlineData("", "The verb is missing; allowed: submit")]
    [InlineData("keys", "The verb of keys is missing; allowed: list, create, revoke.")]
    [InlineData("show", "JOB is missing; allowed: the job's id")]
    [InlineData("show a/b", "JOB is 'a/b'; allowed: a job's id")]
    [InlineData("show a b", "'b' is too much; allowed: JOB.")]
    [InlineData("list --fast", "'--fast' is not an option; allowed: --state, --tag, --generator, --created-by, --since, --until, --limit, --cursor, --json")]
    [InlineData("list --limit 0", "--limit is '0'; allowed: an integer from 1 to 100.")]
    [InlineData("list --limit", "--limit needs a value.")]
    [InlineData("submit --samples x --output-format zip", "--output-format is 'zip'; allowed: files, webdataset.")]
    [InlineData("submit --samples x", "--samples is 'x'; allowed: an integer from 1")]
    [InlineData("submit", "--generator is missing; allowed: all, or names")]
    [InlineData("submit --generator a --samples 1 --splits train", "--splits is 'train'; allowed: names with shares")]
    [InlineData("submit --file /nosuch", "--file is '/nosuch', which cannot be read")]
    [InlineData("export j --option split", "--option is 'split'; allowed: NAME=VALUE")]
    [InlineData("dead-letters redrive", "dead-letters redrive needs LETTER or --job JOB; allowed: one of the two.")]
    [InlineData("completion fish", "SHELL is 'fish'; allowed: bash, zsh.")]
    [InlineData("list --sign --no-sign", "--sign and --no-sign exclude each other.")]
    [InlineData("list --profile nosuch", "--profile is 'nosuch'; allowed: none, the profiles of")]
    public async Task Wrong_use_gives_code_2_and_what_is_allowed(string arguments, string expected)
    {
        var run = await vmds.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        run.Code.ShouldBe(2);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain(expected);
    }

    [Fact]
    public async Task A_refusal_gives_code_1_and_the_apis_reason()
    {
        var run = await vmds.RunAsync("show", "20000101-000000-00000000");

        run.Code.ShouldBe(1);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain("answered 404");
    }

    [Fact]
    public async Task An_api_that_does_not_answer_gives_code_3()
    {
        var run = await vmds.RunWithAsync(new() { ["VMDS_URL"] = "http://127.0.0.1:1" }, "", "list", "--json");

        run.Code.ShouldBe(3);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain("http://127.0.0.1:1 does not answer: Connection refused");
    }

    [Fact]
    public async Task Help_states_the_codes() =>
        (await vmds.RunAsync("--help")).Succeeds().Out.ShouldContain("Exit codes: 0 done; 1 the job failed, or the API refused; 2 wrong use; 3 the API does not answer; 130 interrupted.");
}
