using Npgsql;
using Relier.Contracts;
using Relier.Postgres;

namespace Relier.Adapters.Tests.Sql;

/// <summary>PostgreSQL, in the cluster that the tests of this process share.</summary>
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

    private static int _databases;

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
}
