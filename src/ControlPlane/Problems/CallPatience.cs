using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Problems;

/// <summary>
/// Ends a request for which no call of the store or the queue has come back for a while: they hang. One that goes on, such as
/// the counting of a large job, may take longer; an answer that has begun is left alone.
/// </summary>
internal sealed class CallPatience(RequestDelegate next)
{
    /// <summary>Without a call's end; the answer is to be there within 10 s.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    public async Task InvokeAsync(HttpContext http)
    {
        var client = http.RequestAborted;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(client);
        var over = 0;
        stop.CancelAfter(Limit);
        http.RequestAborted = stop.Token;
        CallProgress.Listen(() => Again(Limit));
        http.Response.OnStarting(() =>
        {
            Again(Timeout.InfiniteTimeSpan);
            Volatile.Write(ref over, 1);
            return Task.CompletedTask;
        });
        try
        {
            await next(http);
        }
        catch (OperationCanceledException exception) when (stop.IsCancellationRequested && !client.IsCancellationRequested && !http.Response.HasStarted)
        {
            throw new IOException($"No call of the store or the queue came back within {Limit.TotalSeconds} s.", exception);
        }
        finally
        {
            Volatile.Write(ref over, 1);
            CallProgress.Listen(null);
            http.RequestAborted = client;
        }

        // What a request started may go on behind it, and notes its calls here still.
        void Again(TimeSpan limit)
        {
            if (Volatile.Read(ref over) == 1) return;
            try
            {
                stop.CancelAfter(limit);
            }
            catch (ObjectDisposedException)
            {
                // The request ended in this moment.
            }
        }
    }
}
