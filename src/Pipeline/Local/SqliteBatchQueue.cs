using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using VmDataset.Pipeline.Concurrency;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Local;

/// <summary>A queue in one SQLite file. Groups take turns, however many messages each has; within one the oldest comes first. A message
/// that was sent is on the disk; a power cut may undo a lease or an acknowledgement, and the message comes again.</summary>
public sealed class SqliteBatchQueue : IBatchQueue
{
    // A message that appears while a receiver waits is announced; the poll only catches leases that ran out.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private readonly SqliteQueueFile _file;
    private readonly SqliteQueueFile _unflushed;
    private readonly int _maxReceives;
    private readonly TimeProvider _time;
    // Whose turn it was last, in the order of names. A restart may forget it.
    private volatile string _lastGroup = "";
    private readonly ChangeSignal _arrival = new();
    // Nobody need listen.
    private readonly Channel<string> _drained =
        Channel.CreateBounded<string>(new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <param name="path">The database file; made if it is not there.</param>
    /// <param name="maxReceives">A message whose lease ran out this often goes to the dead-letter queue, 1 or more.</param>
    public SqliteBatchQueue(string path, int maxReceives, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxReceives, 1);
        _maxReceives = maxReceives;
        _time = time ?? TimeProvider.System;
        _file = new SqliteQueueFile(path);
        _unflushed = _file.Unflushed();
        DeadLetters = new SqliteDeadLetterQueue(_file, _time);
        Name = new QueueName("sqlite", Path.GetFileNameWithoutExtension(path));
    }

    public SqliteDeadLetterQueue DeadLetters { get; }

    /// <summary>Each group whose last message was acknowledged in this process.</summary>
    public ChannelReader<string> Drained => _drained.Reader;

    public QueueName Name { get; }

    public bool ChoosesGroups => true;

    /// <summary>The age of the oldest waiting message; null when none waits or its age is unknown.</summary>
    public TimeSpan? OldestAge() => _file.Run<TimeSpan?>(connection =>
    {
        using var command = SqliteQueueFile.Command(connection, "SELECT sent_at FROM messages WHERE visible_at <= $now ORDER BY id LIMIT 1",
            ("$now", Now()));
        return command.ExecuteScalar() is long sent ? TimeSpan.FromMilliseconds(Math.Max(0, Now() - sent)) : null;
    });

    /// <summary>Makes messages visible that a killed process had leased, without counting that delivery. Call it at the start, when no
    /// other process can hold a lease.</summary>
    public int ReleaseOrphans() =>
        _file.Execute("UPDATE messages SET lease = NULL, visible_at = 0, receive_count = receive_count - 1 WHERE lease IS NOT NULL");

