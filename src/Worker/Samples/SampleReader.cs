using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using VmDataset.Pipeline.Progress;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Samples;

/// <summary>Reads what a generator left, checks it, and gives it its place in the dataset.</summary>
/// <param name="maxBytes">Bytes that one sample's files may have together.</param>
public sealed partial class SampleReader(long maxBytes)
{
    private const string MetadataFile = "metadata.json";
    private const string TaskFolders = "*_task";

    // <out>/<generator>/<domain>_task is as deep as known generators go.
    private const int MaxDepth = 4;
    private static readonly string[] Required = ["first_frame.png", "prompt.txt"];
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Finds the sample below <paramref name="output"/> and renames it to its index.</summary>
    /// <param name="output">The generator's output folder.</param>
    /// <param name="work">The draw's folder.</param>
    /// <param name="index">The sample's index in the job.</param>
    /// <param name="seed">The seed it was drawn with.</param>
    /// <param name="seconds">How long the generator took.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="InvalidSampleException">There is no sample, there are several of one task, or it is not valid.</exception>
    internal async Task<Sample> ReadAsync(
        string output, string work, int index, int seed, double seconds, CancellationToken cancellationToken = default)
    {
        var (domain, folder) = FindSample(output, seed);
        var files = FindFiles(folder);
        await RenameInMetadataAsync(folder, ObjectKeys.SampleName(domain, index), cancellationToken);

        List<SampleFileRecord> records = [];
        foreach (var name in files)
        {
            await using var content = File.OpenRead(Path.Combine(folder, name));
            if (FindDefect(name, content) is { } defect) throw Invalid($"{name}: {defect}.");
            content.Position = 0;
            records.Add(new SampleFileRecord(name, content.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken))));
        }

        return new Sample(domain, new SampleRecord
        {
            Index = index,
            Seed = seed,
            Fingerprint = Fingerprint(records),
            Seconds = Math.Round(seconds, 4),
            Prompt = await SampleText.PromptAsync(folder, cancellationToken),
            Parameters = await SampleText.ParametersAsync(folder, cancellationToken),
            Files = records,
        }, folder, work);
    }

    /// <summary>See <see cref="SampleRecord.Fingerprint"/>.</summary>
    internal static string Fingerprint(IEnumerable<SampleFileRecord> files) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Concat(files.Where(static file => file.Name != MetadataFile).Select(static file => $"{file.Sha256}  {file.Name}\n")))));

    /// <summary>
    /// A generator of several tasks may draw one sample of each: the seed says which of them is taken, so that it is always the
    /// same one, and that consecutive samples take turns.
    /// </summary>
    private static (string Domain, string Folder) FindSample(string output, int seed)
    {
        List<List<string>> tasks = [.. TasksIn(output, depth: 1).Select(static task => Directory.EnumerateDirectories(task).ToList())
            .Where(static samples => samples.Count > 0)];
        if (tasks.Find(static samples => samples.Count > 1) is { } several)
        {
            throw new InvalidSampleException(FailureKind.NoOutput,
                $"The generator was asked for 1 sample and wrote {several.Count}{(tasks.Count > 1 ? $" into {Path.GetFileName(Path.GetDirectoryName(several[0]))}" : "")}.");
        }

        if (tasks.Count == 0) throw new InvalidSampleException(FailureKind.NoOutput, "The generator ended well but wrote no <domain>_task/<domain>_<number>/ folder.");
        var sample = tasks[seed % tasks.Count][0];
        var domain = Path.GetFileName(Path.GetDirectoryName(sample))![..^"_task".Length];
        return DomainForm().IsMatch(domain) ? (domain, sample)
            : throw Invalid($"The domain '{domain}' is not a name; allowed: 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit.");
    }

    /// <summary>The task folders, in order of their paths: right here, or else in folders between.</summary>
    private static List<string> TasksIn(string folder, int depth)
    {
        List<string> here = [.. Directory.EnumerateDirectories(folder, TaskFolders).Order(StringComparer.Ordinal)];
        return here.Count > 0 || depth == MaxDepth ? here
            : [.. Directory.EnumerateDirectories(folder).Where(static inner => new DirectoryInfo(inner).LinkTarget is null)
                .Order(StringComparer.Ordinal).SelectMany(inner => TasksIn(inner, depth + 1))];
    }

    private List<string> FindFiles(string folder)
    {
        List<string> files = [];
        long bytes = 0;
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, entry.FullName);
            // A link would publish whatever it points to.
            if (entry.LinkTarget is not null) throw Invalid($"{name} is a link; allowed: files.");
            if (entry is not FileInfo file) continue;
            if (name.Any(static character => char.IsControl(character) || character == '\\') || name.Length > 200)
                throw Invalid($"A file name has control characters, a backslash or more than 200 characters: {name}");
            bytes += file.Length;
            files.Add(name);
        }

        if (bytes > maxBytes) throw Invalid($"The sample has {bytes} bytes; allowed: at most {maxBytes}.");
        foreach (var name in Required)
        {
            if (files.Contains(name)) continue;
            var like = files.Find(file => Path.GetFileNameWithoutExtension(file) == Path.GetFileNameWithoutExtension(name));
            throw Invalid($"{name} is missing{(like is null ? "" : $", there is {like}; allowed: {name} in that format")}.");
        }

        // In a tar a sample's members have no folders, see ObjectKeys.ShardMember.
        if (files.GroupBy(static file => file.Replace('/', '.'), StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } clash)
            throw Invalid($"{string.Join(" and ", clash.Order(StringComparer.Ordinal))} would be one member of a tar; allowed: names that differ when '/' is read as '.'.");
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static string? FindDefect(string name, FileStream content)
    {
        // Any other file is the generator's own affair, an empty one too.
        if (content.Length == 0 && (name == "prompt.txt" || Path.GetExtension(name).ToLowerInvariant() is ".png" or ".mp4")) return "it is empty";
        switch (Path.GetExtension(name).ToLowerInvariant())
        {
            case ".png":
                var png = new byte[content.Length];
                content.ReadExactly(png);
                return PngCheck.FindDefect(png);
            case ".mp4":
                return Mp4Check.FindDefect(content);
            default:
                return name == "prompt.txt" ? FindTextDefect(content) : null;
        }
    }

    private static string? FindTextDefect(Stream content)
    {
        try
        {
            using var reader = new StreamReader(content, StrictUtf8, leaveOpen: true);
            return string.IsNullOrWhiteSpace(reader.ReadToEnd()) ? "it is empty" : null;
        }
        catch (DecoderFallbackException)
        {
            return "it is not UTF-8";
        }
    }

    /// <summary>
    /// Every draw is the generator's sample 0, so its metadata names a sample 0: that name, and <c>task_id</c>, become the
    /// sample's own. The text is edited in place, since a parse would change numbers and refuse Python's NaN.
    /// </summary>
    private static async Task RenameInMetadataAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, MetadataFile);
        if (!File.Exists(path)) return;
        var text = await File.ReadAllTextAsync(path, cancellationToken);
        var renamed = TaskId().Replace(text.Replace($"\"{Path.GetFileName(folder)}\"", $"\"{name}\"", StringComparison.Ordinal), $"$1\"{name}\"", 1);
        if (renamed != text) await File.WriteAllTextAsync(path, renamed, cancellationToken);
    }

    private static InvalidSampleException Invalid(string message) => new(FailureKind.InvalidOutput, message);

    [GeneratedRegex("""("task_id"\s*:\s*)"(?:[^"\\]|\\.)*" """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex TaskId();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DomainForm();
}
