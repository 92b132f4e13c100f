using VmDataset.Worker.Files;

namespace VmDataset.Worker.Samples;

/// <summary>Removes what generators left, however deep, large or shut it is.</summary>
internal static class Scratch
{
    // A folder nested so deep that more are needed stays until the worker's next start.
    private const int MaxPasses = 200_000;
    private const int OwnersAll = 0x1C0; // rwx------

    /// <summary>Removes a folder; one that is not there is no error. A link in its place is removed, not followed.</summary>
    /// <returns>False when some of it is still there. Nothing is thrown: a sample's left-overs are nobody else's trouble.</returns>
    public static bool Delete(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        try
        {
            using var above = DirectoryHandle.OpenAny(Path.GetDirectoryName(path)!);
            var name = new EntryName(Path.GetFileName(path));
            if (LibC.TryRemove(above.Handle, name.Terminated, isFolder: false) || LibC.LastErrorNumber == LibC.NotThere) return true;
            Clear(above, name);
            return LibC.TryRemove(above.Handle, name.Terminated, isFolder: true) || LibC.LastErrorNumber == LibC.NotThere;
        }
        catch (IOException failure)
        {
            return failure.HResult is LibC.NotThere or LibC.NotAFolder;
        }
    }

    // Folders within its folders are moved up beside these, so that neither a path, nor the stack, nor the number of open files grows with the depth.
    private static void Clear(DirectoryHandle above, EntryName name)
    {
        var moved = 0L;
        var progress = true;
        for (var pass = 0; progress && pass < MaxPasses; pass++)
        {
            progress = false;
            using var top = Open(above, name);
            foreach (var entry in top.Entries())
            {
                if (entry.Kind is not FileKind.Folder)
                {
                    progress |= LibC.TryRemove(top.Handle, entry.Name.Terminated, isFolder: false);
                    continue;
                }

                progress |= Flatten(top, entry.Name, ref moved) | LibC.TryRemove(top.Handle, entry.Name.Terminated, isFolder: true);
            }
        }
    }

    /// <returns>Whether anything in it was removed or moved to <paramref name="top"/>.</returns>
    private static bool Flatten(DirectoryHandle top, EntryName name, ref long moved)
    {
        var progress = false;
        try
        {
            using var folder = Open(top, name);
            foreach (var entry in folder.Entries())
            {
                progress |= entry.Kind is FileKind.Folder
                    ? TryMoveUp(folder, entry.Name, top, ref moved)
                    : LibC.TryRemove(folder.Handle, entry.Name.Terminated, isFolder: false);
            }
        }
        catch (IOException)
        {
            // It stays, and with it the folders above it; the others go on.
        }

        return progress;
    }

    // A folder gets another parent only if it may be written to itself. The generator may have used any name, so one that is taken is passed over.
    private static bool TryMoveUp(DirectoryHandle folder, EntryName name, DirectoryHandle top, ref long moved)
    {
        Open(folder, name).Dispose();
        for (var attempt = 0; attempt < 100; attempt++)
            if (LibC.TryRename(folder.Handle, name.Terminated, top.Handle, new EntryName($".removed-{moved++}").Terminated)) return true;
        return false;
    }

    private static DirectoryHandle Open(DirectoryHandle above, EntryName name)
    {
        if ((above.Status(name).Mode & OwnersAll) != OwnersAll) LibC.ChangeMode(above.Handle, name.Terminated, OwnersAll);
        return above.OpenFolder(name);
    }
}
