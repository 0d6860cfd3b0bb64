using Microsoft.Data.Sqlite;
using Relier.Sql;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sqlite;

/// <summary>
/// Storage in one SQLite file: what an application that embeds Relier has when it chooses nothing else. One transaction
/// runs at a time; the others wait in the order they came, without holding a thread. Several processes may use one file
/// on one machine. What was committed survives a power failure (WAL, <c>synchronous=FULL</c>).
/// Safe for use by many at once. Make one per file and keep it.
/// </summary>
public sealed class SqliteStorage : IStorage, IAsyncDisposable
{
    private readonly SqlStorage _storage;

    private SqliteStorage(SqlStorage storage) => _storage = storage;

    /// <summary>
    /// The storage in a file, which is made when it is first used; call <see cref="MigrateAsync"/> then. <c>Default
    /// Timeout</c> (seconds, 30 if absent) is how long a transaction waits for its turn before
    /// <see cref="StorageUnavailableException"/>. Throws <see cref="ArgumentException"/> without a <c>Data Source</c>,
    /// and for one in memory: use Relier.InMemory for that.
    /// </summary>
    /// <example><c>SqliteStorage.Create("Data Source=/var/lib/relier/relier.db")</c></example>
    public static SqliteStorage Create(string connectionString)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString);
        if (string.IsNullOrWhiteSpace(builder.DataSource)
            || builder.DataSource.Contains(":memory:", StringComparison.Ordinal)
            || builder.DataSource.Contains("mode=memory", StringComparison.Ordinal)
            || builder.Mode == SqliteOpenMode.Memory)
            throw new ArgumentException($"The data source '{builder.DataSource}' is no file; expected Data Source=/path/relier.db.", nameof(connectionString));
        return new SqliteStorage(new SqlStorage(new SqliteDialect(builder)));
    }

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

    /// <summary>Waits for the transaction under way, then closes the file.</summary>
    public ValueTask DisposeAsync() => _storage.DisposeAsync();
}
