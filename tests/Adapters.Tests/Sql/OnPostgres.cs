using System.Collections.Concurrent;
using Npgsql;
using Relier.Contracts;
using Relier.Postgres;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Adapters.Tests.Sql;

/// <summary>
/// PostgreSQL, in the cluster that the tests of this process share. Making a database takes longer than most tests, so
/// those of the contracts are emptied and used again.
/// </summary>
[StorageContracts]
public sealed class OnPostgres : SqlEngine
{
    private static readonly Lazy<Task<string>> Template = new(async () =>
    {
        var connectionString = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        await using var storage = PostgresStorage.Create(connectionString);
        await storage.MigrateAsync(default);
        return new NpgsqlConnectionStringBuilder(connectionString).Database!;
    });

    private static readonly ConcurrentBag<Reused> Spare = [];

    private static int _databases;

    internal override string LiftGuards =>
        "SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal";

    public override async Task<IStorage> CreateStorageAsync()
    {
        if (!Spare.TryTake(out var spare)) return new Reused(await CreateAsync(), Spare);
        await spare.EmptyAsync();
        return spare;
    }

    internal override async Task<TestDatabase> CreateAsync(bool migrated = true)
    {
        var cluster = await PostgresCluster.SharedAsync();
        var database = $"test_{Interlocked.Increment(ref _databases)}";
        await AdministerAsync(cluster, $"CREATE DATABASE {database} TEMPLATE {(migrated ? await Template.Value : "template0")}");
        return new TestDatabase(
            () => PostgresStorage.Create(cluster.ConnectionStringFor(database)),
            async () => await AdministerAsync(cluster, $"DROP DATABASE {database} WITH (FORCE)"));
    }

    private static async Task AdministerAsync(PostgresCluster cluster, string statement)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionStringFor("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A database that goes back among the spare ones when it is disposed.</summary>
    private sealed class Reused(TestDatabase database, ConcurrentBag<Reused> spare) : IStorage, IAsyncDisposable
    {
        // As a replica, so that the triggers that keep the books do not bite.
        private const string Empty = """
            DO $$
            DECLARE name TEXT;
            BEGIN
              SET LOCAL session_replication_role = replica;
              FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'relier_schema_migrations'
              LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
            END $$
            """;

        public Task EmptyAsync() => database.ExecuteAsync(Empty);

        public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
            database.RunAsync(tenant, work, cancellationToken);

        public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) =>
            database.RunSystemAsync(work, cancellationToken);

        public bool IsInTransaction => database.IsInTransaction;

        public Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) => database.ListenForJobsAsync(wake, cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => database.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) =>
            database.MigrationsAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            spare.Add(this);
            return ValueTask.CompletedTask;
        }
    }
}
