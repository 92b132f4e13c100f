using System.Buffers.Binary;

namespace VmDataset.Worker.Shards;

/// <summary>An MDS shard while it is written: its offsets are known at the end, and their place at the start.</summary>
internal sealed class MdsContent : ShardContent
{
    private readonly Stream _to;
    private readonly byte[] _head;
    private readonly List<MdsColumn> _columns;
    private int _added;

    public MdsContent(Stream to, int samples, byte[] config, List<MdsColumn> columns)
    {
        (_to, _columns) = (to, columns);
        _head = new byte[((samples + 2) * sizeof(uint)) + config.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(_head, (uint)samples);
        config.CopyTo(_head, _head.Length - config.Length);
        _to.Position = _head.Length;
        NoteOffset();
    }

    public override async Task AddAsync(SampleContent sample, CancellationToken cancellationToken)
    {
        var values = _columns.ConvertAll(column => column.ValueOf(sample));
        var sizes = new byte[_columns.Count(static column => column.FixedBytes is null) * sizeof(uint)];
        var at = 0;
        for (var column = 0; column < _columns.Count; column++)
        {
            if (_columns[column].FixedBytes is not null) continue;
            BinaryPrimitives.WriteUInt32LittleEndian(sizes.AsSpan(at), (uint)values[column].Length);
            at += sizeof(uint);
        }

        await _to.WriteAsync(sizes, cancellationToken);
        foreach (var value in values) await _to.WriteAsync(value, cancellationToken);
        _added++;
        NoteOffset();
    }

    public override async Task EndAsync(CancellationToken cancellationToken)
    {
        _to.Position = 0;
        await _to.WriteAsync(_head, cancellationToken);
    }

    private void NoteOffset() =>
        BinaryPrimitives.WriteUInt32LittleEndian(_head.AsSpan((_added + 1) * sizeof(uint)), checked((uint)_to.Position));
}
