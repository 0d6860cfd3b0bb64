using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>
/// Case 22: a thousand random operations, repeatable by their seed, on every engine; the invariants of a top-up hold
/// all the way, and in the end the customer has paid for exactly what the provider delivered.
/// </summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class RandomOperations(Engine engine)
{
    private const int Operations = 1000;
    private static readonly string[] Suffixes =
        ["000", "000", "000", "000", "001", "002", "003", "004", "005", "006", "007", "008", "009", "010", "011", "013", "014", "016", "034", "036"];

    private static readonly string[] Amounts = ["10", "20", "50", "70", "100", "25", "500"];

    [TestCase(20261120)]
    public async Task Case_22_a_thousand_random_operations_leave_the_books_equal_to_the_deliveries(int seed)
    {
        var random = new Random(seed);
        await using var world = await World.StartAsync(engine, new WorldOptions { Simulator = new() { HangTime = TimeSpan.FromMilliseconds(20) } });
        await world.SetPoliciesAsync(new Relier.Customers.PoliciesInput { DailyLimit = "" });
        var ordered = new Dictionary<string, TopUp>();
        var paidIn = 10_000.00m;

        for (var operation = 1; operation <= Operations; operation++)
        {
            switch (random.Next(100))
            {
                case < 60:
                    var order = await world.OrderAsync($"5512{random.Next(1000):D3}{Suffixes[random.Next(Suffixes.Length)]}", Amounts[random.Next(Amounts.Length)], $"R{operation}", wait: random.Next(2) == 0);
                    if (order.Refusal is null) ordered[order.Value.TopUp.Id.Value] = order.Value.TopUp;
                    else order.Refusal.Code.Should().BeOneOf("insufficient_credit", "amount_not_deliverable");
                    break;
                case < 70 when ordered.Count > 0:
                    // Somebody asks again for what they ordered before; it must be the same one.
                    var known = ordered.Values.ElementAt(random.Next(ordered.Count));
                    (await world.OrderAsync(known.Phone.National, known.Face.Amount, known.Reference)).Value.TopUp.Id.Should().Be(known.Id);
                    break;
                case < 80:
                    var amount = random.Next(-5_000, 6_000) / 100m;
                    var credit = await world.Relier.SendAsync(new AdjustCredit(world.CustomerId, Money.Of(amount == 0 ? 1 : amount, Currency.USD).Amount, "correction"), world.House);
                    if (credit.Refusal is null) paidIn += amount == 0 ? 1 : amount;
                    break;
                case < 90:
                    world.Clock.Advance(Duration.FromSeconds(random.Next(1, 120)));
                    await world.RunJobsAsync();
                    break;
                case < 93:
                    world.Latcom.BlockLogin = !world.Latcom.BlockLogin;
                    break;
                case < 96 when ordered.Count > 0:
                    await SettleByTruthAsync(world, ordered.Values.ElementAt(random.Next(ordered.Count)));
                    break;
                default:
                    // The process is gone; the next one takes over its jobs when their leases are over.
                    await world.RestartAsync($"p{operation}");
                    break;
            }

            if (operation % 100 == 0) await ShouldHoldAsync(world, ordered.Keys);
        }

        world.Latcom.BlockLogin = false;
        world.Clock.Advance(Duration.FromMinutes(5));
        await world.RunJobsAsync();
        foreach (var topUp in ordered.Values) await SettleByTruthAsync(world, topUp);
        await ShouldHoldAsync(world, ordered.Keys);
        await ShouldEqualTheTruthAsync(world, ordered.Keys, paidIn);
    }

    /// <summary>Two people look at what the provider really did, and say so.</summary>
    private static async Task SettleByTruthAsync(World world, TopUp ordered)
    {
        var topUp = await world.FindAsync(ordered);
        if (topUp.State is not (TopUpState.Unknown or TopUpState.InReview or TopUpState.Pending)) return;
        var delivered = world.Latcom.Deliveries.Any(delivery => delivery.OurReference == topUp.Attempts[^1].ProviderReference);
        var proof = new AddEvidence(topUp.Id.Value, delivered ? "delivered" : "not_delivered", "provider's own record");
        await world.Relier.SendAsync(proof, world.House);
        await world.Relier.SendAsync(proof, Caller.OfAdmin(World.Tenant, "pedro"));
    }

    private static async Task ShouldHoldAsync(World world, IEnumerable<string> ids)
    {
        await world.ShouldBeSoundAsync();
        var topUps = new List<TopUp>();
        foreach (var id in ids) topUps.Add((await world.Relier.SendAsync(new GetTopUp(id), world.House)).Value);

        topUps.Should().OnlyContain(topUp => topUp.Attempts.Count(attempt => attempt.IsOpen) <= 1, "INV3");
        world.Latcom.Deliveries.GroupBy(delivery => delivery.OurReference).Should().OnlyContain(same => same.Count() == 1, "no reference is delivered twice");
        var wallet = await world.WalletAsync();
        wallet.Held.ToDecimal().Should().Be(topUps.Where(topUp => topUp.IsHeld).Sum(topUp => topUp.Charge!.Value.ToDecimal()), "INV10: open holds are the exposure");
        (wallet.Available.IsNegative && wallet.Held.IsPositive).Should().BeFalse("INV6");
    }

    private static async Task ShouldEqualTheTruthAsync(World world, IEnumerable<string> ids, decimal paidIn)
    {
        var charged = 0m;
        foreach (var id in ids)
        {
            var topUp = (await world.Relier.SendAsync(new GetTopUp(id), world.House)).Value;
            topUp.IsFinal.Should().BeTrue();
            var delivered = topUp.Attempts.Any(attempt => world.Latcom.Deliveries.Any(delivery => delivery.OurReference == attempt.ProviderReference));
            topUp.State.Should().Be(delivered ? TopUpState.Succeeded : TopUpState.Failed, "INV2: {0} was {1}delivered", id, delivered ? "" : "not ");
            if (delivered) charged += topUp.Charge!.Value.ToDecimal();
        }

        var wallet = await world.WalletAsync();
        wallet.Held.IsZero.Should().BeTrue();
        wallet.Posted.ToDecimal().Should().Be(paidIn - charged);
        var stats = (await world.Relier.SendAsync(new GetQueueStats(), world.House)).Value;
        (stats.Waiting, stats.Active, stats.Failed).Should().Be((0, 0, 0));
    }
}
