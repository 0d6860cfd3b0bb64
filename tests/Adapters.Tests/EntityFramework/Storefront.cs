using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Relier.Adapters.Tests.Sql;
using Relier.Contracts;
using Relier.Customers;
using Relier.EntityFramework;
using Relier.Identity;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Adapters.Tests.EntityFramework;

/// <summary>An application with orders of its own beside Relier, in one PostgreSQL database: two tenants, each with one reseller who has 100.00 pesos.</summary>
internal sealed class Storefront : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;

    private Storefront(TestDatabase database, string connectionString)
    {
        _database = database;
        ConnectionString = connectionString;
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(Clock);
        services.AddRelier(options => options.ProcessName = "store").UsePostgres(connectionString).UseSimulator();
        _services = services.BuildServiceProvider();
    }

    public static readonly TenantId Tenant = TenantId.Parse("main");

    public static readonly TenantId OtherTenant = TenantId.Parse("other");

    public FakeClock Clock { get; } = new();

    public string ConnectionString { get; }

    public IRelier Relier => _services.GetRequiredService<IRelier>();

    public IStorage Storage => _services.GetRequiredService<IStorage>();

    public JobLoop Loop => _services.GetRequiredService<JobLoop>();

    public Authenticator Door => _services.GetRequiredService<Authenticator>();

    public TenantDirectory Tenants => _services.GetRequiredService<TenantDirectory>();

    public SimulatedProvider Provider => _services.GetRequiredService<SimulatedProvider>();

    public Caller Reseller { get; private set; } = null!;

    public Caller Other { get; private set; } = null!;

    public static async Task<Storefront> OpenAsync()
    {
        var database = await new OnPostgres().CreateAsync();
        var name = (await database.TextsAsync("SELECT current_database()::TEXT")).Single();
        var store = new Storefront(database, (await PostgresCluster.SharedAsync()).ConnectionStringFor(name));
        await database.ExecuteAsync("CREATE TABLE shop_order (number TEXT PRIMARY KEY, topup TEXT)");
        store.Reseller = await store.EnrolAsync(Tenant);
        store.Other = await store.EnrolAsync(OtherTenant);
        return store;
    }

    public StoreContext Context(Action<Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.NpgsqlDbContextOptionsBuilder>? also = null, string? connectionString = null) =>
        new(new DbContextOptionsBuilder<StoreContext>().UseNpgsql(connectionString ?? ConnectionString, also).Options);

    public Task<Outcome<TopUpReceipt>> OrderAsync(string reference, Caller? caller = null, string amount = "20") =>
        Relier.SendAsync(new RequestTopUp("5512345000", amount) { Reference = reference, Wait = Duration.Zero }, caller ?? Reseller);

    public async Task<Account> WalletAsync(Caller? caller = null)
    {
        var who = caller ?? Reseller;
        return await Storage.RunAsync(
            who.Tenant,
            async session => (await session.Ledger.FindAsync((await session.Customers.FindAsync(who.Customer!.Value, default))!.Wallet, default))!,
            default);
    }

    /// <summary>Every row of Relier's and of the application's, as one text for each table.</summary>
    public async Task<IReadOnlyList<string>> EverythingAsync()
    {
        var tables = await _database.TextsAsync("SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename");
        var everything = new List<string>();
        foreach (var table in tables)
            everything.AddRange(await _database.TextsAsync($"SELECT '{table} ' || COALESCE(string_agg(t::TEXT, ' ' ORDER BY t::TEXT), '') FROM {table} AS t"));
        return everything;
    }

    public Task<List<string>> OrdersAsync() => _database.TextsAsync("SELECT number FROM shop_order ORDER BY number");

    public Task<long> CountAsync(string table, string where = "1 = 1") => _database.CountAsync($"SELECT COUNT(*) FROM {table} WHERE {where}");

    /// <summary>Runs a statement of somebody else's.</summary>
    public Task ExecuteAsync(string sql) => _database.ExecuteAsync(sql);

    public Task<List<string>> TextsAsync(string sql) => _database.TextsAsync(sql);

    /// <summary>All rows of a table, past EF Core.</summary>
    public async Task<IReadOnlyList<IDictionary<string, object?>>> RowsAsync(string table)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SELECT * FROM {table}", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<IDictionary<string, object?>>();
        while (await reader.ReadAsync())
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, field => reader.IsDBNull(field) ? null : reader.GetValue(field)));
        return rows;
    }

    /// <summary>Adds to every table of Relier's a row in which everything differs from everything, and one in which all that may be missing is. Checks and references are lifted first: the rows make no sense.</summary>
    public Task FillAsync(IEnumerable<string> flags) => _database.ExecuteAsync($"""
        DO $$
        DECLARE t TEXT; c TEXT; has_all TEXT; has_least TEXT; names TEXT;
        BEGIN
          FOR t, c IN SELECT conrelid::regclass::TEXT, conname FROM pg_constraint WHERE contype IN ('c', 'f') AND conrelid::regclass::TEXT LIKE 'relier\_%'
          LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %s', t, c); END LOOP;
          FOR t, names, has_all, has_least IN
            SELECT c.table_name, string_agg(c.column_name, ', ' ORDER BY ordinal_position),
              string_agg(CASE WHEN c.column_name IN ({string.Join(", ", flags.Select(flag => $"'{flag}'"))}) THEN '1' WHEN data_type = 'bigint' THEN (1000 + ordinal_position)::TEXT ELSE quote_literal(c.table_name || '.' || c.column_name) END, ', ' ORDER BY ordinal_position),
              string_agg(CASE WHEN is_nullable = 'YES' THEN 'NULL' WHEN data_type = 'bigint' THEN '0' ELSE quote_literal('') END, ', ' ORDER BY ordinal_position)
            FROM information_schema.columns AS c JOIN information_schema.tables AS s ON s.table_schema = c.table_schema AND s.table_name = c.table_name
            WHERE c.table_schema = 'public' AND c.table_name LIKE 'relier\_%' AND s.table_type = 'BASE TABLE' GROUP BY c.table_name
          LOOP EXECUTE format('INSERT INTO %s (%s) VALUES (%s), (%s)', t, names, has_all, has_least); END LOOP;
        END $$
        """);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await using (var pool = new NpgsqlConnection(ConnectionString)) NpgsqlConnection.ClearPool(pool);
        await _database.DisposeAsync();
    }

    private async Task<Caller> EnrolAsync(TenantId tenant)
    {
        await Tenants.EnsureAsync(tenant, "Store", DateTimeZone.Utc);
        var house = Caller.OfSystem(tenant, "setup");
        var customer = (await Relier.SendAsync(new CreateCustomer("Reseller") { WalletCurrency = "MXN", Policies = new PoliciesInput { LowBalance = "" } }, house)).Value.Customer.Id;
        await Relier.SendAsync(new AdjustCredit(customer.Value, "100.00", "payment"), house);
        return Caller.OfCustomer(tenant, customer);
    }
}

/// <summary>The application's own model.</summary>
internal sealed class StoreContext(DbContextOptions<StoreContext> options) : DbContext(options)
{
    public DbSet<StoreOrder> Orders => Set<StoreOrder>();

    public async Task AddAsync(string number, TopUp? topUp = null)
    {
        Orders.Add(new StoreOrder { Number = number, TopUp = topUp?.Id.Value });
        await SaveChangesAsync();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoreOrder>(order =>
        {
            order.ToTable("shop_order").HasKey(row => row.Number);
            order.Property(row => row.Number).HasColumnName("number");
            order.Property(row => row.TopUp).HasColumnName("topup");
        });
        modelBuilder.UseRelierTables();
    }
}

/// <summary>The application's own row.</summary>
internal sealed class StoreOrder
{
    public required string Number { get; init; }

    public string? TopUp { get; init; }
}
