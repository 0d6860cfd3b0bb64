using System.Data.Common;
using Npgsql;
using Relier.Sql;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Postgres;

/// <summary>
/// Storage in PostgreSQL 14 or later. Transactions are READ COMMITTED with row locks where the ports promise them; one
/// that the server ends for a deadlock is run again from the start, at most three times in all, so work given to
/// <see cref="RunAsync{T}"/> must have no effect but through its session. Safe for use by many at once, also on many
/// machines. Make one per database and keep it.
/// </summary>
public sealed class PostgresStorage : IStorage, IAsyncDisposable
{
    /// <summary>The cluster, the database in it, and the table that the connection's search path leads to: names alone say too little.</summary>
    private const string Place = """
        SELECT CONCAT(
          'cluster ', (SELECT system_identifier FROM pg_control_system()), ', database ', (SELECT oid FROM pg_database WHERE datname = current_database()),
          ', table ', COALESCE(to_regclass('relier_schema_migrations')::oid::text, 'missing'))
        """;

    private readonly SqlStorage _storage;

    private PostgresStorage(SqlStorage storage) => _storage = storage;

    /// <summary>
    /// The storage in a database, in the first schema of the connection's search path. What the connection string does
    /// not say: <c>Application Name</c> is relier, statements are prepared (<c>Max Auto Prepare</c> 200; set 0 behind a
    /// pooler that cannot), a session is used again as it is (<c>No Reset On Close</c>), a statement may take 30 s (<c>Command Timeout</c>), an idle transaction is ended by the
    /// server after 60 s (<c>Options</c>), so that a process that hangs frees the wallets it locked.
    /// Throws <see cref="ArgumentException"/> for a connection string that cannot be read or names no <c>Host</c>.
    /// </summary>
    /// <example><c>PostgresStorage.Create("Host=db;Database=relier;Username=relier;Password=…")</c></example>
    public static PostgresStorage Create(string connectionString) => new(new SqlStorage(PostgresDialect.Create(connectionString)));

    /// <inheritdoc/>
    public bool IsInTransaction => _storage.IsInTransaction;

    /// <inheritdoc/>
    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
        _storage.RunAsync(tenant, work, cancellationToken);

    /// <inheritdoc/>
    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) =>
        _storage.RunSystemAsync(work, cancellationToken);

    /// <inheritdoc/>
    public Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) => _storage.ListenForJobsAsync(wake, cancellationToken);

    /// <inheritdoc/>
    public Task MigrateAsync(CancellationToken cancellationToken) => _storage.MigrateAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) =>
        _storage.MigrationsAsync(cancellationToken);

    /// <summary>
    /// From now on, until the result is disposed, the work of this flow is part of the application's own transaction.
    /// Throws <see cref="ArgumentException"/> when the connection is not to PostgreSQL. Whether it leads to the same tables as
    /// ours is looked at when the first work begins.
    /// </summary>
    internal IDisposable Enlist(DbConnection connection, DbTransaction transaction, Func<bool> isOpen)
    {
        if (connection is not NpgsqlConnection)
            throw new ArgumentException($"The context's connection is a {connection.GetType().Name}; expected the {nameof(NpgsqlConnection)} of a context on Relier's database.", nameof(connection));
        return _storage.Enlist(connection, transaction, isOpen, Place);
    }

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => _storage.DisposeAsync();
}
