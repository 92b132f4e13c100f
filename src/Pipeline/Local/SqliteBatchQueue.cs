using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Local;

/// <summary>
/// A queue in one SQLite file (WAL). Groups take turns, however many messages each has; within a group the message that has
/// been there longest comes first. Survives <c>kill -9</c>; one process owns the file at a time.
/// </summary>
#pragma warning disable CA1001 // A semaphore on which nobody waits by a handle holds nothing to dispose of.
public sealed class SqliteBatchQueue : IBatchQueue
#pragma warning restore CA1001
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS messages (
            id            INTEGER PRIMARY KEY AUTOINCREMENT,
            group_id      TEXT    NOT NULL,
            body          TEXT    NOT NULL,
            visible_at    INTEGER NOT NULL DEFAULT 0,
            receive_count INTEGER NOT NULL DEFAULT 0,
            lease         TEXT
        );
        CREATE INDEX IF NOT EXISTS messages_by_group ON messages (group_id, visible_at);
        CREATE INDEX IF NOT EXISTS messages_by_lease ON messages (lease) WHERE lease IS NOT NULL;
        CREATE INDEX IF NOT EXISTS messages_received ON messages (receive_count) WHERE receive_count > 0;
        CREATE TABLE IF NOT EXISTS dead_letters (
            id            INTEGER PRIMARY KEY AUTOINCREMENT,
            group_id      TEXT    NOT NULL,
            body          TEXT    NOT NULL,
            reason        TEXT    NOT NULL,
            died_at       INTEGER NOT NULL
        );
        CREATE INDEX IF NOT EXISTS dead_letters_by_group ON dead_letters (group_id);
        """;

    // A message that appears while a receiver waits is announced; the poll only catches leases that ran out.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private const int WalkPage = 20;

    private readonly SemaphoreSlim _walking = new(1);
    private readonly string _connectionString;
    private readonly int _maxReceives;
    private readonly TimeProvider _time;
    // Whose turn it was last, in the order of names. A restart may forget it.
    private volatile string _lastGroup = "";
    private volatile TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="path">The database file; made if it is not there.</param>
    /// <param name="maxReceives">A message whose lease ran out this often goes to the dead-letter queue, 1 or more.</param>
    /// <param name="time">The clock.</param>
    public SqliteBatchQueue(string path, int maxReceives, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxReceives, 1);
        _maxReceives = maxReceives;
        _time = time ?? TimeProvider.System;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        using var connection = Open();
        using var command = Command(connection, Schema);
        command.ExecuteNonQuery();
        AddColumn(connection, "sent_at", "INTEGER");
        AddColumn(connection, "trace_parent", "TEXT");
        Name = new QueueName("sqlite", Path.GetFileNameWithoutExtension(path));
    }

    public QueueName Name { get; }

    public bool ChoosesGroups => true;

    /// <summary>How long ago the oldest message was sent that waits; null when none does, or nobody knows.</summary>
    public TimeSpan? OldestAge()
    {
        using var connection = Open();
        using var command = Command(connection, "SELECT sent_at FROM messages WHERE visible_at <= $now ORDER BY id LIMIT 1", ("$now", Now()));
        return command.ExecuteScalar() is long sent ? TimeSpan.FromMilliseconds(Math.Max(0, Now() - sent)) : null;
    }

    /// <summary>
    /// Makes the messages that a killed process had leased visible at once, and does not count that delivery against
    /// them. Call it at start, when no other process can hold a lease.
    /// </summary>
    /// <returns>How many there were.</returns>
    public int ReleaseOrphans()
    {
        using var connection = Open();
        using var command = Command(connection,
            "UPDATE messages SET lease = NULL, visible_at = 0, receive_count = receive_count - 1 WHERE lease IS NOT NULL");
        return command.ExecuteNonQuery();
    }

    public Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
    {
        using (var connection = Open())
        using (var transaction = connection.BeginTransaction(deferred: false))
        {
            using var command = Command(connection, "INSERT INTO messages (group_id, body, sent_at, trace_parent) VALUES ($group, $body, $sent, $trace)", ("$sent", Now()));
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
        }

        PipelineMetrics.Sent(Name, messages.Count);
        AnnounceArrival();
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
            var arrival = _arrival.Task;
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
        var renewed = Execute(giveBack
                ? "UPDATE messages SET visible_at = $visible, lease = NULL WHERE lease = $lease"
                : "UPDATE messages SET visible_at = $visible WHERE lease = $lease",
            ("$visible", giveBack ? 0 : Now() + (long)lease.TotalMilliseconds), ("$lease", message.Handle)) == 1;
        if (renewed && giveBack) AnnounceArrival();
        return Task.FromResult(renewed);
    }

    public Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default)
    {
        Execute("DELETE FROM messages WHERE lease = $lease", ("$lease", message.Handle));
        return Task.CompletedTask;
    }

    public Task SendDeadLetterAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken = default)
    {
        Execute("INSERT INTO dead_letters (group_id, body, reason, died_at) VALUES ($group, $body, $reason, $died)",
            ("$group", message.Group), ("$body", message.Body), ("$reason", reason), ("$died", Now()));
        return Task.CompletedTask;
    }

    public Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default)
    {
        using var connection = Open();
        var filter = group is null ? "1" : "group_id = $group";
        using var command = Command(connection, $"""
            SELECT COUNT(*) FILTER (WHERE visible_at <= $now), COUNT(*) FILTER (WHERE visible_at > $now),
                   (SELECT COUNT(*) FROM dead_letters WHERE {filter})
            FROM messages WHERE {filter}
            """, ("$now", Now()), ("$group", group ?? ""));
        using var reader = command.ExecuteReader();
        reader.Read();
        return Task.FromResult<QueueDepth?>(new QueueDepth(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)));
    }

    public Task<IReadOnlyList<DeadLetter>> PeekDeadLettersAsync(int max, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<DeadLetter>>([.. DeadLetters(after: 0, upTo: long.MaxValue, max).Select(static row => row.Letter)]);

    public async Task<bool> WalkDeadLettersAsync(
        Func<DeadLetter, Task<bool>> handle, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        // What dies meanwhile is not this walk's.
        var (last, end) = (0L, NewestDeadLetter());
        while (!pause.IsCancellationRequested)
        {
            // Walks take turns page by page, so that no two have one letter in hand and none waits for long.
            await _walking.WaitAsync(cancellationToken);
            try
            {
                var page = DeadLetters(last, end, WalkPage);
                if (page.Count == 0) return true;
                foreach (var (id, letter) in page)
                {
                    if (pause.IsCancellationRequested) return false;
                    cancellationToken.ThrowIfCancellationRequested();
                    if (await handle(letter)) Execute("DELETE FROM dead_letters WHERE id = $id", ("$id", id));
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

    private long NewestDeadLetter()
    {
        using var connection = Open();
        using var command = Command(connection, "SELECT MAX(id) FROM dead_letters");
        return command.ExecuteScalar() as long? ?? 0;
    }

    private List<(long Id, DeadLetter Letter)> DeadLetters(long after, long upTo, int max)
    {
        using var connection = Open();
        using var command = Command(connection,
            "SELECT id, body, group_id, reason, died_at FROM dead_letters WHERE id > $after AND id <= $upTo ORDER BY id LIMIT $max",
            ("$after", after), ("$upTo", upTo), ("$max", max));
        using var reader = command.ExecuteReader();
        List<(long, DeadLetter)> letters = [];
        while (reader.Read())
        {
            letters.Add((reader.GetInt64(0), new DeadLetter(reader.GetInt64(0).ToString(CultureInfo.InvariantCulture), reader.GetString(1),
                reader.GetString(2), reader.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)))
            {
                MovedByQueue = reader.GetString(3) == DeadLetter.TooManyReceives,
            }));
        }

        return letters;
    }

    // Files of before lack the column, and their messages its value.
    private static void AddColumn(SqliteConnection connection, string name, string type)
    {
        using var count = Command(connection, "SELECT COUNT(*) FROM pragma_table_info('messages') WHERE name = $name", ("$name", name));
        if (count.ExecuteScalar() is not 0L) return;
        using var add = Command(connection, $"ALTER TABLE messages ADD COLUMN {name} {type}");
        add.ExecuteNonQuery();
    }

    private List<LeasedMessage> Lease(int max, TimeSpan lease, IReadOnlyCollection<string> except)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: false);
        var now = Now();
        Bury(connection, now);
        List<LeasedMessage> leased = [];
        while (leased.Count < max && NextInTurn(connection, now, except) is var (id, group))
        {
            using var take = Command(connection, """
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
    }

    private (long Id, string Group)? NextInTurn(SqliteConnection connection, long now, IReadOnlyCollection<string> except) =>
        First(connection, "group_id > $last", now, except) ?? First(connection, "group_id >= ''", now, except);

    // Steps from group to group and to each one's first visible message by searches of messages_by_group, so that it costs
    // the same however many messages a group has. What was never leased or was given back is visible since 0.
    private (long Id, string Group)? First(SqliteConnection connection, string from, long now, IReadOnlyCollection<string> except)
    {
        using var command = Command(connection, $"""
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

    private void Bury(SqliteConnection connection, long now)
    {
        // Left to itself SQLite walks the whole table in the order of ids, at every receive.
        const string worn = "FROM messages INDEXED BY messages_received WHERE receive_count > 0 AND receive_count >= $max AND visible_at <= $now";
        using var copy = Command(connection, $"""
            INSERT INTO dead_letters (group_id, body, reason, died_at) SELECT group_id, body, $reason, $now {worn} ORDER BY id
            """, ("$now", now), ("$max", _maxReceives), ("$reason", DeadLetter.TooManyReceives));
        if (copy.ExecuteNonQuery() == 0) return;
        using var delete = Command(connection, $"DELETE {worn}", ("$now", now), ("$max", _maxReceives));
        delete.ExecuteNonQuery();
    }

    private void AnnounceArrival() =>
        Interlocked.Exchange(ref _arrival, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private int Execute(string sql, params (string, object)[] parameters)
    {
        using var connection = Open();
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are this file's own constants; every value is a parameter.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
