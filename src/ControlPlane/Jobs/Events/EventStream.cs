using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>Tells one client of a job: what it has not got yet, then what happens, until the end of the job.</summary>
internal sealed class EventStream(JobWatcher watch, SseWriter writer, WatchLimits limits, TimeProvider time, EventId has)
{
    // Records that are read at once, and after which the client's place is told.
    private const int Chunk = 32;

    private EventId _has = has;
    private JobProgressView? _progress;
    private long _lastSent = time.GetTimestamp();

    /// <param name="first">A reading of the job.</param>
    /// <param name="cancellationToken">The client or the process is gone.</param>
    public async Task RunAsync(JobObservation first, CancellationToken cancellationToken)
    {
        writer.Retry(limits.Retry);
        var look = first;
        // A place that the client names is one in the order of times; from then on new is what was not there before.
        var missing = look.Failures.Span[look.Failures.After(_has.Failures)..].ToArray();
        var inOrder = true;
        while (true)
        {
            Progress(look);
            Control(look);
            if (look.Deleted)
            {
                await FlushAsync(cancellationToken);
                return;
            }

            if (!await FailuresAsync(look, missing, inOrder, cancellationToken)) return;
            if (look.IsLast)
            {
                writer.Event("end", _has with { Ended = true }, look.View);
                await FlushAsync(cancellationToken);
                return;
            }

            if (limits.OneLook) return;
            var next = await NextAsync(look, cancellationToken);
            missing = ReferenceEquals(next.Failures, look.Failures) ? [] : [.. next.Failures.Since(look.Failures)];
            (look, inOrder) = (next, false);
        }
    }

    private void Progress(JobObservation look)
    {
        if (look.Deleted || _progress?.IsNews(look.Progress) == false) return;
        _progress = look.Progress;
        writer.Event("progress", _has, look.Progress);
    }

    private void Control(JobObservation look)
    {
        foreach (var each in look.Events.Skip(_has.Control))
        {
            _has = _has with { Control = each.Number };
            writer.Event(each.Type == Pipeline.Jobs.JobEventType.Deleted ? "deleted" : "control", _has, JobViewer.View(each));
        }
    }

    /// <param name="look">The reading that has them.</param>
    /// <param name="missing">What the client has not got.</param>
    /// <param name="inOrder">Whether the client has all that lies before, so that its place can be told on the way.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>False where the stream ends before they are all told.</returns>
    private async Task<bool> FailuresAsync(JobObservation look, FailureEntry[] missing, bool inOrder, CancellationToken cancellationToken)
    {
        var before = look.Failures.Count - missing.Length;
        for (var told = 0; told < missing.Length;)
        {
            await FlushAsync(cancellationToken);
            if (told > 0 && writer.Written > limits.MaxBytes) return false;
            // What else happened while a long list is told.
            if (watch.Latest is { IsLast: false } latest) Progress(latest);
            var chunk = missing.AsSpan(told, Math.Min(Chunk, missing.Length - told)).ToArray();
            var records = await Task.WhenAll(chunk.Select(failure => watch.RecordAsync(failure, cancellationToken)));
            told += chunk.Length;
            // Only the last of the chunk moves the client's place: if it is cut before, all of the chunk comes again.
            if (told == missing.Length) _has = _has with { Failures = look.Failures.Position(look.Failures.Count) };
            else if (inOrder) _has = _has with { Failures = look.Failures.Position(before + told) };
            Failures(look, [.. records.OfType<FailureRecord>()]);
        }

        await FlushAsync(cancellationToken);
        return true;
    }

    private void Failures(JobObservation look, IReadOnlyList<FailureRecord> records)
    {
        for (var i = 0; i < records.Count; i++)
        {
            writer.Event("failure", i == records.Count - 1 ? _has : null,
                FailureReader.View(records[i], look.Read.Finished, look.Read.GivenUp));
        }
    }

    private async Task<JobObservation> NextAsync(JobObservation last, CancellationToken cancellationToken)
    {
        var next = watch.NextAsync(last, cancellationToken);
        while (true)
        {
            if (next.IsCompleted) return await next;
            var left = limits.Heartbeat - time.GetElapsedTime(_lastSent);
            try
            {
                if (left > TimeSpan.Zero) return await next.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Then it is time.
            }

            Heartbeat(last);
            await FlushAsync(cancellationToken);
        }
    }

    private void Heartbeat(JobObservation last)
    {
        if (last.Progress == _progress)
        {
            writer.Comment();
            return;
        }

        // Where nothing happens the rate falls all the same.
        _progress = last.Progress;
        writer.Event("progress", _has, last.Progress);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (await writer.FlushAsync(cancellationToken)) _lastSent = time.GetTimestamp();
    }
}
