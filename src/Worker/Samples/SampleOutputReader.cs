using System.Buffers;

namespace VmDataset.Worker.Samples;

/// <summary>Reads a generator's output, checks it, and gives it its place in the dataset. Nothing there is trusted: only regular files are
/// opened, through handles of their folders, within <see cref="SampleLimits"/>, and any defect is that sample's failure.</summary>
/// <param name="maxBytes">Bytes that one sample's files may have together.</param>
/// <param name="time">How long reading one sample may take; <see cref="SampleLimits.ReadingTime"/> if null.</param>
public sealed class SampleOutputReader(long maxBytes, TimeSpan? time = null)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Finds the sample below <paramref name="output"/> and renames it to its index.</summary>
    /// <param name="work">The draw's folder, which holds it.</param>
    /// <exception cref="InvalidSampleException">There is no sample, several of one task, or an invalid or unreadable one.</exception>
    internal Task<Sample> ReadAsync(
        string output, string work, int index, int seed, double seconds, CancellationToken cancellationToken = default) =>
        Task.Run(() => Read(output, work, index, seed, seconds, cancellationToken), cancellationToken);

    internal Sample Read(string output, string work, int index, int seed, double seconds, CancellationToken cancellationToken)
    {
        var limit = time ?? SampleLimits.ReadingTime;
        using var late = new CancellationTokenSource(limit);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return SampleFile.Reading("The output", () => Read(output, work, index, seed, seconds, end));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidSampleException(FailureKind.TimedOut, string.Create(CultureInfo.InvariantCulture,
                $"The sample was drawn, but its files could not be read within {limit.TotalSeconds:0.##} s."));
        }
    }

    /// <summary>See <see cref="SampleRecord.Fingerprint"/>.</summary>
    internal static string Fingerprint(IEnumerable<SampleFileRecord> files) =>
        Hash(files.Where(static file => file.Name != SampleText.MetadataFile));

    /// <summary>SHA-256 over files in their order, in hex.</summary>
    internal static string Hash(IEnumerable<SampleFileRecord> files) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Concat(files.Select(static file => $"{file.Sha256}  {file.Name}\n")))));

    private Sample Read(string output, string work, int index, int seed, double seconds, CancellationTokenSource end)
    {
        using var top = DirectoryHandle.Open(work);
        using var drawn = top.OpenPath(Path.GetRelativePath(work, output));
        var (domain, folder, path) = new OutputSearch(seed, end.Token).Find(drawn);
        using (folder)
        {
            var names = SampleFolder.FilesIn(folder, maxBytes, end.Token);
            var record = new SampleRecord { Index = index, Seed = seed, Fingerprint = "", Seconds = Math.Round(seconds, 4), Files = [] };
            List<SampleFileRecord> files = [];
            Dictionary<string, FileStatus> statuses = new(names.Count, StringComparer.Ordinal);
            var check = new ContentCheck(end.Token);
            foreach (var name in names)
            {
                var (file, status) = name switch
                {
                    SampleText.PromptFile => ReadPrompt(folder, ref record),
                    SampleText.MetadataFile => ReadMetadata(folder, Path.GetFileName(path), ObjectKeys.SampleName(domain, index),
                        ref record),
                    _ => ReadOther(folder, name, check, ref record, end.Token),
                };
                files.Add(file);
                statuses.Add(name, status);
            }

            record = record with { Fingerprint = Fingerprint(files), Files = files };
            return new Sample(domain, record, Path.Combine(output, path), work) { Statuses = statuses };
        }
    }

    private static (SampleFileRecord, FileStatus) ReadPrompt(DirectoryHandle folder, ref SampleRecord record)
    {
        using var file = SampleFile.Open(folder, SampleText.PromptFile);
        var content = file.ReadAll(SampleLimits.TextBytes);
        var (prompt, defect) = SampleText.ReadPrompt(content);
        if (defect is not null) throw SampleFile.Invalid(SampleText.PromptFile, defect);
        record = record with { Prompt = prompt };
        return Describe(SampleText.PromptFile, file, content);
    }

    private static (SampleFileRecord, FileStatus) ReadMetadata(DirectoryHandle folder, string drawn, string name, ref SampleRecord record)
    {
        var file = SampleFile.Open(folder, SampleText.MetadataFile);
        try
        {
            var content = file.ReadAll(SampleLimits.TextBytes);
            if (MetadataName.Replace(content, drawn, name) is { } renamed)
            {
                file.Dispose();
                SampleFile.Replace(folder, SampleText.MetadataFile, renamed);
                file = SampleFile.Open(folder, SampleText.MetadataFile);
                content = file.ReadAll(SampleLimits.TextBytes);
            }

            record = record with { Parameters = SampleText.ReadParameters(content) };
            return Describe(SampleText.MetadataFile, file, content);
        }
        finally
        {
            file.Dispose();
        }
    }

    private static (SampleFileRecord, FileStatus) Describe(string name, SampleFile file, byte[] content)
    {
        file.CheckUnchanged();
        return (new SampleFileRecord(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), file.Status);
    }

    private static (SampleFileRecord, FileStatus) ReadOther(
        DirectoryHandle folder, string name, ContentCheck check, ref SampleRecord record, CancellationToken cancellationToken)
    {
        using var file = SampleFile.Open(folder, name);
        if (SampleFile.Reading(name, () => check.FindDefect(name, file.Content)) is { } defect) throw SampleFile.Invalid(name, defect);
        if (name == ConformedCheck.VideoFile)
            record = record with { Video = SampleFile.Reading(name, () => Mp4Index.Read(file.Content)) };
        var sha256 = SampleFile.Reading(name, () => Hash(file.Content, cancellationToken));
        file.CheckUnchanged();
        return (new SampleFileRecord(name, file.Status.Bytes, sha256), file.Status);
    }

    private static string Hash(FileStream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            content.Position = 0;
            while (content.Read(buffer, 0, BufferBytes) is > 0 and var read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
