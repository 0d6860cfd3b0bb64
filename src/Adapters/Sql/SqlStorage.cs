using System.Data.Common;
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
    private readonly AsyncLocal<Enlistment?> _enlistment = new();
    private readonly JobBell _bell = new();
    private volatile bool _schemaIsRight;

    public bool IsInTransaction => _current.Value is { IsOpen: true } || _enlistment.Value is not null;

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

    public Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (IsInTransaction) throw new InvalidOperationException("The schema is not migrated inside a transaction. Migrate it before.");
        return InTransactionAsync(
            async statements =>
            {
                await _migrator.MigrateAsync(statements, cancellationToken);
                return true;
            },
            cancellationToken);
    }

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) =>
        InTransactionAsync(statements => _migrator.ListAsync(statements, cancellationToken), cancellationToken);

    /// <summary>
    /// From now on, until the result is disposed, the work of this flow is part of a transaction of the application's: it
    /// runs on its connection, each piece behind a savepoint, and nothing of it is committed here.
    /// </summary>
    /// <param name="connection">The connection, open, of the same engine.</param>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="isOpen">Whether that transaction has not ended.</param>
    /// <param name="placeQuery">A query for one text that differs between any two places that hold our tables.</param>
    public Enlistment Enlist(DbConnection connection, DbTransaction transaction, Func<bool> isOpen, string placeQuery)
    {
        if (IsInTransaction) throw new InvalidOperationException("This flow of work is inside a transaction already; end it before another one is enlisted in.");
        return _enlistment.Value = new Enlistment(connection, transaction, isOpen, (statements, token) => RequireSamePlaceAsync(statements, placeQuery, token), Leave);
    }

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
        if (_current.Value is { IsOpen: true })
            throw new InvalidOperationException("A transaction is already open here; do the work in its session, or after it.");

        for (var run = 1; ; run++)
        {
            try
            {
                return await RunOnceAsync(work, cancellationToken);
            }
            catch (TransactionLostException lost)
            {
                if (_enlistment.Value is not null)
                    throw new StorageUnavailableException("The transaction gave way to another one. Roll it back and do all of its work again.", lost);
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
        if (_enlistment.Value is { } enlistment)
        {
            enlistment.LeavesDueJobs = true;
            return;
        }

        _bell.Ring();
        dialect.TellOthersOfJobs();
    }

    private void Leave(Enlistment enlistment)
    {
        if (_enlistment.Value != enlistment)
            throw new InvalidOperationException(
                "The enlistment was made in another flow of work than it is ended in, so what was done in between was not part of the transaction. Enlist in the method that does the work.");
        _enlistment.Value = null;
        if (enlistment is { LeavesDueJobs: true, HasEnded: true }) TellOfJobs();
    }

    private async Task<SqlTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_enlistment.Value is { } enlistment) return await enlistment.BeginAsync(dialect, cancellationToken);
            return await dialect.BeginAsync(cancellationToken);
        }
        catch (Exception exception) when (dialect.TroubleOf(exception) is SqlTrouble.Unavailable)
        {
            throw new StorageUnavailableException($"The storage cannot be reached: {exception.Message}", exception);
        }
    }

    /// <summary>Throws <see cref="InvalidOperationException"/> unless our tables, as the application's connection finds them, are those that we work on.</summary>
    private async Task RequireSamePlaceAsync(Statements theirs, string placeQuery, CancellationToken cancellationToken)
    {
        var there = await theirs.TextAsync(placeQuery, cancellationToken);
        await using var transaction = await dialect.BeginAsync(cancellationToken);
        var here = await new Statements(dialect, transaction).TextAsync(placeQuery, cancellationToken);
        if (there != here)
            throw new InvalidOperationException(
                $"The context works on another database or schema than Relier: on its connection Relier's tables are at {there}, Relier's own are at {here}.");
    }
}
