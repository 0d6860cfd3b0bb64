using Relier.Jobs;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

/// <summary>Storage in an SQL engine. The engines' packages dress it; everything but their dialect is here.</summary>
internal sealed class SqlStorage(SqlDialect dialect) : IStorage, IAsyncDisposable
{
    /// <summary>How often work is begun before a deadlock is reported: whoever loses three times stands in a crowd, and waiting helps more.</summary>
    private const int RunsMax = 3;

    private const int PauseMillisecondsMin = 10;
    private const int PauseMillisecondsMax = 50;

    private readonly Migrator _migrator = new(dialect);
    private readonly AsyncLocal<Statements?> _current = new();
    private readonly JobBell _bell = new();
    private volatile bool _schemaIsRight;

    public bool IsInTransaction => _current.Value is { IsOpen: true };

    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentException.ThrowIfNullOrEmpty(tenant.Value, nameof(tenant));
        return RunAsync(statements => work(new SqlSession(statements, tenant)), cancellationToken);
    }

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync(statements => work(new SqlSystemSession(statements)), cancellationToken);
    }

    public Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) =>
        Task.WhenAll(_bell.ListenAsync(wake, cancellationToken), dialect.ListenForJobsAsync(wake, cancellationToken));

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

    /// <summary>Runs the work in a transaction, whatever the schema.</summary>
    internal async Task<T> InTransactionAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancellationToken)
    {
        // It would wait for its own locks until the time is up.
        if (IsInTransaction)
            throw new InvalidOperationException("A transaction is already open here; do the work in its session, or after it.");

        for (var run = 1; ; run++)
        {
            try
            {
                return await RunOnceAsync(work, cancellationToken);
            }
            catch (TransactionLostException lost)
            {
                if (run == RunsMax) throw new StorageUnavailableException($"The transaction gave way to others {RunsMax} times.", lost);
            }

            // Begun at once, it could take its first lock before the winner wakes up, and stand in its way again.
            await Task.Delay(Random.Shared.Next(PauseMillisecondsMin, PauseMillisecondsMax), cancellationToken);
        }
    }

    private async Task<T> RunOnceAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        var statements = new Statements(dialect, transaction);
        _current.Value = statements;
        try
        {
            var result = await work(statements);
            await statements.CommitAsync();
            if (statements.LeavesDueJobs) TellOfJobs();
            return result;
        }
        finally
        {
            statements.End();
        }
    }

    /// <summary>Behind the commit, never in it: on PostgreSQL a notice would make all commits that carry one wait for each other.</summary>
    private void TellOfJobs()
    {
        _bell.Ring();
        dialect.TellOthersOfJobs();
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
