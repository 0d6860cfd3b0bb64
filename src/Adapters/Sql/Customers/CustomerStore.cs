using System.Collections.Concurrent;
using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class CustomerStore(Statements sql, TenantId tenant) : ICustomerStore
{
    public const string Columns =
        "id AS Id, name AS Name, channel AS Channel, status AS Status, wallet_id AS WalletId, policies AS Policies, "
        + "created_at AS CreatedAt, version AS Version";

    private const string Insert = """
        INSERT INTO relier_customer (tenant_id, id, name, channel, status, wallet_id, policies, created_at, version)
        VALUES (@TenantId, @Id, @Name, @Channel, @Status, @WalletId, @Policies, @CreatedAt, @Version)
        ON CONFLICT DO NOTHING
        """;

    private const string Update = """
        UPDATE relier_customer
        SET name = @Name, channel = @Channel, status = @Status, wallet_id = @WalletId, policies = @Policies, created_at = @CreatedAt,
            version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    private const string Find = $"SELECT {Columns} FROM relier_customer WHERE tenant_id = @TenantId AND id = @Id";

    private const string List = $"""
        SELECT {Columns} FROM relier_customer
        WHERE tenant_id = @TenantId AND created_at <= @At AND (created_at < @At OR id > @Id)
        ORDER BY created_at DESC, id LIMIT @Limit
        """;

    public async Task AddAsync(Customer customer, CancellationToken cancellationToken)
    {
        if (await sql.ExecuteAsync(Insert, Row.Of(tenant, customer), cancellationToken) == 1) return;
        throw new DuplicateKeyException(
            await FindAsync(customer.Id, cancellationToken) is null ? UniqueKey.CustomerChannel : UniqueKey.Customer);
    }

    public async Task<Customer> UpdateAsync(Customer customer, CancellationToken cancellationToken)
    {
        var row = Row.Of(tenant, customer);
        var written = await sql.AtomicallyAsync(
            () => sql.ExecuteAsync(Update, row, UniqueKey.CustomerChannel, cancellationToken), cancellationToken);
        return written == 1
            ? customer with { Version = customer.Version + 1 }
            : throw new StaleVersionException($"Customer {customer.Id}", customer.Version);
    }

    public async Task<Customer?> FindAsync(Id<Customer> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<Row>(Find, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToCustomer();

    public async Task<Page<Customer>> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        var after = Paging.After(page);
        var rows = await sql.ListAsync<Row>(
            List, new { TenantId = tenant.Value, after.At, after.Id, Limit = Paging.Rows(page) }, cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToCustomer()).ToList(), page, customer => new Position(customer.CreatedAt, customer.Id.Value));
    }

    internal sealed record Row
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string Name { get; init; }
        public required string Channel { get; init; }
        public required string Status { get; init; }
        public required string WalletId { get; init; }
        public required string Policies { get; init; }
        public required long CreatedAt { get; init; }
        public required long Version { get; init; }

        public static Row Of(TenantId tenant, Customer customer) => new()
        {
            TenantId = tenant.Value, Id = customer.Id.Value, Name = customer.Name, Channel = customer.Channel,
            Status = Words.CustomerStatus.Of(customer.Status), WalletId = customer.Wallet.Value,
            Policies = Json.Of(customer.Policies), CreatedAt = Micros.Of(customer.CreatedAt), Version = customer.Version,
        };

        public Customer ToCustomer() => new()
        {
            Id = Id<Customer>.Parse(Id), Name = Name, Channel = Channel, Status = Words.CustomerStatus.Parse(Status),
            Wallet = Id<Account>.Parse(WalletId), Policies = PoliciesOf(Policies),
            CreatedAt = Micros.ToInstant(CreatedAt), Version = Version,
        };

        /// <summary>Most customers have the policies of another one, to the letter: read once, they serve all of them.</summary>
        private static CustomerPolicies PoliciesOf(string text)
        {
            if (Read.TryGetValue(text, out var read)) return read;
            if (Read.Count >= MostRead) Read.Clear();
            return Read[text] = Json.ToPolicies(text);
        }

        private const int MostRead = 1_000;
        private static readonly ConcurrentDictionary<string, CustomerPolicies> Read = new();
    }
}
