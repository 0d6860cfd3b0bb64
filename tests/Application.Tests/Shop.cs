using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Application.Tests;

/// <summary>A Relier in memory with one reseller: a dollar wallet with 10,000.00, at 0.0544 for one peso.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Shop(ServiceProvider services) => _services = services;

    public static readonly TenantId Tenant = TenantId.Parse("main");

    public FakeClock Clock => (FakeClock)_services.GetRequiredService<IClock>();

    public IRelier Relier => _services.GetRequiredService<IRelier>();

    public IStorage Storage => _services.GetRequiredService<IStorage>();

    public SimulatedProvider Provider => _services.GetRequiredService<SimulatedProvider>();

    public JobLoop Loop => _services.GetRequiredService<JobLoop>();

    public Authenticator Door => _services.GetRequiredService<Authenticator>();

    public Caller House { get; } = Caller.OfAdmin(Tenant, "maria");

    public Caller Reseller { get; private set; } = null!;

    public string Customer { get; private set; } = null!;

    public RelierOptions Options => _services.GetRequiredService<RelierOptions>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<Shop> OpenAsync(Action<IServiceCollection>? also = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(new FakeClock());
        services.AddRelier(options => options.ProcessName = "shop").UseInMemory().UseSimulator();
        also?.Invoke(services);
        var shop = new Shop(services.BuildServiceProvider(validateScopes: true));
        await shop._services.GetRequiredService<TenantDirectory>().EnsureAsync(Tenant, "Main", DateTimeZone.Utc);
        var customer = (await shop.Relier.SendAsync(new CreateCustomer("Reseller"), shop.House)).Value.Customer;
        shop.Customer = customer.Id.Value;
        shop.Reseller = Caller.OfCustomer(Tenant, customer.Id);
        await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "10000.00", "payment"), shop.House);
        await shop.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), shop.House);
        return shop;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
