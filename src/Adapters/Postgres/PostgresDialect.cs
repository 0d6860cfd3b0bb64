using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using Npgsql;
using NpgsqlTypes;
using Relier.Sql;

namespace Relier.Postgres;

internal sealed class PostgresDialect(NpgsqlDataSource source, JobNotices notices) : SqlDialect
{
    /// <summary>"relier" in the advisory locks of the database; any number would do that nobody else uses.</summary>
    private const long MigrationLockKey = 0x72656C696572;

    private const int MaxAutoPrepare = 200;

    /// <summary>Missing among the driver's names.</summary>
    private const string IdleInTransactionSessionTimeout = "25P03";

    private const string Options = "-c idle_in_transaction_session_timeout=60000";

    public static PostgresDialect Create(string connectionString)
    {
        var builder = Read(connectionString);
        var settings = builder.ConnectionStringBuilder;
        if (string.IsNullOrEmpty(settings.Host))
            throw new ArgumentException("The connection string names no Host.", nameof(connectionString));

        if (!Says(connectionString, "MaxAutoPrepare")) settings.MaxAutoPrepare = MaxAutoPrepare;
        // Nothing of ours changes a session, so there is nothing to set back before its next use.
        if (!Says(connectionString, "NoResetOnClose")) settings.NoResetOnClose = true;
        settings.ApplicationName ??= "relier";
        settings.Options ??= Options;
        var source = builder.Build();
        return new PostgresDialect(source, new JobNotices(source, settings.ConnectionString));
    }

    public override string Name => "postgres";

    public override string Lock => " FOR UPDATE";

    public override string Claim => " FOR UPDATE SKIP LOCKED";

    public override string IsOneOf(string parameter) => $" = ANY(@{parameter}) ";

    // What is LATERAL and has an OFFSET or a lock is not joined in any other way.
    public override string ForEach(string parameter, string select) => $"""
        SELECT found.* FROM (SELECT pair ->> 0 AS one, pair ->> 1 AS other FROM json_array_elements(@{parameter}::json) AS pair) AS asked
        CROSS JOIN LATERAL ({(select.EndsWith(Lock, StringComparison.Ordinal) ? select : select + " OFFSET 0")}) AS found;
        """;

    public override Task CopyAsync(SqlTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellationToken) =>
        PostgresCopy.SendAsync((NpgsqlConnection)transaction.Connection, $"COPY {table} ({string.Join(", ", columns)}) FROM STDIN (FORMAT BINARY)", rows, cancellationToken);

    // Behind a query the planner does not see how long the list is; of thousands of keys it would think that they are the whole table.
    public override string IsOneOfMany(string parameter) => $" = ANY((SELECT @{parameter})::TEXT[]) ";

    public override string TextType => "TEXT COLLATE \"C\"";

    public override string MigrationLock => $"SELECT pg_advisory_xact_lock({MigrationLockKey})";

    public override string CountOfMigrationTables =>
        "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('relier_schema_migrations')";

    public override async Task<SqlTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            return new Open(connection, await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override Task<IReadOnlyList<int>> WriteAsync(SqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken) =>
        PostgresWriter.WriteAsync((NpgsqlTransaction)transaction.Transaction!, writes, cancellationToken);

    public override SqlTrouble TroubleOf(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => SqlTrouble.Duplicate,
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => SqlTrouble.Lost,
        PostgresException answer => IsUnavailable(answer.SqlState) ? SqlTrouble.Unavailable : SqlTrouble.Other,
        NpgsqlOperationInProgressException => SqlTrouble.Other,
        NpgsqlException or TimeoutException or SocketException or IOException => SqlTrouble.Unavailable,

        // What the driver throws when it has found the connection broken and taken it apart just before the statement.
        ObjectDisposedException part when part.ObjectName.StartsWith("System.", StringComparison.Ordinal) => SqlTrouble.Unavailable,
        _ => SqlTrouble.Other,
    };

    public override void TellOthersOfJobs() => notices.Tell();

    public override Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) => notices.ListenAsync(wake, cancellationToken);

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>Without the driver's words when it cannot be read: what they call the name of a setting may be the end of a password with a semicolon.</summary>
    private static NpgsqlDataSourceBuilder Read(string connectionString)
    {
        try
        {
            return new NpgsqlDataSourceBuilder(connectionString);
        }
        catch (ArgumentException unreadable)
        {
            var setting = unreadable.ParamName is { } name && new NpgsqlConnectionStringBuilder().ContainsKey(name) ? $"the value of {name} is none" : "a name of a setting is none";
            throw new ArgumentException($"In the connection string {setting}. Expected words as in Host=db;Database=relier; a value with a semicolon needs quotes.", nameof(connectionString));
        }
    }

    /// <summary>The driver's own builder cannot tell a default from the same value in the text.</summary>
    private static bool Says(string connectionString, string keyword) =>
        new DbConnectionStringBuilder { ConnectionString = connectionString }.Keys.Cast<string>()
            .Any(key => key.Replace(" ", "", StringComparison.Ordinal).Equals(keyword, StringComparison.OrdinalIgnoreCase));

    private static bool IsUnavailable(string code) => code switch
    {
        // Ended, not started yet, or given up by the server: a time-out of its own, an administrator, a restart.
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or IdleInTransactionSessionTimeout or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InvalidCatalogName => true,

        // 08 connection, 28 not let in, 53 no more resources, 58 the server's system.
        _ => code[..2] is "08" or "28" or "53" or "58",
    };

    private sealed class Open(NpgsqlConnection connection, NpgsqlTransaction transaction) : SqlTransaction
    {
        public override DbConnection Connection => connection;

        public override DbTransaction Transaction => transaction;

        public override bool CommitsWith(IReadOnlyList<RowWrite> last) => PostgresWriter.CommitsWith(last);

        public override Task CommitAsync(IReadOnlyList<RowWrite> last) =>
            last.Count == 0 ? transaction.CommitAsync(CancellationToken.None) : PostgresWriter.CommitAsync(transaction, last);

        public override async ValueTask DisposeAsync()
        {
            try
            {
                await transaction.DisposeAsync();
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or InvalidOperationException)
            {
                // Broken: nothing to roll back any more, and what broke it is on its way to the caller.
            }

            await connection.DisposeAsync();
        }
    }
}
