using VmDataset.Worker.Lanes;
using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Samples;

/// <summary>Draws one sample and reads it: either a valid sample comes back, or the reason why there is none.</summary>
public sealed class SampleRunner(LanePool lanes, IsolatedLane isolated, ProcessReuseProbe prover, WorkerProgress progress,
    ProofWaits waits, WorkerOptions options)
{
    private const string Lost = "lost";
    private static long _nextWork;
    private readonly SampleOutputReader _reader = new(options.MaxSampleBytes);

    /// <param name="baseSeed">Its seed is <c>baseSeed + index</c>.</param>
    /// <param name="jobId">Jobs share the lanes.</param>
    /// <param name="timeout">When it takes longer it is killed; null for <see cref="WorkerOptions.SampleTimeout"/>.</param>
    /// <param name="video">What the sample is brought into; null if it stays as it is drawn.</param>
    /// <returns>The sample, whose <see cref="Sample.Work"/> folder the caller removes, or the failure.</returns>
    /// <exception cref="LaneLostException">No lane can be had: not the sample's fault.</exception>
    public async Task<(Sample? Sample, SampleFailure? Failure)> DrawAsync(
        GeneratorInfo generator, int index, int baseSeed, string jobId, TimeSpan? timeout, VideoSpec? video,
        CancellationToken cancellationToken)
    {
        using var noted = waits.Begin(jobId, generator.Name, index);
        // A lane that would stand idle draws meanwhile, in a process for each sample.
        var reuse = await prover.FindReuseAsync(generator, ForProof(timeout), mayWait: !lanes.HasSpare, cancellationToken);
        return await DrawAsync(generator, index, baseSeed, jobId, timeout, reuse, video, noted, cancellationToken);
    }

    /// <summary>To be called after the samples of a batch: waits for a proof of reuse that they did not wait for.</summary>
    public Task SettleAsync(GeneratorInfo generator, TimeSpan? timeout, CancellationToken cancellationToken) =>
        prover.SettleAsync(generator, ForProof(timeout), cancellationToken);

    /// <summary>Draws one in a process of its own, whether or not the generator needs that.</summary>
    /// <param name="group">Groups share the lanes.</param>
    /// <exception cref="LaneLostException">No lane can be had: not the sample's fault.</exception>
    public Task<(Sample? Sample, SampleFailure? Failure)> DrawAloneAsync(
        GeneratorInfo generator, int seed, string group, CancellationToken cancellationToken) =>
        DrawAsync(generator, 0, seed, group, timeout: null, DrawReuse.None, video: null, noted: null, cancellationToken);

    // A job that allows more has slow samples, which lose little by a process each: a hanging proof shall not hold a lane so long.
    private TimeSpan ForProof(TimeSpan? timeout) => timeout < options.SampleTimeout ? timeout.Value : options.SampleTimeout;

    private async Task<(Sample? Sample, SampleFailure? Failure)> DrawAsync(
        GeneratorInfo generator, int index, int baseSeed, string jobId, TimeSpan? timeout, DrawReuse reuse, VideoSpec? video,
        ProofWaits.Sample? noted, CancellationToken cancellationToken)
    {
        var work = Path.Combine(options.ScratchDir, "draws", Interlocked.Increment(ref _nextWork).ToString(CultureInfo.InvariantCulture));
        try
        {
            var result = await DrawOnLaneAsync(generator, work, baseSeed + index, jobId, timeout ?? options.SampleTimeout, reuse,
                video, noted, cancellationToken);
            if (result.Status != "ok") return Failed(work, FailureOf(index, result));
            MeterMetrics.Drawn(generator.Name, result.Seconds);
            try
            {
                // No lane is held any more. Whatever the reading hangs on, a halt does not wait for it.
                using var reading = progress.Begin($"the reading of a sample of '{generator.Name}' (seed {baseSeed + index})",
                    SampleLimits.ReadingTime);
                var output = Path.Combine(work, "out");
                var sample = await _reader.ReadAsync(output, work, index, baseSeed + index, result.Seconds, cancellationToken)
                    .WaitAsync(cancellationToken);
                if (video is not null && ConformedCheck.FindDefect(sample.Record, video) is { } defect)
                    return Failed(work, new SampleFailure(index, FailureKind.InvalidOutput, defect) { LogTail = result.Log });
                var record = sample.Record with
                {
                    CpuSeconds = result.CpuSeconds,
                    MaxRssMb = result.MaxRssMb,
                    FirstFrameDistance = Distance(result.FirstFrameDistance),
                    FinalFrameDistance = Distance(result.FinalFrameDistance),
                    StaticVideo = result.StaticVideo == true ? true : null,
                };
                return (sample with { Record = record }, null);
            }
            catch (InvalidSampleException invalid)
            {
                return Failed(work, new SampleFailure(index, invalid.Kind, invalid.Message) { LogTail = result.Log });
            }
        }
        catch
        {
            Scratch.DeleteSoon(work);
            throw;
        }
    }

    private async Task<DrawResult> DrawOnLaneAsync(GeneratorInfo generator, string work, int seed, string jobId, TimeSpan timeout,
        DrawReuse reuse, VideoSpec? video, ProofWaits.Sample? noted, CancellationToken cancellationToken)
    {
        try
        {
            await using var loan = await lanes.RentAsync(generator, jobId, cancellationToken);
            noted?.Draw();
            using var drawing = progress.Begin($"the draw of a sample of '{generator.Name}' (seed {seed})", timeout + Lane.Grace);
            return await loan.Lane.DrawAsync(work, seed, timeout, reuse, video, cancellationToken);
        }
        catch (LaneLostException lost) when (!lost.CannotStart)
        {
            // It was ended from outside, by this sample, or by a sibling that ended the host of all lanes: alone it is seen which.
            cancellationToken.ThrowIfCancellationRequested();
            Scratch.Delete(work);
        }

        return await isolated.DrawAsync(generator, work, seed, timeout, video, jobId, cancellationToken)
            ?? new DrawResult { Status = Lost, Message = "The sample's process ended its supervisor twice." };
    }

    // Foreign pictures were decoded where it was found.
    private static double? Distance(double? told) => told is >= 0 and <= 255 ? Math.Round(told.Value, 3) : null;

    private static (Sample?, SampleFailure?) Failed(string work, SampleFailure failure)
    {
        Scratch.DeleteSoon(work);
        return (null, failure);
    }

    private static SampleFailure FailureOf(int index, DrawResult result)
    {
        var (kind, message) = result.Status switch
        {
            "raised" => (FailureKind.Raised, $"{result.Type}: {result.Message}"),
            "exited" => (FailureKind.Exited, $"The generator exited with code {result.Code}."),
            "killed" => (FailureKind.Killed, $"The generator was ended by {result.SignalName ?? $"signal {result.Signal}"}"
                + (result.Signal == 9 ? "; probably it used too much memory." : ".")),
            Lost => (FailureKind.Killed, result.Message!),
            "invalid" => (FailureKind.InvalidOutput, $"{result.Message}"),
            "unsupported" => (FailureKind.Worker, $"No video can be conformed here: {result.Message}."),
            "timed_out" => (FailureKind.TimedOut, string.Create(
                CultureInfo.InvariantCulture, $"The generator took longer than {result.Limit:0.##} s.")),
            _ => (FailureKind.Worker, $"The generator host answered '{result.Status}': {result.Message}"),
        };
        return new SampleFailure(index, kind, message) { ExceptionType = result.Type, Traceback = result.Traceback, LogTail = result.Log };
    }
}
