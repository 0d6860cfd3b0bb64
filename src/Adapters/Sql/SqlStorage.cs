using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

/// <summary>Storage in an SQL engine. The engines' packages dress it; everything but their dialect is here.</summary>
internal sealed class SqlStorage(SqlDialect dialect) : IStorage, IAsyncDisposable
{
    /// <summary>How often work is begun before a deadlock is reported: whoever loses three times stands in a crowd, and waiting helps more.</summary>
    private const int RunsMax = 3;

    private readonly Migrator _migrator = new(dialect);
    private volatile bool _schemaIsRight;

    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(statements => work(new SqlSession(statements, tenant)), cancellationToken);

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(statements => work(new SqlSystemSession(statements)), cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) =>
        InTransactionAsync(
            async statements =>
            {
                await _migrator.MigrateAsync(statements, cancellationToken);
                return true;
            },
            cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) =>
        InTransactionAsync(statements => _migrator.ListAsync(statements, cancellationToken), cancellationToken);

    public ValueTask DisposeAsync() => dialect.DisposeAsync();

    private Task<T> RunAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async statements =>
            {
                if (!_schemaIsRight)
                {
                    await _migrator.VerifyAsync(statements, cancellationToken);
                    _schemaIsRight = true;
                }

                return await work(statements);
            },
            cancellationToken);

    private async Task<T> InTransactionAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var run = 1; ; run++)
        {
            await using var transaction = await BeginAsync(cancellationToken);
            var statements = new Statements(dialect, transaction);
            try
            {
                var result = await work(statements);
                await statements.CommitAsync();
                return result;
            }
            catch (TransactionLostException lost)
            {
                if (run == RunsMax) throw new StorageUnavailableException($"The transaction gave way to others {RunsMax} times.", lost);
            }
            finally
            {
                statements.End();
            }
        }
    }

    private async Task<SqlTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await dialect.BeginAsync(cancellationToken);
        }
        catch (Exception exception) when (dialect.TroubleOf(exception) is SqlTrouble.Unavailable)
        {
            throw new StorageUnavailableException($"The storage cannot be reached: {exception.Message}", exception);
        }
    }
}
