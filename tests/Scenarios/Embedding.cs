using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Latcom;
using Relier.Ledger;
using Relier.Simulators;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>The code that the README shows is compiled and run here, to the letter.</summary>
internal sealed class Embedding
{
    [Test]
    public async Task Six_lines_embed_relier_and_send_a_topup()
    {
        await using var latcom = await LatcomSimulator.StartAsync();
        var file = Path.Combine(Path.GetTempPath(), $"relier-{Guid.NewGuid():N}.db");
        var customer = await PrepareAsync(file);
        void ConfigureLatcom(LatcomOptions o) => Configure(o, latcom.Address);

        var services = new ServiceCollection();
        services.AddRelier().UseSqlite($"Data Source={file}").UseLatcom(ConfigureLatcom);
        await using var provider = services.BuildServiceProvider();
        var relier = provider.GetRequiredService<IRelier>();
        var caller = Caller.OfCustomer(TenantId.Parse("main"), customer);
        var outcome = await relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = "ORDER-1" }, caller);

        outcome.Value.TopUp.State.Should().Be(TopUpState.Succeeded);
        latcom.Deliveries.Should().ContainSingle();
        File.Delete(file);
    }

    [Test]
    public void What_the_readme_shows_is_what_runs_here()
    {
        var readme = File.ReadAllText(Path.Combine(Root(), "README.md"));
        var source = File.ReadAllText(Path.Combine(Root(), "tests/Scenarios/Embedding.cs"));
        var block = readme[readme.IndexOf("```csharp", StringComparison.Ordinal)..];
        var lines = block[..block.IndexOf("```", 9, StringComparison.Ordinal)].Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0).ToList();

        lines.Should().HaveCount(6);
        foreach (var line in lines)
            source.Should().Contain(line.Replace("\"Data Source=relier.db\"", "$\"Data Source={file}\""), "the README's code is compiled and run");
    }

    [Test]
    public void What_was_not_chosen_is_refused_with_the_line_to_add()
    {
        var services = new ServiceCollection();
        services.AddRelier();
        using var provider = services.BuildServiceProvider();

        var refused = provider.Invoking(host => host.GetRequiredService<IRelier>()).Should().Throw<RelierConfigurationException>().Which;

        refused.Problems.Should().HaveCount(2);
        refused.Message.Should().Contain(".UseSqlite(").And.Contain(".UseLatcom(");
    }

    [Test]
    public async Task Two_places_of_one_name_for_alerts_are_refused_before_any_money_moves_because_the_second_would_be_told_nothing()
    {
        var (chat, pager) = (new Uri("https://chat.example/hooks/relier"), new Uri("https://pager.example/alerts"));
        var services = new ServiceCollection();
        services.AddRelier().UseInMemory().UseProvider(clock => new InMemory.SimulatedProvider(clock.GetRequiredService<IClock>()))
            .UseAlertWebhook(new Alerts.AlertWebhookOptions { Address = chat, Secret = "a-secret-of-the-house-and-the-chat" })
            .UseAlertWebhook(new Alerts.AlertWebhookOptions { Address = pager, Secret = "a-secret-of-the-house-and-the-pager" });
        await using var provider = services.BuildServiceProvider();
        var relier = provider.GetRequiredService<IRelier>();

        var credit = () => relier.SendAsync(new AdjustCredit("cus_1", "100.00", "payment"), Caller.OfSystem(TenantId.Parse("main"), "setup"));

        (await credit.Should().ThrowAsync<InvalidOperationException>()).WithInnerException<RelierConfigurationException>().Which.Problems.Should().ContainSingle().Which.Should().Contain("'webhook'");
        provider.Invoking(host => host.GetRequiredService<Jobs.JobLoop>()).Should().Throw<RelierConfigurationException>("a host that does jobs does not start");
    }

    private static async Task<Id<Customer>> PrepareAsync(string file)
    {
        var services = new ServiceCollection();
        services.AddRelier().UseSqlite($"Data Source={file}").UseProvider(clock => new InMemory.SimulatedProvider(clock.GetRequiredService<IClock>()));
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        var tenant = TenantId.Parse("main");
        await provider.GetRequiredService<TenantDirectory>().EnsureAsync(tenant, "Main", DateTimeZone.Utc);
        var relier = provider.GetRequiredService<IRelier>();
        var house = Caller.OfSystem(tenant, "setup");
        var customer = (await relier.SendAsync(new CreateCustomer("Reseller") { WalletCurrency = "MXN" }, house)).Value.Customer.Id;
        await relier.SendAsync(new AdjustCredit(customer.Value, "100.00", "payment"), house);
        return customer;
    }

    private static void Configure(LatcomOptions options, Uri address)
    {
        var simulated = new LatcomSimulatorOptions();
        options.BaseAddress = address;
        (options.Username, options.Password, options.DistributorKey, options.UserUid) = (simulated.Username, simulated.Password, simulated.DistApi, simulated.UserUid);
    }

    private static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Relier.sln"))) return folder;
        throw new InvalidOperationException("The tests run inside the checkout, below Relier.sln.");
    }
}
