using Relier.Jobs;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.InMemory;

/// <summary>
/// Everything in memory, gone with the process: for tests and trials. Keeps every promise of <see cref="IStorage"/>.
/// Transactions run one after the other, so a lock is never waited for inside one; a transaction opened inside another
/// would wait for itself, and throws <see cref="InvalidOperationException"/> instead. Thread-safe.
/// </summary>
public sealed class InMemoryStorage : IStorage
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly AsyncLocal<Transaction?> _current = new();
    private readonly JobBell _bell = new();
    private Snapshot _committed = Snapshot.Empty;

    /// <inheritdoc/>
    public bool IsInTransaction => _current.Value is { IsOpen: true };

    /// <inheritdoc/>
    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentException.ThrowIfNullOrEmpty(tenant.Value, nameof(tenant));
        return CommitAsync(transaction => work(new Session(tenant, transaction)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return CommitAsync(transaction => work(new SystemSession(transaction)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) => _bell.ListenAsync(wake, cancellationToken);

    /// <summary>Does nothing: there is no schema.</summary>
    public Task MigrateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Always empty: there is no schema.</summary>
    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MigrationStatus>>([]);

    /// <summary>All that is committed, for who checks it from outside.</summary>
    internal Snapshot Committed => _committed;

    private async Task<T> CommitAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellationToken)
    {
        var (result, leavesDueJobs) = await RunAsync(work, cancellationToken).ConfigureAwait(false);
        if (leavesDueJobs) _bell.Ring();
        return result;
    }

    private async Task<(T Result, bool LeavesDueJobs)> RunAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellationToken)
    {
        if (IsInTransaction)
            throw new InvalidOperationException("A transaction is already open here; do the work in its session, or after it.");

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        var transaction = new Transaction(_committed);
        _current.Value = transaction;
        try
        {
            var result = await work(transaction).ConfigureAwait(false);
            _committed = transaction.Snapshot;
            return (result, transaction.LeavesDueJobs);
        }
        finally
        {
            transaction.End();
            _turn.Release();
        }
    }
}
