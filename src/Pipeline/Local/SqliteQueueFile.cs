using Microsoft.Data.Sqlite;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Local;

/// <summary>The SQLite file (WAL) of a queue and its dead letters. Survives <c>kill -9</c>; one process owns it at a time. What was flushed
/// survives a power cut too.</summary>
internal sealed class SqliteQueueFile
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

    private readonly string _path;
    private readonly string _connectionString;
    private readonly string _synchronous;

    /// <param name="path">The database file; made if it is not there. Its changes are flushed to the disk.</param>
    public SqliteQueueFile(string path)
        : this(path, new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString(), "FULL") =>
        Use(connection =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            connection.Open();
            using var create = Command(connection, Schema);
            create.ExecuteNonQuery();
            AddColumn(connection, "sent_at", "INTEGER");
            return AddColumn(connection, "trace_parent", "TEXT");
        });

    private SqliteQueueFile(string path, string connectionString, string synchronous) =>
        (_path, _connectionString, _synchronous) = (path, connectionString, synchronous);

    /// <summary>The same file, for changes that do not wait for the disk: a power cut may undo the last of them.</summary>
    public SqliteQueueFile Unflushed() => new(_path, _connectionString, "NORMAL");

    /// <summary>Runs statements on a connection of their own.</summary>
    /// <exception cref="ServiceUnreachableException">The file is locked, damaged or gone, or its disk is full.</exception>
    public T Run<T>(Func<SqliteConnection, T> statements) => Use(connection =>
    {
        connection.Open();
        // Connections are pooled, so each has what its last user set.
        using var set = Command(connection, $"PRAGMA synchronous = {_synchronous}");
        set.ExecuteNonQuery();
        return statements(connection);
    });

    /// <summary>Runs one statement and counts the rows that it changed.</summary>
    public int Execute(string sql, params (string, object)[] parameters) => Run(connection =>
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    });

    public static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        // The texts are constants of this folder; every value is a parameter.
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private T Use<T>(Func<SqliteConnection, T> statements)
    {
        try
        {
            using var connection = new SqliteConnection(_connectionString);
            return statements(connection);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new ServiceUnreachableException($"The queue '{_path}' failed: {exception.Message}", exception);
        }
    }

    // Files of earlier versions lack the column, and their messages its value.
    private static bool AddColumn(SqliteConnection connection, string name, string type)
    {
        using var count = Command(connection, "SELECT COUNT(*) FROM pragma_table_info('messages') WHERE name = $name", ("$name", name));
        if (count.ExecuteScalar() is not 0L) return false;
        using var add = Command(connection, $"ALTER TABLE messages ADD COLUMN {name} {type}");
        return add.ExecuteNonQuery() > 0;
    }
}
