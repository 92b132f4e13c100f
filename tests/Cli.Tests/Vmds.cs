using System.Diagnostics;
using System.Text.Json;
using VmDataset.EndToEnd.Tests;

namespace VmDataset.Cli.Tests;

/// <summary>How a run of the program ended.</summary>
public sealed record Run(int Code, string Out, string Error)
{
    public JsonElement Json => JsonElement.Parse(Out);

    public Run Succeeds()
    {
        Code.ShouldBe(0, $"{Out}\n{Error}");
        return this;
    }
}

/// <summary>The program as a user runs it, and the server that all tests share.</summary>
public sealed class Vmds : IAsyncLifetime
{
    private readonly TemporaryFolder _home = new();
    private readonly TemporaryFolder _doubles = new();
    private readonly Server _server;

    /// <summary>A later folder has a second <c>ok-generator</c>, and a generator with a category.</summary>
    public Vmds()
    {
        foreach (var name in new[] { "ok-generator", "sorted-generator" }) Directory.CreateDirectory(_doubles.Combine(name));
        File.WriteAllText(_doubles.Combine("sorted-generator", "README.md"), "| **Category** | Perception |\n");
        _server = new Server($"{Server.Misbehaving}:{_doubles.Path}");
    }

    public string Address => _server.Client.BaseAddress!.AbsoluteUri.TrimEnd('/');

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _doubles.Dispose();
        _home.Dispose();
    }

    public Task<Run> RunAsync(params string[] arguments) => RunWithAsync(new() { ["VMDS_URL"] = Address }, "", arguments);

    public async Task<Run> RunWithAsync(Dictionary<string, string> environment, string input, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(limit.Token);
        return new Run(process.ExitCode, output, await error);
    }

    public Process Start(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Server.Metadata("Cli"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _home.Path,
        };
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("VMDS_", StringComparison.Ordinal)
            || name.StartsWith("API_", StringComparison.Ordinal) || name.StartsWith("AWS_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["XDG_CONFIG_HOME"] = _home.Path;
        start.Environment["POLL_SECONDS"] = "0.05";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>A job that has succeeded, and whose dataset is ready.</summary>
    public async Task<string> JobAsync(int samples = 3, string generator = "ok-generator") =>
        (await RunAsync("submit", "--generator", generator, "--samples", $"{samples}", "--yes", "--wait", "--json")).Json.GetProperty("id").GetString()!;
}
