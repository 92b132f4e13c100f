using VmDataset.Cli.Api;

namespace VmDataset.Cli.Downloads;

/// <summary>Fetches every file that a dataset's checksums name.</summary>
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
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
        // Read line by line: a dataset has millions of files.
        while (lists.TryDequeue(out var list))
        {
            await Parallel.ForEachAsync(File.ReadLines(folder.PathOf(list)), options, async (line, token) =>
            {
                if (await TryAsync(line, token) is not { } fetched) return;
                count.AddFile();
                if (!fetched.IsList) return;
                lock (lists) lists.Enqueue(fetched.Path);
            });
        }
    }

    private async Task<SumsLine?> TryAsync(string line, CancellationToken cancellationToken)
    {
        var name = "";
        try
        {
            var file = SumsLine.Read(line);
            name = $"{file.Path}: ";
            await fetcher.FetchAsync(file, cancellationToken);
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
