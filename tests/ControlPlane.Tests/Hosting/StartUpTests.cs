using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Hosting;

public sealed class StartUpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StartUpTests() => Directory.CreateDirectory(_folder.Combine("generators"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_server_needs_no_settings_but_a_port()
    {
        using var server = Start();
        using var client = new HttpClient { BaseAddress = await server.AddressAsync() };

        client.BaseAddress!.Host.ShouldBe("127.0.0.1");
        (await client.GetStringAsync(new Uri("/health/live", UriKind.Relative))).ShouldContain("healthy");
        Directory.Exists(_folder.Combine("data", "store")).ShouldBeTrue();
    }

    [Fact]
    public async Task The_server_takes_settings_from_the_environment_and_the_command_line_before_it()
    {
        using var server = new ServerProcess(_folder.Path,
            new Dictionary<string, string> { ["DATA_DIR"] = "from-environment", ["GENERATORS_DIR"] = "generators", ["PORT"] = "0", ["EMBEDDED_WORKER"] = "false" },
            "--DataDir", "from-command-line", "--urls", "http://127.0.0.2:0");

        var address = await server.AddressAsync();

        address.Host.ShouldBe("127.0.0.2");
        Directory.Exists(_folder.Combine("from-command-line", "store")).ShouldBeTrue();
        Directory.Exists(_folder.Combine("from-environment")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_server_reports_every_wrong_setting_together_and_stops()
    {
        await File.WriteAllTextAsync(_folder.Combine("file"), "");
        using var server = new ServerProcess(_folder.Path, new Dictionary<string, string> { ["PORT"] = "eighty", ["GENERATORS_DIR"] = "" },
            "--Engine", "Azure", "--DataDir", "file", "--EmbeddedWorker", "perhaps", "--Lanes", "0", "--SampleTimeoutSeconds", "1e3", "--LaneMemoryMb", "63",
            "--LogFormat", "xml", "--OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "--ShutdownSeconds", "1");

        var (code, errors) = await server.EndAsync();

        code.ShouldBe(1);
        errors.Trim().Split('\n').ShouldBe(
        [
            "The settings are wrong:",
            "- DATA_DIR is 'file', which is a file; allowed: a folder's path.",
            "- EMBEDDED_WORKER is 'perhaps'; allowed: true or false.",
            "- ENGINE is 'Azure'; allowed: Local, Aws.",
            "- GENERATORS_DIR is ''; allowed: a folder's path, or several with ':' between them.",
            "- LANES is '0'; allowed: an integer from 1 to 256.",
            "- LANE_MEMORY_MB is '63'; allowed: an integer from 64 to 1,048,576.",
            "- LOG_FORMAT is 'xml'; allowed: Text, Json.",
            "- OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317'; allowed: a collector's address, as http://localhost:4317.",
            "- PORT is 'eighty'; allowed: an integer from 0 to 65,535.",
            "- SAMPLE_TIMEOUT_SECONDS is '1e3'; allowed: an integer from 1 to 86,400.",
            "- SHUTDOWN_SECONDS is '1'; allowed: an integer from 2 to 3,600.",
        ]);
    }

    [Theory]
    [InlineData("generators")]
    [InlineData("generators/data")]
    public async Task The_server_keeps_its_data_out_of_the_generators(string dataDir)
    {
        using var server = Start("--DataDir", dataDir);

        var (code, errors) = await server.EndAsync();

        code.ShouldBe(1);
        errors.ShouldContain("which lies in GENERATORS_DIR; allowed: a folder outside of it");
    }

    [Fact]
    public async Task The_server_refuses_a_data_folder_that_another_process_holds_until_that_one_is_gone()
    {
        using var first = Start();
        await first.AddressAsync();

        using var second = Start();
        var (code, errors) = await second.EndAsync();
        code.ShouldBe(1);
        errors.Trim().ShouldBe($"The data folder '{_folder.Combine("data")}' is in use by another process; one process at a time can own it. Stop that one, or set DATA_DIR to another folder.");

        await first.KillAsync();
        using var third = Start();
        await third.AddressAsync();
    }

    [Theory]
    [InlineData(null, "' by default")]
    [InlineData("plants", "'")]
    public async Task The_server_does_not_start_without_the_folder_of_generators(string? set, string rest)
    {
        Directory.Delete(_folder.Combine("generators"));
        using var server = Start(set is null ? [] : ["--GeneratorsDir", set]);

        var (code, errors) = await server.EndAsync();

        code.ShouldBe(1);
        errors.Trim().ShouldBe($"The settings are wrong:\n- GENERATORS_DIR is '{_folder.Combine(set ?? "generators")}{rest}, which does not exist; allowed: the folder of the generators.");
    }

    [Theory]
    [InlineData("generators:plants", "GENERATORS_DIR is '{0}/generators:{0}/plants', of which one is '{0}/plants', which does not exist; allowed: the folder of the generators.")]
    [InlineData("generators::", "GENERATORS_DIR is 'generators::'; allowed: a folder's path, or several with ':' between them.")]
    [InlineData("generators:more", "DATA_DIR is '{0}/more/data', which lies in GENERATORS_DIR; allowed: a folder outside of it, as each folder there is a generator.")]
    public async Task The_server_does_not_start_with_a_folder_of_generators_that_cannot_be_one_of_several(string set, string error)
    {
        Directory.CreateDirectory(_folder.Combine("more"));
        using var server = Start("--GeneratorsDir", set, "--DataDir", "more/data");

        var (code, errors) = await server.EndAsync();

        code.ShouldBe(1);
        errors.ShouldContain(error.Replace("{0}", _folder.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_line_and_not_in_the_log()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var server = new ServerProcess(_folder.Path, null, "--Port", $"{port}", "--EmbeddedWorker", "false");

        var (code, errors) = await server.EndAsync();

        code.ShouldBe(1);
        errors.Trim().ShouldBe($"Failed to bind to address http://127.0.0.1:{port}: address already in use. Another process listens there; set PORT to a free one, or to 0 for any.");
        (await server.OutputAsync()).ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_job_survives_the_death_of_the_process()
    {
        using var first = Start();
        Directory.CreateDirectory(_folder.Combine("generators", "alpha", "examples"));
        await File.WriteAllTextAsync(_folder.Combine("generators", "alpha", "examples", "generate.py"), """
            parser.add_argument("--num-samples")
            parser.add_argument("--seed")
            parser.add_argument("--output")
            """);
        Uri url;
        string before;
        using (var client = new HttpClient { BaseAddress = await first.AddressAsync() })
        {
            using var body = new StringContent("""{"generators": "all", "samples": 10}""", Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri("/v1/jobs", UriKind.Relative), body);
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            url = answer.Headers.Location!;
            before = await Eventually.GetAsync(() => client.GetStringAsync(url), static view => view.Contains("\"running\"", StringComparison.Ordinal));
        }

        await first.KillAsync();
        using var second = Start();
        using var later = new HttpClient { BaseAddress = await second.AddressAsync() };

        (await later.GetStringAsync(url)).ShouldBe(before);
    }

    [Fact]
    public async Task The_server_starts_without_Python_and_reports_what_is_missing()
    {
        Directory.CreateDirectory(_folder.Combine("generators", "alpha", "examples"));
        await File.WriteAllTextAsync(_folder.Combine("generators", "alpha", "examples", "generate.py"), """
            parser.add_argument("--num-samples")
            parser.add_argument("--seed")
            parser.add_argument("--output")
            """);
        using var server = new ServerProcess(_folder.Path, null, "--Port", "0", "--Python", "/nowhere/python3");
        using var client = new HttpClient { BaseAddress = await server.AddressAsync() };

        using var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        var generators = await client.GetStringAsync(new Uri("/v1/generators", UriKind.Relative));

        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var reason = JsonElement.Parse(await ready.Content.ReadAsStringAsync()).At("checks.runtime.detail").GetString();
        reason!.ShouldContain("/nowhere/python3");
        JsonElement.Parse(generators).At("items[0].problem").GetString().ShouldBe(reason);
    }

    private ServerProcess Start(params IEnumerable<string> arguments) =>
        new(_folder.Path, null, ["--Port", "0", "--EmbeddedWorker", "false", .. arguments]);
}
