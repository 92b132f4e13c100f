using System.Net;
using VmDataset.Cli.Api;

namespace VmDataset.Cli.Downloads;

/// <summary>Fetches one file, unless it is there and right; what an earlier run left of it is completed.</summary>
/// <param name="path">The path of the files in the API.</param>
internal sealed class FileFetcher(ApiClient api, string path, TargetFolder folder, TransferCount count)
{
    private const int Tries = 5;
    private const int BufferSize = 1 << 17;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    /// <exception cref="DownloadException">It cannot be had, or comes with a wrong checksum.</exception>
    public async Task FetchAsync(SumsLine file, CancellationToken cancellationToken)
    {
        var target = folder.PathOf(file.Path);
        if (File.Exists(target) && await TargetFolder.HashAsync(target, cancellationToken) == file.Sha256)
        {
            count.AddPresent(new FileInfo(target).Length);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var part = folder.PartOf(file.Path);
        for (var failures = 0; ;)
        {
            Exception failure;
            try
            {
                await ReceiveAsync(file.Path, part, cancellationToken);
                if (await TargetFolder.HashAsync(part, cancellationToken) == file.Sha256)
                {
                    File.Move(part, target, overwrite: true);
                    return;
                }

                // What was left here may have been of another version.
                File.Delete(part);
                failure = new DownloadException("its checksum is wrong");
            }
            catch (ApiException exception) when (exception is { Status: 429, RetryAfter: { } told })
            {
                // A caller with many files is over its rate for long, which is no failure.
                await Task.Delay(told < TimeSpan.Zero ? TimeSpan.Zero : told < LongestWait ? told : LongestWait, cancellationToken);
                continue;
            }
            catch (Exception exception) when (exception is ApiException { MayPass: true } or IOException or HttpRequestException)
            {
                failure = exception;
                await Task.Delay(Pause, cancellationToken);
            }

            if (++failures == Tries) throw new DownloadException(failure.Message, failure);
        }
    }

    private async Task ReceiveAsync(string name, string part, CancellationToken cancellationToken)
    {
        var have = File.Exists(part) ? new FileInfo(part).Length : 0;
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(LongestSilence);
        try
        {
            var address = path + string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
            using var response = await api.OpenAsync(address, have, silence.Token);
            // A server may answer with the whole file all the same.
            var goesOn = response.StatusCode == HttpStatusCode.PartialContent;
            var mode = goesOn ? FileMode.Append : FileMode.Create;
            await using var file = new FileStream(part, mode, FileAccess.Write, FileShare.None, BufferSize);
            if (goesOn) count.AddPresent(have);
            await using var stream = await response.Content.ReadAsStreamAsync(silence.Token);
            var buffer = new byte[BufferSize];
            for (int read; (read = await stream.ReadAsync(buffer, silence.Token)) > 0;)
            {
                await file.WriteAsync(buffer.AsMemory(0, read), silence.Token);
                count.AddReceived(read);
                silence.CancelAfter(LongestSilence);
            }
        }
        catch (ApiException exception) when (exception.Status == (int)HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // All of it is there already.
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"nothing came within {LongestSilence.TotalSeconds:0} s", exception);
        }
    }
}
