using NodaTime;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class TenantStore(Statements sql) : ITenantStore
{
    private const string Columns = "id AS Id, name AS Name, zone AS Zone, created_at AS CreatedAt";

    private const string Insert = """
        INSERT INTO relier_tenant (id, name, zone, created_at)
        VALUES (@Id, @Name, @Zone, @CreatedAt)
        ON CONFLICT (id) DO NOTHING
        """;

    private const string Find = $"SELECT {Columns} FROM relier_tenant WHERE id = @Id";

    private const string List = $"SELECT {Columns} FROM relier_tenant ORDER BY id";

    public Task AddAsync(Tenant tenant, CancellationToken cancellationToken) =>
        sql.InsertAsync(
            Insert,
            new Row { Id = tenant.Id.Value, Name = tenant.Name, Zone = tenant.Zone.Id, CreatedAt = Micros.Of(tenant.CreatedAt) },
            UniqueKey.Tenant,
            cancellationToken);

    public async Task<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<Row>(Find, new { Id = id.Value }, cancellationToken))?.ToTenant();

    public async Task<IReadOnlyList<Tenant>> ListAsync(CancellationToken cancellationToken) =>
        (await sql.ListAsync<Row>(List, null, cancellationToken)).Select(row => row.ToTenant()).ToList();

    private sealed record Row
    {
        public required string Id { get; init; }
        public required string Name { get; init; }
        public required string Zone { get; init; }
        public required long CreatedAt { get; init; }

        public Tenant ToTenant() => new(TenantId.Parse(Id), Name, DateTimeZoneProviders.Tzdb[Zone], Micros.ToInstant(CreatedAt));
    }
}
