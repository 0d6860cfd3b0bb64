using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class ApiKeyStore(Statements sql, TenantId tenant) : IApiKeyStore
{
    private const string Columns =
        "tenant_id AS TenantId, id AS Id, customer_id AS CustomerId, name AS Name, prefix AS Prefix, secret_hash AS SecretHash, "
        + "scopes AS Scopes, created_at AS CreatedAt, last_used_at AS LastUsedAt, expires_at AS ExpiresAt, revoked_at AS RevokedAt";

    private const string Insert = """
        INSERT INTO relier_api_key (
          tenant_id, id, customer_id, name, prefix, secret_hash, scopes, created_at, last_used_at, expires_at, revoked_at)
        VALUES (
          @TenantId, @Id, @CustomerId, @Name, @Prefix, @SecretHash, @Scopes, @CreatedAt, @LastUsedAt, @ExpiresAt, @RevokedAt)
        ON CONFLICT (prefix) DO NOTHING
        """;

    private const string Find = $"SELECT {Columns} FROM relier_api_key WHERE tenant_id = @TenantId AND id = @Id";

    private const string Update = """
        UPDATE relier_api_key SET
          last_used_at = CASE WHEN last_used_at > @LastUsedAt THEN last_used_at ELSE COALESCE(@LastUsedAt, last_used_at) END,
          expires_at = CASE WHEN expires_at < @ExpiresAt THEN expires_at ELSE COALESCE(@ExpiresAt, expires_at) END,
          revoked_at = COALESCE(revoked_at, @RevokedAt)
        WHERE tenant_id = @TenantId AND id = @Id
        """;

    private const string ListOfCustomer = $"""
        SELECT {Columns} FROM relier_api_key WHERE tenant_id = @TenantId AND customer_id = @CustomerId ORDER BY created_at DESC, id
        """;

    private const string ListOfHouse = $"""
        SELECT {Columns} FROM relier_api_key WHERE tenant_id = @TenantId AND customer_id IS NULL ORDER BY created_at DESC, id
        """;

    private const string FindByPrefix = $"SELECT {Columns} FROM relier_api_key WHERE prefix = @Prefix";

    private const string CountAdmins = """
        SELECT COUNT(*) FROM (
          SELECT 1 FROM relier_api_key
          WHERE customer_id IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @Now) LIMIT 1) any_key
        """;

    public Task AddAsync(ApiKey key, CancellationToken cancellationToken)
    {
        SqlSession.RequireSame(tenant, key.Tenant, $"key {key.Id}");
        return sql.InsertAsync(Insert, Row.Of(tenant, key), UniqueKey.ApiKeyPrefix, cancellationToken);
    }

    public async Task<ApiKey?> FindAsync(Id<ApiKey> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<Row>(Find, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToKey();

    public Task UpdateAsync(ApiKey key, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(Update, Row.Of(tenant, key), cancellationToken);

    public async Task<IReadOnlyList<ApiKey>> ListAsync(Id<Customer>? customer, CancellationToken cancellationToken)
    {
        var parameters = new { TenantId = tenant.Value, CustomerId = customer?.Value };
        var rows = await sql.ListAsync<Row>(customer is null ? ListOfHouse : ListOfCustomer, parameters, cancellationToken);
        return rows.Select(row => row.ToKey()).ToList();
    }

    /// <summary>The key with this prefix, whoever's it is: before it is found, nobody knows whose tenant asks.</summary>
    public static async Task<ApiKey?> FindByPrefixAsync(Statements sql, string prefix, CancellationToken cancellationToken) =>
        (await sql.FindAsync<Row>(FindByPrefix, new { Prefix = prefix }, cancellationToken))?.ToKey();

    /// <summary>Whether any tenant's house has a key that is valid.</summary>
    public static async Task<bool> AnyAdminKeyAsync(Statements sql, Instant now, CancellationToken cancellationToken) =>
        await sql.ScalarAsync<long>(CountAdmins, new { Now = Micros.Of(now) }, cancellationToken) > 0;

    private sealed record Row
    {
        public required string TenantId { get; init; }
        public required string Id { get; init; }
        public string? CustomerId { get; init; }
        public required string Name { get; init; }
        public required string Prefix { get; init; }
        public required string SecretHash { get; init; }
        public required string Scopes { get; init; }
        public required long CreatedAt { get; init; }
        public long? LastUsedAt { get; init; }
        public long? ExpiresAt { get; init; }
        public long? RevokedAt { get; init; }

        public static Row Of(TenantId tenant, ApiKey key) => new()
        {
            TenantId = tenant.Value, Id = key.Id.Value, CustomerId = key.Customer?.Value, Name = key.Name, Prefix = key.Prefix,
            SecretHash = key.SecretHash, Scopes = Json.Of(key.Scopes), CreatedAt = Micros.Of(key.CreatedAt),
            LastUsedAt = Micros.Of(key.LastUsedAt), ExpiresAt = Micros.Of(key.ExpiresAt), RevokedAt = Micros.Of(key.RevokedAt),
        };

        public ApiKey ToKey() => new()
        {
            Id = Id<ApiKey>.Parse(Id), Tenant = Tenancy.TenantId.Parse(TenantId),
            Customer = CustomerId is { } customer ? Id<Customer>.Parse(customer) : null, Name = Name, Prefix = Prefix,
            SecretHash = SecretHash, Scopes = Json.ToTexts(Scopes), CreatedAt = Micros.ToInstant(CreatedAt),
            LastUsedAt = Micros.ToInstant(LastUsedAt), ExpiresAt = Micros.ToInstant(ExpiresAt), RevokedAt = Micros.ToInstant(RevokedAt),
        };
    }
}
