using Microsoft.Data.Sqlite;
using VmDataset.Pipeline.Queue;

namespace VmDataset.Pipeline.Local;

/// <summary>The dead letters of a <see cref="SqliteBatchQueue"/>, in its file.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle is never used holds nothing to dispose of.
public sealed class SqliteDeadLetterQueue : IDeadLetterQueue
#pragma warning restore CA1001
{
    private const int WalkPage = 20;

    private readonly SqliteQueueFile _file;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _walking = new(1);

    internal SqliteDeadLetterQueue(SqliteQueueFile file, TimeProvider time) => (_file, _time) = (file, time);

    public Task SendAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken = default)
    {
        _file.Execute("INSERT INTO dead_letters (group_id, body, reason, died_at) VALUES ($group, $body, $reason, $died)",
            ("$group", message.Group), ("$body", message.Body), ("$reason", reason), ("$died", _time.GetUtcNow().ToUnixTimeMilliseconds()));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<DeadLetter>> PeekAsync(int max, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<DeadLetter>>([.. Read(after: 0, upTo: long.MaxValue, max).Select(static row => row.DeadLetter)]);

    public async Task<bool> WalkAsync(Func<DeadLetter, Task<bool>> handle, CancellationToken pause = default,
        CancellationToken cancellationToken = default)
    {
        // Later dead letters are left to the next walk.
        var (last, end) = (0L, Newest());
        while (!pause.IsCancellationRequested)
        {
            // Walks take turns page by page, so that no two handle the same dead letter and none waits for long.
            await _walking.WaitAsync(cancellationToken);
            try
            {
                var page = Read(last, end, WalkPage);
                if (page.Count == 0) return true;
                foreach (var (id, deadLetter) in page)
                {
                    if (pause.IsCancellationRequested) return false;
                    cancellationToken.ThrowIfCancellationRequested();
                    if (await handle(deadLetter)) _file.Execute("DELETE FROM dead_letters WHERE id = $id", ("$id", id));
                    last = id;
                }
            }
            finally
            {
                _walking.Release();
            }
        }

        return false;
    }

    /// <summary>Moves the messages whose lease ran out for the last time that is allowed, within the caller's transaction.</summary>
    internal static void MoveExhausted(SqliteConnection connection, int maxReceives, long now)
    {
        // Without the index SQLite scans the whole table in the order of ids, at every receive.
        const string exhausted =
            "FROM messages INDEXED BY messages_received WHERE receive_count > 0 AND receive_count >= $max AND visible_at <= $now";
        using var copy = SqliteQueueFile.Command(connection, $"""
            INSERT INTO dead_letters (group_id, body, reason, died_at) SELECT group_id, body, $reason, $now {exhausted} ORDER BY id
            """, ("$now", now), ("$max", maxReceives), ("$reason", DeadLetter.TooManyReceives));
        if (copy.ExecuteNonQuery() == 0) return;
        using var delete = SqliteQueueFile.Command(connection, $"DELETE {exhausted}", ("$now", now), ("$max", maxReceives));
        delete.ExecuteNonQuery();
    }

    private long Newest() => _file.Run(static connection =>
    {
        using var command = SqliteQueueFile.Command(connection, "SELECT MAX(id) FROM dead_letters");
        return command.ExecuteScalar() as long? ?? 0;
    });

    private List<(long Id, DeadLetter DeadLetter)> Read(long after, long upTo, int max) => _file.Run(connection =>
    {
        using var command = SqliteQueueFile.Command(connection,
            "SELECT id, body, group_id, reason, died_at FROM dead_letters WHERE id > $after AND id <= $upTo ORDER BY id LIMIT $max",
            ("$after", after), ("$upTo", upTo), ("$max", max));
        using var reader = command.ExecuteReader();
        List<(long, DeadLetter)> page = [];
        while (reader.Read())
        {
            page.Add((reader.GetInt64(0), new DeadLetter(reader.GetInt64(0).ToString(CultureInfo.InvariantCulture), reader.GetString(1),
                reader.GetString(2), reader.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)))
            {
                MovedByQueue = reader.GetString(3) == DeadLetter.TooManyReceives,
            }));
        }

        return page;
    });
}
