using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Chaos;

/// <summary>
/// All that a provider can do to an order, while the host is killed at moments nobody chose. In every run 4 kills among some 70
/// orders of 6 clients, some 20 s; in full 60 kills among 3,000 orders of 12 clients.
/// </summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class EveryFault
{
    private const string BlocksLogin = "012";
    private const string IsReversedLater = "016";

    private static readonly int Kills = Scale.Of(4, 60);
    private static readonly int Clients = Scale.Of(6, 12);
    private static readonly string[] Suffixes = [.. Enumerable.Range(0, 17).Select(suffix => suffix.ToString("000", System.Globalization.CultureInfo.InvariantCulture))];

    [Test]
    public async Task Whatever_the_provider_does_and_whenever_the_host_dies_each_order_ends_decided_or_honestly_unknown_and_none_is_sent_twice()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var installation = await Installation.StartAsync(
            Engine.Postgres, new() { Latency = TimeSpan.FromMilliseconds(100), HangTime = TimeSpan.FromSeconds(2) }, ("Relier__ProviderTimeoutSeconds", "1"));
        try
        {
            Reseller[] resellers = [await installation.NewResellerAsync(), await installation.NewResellerAsync(), await installation.NewResellerAsync()];
            // The one that shuts the door for all is ordered by itself, and the door opened again.
            using var crowd = new Crowd(installation, resellers, [.. Suffixes.Except([BlocksLogin])]) { HostMayBeGone = true };
            crowd.Begin(Clients, ordersMax: Scale.Of(400, 3_000));
            for (var kill = 0; kill < Kills; kill++)
            {
                await crowd.AnswerAsync(more: 12, TimeSpan.FromSeconds(4));
                await Task.Delay(random.Next(0, 300));
                await installation.Host.KillAsync();
                await installation.StartHostAsync();
                await crowd.OrderAsync(installation.NewPhone(BlocksLogin), resellers[kill % resellers.Length], waits: true);
                installation.Latcom.BlockLogin = false;
            }

            await crowd.AnswerAsync(more: Suffixes.Length, TimeSpan.FromSeconds(10));
            await crowd.EndAsync();
            await Truth.ShouldHoldAsync(installation, crowd.Told, resellers, TimeSpan.FromSeconds(Scale.Of(40, 120)));

            crowd.Told.Keys.Select(phone => phone[^3..]).Distinct().Should().BeEquivalentTo(Suffixes, "each fault is to be met");
            await ShouldBeRefundedOnceAsync(installation, crowd);
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine($"Seed {seed}\n{installation.Output}");
            throw;
        }
    }

    /// <summary>A top-up that is taken back next day, as two people have seen.</summary>
    private static async Task ShouldBeRefundedOnceAsync(Installation installation, Crowd crowd)
    {
        var reversed = new List<string>();
        foreach (var (phone, told) in crowd.Told.Where(one => one.Key.EndsWith(IsReversedLater, StringComparison.Ordinal)))
        {
            var topUp = (await told.Reseller.ListAsync(phone)).Single();
            if (Reseller.StatusOf(topUp) != "succeeded") continue;
            var (before, held) = await told.Reseller.BalanceAsync();

            installation.Latcom.ReverseNow(installation.Latcom.DeliveriesTo(phone).Single().TransId).Should().BeTrue();
            await installation.ProveAsync(told.Id, "reversed");

            Reseller.StatusOf((await told.Reseller.ListAsync(phone)).Single()).Should().Be("reversed");
            (await told.Reseller.BalanceAsync()).Should().Be((Plus(before, 1.09m), held));
            reversed.Add(told.Id);
            break;
        }

        reversed.Should().ContainSingle("some of them were delivered");
        await installation.ShouldBeSoundAsync();
    }

    private static string Plus(string amount, decimal more)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        return (decimal.Parse(amount, culture) + more).ToString("0.00", culture);
    }
}
