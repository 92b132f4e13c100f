using System.Runtime.InteropServices;

namespace VmDataset.Worker.Tests.Samples;

/// <summary>Runs code that the rights of files hold for, also where the tests run as root, whom they do not hold back.</summary>
internal static class OtherUser
{
    private const int Nobody = 65534;

    public static Task RunAsync(Action action)
    {
        // What follows in the test is not to run on this thread.
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            // The user for whom files are opened is a property of the thread; with root's the thread loses its power over files.
            if (Environment.IsPrivilegedProcess) _ = setfsuid(Nobody);
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        thread.Start();
        return done.Task;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setfsuid(int user);
}
