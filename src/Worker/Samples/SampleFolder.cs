namespace VmDataset.Worker.Samples;

/// <summary>Lists the files of a sample: regular ones, each with one name, within the limits.</summary>
internal static class SampleFolder
{
    private static readonly string[] Required = ["first_frame.png", SampleText.PromptFile];

    /// <param name="folder">The sample's.</param>
    /// <param name="maxBytes">Bytes that its files may have together.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>Names with their folders, in ordinal order.</returns>
    /// <exception cref="InvalidSampleException">Something there may not be, or is missing; the message names it.</exception>
    public static List<string> FilesIn(DirectoryHandle folder, long maxBytes, CancellationToken cancellationToken)
    {
        List<string> files = [];
        var (folders, bytes) = (0, 0L);
        Walk(folder, "", level: 0);
        if (bytes > maxBytes) throw Invalid($"The sample has {bytes} bytes; allowed: at most {maxBytes}.");
        CheckRequired(files);
        CheckMembers(files);
        files.Sort(StringComparer.Ordinal);
        return files;

        void Walk(DirectoryHandle here, string path, int level)
        {
            foreach (var entry in here.Entries())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var name = Path.Combine(path, entry.Name.Text);
                if ((FileNames.FindDefect(entry.Name) ?? FileNames.FindLengthDefect(name)) is { } defect) throw Invalid(name, defect);
                var status = here.Status(entry.Name);
                if (status.Kind is FileKind.Folder)
                {
                    if (++folders > SampleLimits.Folders) throw Invalid(
                        $"The sample has more than {SampleLimits.Folders} folders, {FileNames.Show(name)} among them; allowed: at most {SampleLimits.Folders}.");
                    if (level == SampleLimits.Levels) throw Invalid(
                        name, $"it lies {level + 1} folders deep; allowed: at most {SampleLimits.Levels}");
                    using var inner = Open(here, entry.Name, name);
                    Walk(inner, name, level + 1);
                    continue;
                }

                if (status.Defect is { } kind) throw Invalid(name, $"{kind}; allowed: regular files of one name");
                if (files.Count == SampleLimits.Files) throw Invalid(
                    $"The sample has more than {SampleLimits.Files} files, {FileNames.Show(name)} among them; allowed: at most {SampleLimits.Files}.");
                bytes += Math.Min(status.Bytes, maxBytes + 1);
                files.Add(name);
            }
        }
    }

    // Which of its folders could not be opened is what its author needs to know.
    private static DirectoryHandle Open(DirectoryHandle here, EntryName entry, string name)
    {
        try
        {
            return here.OpenFolder(entry);
        }
        catch (IOException failure)
        {
            throw Invalid(name, $"it could not be read: {failure.Message}");
        }
    }

    private static void CheckRequired(List<string> files)
    {
        foreach (var name in Required)
        {
            if (files.Contains(name)) continue;
            var like = files.Find(file => Path.GetFileNameWithoutExtension(file) == Path.GetFileNameWithoutExtension(name));
            throw Invalid($"{name} is missing{(like is null ? "" : $", there is {like}; allowed: {name} in that format")}.");
        }
    }

    // In a tar a sample's members have no folders, see ObjectKeys.ShardMember.
    private static void CheckMembers(List<string> files)
    {
        if (files.GroupBy(static file => file.Replace('/', '.'), StringComparer.Ordinal)
            .FirstOrDefault(static same => same.Count() > 1) is { } clash)
            throw Invalid($"{string.Join(" and ", clash.Order(StringComparer.Ordinal))} would be one member of a tar; allowed: names that differ when '/' is read as '.'.");
    }

    private static InvalidSampleException Invalid(string name, string defect) => Invalid($"{FileNames.Show(name)}: {defect}.");

    private static InvalidSampleException Invalid(string message) => new(FailureKind.InvalidOutput, message);
}
