namespace VmDataset.Worker.Samples;

/// <summary>Finds the sample in a generator's output: <c>&lt;domain&gt;_task/&lt;any name&gt;</c>, a few folders down. No link is
/// followed.</summary>
internal sealed partial class OutputSearch(int seed, CancellationToken cancellationToken)
{
    private const string TaskEnd = "_task";

    // <out>/<generator>/<domain>_task is as deep as known generators go.
    private const int MaxDepth = 4;

    private int _seen;

    /// <summary>
    /// A generator of several tasks may draw one sample of each: the seed says which of them is taken, so that it is always the
    /// same one, and that consecutive samples take turns.
    /// </summary>
    /// <param name="output">The output folder.</param>
    /// <returns>The domain, and the sample's folder with its path from there.</returns>
    /// <exception cref="InvalidSampleException">There is none, there are several of one task, or a link or another file is in its
    /// place.</exception>
    public (string Domain, DirectoryHandle Folder, string Path) Find(DirectoryHandle output)
    {
        List<(string Task, List<string> Samples)> tasks = [.. TasksIn(output, "", depth: 1).Select(task => (task, SamplesIn(output, task)))
            .Where(static task => task.Item2.Count > 0)];
        if (tasks.Find(static task => task.Samples.Count > 1) is { Task: not null } several)
        {
            throw new InvalidSampleException(FailureKind.NoOutput,
                $"The generator was asked for 1 sample and wrote {several.Samples.Count}{(tasks.Count > 1 ? $" into {Path.GetFileName(several.Task)}" : "")}.");
        }

        if (tasks.Count == 0) throw new InvalidSampleException(
            FailureKind.NoOutput, "The generator ended well but wrote no <domain>_task/<domain>_<number>/ folder.");
        var (chosen, samples) = tasks[seed % tasks.Count];
        var domain = Path.GetFileName(chosen)[..^TaskEnd.Length];
        if (!DomainForm().IsMatch(domain))
            throw Invalid($"The domain '{FileNames.Show(domain)}' is not a name; allowed: 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit.");
        var path = Path.Combine(chosen, samples[0]);
        return (domain, output.OpenPath(path), path);
    }

    /// <summary>The task folders, in order of their paths: right here, or else in folders between.</summary>
    private List<string> TasksIn(DirectoryHandle folder, string path, int depth)
    {
        List<string> between = [], here = [];
        foreach (var entry in Look(folder))
        {
            var isTask = entry.Name.Text.EndsWith(TaskEnd, StringComparison.Ordinal);
            if (entry.Kind is FileKind.Folder) (isTask ? here : between).Add(NameOf(entry, path));
            else if (isTask && entry.Kind is FileKind.Link) throw NotAFolder(path, entry);
        }

        here.Sort(StringComparer.Ordinal);
        if (here.Count > 0 || depth == MaxDepth) return here;
        between.Sort(StringComparer.Ordinal);
        foreach (var name in between)
        {
            using var inner = folder.OpenFolder(new EntryName(Path.GetFileName(name)));
            here.AddRange(TasksIn(inner, name, depth + 1));
        }

        return here;
    }

    private List<string> SamplesIn(DirectoryHandle output, string task)
    {
        List<string> samples = [];
        using var folder = output.OpenPath(task);
        foreach (var entry in Look(folder))
        {
            if (entry.Kind is FileKind.Link) throw NotAFolder(task, entry);
            if (entry.Kind is FileKind.Folder) samples.Add(Path.GetFileName(NameOf(entry, task)));
        }

        return samples;
    }

    private IEnumerable<DirectoryEntry> Look(DirectoryHandle folder)
    {
        foreach (var entry in folder.Entries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++_seen > SampleLimits.SearchedEntries)
                throw Invalid($"The output has too many files and folders beside the sample's own; allowed: at most {SampleLimits.SearchedEntries}.");
            yield return entry;
        }
    }

    private static string NameOf(DirectoryEntry entry, string path) => entry.Name.IsUtf8 ? Path.Combine(path, entry.Name.Text)
        : throw Invalid($"{FileNames.Show(Path.Combine(path, entry.Name.Text))}: its name is not UTF-8.");

    private static InvalidSampleException NotAFolder(string path, DirectoryEntry entry) =>
        Invalid($"{FileNames.Show(Path.Combine(path, entry.Name.Text))}: {FileStatus.Describe(entry.Kind)}; allowed: folders.");

    private static InvalidSampleException Invalid(string message) => new(FailureKind.InvalidOutput, message);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DomainForm();
}
