namespace VmDataset.Worker.Hosting;

/// <summary>The arguments of the framework's hosts.</summary>
public static class HostArguments
{
    /// <summary>
    /// Adds that no settings file is watched. The framework would watch every folder below the current one for a change of
    /// <c>appsettings.json</c>, and with the data folder among them each sample would cost the kernel a watch, of which users have few.
    /// </summary>
    public static string[] WithoutReload(string[] args) => [.. args, "--hostBuilder:reloadConfigOnChange=false"];
}
