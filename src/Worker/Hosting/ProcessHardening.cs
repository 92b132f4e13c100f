using System.Collections;

namespace VmDataset.Worker.Hosting;

/// <summary>Generators are foreign code under the worker's own user; its credentials are not for them.</summary>
public static partial class ProcessHardening
{
    private const int PrSetDumpable = 4;
    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    // A hash or an issuer's address may be known. AWS's credentials go with its engine.
    private static readonly string[] Secrets = ["WEBHOOK_SECRET", "SIGN_IN_CLIENT_SECRET", "OTEL_EXPORTER_OTLP_HEADERS"];

    /// <summary>Whether the environment holds something that no generator may see.</summary>
    public static bool HoldsSecrets() => Secrets.Any(static name => Environment.GetEnvironmentVariable(name) is not null);

    /// <summary>Keeps other processes of the same user from this one's memory and environment: the kernel no longer shows them (prctl(2),
    /// PR_SET_DUMPABLE), and .NET's diagnostic socket, which would show them too, is not opened. Only a variable that is set before the
    /// start keeps it closed, so without the variable the process starts itself again. Root sees all.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux()) return;
        if (Environment.GetEnvironmentVariable(Diagnostics) != "0") StartAnew();
        _ = prctl(PrSetDumpable, 0, 0, 0, 0);
    }

    // Same process id, same open streams: whoever started this one does not notice. It returns only where it fails.
    private static void StartAnew()
    {
        foreach (var socket in Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-*")) File.Delete(
            socket);
        string?[] arguments = [.. File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0'), null];
        List<string?> environment = [$"{Diagnostics}=0"];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if ((string)variable.Key != Diagnostics) environment.Add($"{variable.Key}={variable.Value}");
        _ = execve(Environment.ProcessPath!, arguments, [.. environment, null]);
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int execve(string path, string?[] arguments, string?[] environment);
}
