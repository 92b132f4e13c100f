namespace VmDataset.Worker.Files;

/// <summary>Removes what generators left, however deep, large or shut it is.</summary>
internal static class Scratch
{
    // A folder nested so deep that more are needed stays until the worker's next start.
    private const int MaxPasses = 200_000;
    private const int OwnersAll = 0x1C0; // rwx------
    private const int UsualDepth = 4; // of the folders that a sample comes in
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Removes a sample's folder. What takes long goes on behind the caller's back, so that nobody waits for it.</summary>
    public static void DeleteSoon(string folder)
    {
        if (Delete(folder, Stopwatch.GetTimestamp() + (long)(Patience.TotalSeconds * Stopwatch.Frequency))) return;
        // Another draw may want the name.
        var rest = $"{folder}.removed-{Guid.NewGuid():N}";
        try
        {
            Directory.Move(folder, rest);
            _ = Task.Run(() => Delete(rest));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It stays until the worker's next start.
        }
    }

    /// <summary>Removes a folder; one that is not there is no error. A link in its place is removed, not followed.</summary>
    /// <returns>False when some of it is still there. Nothing is thrown: a sample's left-overs are nobody else's trouble.</returns>
    public static bool Delete(string folder) => Delete(folder, long.MaxValue);

    private static bool Delete(string folder, long end)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        try
        {
            using var above = DirectoryHandle.OpenAny(Path.GetDirectoryName(path)!);
            var name = new EntryName(Path.GetFileName(path));
            if (LibC.TryRemove(above.Handle, name.Terminated, isFolder: false) || LibC.LastErrorNumber == LibC.NotThere) return true;
            Clear(above, name, end);
            return LibC.TryRemove(above.Handle, name.Terminated, isFolder: true) || LibC.LastErrorNumber == LibC.NotThere;
        }
        catch (IOException failure)
        {
            return failure.HResult is LibC.NotThere or LibC.NotAFolder;
        }
    }

    // Folders far within are moved up beside its own, so that path, stack and open files do not grow with the depth.
    private static void Clear(DirectoryHandle above, EntryName name, long end)
    {
        var moved = 0L;
        var progress = true;
        for (var pass = 0; progress && pass < MaxPasses && !IsLate(end); pass++)
        {
            progress = false;
            using var top = Open(above, name);
            foreach (var entry in top.Entries())
            {
                if (IsLate(end)) return;
                if (entry.Kind is not FileKind.Folder)
                {
                    progress |= LibC.TryRemove(top.Handle, entry.Name.Terminated, isFolder: false);
                    continue;
                }

                progress |= Empty(top, top, entry.Name, 1, ref moved, end)
                    | LibC.TryRemove(top.Handle, entry.Name.Terminated, isFolder: true);
            }
        }
    }

    /// <returns>Whether anything in it was removed or moved to <paramref name="top"/>.</returns>
    private static bool Empty(DirectoryHandle top, DirectoryHandle above, EntryName name, int depth, ref long moved, long end)
    {
        var progress = false;
        try
        {
            using var folder = Open(above, name);
            foreach (var entry in folder.Entries())
            {
                if (IsLate(end)) break;
                if (entry.Kind is not FileKind.Folder)
                    progress |= LibC.TryRemove(folder.Handle, entry.Name.Terminated, isFolder: false);
                else if (depth == UsualDepth)
                    progress |= TryMoveUp(folder, entry.Name, top, ref moved);
                else
                    progress |= Empty(top, folder, entry.Name, depth + 1, ref moved, end)
                        | LibC.TryRemove(folder.Handle, entry.Name.Terminated, isFolder: true);
            }
        }
        catch (IOException)
        {
            // It stays, and with it the folders above it; the others go on.
        }

        return progress;
    }

    // A folder gets another parent only if it may itself be written. The generator may have used any name: a taken one is passed over.
    private static bool TryMoveUp(DirectoryHandle folder, EntryName name, DirectoryHandle top, ref long moved)
    {
        Open(folder, name).Dispose();
        for (var attempt = 0; attempt < 100; attempt++)
            if (LibC.TryRename(folder.Handle, name.Terminated, top.Handle, new EntryName($".removed-{moved++}").Terminated)) return true;
        return false;
    }

    private static bool IsLate(long end) => Stopwatch.GetTimestamp() > end;

    private static DirectoryHandle Open(DirectoryHandle above, EntryName name)
    {
        if ((above.Status(name).Mode & OwnersAll) != OwnersAll) LibC.ChangeMode(above.Handle, name.Terminated, OwnersAll);
        return above.OpenFolder(name);
    }
}
