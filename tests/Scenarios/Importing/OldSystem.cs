using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>Exports of the first version, made up, and the house that imports them.</summary>
internal sealed class OldSystem
{
    public const string CustomersHeader =
        "id,customer_id,company_name,api_key,secret_key,current_balance,credit_limit,is_active,commission_percentage,ip_whitelist_enabled,allowed_ips";

    public const string TransactionsHeader =
        "id,transaction_id,customer_id,phone,amount_mxn,amount_usd,exchange_rate,status,reference,operator_transaction_id,provider,response_time_ms,latcom_response_code,latcom_response_message,created_at,processed_at";

    public List<string> Customers { get; init; } = [];

    public List<string> Transactions { get; init; } = [];

    public string? Adjustments { get; init; }

    public List<ImportRemark> Remarks { get; } = [];

    public List<ImportedSecret> Secrets { get; } = [];

    /// <summary>Three customers and five transactions, with everything that is odd about real ones.</summary>
    public static OldSystem Small() => new()
    {
        Customers =
        [
            "1,ENVIADESPENSA_001,Envia Despensa,plain_key_one,plain_secret_one,9998.910000000003,10000,t,11.00,f,",
            "2,NORTE_002,\"=HYPERLINK(\"\"x\"\") <script>alert(1)</script>, S.A.\",plain_key_two,plain_secret_two,-12.5,0,t,0,t,\"[\"\"203.0.113.7\"\",\"\"198.51.100.0/24\"\"]\"",
            "3,SUR_003,Sur,plain_key_three,plain_secret_three,0,0,f,0,f,[]",
        ],
        Transactions =
        [
            "1,RLR1760353500123,ENVIADESPENSA_001,5512340001,20.00,1.0899999,0.0544,SUCCESS,ORDER-1,LT10000001,Latcom,3421,0,Success,2025-10-13 11:05:00.123+00,2025-10-13 11:05:06+00",
            "2,LT178061,ENVIADESPENSA_001,525512340002,50,2.72,0.0544,success,ORDER-2,,,,,,2025-10-13 12:00:00,",
            "3,POS_store1_1760353500125,NORTE_002,5512340003,10,0.54,18.3824,Failed ,,,,,-120054,\"Product not Found, <b>\",2025-10-14T00:00:00Z,",
            "4,RLR1760353500126,NORTE_002,5512340004,100,5.44,0.0544,PENDING,ORDER-4,,,,,,2025-10-14 01:00:00,",
            "5,txn 5/ñ,SUR_003,5512340005,30.000000001,1.6300000000000001,0.0544,SUCCESS,ORDER-1,,,,,,2025-10-14 02:00:00,",
        ],
    };

    /// <summary>One customer with 500.00, and so many delivered transactions of 20.00 for 1.09.</summary>
    public static OldSystem Large(int transactions) => new()
    {
        Customers = ["1,UNO,Uno,k,s,500,0,t,0,f,", "2,DOS,Dos,k,s,7.07,0,t,0,f,"],
        Transactions =
        [
            .. Enumerable.Range(0, transactions).Select(number => string.Create(
                CultureInfo.InvariantCulture,
                $"{number},RLR{1760353500000 + number},UNO,55{12000000 + number},20,1.09,0.0544,SUCCESS,R{number},LT{number},Latcom,7,0,Success,2025-10-13 {number / 3600 % 24:D2}:{number / 60 % 60:D2}:{number % 60:D2},")),
        ],
    };

    public ImportFirstVersion Import(bool apply = true)
    {
        Remarks.Clear();
        return new ImportFirstVersion(File("customers.csv", CustomersHeader, Customers))
        {
            Transactions = File("transactions.csv", TransactionsHeader, Transactions),
            Adjustments = Adjustments is null ? null : new ImportFile("balance_adjustments.csv", new MemoryStream(Encoding.UTF8.GetBytes(Adjustments))),
            Apply = apply, Remark = Remarks.Add,
            KeepSecret = (secret, _) =>
            {
                lock (Secrets) Secrets.Add(secret);
                return Task.CompletedTask;
            },
        };
    }

