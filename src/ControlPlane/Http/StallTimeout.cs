namespace VmDataset.ControlPlane.Http;

/// <summary>
/// Ends a request for which no call of the store or the queue has come back for a while: they hang. One that goes on, such as
/// the counting of a large job, may take longer; an answer that has begun is left alone.
/// </summary>
internal sealed class StallTimeout(RequestDelegate next)
{
    /// <summary>Without a call's end; the answer is to be there within 10 s.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    public async Task InvokeAsync(HttpContext http)
    {
        var client = http.RequestAborted;
        using var clock = new Clock(client);
        http.RequestAborted = clock.Token;
        CallProgress.Listen(clock);
        http.Response.OnStarting(() =>
        {
            clock.End();
            return Task.CompletedTask;
        });
        try
        {
            await next(http);
        }
        catch (OperationCanceledException exception) when (
            clock.Token.IsCancellationRequested && !client.IsCancellationRequested && !http.Response.HasStarted)
        {
            throw new ServiceUnavailableException($"No call of the store or the queue came back within {Limit.TotalSeconds} s.", exception);
        }
        finally
        {
            CallProgress.Listen(null);
            http.RequestAborted = client;
        }
    }

    /// <summary>What a request started may go on behind it, and notes its calls here still: the end is final.</summary>
    private sealed class Clock : CallProgress.IListener, IDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly Lock _lock = new();
        private int _elsewhere;
        private bool _ended;

        public Clock(CancellationToken client)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(client);
            Token = _stop.Token;
            _stop.CancelAfter(Limit);
        }

        public CancellationToken Token { get; }

        public void Note() => Elsewhere(0);

        public void Elsewhere(int change)
        {
            lock (_lock)
            {
                _elsewhere += change;
                if (!_ended) _stop.CancelAfter(_elsewhere > 0 ? Timeout.InfiniteTimeSpan : Limit);
            }
        }

        public void End()
        {
            lock (_lock)
            {
                if (!_ended) _stop.CancelAfter(Timeout.InfiniteTimeSpan);
                _ended = true;
            }
        }

        public void Dispose()
        {
            End();
            _stop.Dispose();
        }
    }
}
