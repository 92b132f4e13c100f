namespace VmDataset.Cli.Tests;

public sealed class SubmitTests(Vmds vmds)
{
    [Fact]
    public async Task A_submission_prints_the_jobs_id_and_address_and_waits_for_its_dataset()
    {
        var run = (await vmds.RunAsync("submit", "--generator", "ok-generator", "--samples", "3", "--yes", "--wait")).Succeeds();

        var lines = run.Out.TrimEnd().Split('\n');
        lines.Length.ShouldBe(2);
        var id = lines[0].Split(' ')[1];
        lines[1].ShouldBe($"status {vmds.Address}/v1/jobs/{id}");
        run.Error.ShouldContain("succeeded: 3 of 3 samples");
        run.Error.ShouldContain($"page {vmds.Address}/jobs/{id}");
        (await vmds.RunAsync("show", id, "--json")).Json.At("dataset.state").GetString().ShouldBe("ready");
    }

    [Fact]
    public async Task Json_alone_is_on_stdout_and_is_the_job_as_it_ended()
    {
        var run = (await vmds.RunAsync("submit", "--generator", "ok-generator", "--samples", "2", "--yes", "--wait", "--json")).Succeeds();

        run.Json.GetProperty("state").GetString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task Options_replace_fields_of_the_file_and_reach_the_job()
    {
        var run = await vmds.RunWithAsync(new() { ["VMDS_URL"] = vmds.Address }, """{"generators": ["ok-generator"], "samples": 5, "seed": 1, "max_failed_samples": 9}""",
            "submit", "--file", "-", "--seed", "77", "--splits", "train=0.5,test=0.5", "--unique", "--deadline", "600", "--start-index", "4",
            "--batch-size", "2", "--output-format", "webdataset", "--timeout", "50", "--name", "A few", "--tags", "few,team:x", "--notes", "None.", "--yes", "--json");

        var spec = run.Succeeds().Json.GetProperty("spec");
        spec.GetProperty("timeout_seconds").GetInt32().ShouldBe(50);
        run.Json.GetProperty("notes").GetString().ShouldBe("None.");
        var shown = (await vmds.RunAsync("show", run.Json.GetProperty("id").GetString()!)).Succeeds().Out;
        shown.ShouldContain("name       A few\n");
        shown.ShouldContain("tags       few, team:x\n");
        var listed = (await vmds.RunAsync("list", "--tag", "team:x", "--generator", "ok-generator", "--json")).Succeeds().Json.GetProperty("items");
        listed.EnumerateArray().ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("A few");
        spec.GetProperty("seed").GetInt32().ShouldBe(77);
        spec.GetProperty("samples").GetInt32().ShouldBe(5);
        spec.GetProperty("max_failed_samples").GetInt32().ShouldBe(9);
        spec.GetProperty("splits").GetProperty("train").GetDouble().ShouldBe(0.5);
        spec.GetProperty("unique").GetBoolean().ShouldBeTrue();
        spec.GetProperty("deadline_seconds").GetInt32().ShouldBe(600);
        spec.GetProperty("start_index").GetInt32().ShouldBe(4);
        spec.GetProperty("batch_size").GetInt32().ShouldBe(2);
        spec.GetProperty("output_format").GetString().ShouldBe("webdataset");
    }

    [Fact]
    public async Task Video_is_a_preset_or_an_object()
    {
        // The API knows none of the presets that these name, and says so of the field that was sent.
        (await vmds.RunAsync("submit", "--generator", "ok-generator", "--samples", "1", "--video", "nosuch", "--yes")).Error.ShouldContain("video.preset");
        (await vmds.RunAsync("submit", "--generator", "ok-generator", "--samples", "1", "--video", """{"width": 1}""", "--yes")).Error.ShouldContain("video.width");
    }

    [Fact]
    public async Task Without_a_terminal_nobody_is_asked_and_nothing_is_submitted()
    {
        var run = await vmds.RunAsync("submit", "--generator", "ok-generator", "--samples", "1", "--idempotency-key", "unasked");

        run.Code.ShouldBe(2);
        run.Error.ShouldContain("allowed: --yes");
    }

    [Fact]
    public async Task One_idempotency_key_makes_one_job()
    {
        string[] submit = ["submit", "--generator", "ok-generator", "--samples", "1", "--seed", "5", "--yes", "--json", "--idempotency-key", "once"];

        var first = (await vmds.RunAsync(submit)).Succeeds().Json.GetProperty("id").GetString();
        var second = (await vmds.RunAsync(submit)).Succeeds().Json.GetProperty("id").GetString();

        second.ShouldBe(first);
    }

    [Fact]
    public async Task A_plan_tells_time_and_submits_nothing()
    {
        var run = (await vmds.RunAsync("plan", "--generator", "ok-generator", "--samples", "4321")).Succeeds();

        run.Out.ShouldContain("4,321 samples of 1 generators");
        run.Out.ShouldContain("time: ");
        (await vmds.RunAsync("list", "--json", "--limit", "100")).Json.GetProperty("items").EnumerateArray()
            .ShouldNotContain(static job => job.GetProperty("samples").GetProperty("total").GetInt32() == 4321);
    }

    [Fact]
    public async Task A_job_that_fails_gives_code_1_and_its_failures()
    {
        var run = await vmds.RunAsync("submit", "--generator", "raises-generator", "--samples", "4", "--seed", "0", "--yes", "--wait", "--json");

        run.Code.ShouldBe(1);
        run.Json.GetProperty("state").GetString().ShouldBe("failed");
        run.Error.ShouldContain("no puzzle for seed");
        var failures = (await vmds.RunAsync("failures", run.Json.GetProperty("id").GetString()!, "--log")).Succeeds();
        failures.Out.ShouldContain("raised, attempt 3, given up: ValueError: no puzzle for seed");
        failures.Out.ShouldContain("    Traceback");
    }
}
