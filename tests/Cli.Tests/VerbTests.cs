namespace VmDataset.Cli.Tests;

public sealed class VerbTests(Vmds vmds)
{
    [Theory]
    [InlineData("list", "items")]
    [InlineData("generators", "items")]
    [InlineData("generators ok-generator", "name")]
    [InlineData("preview ok-generator --samples 1", "samples")]
    [InlineData("dead-letters list", "items")]
    [InlineData("keys list", "items")]
    [InlineData("fleet", "queue")]
    [InlineData("doctor", "items")]
    public async Task A_verb_prints_the_apis_json_and_the_same_in_words(string arguments, string field)
    {
        var json = (await vmds.RunAsync([.. arguments.Split(' '), "--json"])).Succeeds();
        var words = (await vmds.RunAsync(arguments.Split(' '))).Succeeds();

        json.Json.TryGetProperty(field, out _).ShouldBeTrue(json.Out);
        words.Out.ShouldNotBeEmpty();
        words.Out.ShouldNotContain("{");
    }

    [Fact]
    public async Task A_job_is_paused_resumed_retried_and_cancelled()
    {
        var id = (await vmds.RunAsync("submit", "--generator", "endless-generator", "--samples", "1", "--seed", "3", "--yes", "--json")).Json.GetProperty("id").GetString()!;

        async Task<string?> State(params string[] arguments) => (await vmds.RunAsync([.. arguments, "--json"])).Succeeds().Json.GetProperty("state").GetString();
        (await State("pause", id)).ShouldBe("paused");
        (await State("resume", id)).ShouldBe("running");
        (await vmds.RunAsync("cancel", id, "--reason", "Too easy.", "--json")).Succeeds().Json.GetProperty("reason").GetString().ShouldBe("Too easy.");
        (await State("retry", id, "--generator", "endless-generator", "--timeout", "30")).ShouldBe("running");
        (await State("cancel", id)).ShouldBe("cancelled");
    }

    [Fact]
    public async Task Failures_are_listed_each_and_by_cause_with_the_generators_traceback_on_demand()
    {
        // Seeds 3, 8, 13 and 18 raise.
        var id = (await vmds.RunAsync("submit", "--generator", "raises-generator", "--samples", "20", "--seed", "0", "--batch-size", "10", "--yes", "--wait", "--json")).Json.GetProperty("id").GetString()!;

        var each = (await vmds.RunAsync("failures", id, "--generator", "raises-generator")).Succeeds();
        var causes = (await vmds.RunAsync("failures", id, "--by-cause")).Succeeds();
        var logged = (await vmds.RunAsync("failures", id, "--by-cause", "--log", "--generator", "raises-generator")).Succeeds();
        var json = (await vmds.RunAsync("failures", id, "--by-cause", "--json")).Succeeds().Json;

        each.Out.Trim().Split('\n').Length.ShouldBe(4);
        var cause = json.GetProperty("items")[0].GetProperty("id").GetString()!;
        causes.Out.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith($"{cause} raises-generator: 4 samples in 2 batches, from index 3 on, 4 given up, last 20");
        causes.Out.ShouldEndWith("Z: raised: ValueError: no puzzle for seed #\n");
        logged.Out.ShouldContain("    Traceback (most recent call last):");
        json.GetProperty("complete").GetBoolean().ShouldBeTrue();
        json.GetProperty("items")[0].GetProperty("samples").GetInt32().ShouldBe(4);
        var retried = (await vmds.RunAsync("retry", id, "--cause", cause, "--generator", "raises-generator", "--json")).Succeeds().Json;
        retried.GetProperty("history")[0].GetProperty("samples").GetInt32().ShouldBe(4);
        (await vmds.RunAsync("watch", id)).Code.ShouldNotBe(0);
        var refused = await vmds.RunAsync("failures", id, "--by-cause", "--all");
        refused.Code.ShouldBe(2);
        refused.Error.ShouldStartWith("error: --all is there beside --by-cause; allowed: one of them");
    }

