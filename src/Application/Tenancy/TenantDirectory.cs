using System.Collections.Concurrent;
using NodaTime;
using Relier.Storage;

namespace Relier.Tenancy;

/// <summary>The tenants, kept in memory for a minute: asked for at every order, changed almost never.</summary>
public sealed class TenantDirectory(IStorage storage, IClock clock)
{
    private static readonly Duration KeptFor = Duration.FromMinutes(1);
    private readonly ConcurrentDictionary<TenantId, (Tenant Tenant, Instant ReadAt)> _known = new();
    private readonly SingleFlight<TenantId, Tenant?> _readings = new();

    /// <summary>The tenant. Throws <see cref="InvalidOperationException"/> when there is none: callers are made for tenants that exist.</summary>
    public async Task<Tenant> GetAsync(TenantId id, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(id, out var entry) && clock.Now() - entry.ReadAt < KeptFor) return entry.Tenant;
        // What a transaction sees may be rolled back with it: it is neither shared nor kept.
        var shared = storage.IsInTransaction ? null : await _readings.FetchAsync(id, () => ReadAndKeepAsync(id)).WaitAsync(cancellationToken);
        // A reading that began before the tenant was made does not speak for who comes after that.
        return shared ?? await ReadAsync(id, cancellationToken)
            ?? throw new InvalidOperationException($"There is no tenant '{id}'. Create it with {nameof(TenantDirectory)}.{nameof(EnsureAsync)}.");
    }

    /// <summary>The tenant, created now if it is new. An existing one stays as it is.</summary>
    public async Task<Tenant> EnsureAsync(TenantId id, string name, DateTimeZone zone, CancellationToken cancellationToken = default)
    {
        try
        {
            return await storage.RunSystemAsync(
                async session =>
                {
                    if (await session.Tenants.FindAsync(id, cancellationToken) is { } known) return known;
                    var tenant = new Tenant(id, name, zone, clock.Now());
                    await session.Tenants.AddAsync(tenant, cancellationToken);
                    return tenant;
                },
                cancellationToken);
        }
        catch (DuplicateKeyException)
        {
            // Another process was faster by a moment.
            return await GetAsync(id, cancellationToken);
        }
    }

    private async Task<Tenant?> ReadAndKeepAsync(TenantId id)
    {
        var tenant = await ReadAsync(id, CancellationToken.None);
        if (tenant is not null) _known[id] = (tenant, clock.Now());
        return tenant;
    }

    private Task<Tenant?> ReadAsync(TenantId id, CancellationToken cancellationToken) =>
        storage.RunSystemAsync(session => session.Tenants.FindAsync(id, cancellationToken), cancellationToken);
}
