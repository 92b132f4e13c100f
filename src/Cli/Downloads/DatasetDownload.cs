using VmDataset.Cli.Api;

namespace VmDataset.Cli.Downloads;

/// <summary>Fetches files with their checksums, and every file that a dataset's lists of checksums name.</summary>
internal sealed class DatasetDownload(FileFetcher fetcher, TargetFolder folder, TransferCount count, int parallel)
{
    private readonly ConcurrentQueue<string> _problems = [];

    /// <summary>What went wrong, a sentence for each file that is not there.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <param name="first">The list that names the files, or further lists.</param>
    public async Task RunAsync(SumsLine first, CancellationToken cancellationToken)
    {
        await fetcher.FetchAsync(first, cancellationToken);
        count.AddFile();
        Queue<string> lists = new([first.Path]);
        // Read line by line: a dataset has millions of files.
        while (lists.TryDequeue(out var list))
        {
            await Parallel.ForEachAsync(File.ReadLines(folder.PathOf(list)), Options(cancellationToken), async (line, token) =>
            {
                if (await TryAsync(() => SumsLine.Read(line), token) is not { IsList: true } further) return;
                lock (lists) lists.Enqueue(further.Path);
            });
        }
    }

    /// <summary>Fetches files that no list names.</summary>
    public Task RunAsync(IEnumerable<SumsLine> files, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(files, Options(cancellationToken), async (file, token) => await TryAsync(() => file, token));

    private ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };

    private async Task<SumsLine?> TryAsync(Func<SumsLine> read, CancellationToken cancellationToken)
    {
        var name = "";
        try
        {
            var file = read();
            name = $"{file.Path}: ";
            await fetcher.FetchAsync(file, cancellationToken);
            count.AddFile();
            return file;
        }
        catch (Exception exception) when (exception is DownloadException or ApiException or UsageException or IOException
            or UnauthorizedAccessException)
        {
            _problems.Enqueue(name + exception.Message.ReplaceLineEndings(" "));
            return null;
        }
    }
}
