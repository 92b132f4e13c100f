namespace VmDataset.Worker.Lanes;

/// <summary>Reads generators' parameters and where they read the clock, in places where no generator runs: any Python will do, without
/// libraries.</summary>
internal static class ParameterProgram
{
    /// <returns>The generators with what was read of each; null when there is no Python.</returns>
    /// <exception cref="StartUpException">Python failed.</exception>
    public static async Task<IReadOnlyList<GeneratorInfo>?> RunAsync(IReadOnlyList<GeneratorInfo> generators, string? python)
    {
        if (await PythonInterpreter.FindAsync(python) is not { } found) return null;
        var start = PythonProcess.Of(found.Path, ["-m", "generator_host.parameters",
            .. generators.SelectMany(static generator => new[] { generator.Folder, generator.Entry, generator.Library ?? "" })]);
        start.WorkingDirectory = AppContext.BaseDirectory;
        start.Environment["PYTHONPATH"] = AppContext.BaseDirectory;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 || lines.Length != generators.Count)
            throw new StartUpException($"The generators' parameters cannot be read: {await error}");
        return [.. generators.Zip(lines, Read)];
    }

    private static GeneratorInfo Read(GeneratorInfo generator, string line)
    {
        try
        {
            var told = JsonSerializer.Deserialize<ZygoteLine>(line, WireJson.Options)!;
            return generator with
            {
                Parameters = new ParameterDiscovery(told.Parameters, told.ParametersError),
                ClockReads = told.ReadsClock,
            };
        }
        catch (JsonException exception)
        {
            var problem = $"What Python says of them is no JSON: {exception.Message}";
            return generator with { Parameters = new ParameterDiscovery(null, problem) };
        }
    }
}
