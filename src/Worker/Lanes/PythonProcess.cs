namespace VmDataset.Worker.Lanes;

/// <summary>Starts of Python, which runs foreign code or lives beside it under the same user: what its environment held could be
/// read.</summary>
internal static class PythonProcess
{
    // The host drops what it does not pass on, but only once it runs; generator_host/environment.py has the same list.
    private static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        "PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "VIRTUAL_ENV",
        "CONDA_PREFIX", "HOME", "USER", "LOGNAME", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
        "XDG_DATA_DIRS", "XDG_CONFIG_DIRS", "MPLCONFIGDIR",
    };

    public static ProcessStartInfo Of(string python, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(python, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        foreach (var name in start.Environment.Keys.Where(static name => !Allowed.Contains(name)).ToList()) start.Environment.Remove(name);
        return start;
    }
}
