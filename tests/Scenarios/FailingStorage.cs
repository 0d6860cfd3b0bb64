using Relier.Storage;

namespace Relier.Scenarios;

/// <summary>Storage that cannot be reached while something is the case.</summary>
internal sealed class FailingStorage(IStorage inner) : IStorage
{
    public required Func<bool> FailWhen { get; init; }

    /// <summary>When claims and leases fail; as everything else unless said.</summary>
    public Func<bool>? FailSystemWhen { get; init; }

    public Task<T> RunAsync<T>(Tenancy.TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
        FailWhen() ? throw new StorageUnavailableException("Storage is away.") : inner.RunAsync(tenant, work, cancellationToken);

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) =>
        (FailSystemWhen ?? FailWhen)() ? throw new StorageUnavailableException("Storage is away.") : inner.RunSystemAsync(work, cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
}

/// <summary>Storage that once commits the beginning of a submission and does not say so.</summary>
internal sealed class UnconfirmedStorage(IStorage inner, Action meanwhile) : IStorage
{
    private int _lost;

    public async Task<T> RunAsync<T>(Tenancy.TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken)
    {
        var result = await inner.RunAsync(tenant, work, cancellationToken);
        if (result is not TopUps.TopUp { State: TopUps.TopUpState.Submitting } || Interlocked.Exchange(ref _lost, 1) == 1) return result;
        meanwhile();
        throw new StorageUnavailableException("The engine did not confirm the commit.");
    }

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
}
