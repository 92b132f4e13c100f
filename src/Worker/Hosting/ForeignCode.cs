using System.Runtime.InteropServices;

namespace VmDataset.Worker.Hosting;

/// <summary>Generators are foreign code under the worker's own user.</summary>
internal static partial class ForeignCode
{
    private const int PrSetDumpable = 4;

    /// <summary>
    /// Keeps other processes of the same user from reading this one's memory and environment, where its credentials are
    /// (prctl(2), PR_SET_DUMPABLE). Root can read them all the same, so the image does not run as root.
    /// </summary>
    public static void HideEnvironment()
    {
        if (OperatingSystem.IsLinux()) _ = prctl(PrSetDumpable, 0, 0, 0, 0);
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);
}
