using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Relier.Sql;
using SQLitePCL;

namespace Relier.Sqlite;

/// <summary>
/// SQLite has one writer per file and a driver that blocks its thread. So transactions of this process queue here,
/// asynchronously, in front of BEGIN IMMEDIATE; from there on nothing in them can meet a lock. What is left to wait for
/// is another process, and that is asked for again and again with a short pause instead of the driver's sleep.
/// </summary>
internal sealed class SqliteDialect : SqlDialect
{
    /// <summary>How long to pause before asking for the file again: long enough to let the other process commit, which is a few milliseconds.</summary>
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(5);

    /// <summary>Pages kept in memory: what a busy hour comes back to, where the engine's own two megabytes are read again for every batch.</summary>
    private const int CacheKibibytes = 32 * 1024;

    /// <summary>Pages in the log before they are carried over: 80 MB, so that a page that many batches change is carried once.</summary>
    private const int LogPages = 20_000;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string _connectionString;
    private readonly TimeSpan _timeout;
    private SqliteConnection? _connection;
    private SqliteWriter? _writer;
    private bool _disposed;

    public SqliteDialect(SqliteConnectionStringBuilder builder)
    {
        SqliteEngine.Load();
        _timeout = TimeSpan.FromSeconds(builder.DefaultTimeout);

        // One connection is kept here, so the driver's pool would only keep the file open after us.
        builder.Pooling = false;
        builder.ForeignKeys = true;
        _connectionString = builder.ToString();
    }

    public override string Name => "sqlite";

    public override string Lock => "";

    public override string Claim => "";

    // Dapper writes the list out.
    public override string IsOneOf(string parameter) => $" IN @{parameter} ";

    // CROSS JOIN is a promise here: what stands first is the outer loop.
    public override string ForEach(string parameter, string select)
    {
        var from = select.IndexOf(" FROM ", StringComparison.Ordinal) + " FROM ".Length;
        return $"{select[..from]}(SELECT json_extract(value, '$[0]') AS one, json_extract(value, '$[1]') AS other FROM json_each(@{parameter})) AS asked CROSS JOIN {select[from..]};";
    }

    // Of many rows in one statement this driver makes a text whose parameters it looks up one by one; a prepared row is faster.
    public override async Task CopyAsync(
        SqlTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        await using var insert = transaction.Connection.CreateCommand();
        var names = Enumerable.Range(0, columns.Count).Select(place => $"@p{place}").ToList();
        insert.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", names)})";
        var parameters = names.ConvertAll(name => new SqliteParameter { ParameterName = name });
        insert.Parameters.AddRange(parameters.ToArray());
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var place = 0; place < row.Length; place++) parameters[place].Value = row[place] ?? DBNull.Value;
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public override string TextType => "TEXT";

    public override string? MigrationLock => null;

    public override string CountOfMigrationTables =>
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'relier_schema_migrations'";

    public override async Task<SqlTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteStorage));
        var started = Stopwatch.GetTimestamp();
        if (!await _turn.WaitAsync(_timeout, cancellationToken)) throw Busy();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteStorage));
            while (!TryBegin())
            {
                if (Stopwatch.GetElapsedTime(started) > _timeout) throw Busy();
                await Task.Delay(BusyPause, cancellationToken);
            }

            return new Open(this, _connection!);
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    public override Task<IReadOnlyList<int>> WriteAsync(SqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken) =>
        Task.FromResult(_writer!.Write(writes));

    public override SqlTrouble TroubleOf(Exception exception) => exception is not SqliteException sqlite
        ? SqlTrouble.Other
        : sqlite.SqliteErrorCode switch
        {
            raw.SQLITE_CONSTRAINT when sqlite.SqliteExtendedErrorCode is raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY =>
                SqlTrouble.Duplicate,
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY
                or raw.SQLITE_PROTOCOL or raw.SQLITE_NOMEM or raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT or raw.SQLITE_PERM => SqlTrouble.Unavailable,
            _ => SqlTrouble.Other,
        };

    public override async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        await _turn.WaitAsync();
        _disposed = true;
        Close();
        _turn.Release();
    }

    /// <summary>False when another process has the file.</summary>
    private bool TryBegin()
    {
        try
        {
            var connection = _connection ??= Connect();
            _writer ??= new SqliteWriter(connection);
            Run(connection, "BEGIN IMMEDIATE");
            return true;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            return false;
        }
        catch (SqliteException)
        {
            Close();
            throw;
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            Run(connection, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0; PRAGMA cache_size = -{CacheKibibytes}; PRAGMA wal_autocheckpoint = {LogPages}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Past the driver's commands, which answer a busy file by sleeping on the thread.</summary>
    private static void Run(SqliteConnection connection, string sql)
    {
        var code = raw.sqlite3_exec(connection.Handle, sql);
        SqliteException.ThrowExceptionForRC(code, connection.Handle);
    }

    private void Close()
    {
        _writer?.Dispose();
        _writer = null;
        _connection?.Dispose();
        _connection = null;
    }

    private SqliteException Busy() => new($"The file was in use for {_timeout.TotalSeconds:0} s.", raw.SQLITE_BUSY);

    private sealed class Open(SqliteDialect dialect, SqliteConnection connection) : SqlTransaction
    {
        private bool _disposed;

        public override DbConnection Connection => connection;

        public override DbTransaction? Transaction => null;

        public override Task CommitAsync(IReadOnlyList<RowWrite> last)
        {
            Run(connection, "COMMIT");
            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            if (_disposed) return ValueTask.CompletedTask;
            _disposed = true;
            try
            {
                // Some errors (disk full, for one) have rolled back already.
                if (raw.sqlite3_get_autocommit(connection.Handle) == 0) Run(connection, "ROLLBACK");
            }
            catch (SqliteException)
            {
                // A connection that cannot even roll back is no longer one to keep.
                dialect.Close();
            }
            finally
            {
                dialect._turn.Release();
            }

            return ValueTask.CompletedTask;
        }
    }
}
