using System.Diagnostics;

namespace VmDataset.ControlPlane.Tests.Hosting;

/// <summary>A disk of its own of a few megabytes. A test that needs it is skipped where this user may not mount.</summary>
internal sealed class FullDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FullDisk(int megabytes, string more = "")
    {
        Path = Directory.CreateDirectory(_folder.Combine("disk")).FullName;
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m{more}", "tmpfs", Path), "needs the capability to mount a tmpfs (CAP_SYS_ADMIN)");
    }

    public string Path { get; }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(System.IO.Path.Combine(Path, "filler"), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 1 << 16, 1 << 12, 1 })
        {
            try
            {
                while (true) file.Write(new byte[size]);
            }
            catch (IOException)
            {
                // Then with smaller pieces.
            }
        }
    }

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Path).ShouldBeTrue();

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
