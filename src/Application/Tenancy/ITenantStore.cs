using Relier.Storage;

namespace Relier.Tenancy;

/// <summary>The tenants of the installation.</summary>
public interface ITenantStore
{
    /// <summary>Adds one. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Tenant"/>).</summary>
    Task AddAsync(Tenant tenant, CancellationToken cancellationToken);

    /// <summary>The tenant; null if there is none.</summary>
    Task<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken);

    /// <summary>All of them, by id.</summary>
    Task<IReadOnlyList<Tenant>> ListAsync(CancellationToken cancellationToken);
}
