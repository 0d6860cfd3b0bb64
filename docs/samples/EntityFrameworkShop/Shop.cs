using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier;
using Relier.Customers;
using Relier.EntityFramework;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace EntityFrameworkShop;

/// <summary>Sells top-ups: the shop's order and Relier's hold are one transaction, and a report reads both.</summary>
public sealed class Shop(ShopContext db, IRelier relier, IStorage storage, Caller caller)
{
    /// <summary>Keeps the order with the money held for it, or neither. Null when it was taken, else why not.</summary>
    public async Task<string?> PlaceAsync(Order order)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        using var enlistment = storage.Enlist(db);

        var request = new RequestTopUp(order.Phone, order.Amount) { Reference = order.Number, Wait = Duration.Zero };
        var outcome = await relier.SendAsync(request, caller);
        if (outcome.IsRefused(out var refusal, out var receipt)) return refusal.Code;

        order.TopUp = receipt.TopUp.Id.Value;
        db.Orders.Add(order);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return null;
    }

    /// <summary>What was sold, by what became of it.</summary>
    public async Task<IReadOnlyList<Sales>> ReportAsync(CancellationToken cancellationToken = default)
    {
        var tenant = caller.Tenant.Value;
        var sales =
            from order in db.Orders
            join topUp in db.Set<TopUpRow>() on order.TopUp equals topUp.Id
            where topUp.TenantId == tenant
            group topUp by new { topUp.State, topUp.ChargeCurrency } into same
            orderby same.Key.State, same.Key.ChargeCurrency
            select new { same.Key.State, same.Key.ChargeCurrency, Orders = same.Count(), Micros = same.Sum(topUp => topUp.ChargeAmountMicros) };
        return [.. (await sales.ToListAsync(cancellationToken)).Select(row => new Sales(row.State, row.Orders, RelierUnits.Amount(row.Micros) ?? 0, row.ChargeCurrency))];
    }

    /// <summary>A day in the shop, on an empty database.</summary>
    public static async Task RunAsync(string connectionString, TextWriter output)
    {
        var services = new ServiceCollection();
        services.AddRelier().UsePostgres(connectionString).UseSimulator();
        services.AddDbContext<ShopContext>(options => options.UseNpgsql(connectionString));
        await using var provider = services.BuildServiceProvider();
        var caller = await PrepareAsync(provider);

        foreach (var (number, amount) in new[] { ("A-1", "20"), ("A-2", "50"), ("A-3", "100") })
        {
            await using var scope = provider.CreateAsyncScope();
            var refused = await ShopIn(scope, caller).PlaceAsync(new Order { Number = number, Phone = "5512345000", Amount = amount });
            await output.WriteLineAsync($"order {number} of {amount} MXN: {refused ?? "taken"}");
        }

        await ReportAsync(provider, caller, output);

        // An application with a host says RunJobs() behind AddRelier() instead.
        await provider.GetRequiredService<JobLoop>().RunDueAsync();
        await ReportAsync(provider, caller, output);
    }

    private static Shop ShopIn(AsyncServiceScope scope, Caller caller) => new(
        scope.ServiceProvider.GetRequiredService<ShopContext>(), scope.ServiceProvider.GetRequiredService<IRelier>(),
        scope.ServiceProvider.GetRequiredService<IStorage>(), caller);

    private static async Task ReportAsync(ServiceProvider provider, Caller caller, TextWriter output)
    {
        await using var scope = provider.CreateAsyncScope();
        foreach (var sales in await ShopIn(scope, caller).ReportAsync())
            await output.WriteLineAsync($"{sales.State}: {sales.Orders} for {sales.Charged:0.00} {sales.Currency}");
    }

    /// <summary>Tables for both, and a reseller with 100 pesos.</summary>
    private static async Task<Caller> PrepareAsync(ServiceProvider provider)
    {
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        await using var scope = provider.CreateAsyncScope();
        // The tables of the context and no others: Relier's are there already. An application has migrations for this.
        await scope.ServiceProvider.GetRequiredService<ShopContext>().GetService<IRelationalDatabaseCreator>().CreateTablesAsync();

        var tenant = TenantId.Parse("shop");
        await provider.GetRequiredService<TenantDirectory>().EnsureAsync(tenant, "Shop", DateTimeZoneProviders.Tzdb["America/Mexico_City"]);
        var relier = provider.GetRequiredService<IRelier>();
        var house = Caller.OfSystem(tenant, "shop");
        var customer = (await relier.SendAsync(new CreateCustomer("Walk-in") { WalletCurrency = "MXN" }, house)).Value.Customer.Id;
        await relier.SendAsync(new AdjustCredit(customer.Value, "100.00", "payment"), house);
        return Caller.OfCustomer(tenant, customer);
    }
}

/// <summary>A line of the report.</summary>
/// <param name="State">What became of the top-ups.</param>
/// <param name="Orders">How many.</param>
/// <param name="Charged">What they cost.</param>
/// <param name="Currency">In this currency.</param>
public sealed record Sales(string State, int Orders, decimal Charged, string? Currency);
