using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Hosts.Tests.Cli;

/// <summary>What the pages of the packages promise (README.md of src/Domain and src/Application).</summary>
internal sealed class PackagePageTests
{
    [Test]
    public void The_sum_on_the_page_of_the_domain_is_right()
    {
        var face = Money.Of(20, Currency.MXN);
        var rate = new ExchangeRate
        {
            Base = Currency.MXN, Quote = Currency.USD, Rate = Ratio.Of(0.0544m), AsOf = Instant.FromUtc(2026, 11, 20, 0, 0), Source = "treasury",
        };

        rate.Convert(face, Rounding.HalfUp).Should().Be(Money.Of(1.09m, Currency.USD));
    }

    [Test]
    public async Task An_application_embeds_it_as_its_page_says()
    {
        var directory = Directory.CreateTempSubdirectory("relier-embedded-");
        var services = new ServiceCollection();
        services.AddRelier().UseSqlite($"Data Source={Path.Combine(directory.FullName, "relier.db")}").UseSimulator().RunJobs();
        await using (var provider = services.BuildServiceProvider())
        {
            await provider.GetRequiredService<IStorage>().MigrateAsync(default);
            var shop = TenantId.Parse("shop");
            await provider.GetRequiredService<TenantDirectory>().EnsureAsync(shop, "Shop", DateTimeZoneProviders.Tzdb["America/Mexico_City"], default);
            var caller = Caller.OfSystem(shop, "checkout");
            var relier = provider.GetRequiredService<IRelier>();
            var customer = (await relier.SendAsync(new CreateCustomer("Corner Shop") { WalletCurrency = "MXN" }, caller)).Value.Customer.Id.Value;
            await relier.SendAsync(new AdjustCredit(customer, "100.00", "payment"), caller);

            var outcome = await relier.SendAsync(new RequestTopUp("5512345678", "20") { Customer = customer, Reference = "order-1" }, caller);

            outcome.Value.TopUp.State.Should().Be(TopUpState.Succeeded);
        }

        directory.Delete(recursive: true);
    }
}
