using Microsoft.Data.Sqlite;

namespace VmDataset.Pipeline.Local;

/// <summary>Distinguishes a full disk from other errors of files and of SQLite.</summary>
public static class DiskFull
{
    // ENOSPC and EDQUOT of Linux, and what .NET and Windows say instead.
    private static readonly int[] Codes = [28, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];
    private const int SqliteFull = 13;
    private const int SqliteNoRoomForIndex = 4874; // SQLITE_IOERR_SHMSIZE

    public static bool Is(Exception? exception) => exception switch
    {
        null => false,
        SqliteException sqlite => sqlite.SqliteErrorCode == SqliteFull || sqlite.SqliteExtendedErrorCode == SqliteNoRoomForIndex,
        IOException file when Array.IndexOf(Codes, file.HResult) >= 0 => true,
        _ => Is(exception.InnerException),
    };
}
