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

    public SqliteQueueFile(string path)
    {
        _path = path;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        Use(connection =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            connection.Open();
            using var create = Command(connection, Schema);
            create.ExecuteNonQuery();
            AddColumn(connection, "sent_at", "INTEGER");
            return AddColumn(connection, "trace_parent", "TEXT");
        });
    }

    /// <summary>Runs statements on a connection of their own, and flushes what they change to the disk.</summary>
    /// <exception cref="ServiceUnreachableException">The file is locked, damaged or gone, or its disk is full.</exception>
    public T Run<T>(Func<SqliteConnection, T> statements) => RunWith("FULL", statements);

    /// <summary>As <see cref="Run"/>, without waiting for the disk: a power cut may undo the last of such changes.</summary>
    public T RunUnflushed<T>(Func<SqliteConnection, T> statements) => RunWith("NORMAL", statements);

    /// <summary>Runs one statement and counts the rows that it changed.</summary>
    public int Execute(string sql, params (string, object)[] parameters) => Run(Statement(sql, parameters));

    /// <summary>As <see cref="Execute"/>, without waiting for the disk.</summary>
    public int ExecuteUnflushed(string sql, params (string, object)[] parameters) => RunUnflushed(Statement(sql, parameters));

    private static Func<SqliteConnection, int> Statement(string sql, (string, object)[] parameters) => connection =>
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    };

    // Connections are pooled, so each has what its last user set.
    private T RunWith<T>(string synchronous, Func<SqliteConnection, T> statements) => Use(connection =>
    {
        connection.Open();
        using var set = Command(connection, $"PRAGMA synchronous = {synchronous}");
        set.ExecuteNonQuery();
        return statements(connection);
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
