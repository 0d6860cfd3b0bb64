using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Customers;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Application.Tests;

/// <summary>Case 68: what a day brings, in time that is set.</summary>
public sealed class BurstTests
{
    private static readonly Duration Latency = Duration.FromSeconds(7);

    /// <summary>How long is waited, in the machine's time, for what costs no time on the clock.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Case_68_two_hundred_at_once_are_all_final_within_eighty_seconds_at_seven_seconds_and_twenty_workers()
    {
        await using var shop = await OpenAsync(Latency);
        shop.Options.JobConcurrencyOf["topup.submit"] = 20;
        for (var i = 0; i < 200; i++)
            (await shop.Relier.SendAsync(new RequestTopUp($"55{10_000_000 + i * 1_000}", "20") { Reference = $"R{i}", Wait = Duration.Zero }, shop.Reseller))
                .Value.TopUp.State.Should().Be(TopUpState.Reserved);
        var began = shop.Clock.Now();
        using var stop = new CancellationTokenSource();
        var loop = shop.Loop.RunAsync(stop.Token);

        // Ten rounds of twenty.
        for (var round = 1; round <= 10; round++)
        {
            await UntilAsync(() => Task.FromResult(shop.Provider.Submissions.Count == 20 * round));
            shop.Clock.Advance(Latency);
        }

        await UntilAsync(async () => (await shop.Relier.SendAsync(new GetTopUpStats(), shop.House)).Value.Succeeded == 200);
        (shop.Clock.Now() - began).Should().BeLessThan(Duration.FromSeconds(80));
        shop.Provider.Deliveries.Select(delivery => delivery.Reference).Should().OnlyHaveUniqueItems().And.HaveCount(200);
        // 10,000.00 - 200 * 1.09
        (await shop.Relier.SendAsync(new GetBalance(shop.Customer), shop.House)).Value.Account.Posted.Amount.Should().Be("9782.00");
        (await shop.Relier.SendAsync(new VerifyLedger(), shop.House)).Value.IsSound.Should().BeTrue();
        await stop.CancelAsync();
        await loop;
    }

    [Test]
    public async Task Case_68_ten_thousand_in_a_day_with_one_in_a_hundred_unknown_balance()
    {
        await using var shop = await OpenAsync(Duration.Zero);
        await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "10000.00", "payment"), shop.House);

        for (var i = 0; i < 10_000; i++)
        {
            // One in a hundred is answered by nobody: of those, every other is delivered all the same, and looked up.
            var suffix = i % 200 == 0 ? "004" : i % 100 == 0 ? "003" : "000";
            var receipt = await shop.Relier.SendAsync(new RequestTopUp($"55{10_000 + i}{suffix}", "20") { Reference = $"R{i}" }, shop.Reseller);
            receipt.Value.TopUp.State.Should().Be(suffix == "000" ? TopUpState.Succeeded : TopUpState.Unknown);
            shop.Clock.Advance(Duration.FromMilliseconds(8_640));
            await shop.Loop.RunDueAsync();
        }

        var stats = (await shop.Relier.SendAsync(new GetTopUpStats(), shop.House)).Value;
        // 100 unknown: 50 were found delivered, 50 wait for people with 1.09 each.
        (stats.Succeeded, stats.Undecided, stats.Failed).Should().Be((9_950, 50, 0));
        stats.Held.Should().Equal(Money.Parse("54.50", Currency.USD));
        shop.Provider.Deliveries.Should().HaveCount(9_950);
        // 20,000.00 - 9,950 * 1.09
        (await shop.Relier.SendAsync(new GetBalance(shop.Customer), shop.House)).Value.Account.Posted.Amount.Should().Be("9154.50");
        (await shop.Relier.SendAsync(new VerifyLedger(), shop.House)).Value.IsSound.Should().BeTrue();
    }

    private static async Task<Shop> OpenAsync(Duration latency)
    {
        var shop = await Shop.OpenAsync(services => services.AddSingleton(provider =>
            new SimulatedProvider(provider.GetRequiredService<IClock>(), new SimulatedProviderOptions { Latency = latency })));
        shop.Options.ExposureLimit = new ExposureLimit(1_000, []);
        var customer = (await shop.Relier.SendAsync(new GetCustomer(shop.Customer), shop.House)).Value.Customer;
        var policies = new PoliciesInput { DailyLimit = "" };
        (await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, customer.Version) { Policies = policies }, shop.House)).Value.Should().NotBeNull();
        return shop;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition()) await Task.Delay(5, patience.Token);
    }
}
