using System.Net.Sockets;

namespace VmDataset.Worker.Lanes;

/// <summary>One line of work: a Python supervisor bound to one generator, which draws one sample after another.</summary>
public sealed class Lane : IAsyncDisposable
{
    // A supervisor kills its runner within milliseconds; one that does not answer for so long is stopped, or hangs.
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AbortGrace = TimeSpan.FromSeconds(1.5);

    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly int _pid;

    private Lane(GeneratorInfo generator, Socket socket)
    {
        Generator = generator;
        _pid = ProcessTree.PeerOf(socket);
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream);
    }

    public GeneratorInfo Generator { get; }

    /// <summary>When it was last given back, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    internal long IdleSince { get; set; }

    /// <summary>The number, below <see cref="WorkerOptions.Lanes"/>, of the processor that its samples keep to while it is lent; no other
    /// lane that is lent has it. Null outside the pool.</summary>
    internal int? Processor { get; set; }

    /// <summary>The supervisor is gone; the lane cannot draw again.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Takes over the connection that a new supervisor made, once it is ready.</summary>
    /// <exception cref="LaneLostException">It ended before it was ready.</exception>
    internal static async Task<Lane> OpenAsync(GeneratorInfo generator, Socket socket, CancellationToken cancellationToken)
    {
        var lane = new Lane(generator, socket);
        try
        {
            var line = await lane.ReadAsync(cancellationToken);
            using var ready = JsonDocument.Parse(line);
            if (ready.RootElement.TryGetProperty("event", out var name) && name.GetString() == "ready") return lane;
            throw new LaneLostException($"A lane of '{generator.Name}' could not start: {line}") { CannotStart = true };
        }
        catch (Exception exception)
        {
            // Whoever does not say that it is ready need not hear that its connection has ended.
            if (exception is OperationCanceledException) lane.Kill();
            await lane.DisposeAsync();
            throw;
        }
    }

    /// <summary>Draws one sample into <c><paramref name="work"/>/out</c>.</summary>
    /// <param name="work">A private folder of this draw, made by the lane and removed by the caller.</param>
    /// <param name="seed">The sample's own seed: base seed + index.</param>
    /// <param name="timeout">Longer is killed.</param>
    /// <param name="reuse">Whether its process, and what is in it, may have drawn before.</param>
    /// <param name="video">What the sample is brought into, within the same time; null if it stays as it is drawn.</param>
    /// <param name="cancellationToken">Kills the sample.</param>
    /// <exception cref="LaneLostException">The supervisor died.</exception>
    /// <exception cref="OperationCanceledException">The sample was stopped on request.</exception>
    public async Task<DrawResult> DrawAsync(string work, int seed, TimeSpan timeout, DrawReuse reuse, VideoSpec? video,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IReadOnlyList<string> argv =
        [
            "--num-samples", "1", "--seed", seed.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Generator.OutputFlag, Path.Combine(work, "out"), .. Generator.Binding?.Arguments ?? [],
        ];
        await WriteAsync(new DrawRequest(
            "draw", work, argv, seed, timeout.TotalSeconds, reuse.Fresh, reuse.KeepAfter, Generator.Binding?.Config, video, Processor));
        using var limit = new CancellationTokenSource(timeout + Grace);
        await using var abort = cancellationToken.UnsafeRegister(_ => Abort(limit), null);
        string line;
        try
        {
            line = await ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            var lost = Lost($"A lane of '{Generator.Name}' did not answer within {(timeout + Grace).TotalSeconds:0} s.");
            cancellationToken.ThrowIfCancellationRequested();
            throw lost;
        }

        var result = JsonSerializer.Deserialize<DrawResult>(line, WireJson.Options);
        if (result?.Status is null) throw Lost($"A lane of '{Generator.Name}' has failed: {result?.Message}");
        // Requests are well-formed, so its own folders are gone or the disk is full: no sample is to blame.
        if (result.Status == "refused")
        {
            IsLost = true;
            throw new LaneLostException($"A lane of '{Generator.Name}' cannot be used: {result.Message}") { CannotStart = true };
        }

        if (result.Aborted) throw new OperationCanceledException(cancellationToken);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        // The end of the connection is the supervisor's sign to end everything below it; one that is stopped does not see it.
        if (!IsLost) _ = ProcessTree.KillUnlessEndedAsync(_pid, Grace);
        IsLost = true;
        _reader.Dispose();
        await _stream.DisposeAsync();
    }

    private void Abort(CancellationTokenSource limit)
    {
        limit.CancelAfter(AbortGrace);
        _ = TryAbortAsync();
    }

    private async Task TryAbortAsync()
    {
        try
        {
            await WriteAsync(new BareRequest("abort"));
        }
        catch (LaneLostException)
        {
            // Whoever reads the answer notices it too.
        }
    }

    // The end of the connection does not reach a process that is stopped.
    private void Kill()
    {
        IsLost = true;
        ProcessTree.Kill(_pid);
    }

    private async Task WriteAsync<T>(T request)
    {
        try
        {
            await _stream.WriteAsync(JsonLine.Of(request));
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw Lost($"A lane of '{Generator.Name}' is gone.", exception);
        }
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _reader.ReadLineAsync(cancellationToken) ?? throw Lost($"A lane of '{Generator.Name}' ended unexpectedly.");
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw Lost($"A lane of '{Generator.Name}' ended unexpectedly.", exception);
        }
    }

    private LaneLostException Lost(string message, Exception? inner = null)
    {
        IsLost = true;
        return new LaneLostException(message, inner);
    }
}
