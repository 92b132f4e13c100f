namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>
/// A pseudo-random order of the numbers from 0 to a size, each of which is computed by itself: a Feistel network over the next power of
/// four, where a number beyond the size is led on until it is below. The same size and seed give the same order for ever.
/// </summary>
internal sealed class SeededPermutation
{
    private const int Rounds = 4;

    private readonly ulong _size;
    private readonly int _halfBits;
    private readonly ulong[] _keys = new ulong[Rounds];

    /// <param name="size">How many numbers there are, 0 to 2^62.</param>
    /// <param name="seed">Which order of them it is.</param>
    public SeededPermutation(long size, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1L << 62);
        _size = (ulong)size;
        _halfBits = 1;
        while (1UL << (2 * _halfBits) < _size) _halfBits++;
        for (var round = 0; round < Rounds; round++) _keys[round] = Mix((((ulong)round + 1) << 32) + (uint)seed);
    }

    /// <summary>The number at a place.</summary>
    /// <param name="place">0 or more, less than the size.</param>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, (long)_size);
            var number = (ulong)place;
            do number = Step(number);
            while (number >= _size);
            return (long)number;
        }
    }

    private ulong Step(ulong number)
    {
        var mask = (1UL << _halfBits) - 1;
        var (left, right) = (number >> _halfBits, number & mask);
        foreach (var key in _keys) (left, right) = (right, left ^ (Mix(right + key) & mask));
        return (left << _halfBits) | right;
    }

    // The finalizer of SplitMix64, behind its increment.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