    public Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
    {
        _file.Run(connection =>
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            using var command = SqliteQueueFile.Command(connection,
                "INSERT INTO messages (group_id, body, sent_at, trace_parent) VALUES ($group, $body, $sent, $trace)", ("$sent", Now()));
            var group = command.Parameters.Add("$group", SqliteType.Text);
            var body = command.Parameters.Add("$body", SqliteType.Text);
            var trace = command.Parameters.Add("$trace", SqliteType.Text);
            foreach (var message in messages)
            {
                cancellationToken.ThrowIfCancellationRequested();
                group.Value = message.Group;
                body.Value = message.Body;
                trace.Value = (object?)message.TraceParent ?? DBNull.Value;
                command.ExecuteNonQuery();
            }

            transaction.Commit();
            return messages.Count;
        });
        PipelineMetrics.Sent(Name, messages.Count);
        _arrival.Notify();
        return Task.CompletedTask;
    }

    public async Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(
        int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, 10);
        var started = _time.GetTimestamp();
        while (true)
        {
            var arrival = _arrival.Next;
            var received = Lease(max, lease, except);
            if (received.Count > 0) return received;
            var left = wait - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return [];
            await Task.WhenAny(arrival, Task.Delay(left < PollInterval ? left : PollInterval, _time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        var giveBack = lease <= TimeSpan.Zero;
        var renewed = _unflushed.Execute(giveBack
                ? "UPDATE messages SET visible_at = $visible, lease = NULL WHERE lease = $lease"
                : "UPDATE messages SET visible_at = $visible WHERE lease = $lease",
            ("$visible", giveBack ? 0 : Now() + (long)lease.TotalMilliseconds), ("$lease", message.Handle)) == 1;
        if (renewed && giveBack) _arrival.Notify();
        return Task.FromResult(renewed);
    }

    public Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default)
    {
        var isLast = _unflushed.Run(connection =>
        {
            using var delete = SqliteQueueFile.Command(connection, "DELETE FROM messages WHERE lease = $lease", ("$lease", message.Handle));
            delete.ExecuteNonQuery();
            using var rest = SqliteQueueFile.Command(connection, "SELECT NOT EXISTS (SELECT 1 FROM messages WHERE group_id = $group)",
                ("$group", message.Group!));
            return rest.ExecuteScalar() is 1L;
        });
        if (isLast) _drained.Writer.TryWrite(message.Group!);
        return Task.CompletedTask;
    }

    public Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(_file.Run<QueueDepth?>(connection =>
    {
        var filter = group is null ? "1" : "group_id = $group";
        using var command = SqliteQueueFile.Command(connection, $"""
            SELECT COUNT(*) FILTER (WHERE visible_at <= $now), COUNT(*) FILTER (WHERE visible_at > $now),
                   (SELECT COUNT(*) FROM dead_letters WHERE {filter})
            FROM messages WHERE {filter}
            """, ("$now", Now()), ("$group", group ?? ""));
        using var reader = command.ExecuteReader();
        reader.Read();
        return new QueueDepth(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }));

    private List<LeasedMessage> Lease(int max, TimeSpan lease, IReadOnlyCollection<string> except) => _unflushed.Run(connection =>
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var now = Now();
        SqliteDeadLetterQueue.MoveExhausted(connection, _maxReceives, now);
        List<LeasedMessage> leased = [];
        while (leased.Count < max && NextInTurn(connection, now, except) is var (id, group))
        {
            using var take = SqliteQueueFile.Command(connection, """
                UPDATE messages SET visible_at = $until, receive_count = receive_count + 1, lease = hex(randomblob(16))
                WHERE id = $id RETURNING body, receive_count, lease, trace_parent
                """, ("$until", now + (long)lease.TotalMilliseconds), ("$id", id));
            using var reader = take.ExecuteReader();
            reader.Read();
            leased.Add(new LeasedMessage(reader.GetString(0), group, reader.GetInt32(1), reader.GetString(2))
            {
                TraceParent = reader.IsDBNull(3) ? null : reader.GetString(3),
            });
            _lastGroup = group;
        }

        transaction.Commit();
        return leased;
    });

    private (long Id, string Group)? NextInTurn(SqliteConnection connection, long now, IReadOnlyCollection<string> except) =>
        First(connection, "group_id > $last", now, except) ?? First(connection, "group_id >= ''", now, except);

    // Steps from group to group and to each one's first visible message by searches of messages_by_group, so that it costs
    // the same however many messages a group has. What was never leased or was given back is visible since 0.
    private (long Id, string Group)? First(SqliteConnection connection, string from, long now, IReadOnlyCollection<string> except)
    {
        using var command = SqliteQueueFile.Command(connection, $"""
            WITH RECURSIVE groups (name) AS (
                SELECT MIN(group_id) FROM messages WHERE {from}
                UNION ALL
                SELECT (SELECT MIN(group_id) FROM messages WHERE group_id > name) FROM groups WHERE name IS NOT NULL)
            SELECT id, name FROM (
                SELECT name, (SELECT id FROM messages WHERE group_id = name AND visible_at <= $now ORDER BY visible_at, id LIMIT 1) AS id
                FROM groups WHERE name IS NOT NULL AND name NOT IN (SELECT value FROM json_each($except)))
            WHERE id IS NOT NULL LIMIT 1
            """, ("$last", _lastGroup), ("$now", now), ("$except", JsonSerializer.Serialize(except)));
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetString(1)) : null;
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
