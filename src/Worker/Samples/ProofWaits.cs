namespace VmDataset.Worker.Samples;

/// <summary>Which batches in this process wait for a proof of process reuse: it is noted in memory alone, as the wait is short.</summary>
public sealed class ProofWaits
{
    private readonly ConcurrentDictionary<(string Job, string Generator, int Index), bool> _samples = [];
    private readonly ConcurrentDictionary<string, int> _proofs = new(StringComparer.Ordinal);

    /// <summary>Whether a proof of the generator is drawn, and of the batch some samples wait and none is drawn.</summary>
    public bool IsProving(string jobId, string generator, SampleRange batch)
    {
        if (!_proofs.ContainsKey(generator)) return false;
        var (waits, draws) = (false, false);
        foreach (var ((job, name, index), isDrawn) in _samples)
        {
            if (job != jobId || name != generator || index < batch.Start || index >= batch.End) continue;
            if (isDrawn) draws = true;
            else waits = true;
        }

        return waits && !draws;
    }

    /// <summary>Notes a sample until the answer is disposed: as waiting, and from <see cref="Sample.Draw"/> on as being drawn.</summary>
    internal Sample Begin(string jobId, string generator, int index) => new(this, (jobId, generator, index));

    /// <summary>Notes a proof until the answer is disposed.</summary>
    internal IDisposable Prove(string generator)
    {
        _proofs.AddOrUpdate(generator, 1, static (_, count) => count + 1);
        return new Proof(this, generator);
    }

    internal sealed class Sample : IDisposable
    {
        private readonly ProofWaits _waits;
        private readonly (string Job, string Generator, int Index) _key;

        public Sample(ProofWaits waits, (string Job, string Generator, int Index) key)
        {
            (_waits, _key) = (waits, key);
            _waits._samples[_key] = false;
        }

        public void Draw() => _waits._samples[_key] = true;

        public void Dispose() => _waits._samples.TryRemove(_key, out _);
    }

    private sealed class Proof(ProofWaits waits, string generator) : IDisposable
    {
        public void Dispose()
        {
            // Of two proofs, with other parameters, the second may end between the reading and the removal.
            while (waits._proofs.TryGetValue(generator, out var count))
            {
                if (count > 1 ? waits._proofs.TryUpdate(generator, count - 1, count)
                    : waits._proofs.TryRemove(KeyValuePair.Create(generator, count))) return;
            }
        }
    }
}