    private static ImportFile File(string name, string header, IEnumerable<string> lines) =>
        new(name, new MemoryStream(Encoding.UTF8.GetBytes(string.Join("\r\n", [header, .. lines]) + "\r\n")));
}

/// <summary>A tenant that comes from the old system, in a world.</summary>
internal sealed class Newcomer(World world, TenantId tenant)
{
    public World World => world;

    public Caller House { get; } = Caller.OfAdmin(tenant, "maria");

    public static async Task<Newcomer> OpenAsync(World world, string name = "norte")
    {
        var tenant = TenantId.Parse(name);
        await world.Services.GetRequiredService<TenantDirectory>().EnsureAsync(tenant, name, DateTimeZoneProviders.Tzdb["America/Mexico_City"]);
        var newcomer = new Newcomer(world, tenant);
        await world.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), newcomer.House);
        return newcomer;
    }

    public async Task<ImportReport> ImportAsync(OldSystem old, bool apply = true, ServiceProvider? process = null) =>
        (await (process ?? world.Services).GetRequiredService<IRelier>().SendAsync(old.Import(apply), House)).Value;

    public async Task<IReadOnlyList<CustomerDetails>> CustomersAsync() =>
        (await world.Relier.SendAsync(new ListCustomers { Limit = 100 }, House)).Value.Data;

    public async Task<CustomerDetails> CustomerAsync(string name) => (await CustomersAsync()).Single(details => details.Customer.Name == name);

    public async Task<IReadOnlyList<TopUp>> TopUpsAsync() => (await world.Relier.SendAsync(new ListTopUps { Limit = 100 }, House)).Value.Data;

    public async Task<TopUp> TopUpAsync(string id) => (await world.Relier.SendAsync(new GetTopUp(id), House)).Value;

    public async Task<TopUpStats> StatsAsync() => (await world.Relier.SendAsync(new GetTopUpStats(), House)).Value;

    public Task<IReadOnlyList<ImportedItem>> ItemsAsync(params string[] oldIds) =>
        world.Storage.RunAsync(tenant, session => session.Imports.FindAsync("latcom-fix", ImportedKind.TopUp, oldIds, default), default);

    public async Task ShouldBeSoundAsync() => (await world.Relier.SendAsync(new VerifyLedger(), House)).Value.Findings.Should().BeEmpty();

    /// <summary>All that an import leaves, in figures: two houses in which the same happened say the same.</summary>
    public async Task<string> DescribeAsync()
    {
        await ShouldBeSoundAsync();
        var text = new StringBuilder();
        foreach (var details in (await CustomersAsync()).OrderBy(details => details.Customer.Name))
        {
            var keys = (await world.Relier.SendAsync(new ListKeys(details.Customer.Id.Value), House)).Value.Data.Count;
            text.AppendLine(CultureInfo.InvariantCulture, $"{details.Customer.Name} {details.Customer.Channel} {details.Wallet.Posted} {details.Wallet.Entries} keys {keys}");
        }

        foreach (var total in (await StatsAsync()).Totals.OrderBy(total => total.State)) text.AppendLine($"{total}");
        return text.ToString();
    }
}

/// <summary>Storage whose process dies at its n-th transaction, right before or right after the commit.</summary>
internal sealed class DyingStorage(IStorage inner, int at, bool afterCommit) : IStorage
{
    private int _count;

    /// <summary>Whether it came so far.</summary>
    public bool IsDead => _count >= at;

    public async Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken)
    {
        var no = Interlocked.Increment(ref _count);
        if (no > at) throw Death();
        if (no < at) return await inner.RunAsync(tenant, work, cancellationToken);
        if (afterCommit)
        {
            await inner.RunAsync(tenant, work, cancellationToken);
            throw Death();
        }

        return await inner.RunAsync<T>(
            tenant,
            async session =>
            {
                await work(session);
                throw Death();
            },
            cancellationToken);
    }

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);

    private static InvalidOperationException Death() => new("The process died.");
}
