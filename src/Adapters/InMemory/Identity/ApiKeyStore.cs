using Relier.Customers;
using Relier.Identity;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class ApiKeyStore(Session session, Transaction transaction) : IApiKeyStore
{
    public Task AddAsync(ApiKey key, CancellationToken cancellationToken)
    {
        if (key.Tenant != session.Tenant)
            throw new ArgumentException($"A key of tenant {key.Tenant} cannot be written by tenant {session.Tenant}.", nameof(key));
        return transaction.WriteAsync(
            all =>
            {
                if (all.Keys.Any(other => other.Prefix == key.Prefix)) throw new DuplicateKeyException(UniqueKey.ApiKeyPrefix);
                var rows = all.Of(session.Tenant);
                return (all.With(session.Tenant, rows with { Keys = rows.Keys.Add(key.Id, key with { Scopes = [.. key.Scopes] }) }), true);
            },
            cancellationToken);
    }

    public Task<ApiKey?> FindAsync(Id<ApiKey> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Keys.GetValueOrDefault(id), cancellationToken);

    public Task UpdateAsync(ApiKey key, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Keys.GetValueOrDefault(key.Id) is { } stored
                ? rows with
                {
                    Keys = rows.Keys.SetItem(key.Id, stored with
                    {
                        LastUsedAt = stored.LastUsedAt > key.LastUsedAt ? stored.LastUsedAt : key.LastUsedAt ?? stored.LastUsedAt,
                        ExpiresAt = stored.ExpiresAt < key.ExpiresAt ? stored.ExpiresAt : key.ExpiresAt ?? stored.ExpiresAt,
                        RevokedAt = stored.RevokedAt ?? key.RevokedAt,
                    }),
                }
                : rows,
            cancellationToken);

    public Task<IReadOnlyList<ApiKey>> ListAsync(Id<Customer>? customer, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<ApiKey>>(
            rows =>
            [
                .. rows.Keys.Values.Where(key => key.Customer == customer)
                    .OrderByDescending(key => key.CreatedAt).ThenBy(key => key.Id.Value, StringComparer.Ordinal),
            ],
            cancellationToken);
}