    [Fact]
    public async Task A_check_that_nobody_made_yet_is_not_passed()
    {
        var run = await vmds.RunAsync("check", "ok-generator");

        run.Code.ShouldBe(1);
        run.Error.ShouldContain("0 of 1 generators passed, 1 were not tried yet.");
    }

    [Fact]
    public async Task An_export_takes_a_profile_and_options_of_any_name()
    {
        var id = await vmds.JobAsync();

        var export = (await vmds.RunAsync("export", id, "diffsynth", "--wait")).Succeeds();
        export.Out.ShouldContain("export diffsynth of diffsynth: ready");
        (await vmds.RunAsync("export", id, "--json")).Succeeds().Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        var refused = await vmds.RunAsync("export", id, "diffsynth", "--option", "nosuch=5", "--option", "split=train");
        refused.Code.ShouldBe(1);
        refused.Error.ShouldContain("nosuch");
        refused.Error.ShouldContain("split is \"train\"");
    }

    [Fact]
    public async Task A_key_is_created_once_and_revoked()
    {
        var text = (await vmds.RunAsync("keys", "create", "tester", "read")).Succeeds().Out.Trim();
        text.ShouldStartWith("vmd_");
        var listed = (await vmds.RunAsync("keys", "list")).Succeeds();
        listed.Out.ShouldContain("tester");

        (await vmds.RunAsync("keys", "revoke", text)).Succeeds().Error.ShouldNotContain(text);

        (await vmds.RunAsync("keys", "list", "--json")).Json.GetProperty("items").EnumerateArray()
            .ShouldNotContain(static key => key.GetProperty("name").GetString() == "tester");
    }

    [Fact]
    public async Task Doctor_tells_an_api_that_is_not_there_and_what_was_not_looked_at()
    {
        var run = await vmds.RunWithAsync(new() { ["VMDS_URL"] = "http://127.0.0.1:1" }, "", "doctor");

        run.Code.ShouldBe(3);
        run.Out.ShouldContain("wrong    api         http://127.0.0.1:1 does not answer");
        run.Out.ShouldContain("skipped  workers     not looked at: the API does not answer");
        run.Out.ShouldContain("aws quotas  not looked at: AWS_REGION is not set");
    }

    [Fact]
    public async Task Doctor_tells_of_a_generator_that_hides_another_and_so_does_the_list()
    {
        var run = await vmds.RunAsync("doctor");
        var one = (await vmds.RunAsync("generators", "ok-generator")).Succeeds();

        run.Out.ShouldContain("; ok-generator: A later folder of GENERATORS_DIR has a generator of this name too");
        one.Out.ShouldContain("\nA later folder of GENERATORS_DIR");
    }

    [Fact]
    public async Task Generators_are_listed_by_category()
    {
        async Task<IEnumerable<string?>> NamesAsync(string category) => (await vmds.RunAsync("generators", "--category", category, "--json")).Succeeds()
            .Json.GetProperty("items").EnumerateArray().Select(static each => each.GetProperty("name").GetString());

        (await NamesAsync("perception")).ShouldBe(["sorted-generator"]);
        (await NamesAsync("other")).ShouldContain("ok-generator");
        (await vmds.RunAsync("generators", "--category", "Perception")).Succeeds().Out.ShouldContain("sorted-generator  Perception  no");
    }

    [Fact]
    public async Task Doctor_names_what_the_python_of_this_machine_lacks()
    {
        using var folder = new TemporaryFolder();
        var python = folder.Combine("python3");
        await File.WriteAllTextAsync(python, "#!/bin/sh\necho cv2\n");
        File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var run = await vmds.RunWithAsync(new() { ["VMDS_URL"] = vmds.Address, ["PYTHON"] = python }, "", "doctor");

        run.Code.ShouldBe(1);
        run.Out.ShouldContain($"wrong    python      {python} lacks cv2");
    }
}
