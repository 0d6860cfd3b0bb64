using Relier.Storage;
using Relier.Tenancy;

namespace Relier.InMemory;

internal sealed class TenantStore(Transaction transaction) : ITenantStore
{
    public Task AddAsync(Tenant tenant, CancellationToken cancellationToken) =>
        transaction.WriteAsync(
            all => all.Tenants.ContainsKey(tenant.Id)
                ? throw new DuplicateKeyException(UniqueKey.Tenant)
                : (all with { Tenants = all.Tenants.Add(tenant.Id, tenant) }, true),
            cancellationToken);

    public Task<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken) =>
        transaction.ReadAsync(all => all.Tenants.GetValueOrDefault(id), cancellationToken);

    public Task<IReadOnlyList<Tenant>> ListAsync(CancellationToken cancellationToken) =>
        transaction.ReadAsync<IReadOnlyList<Tenant>>(
            all => [.. all.Tenants.Values.OrderBy(tenant => tenant.Id.Value, StringComparer.Ordinal)], cancellationToken);
}
