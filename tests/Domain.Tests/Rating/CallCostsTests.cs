using Relier.Rating;
using static Relier.Domain.Tests.Rating.ATariff;

namespace Relier.Domain.Tests.Rating;

/// <summary>What calls cost at suppliers, and what is left of what they brought.</summary>
public sealed class CallCostsTests
{
    private static readonly Gen<(SoldCall Call, Money? Cost, int Group)[]> AnyCalls =
        (from seconds in Gen.Choose(1, 4_000)
         from kind in Gen.Elements(UsageKind.Voice, UsageKind.Message)
         from revenue in Gen.Choose(-1, 9_000_000)
         from cost in Gen.Choose(-1, 9_000_000)
         from sort in Gen.Choose(0, 4)
         select (
             new SoldCall(Id<Call>.Parse("call_1"), Noon, Call(seconds) with { Kind = kind }, null, revenue < 0 ? null : Rupees(revenue / 1_000_000m)),
             cost < 0 ? (Money?)null : Rupees(cost / 1_000_000m), sort)).ArrayOf();

    [Test]
    public void The_cheapest_supplier_that_knows_the_number_is_the_cost_rounded_as_it_rounds()
    {
        var dear = Of(Deck(("9180", PerMinute(0.30m, 60))));
        var cheap = Of(Deck(("91", Rate(0.0055m, 1, 1) with { Rounding = new(Rounding.Up, 2) })));
        var elsewhere = Of(Deck(("44", PerMinute(0.01m, 60))));

        // 61 s are two minutes at 0.30; or 0.3355, rounded up to 0.34.
        CallCosts.Of([dear, elsewhere], Call(61), Currency.INR).Should().Be(Rupees(0.60m));
        CallCosts.Of([dear, cheap, elsewhere], Call(61), Currency.INR).Should().Be(Rupees(0.34m));
    }

    [Test]
    public void Where_no_supplier_has_a_price_nobody_knows_the_cost()
    {
        var forbidden = Of(new RateDeck([new DeckEntry("9180", "") { IsForbidden = true }], new Dictionary<string, UsageRate>()));
        var elsewhere = Of(Deck(("44", PerMinute(0.01m, 60))));
        var absurd = Of(Deck(("91", Rate(100_000m, 1, 1))));

        // 100,000 a second for 9,000,000 s is as much as an account can hold.
        CallCosts.Of([forbidden, elsewhere, absurd], Call(9_000_001), Currency.INR).Should().BeNull();
        CallCosts.Of([forbidden, elsewhere, absurd], Call(9_000_000), Currency.INR).Should().Be(Rupees(900_000_000_000m));
        CallCosts.Of([], Call(60), Currency.INR).Should().BeNull();
    }

    [Test]
    public void A_call_within_the_grace_of_a_supplier_costs_nothing_there()
    {
        var graceful = Of(PerMinute(9m, 60) with { GraceSeconds = 3 });

        CallCosts.Of([Of(PerMinute(0.01m, 60)), graceful], Call(3), Currency.INR).Should().Be(Rupees(0m));
        CallCosts.Of([Of(PerMinute(0.01m, 60)), graceful], Call(4), Currency.INR).Should().Be(Rupees(0.01m));
    }

    [Test]
    public void A_call_without_a_price_costs_and_brings_nothing_and_one_without_a_cost_has_no_margin()
    {
        var margin = CallMargin.None(Currency.INR)
            .Plus(Sold(60, 1.00m), Rupees(0.40m)).Plus(Sold(30, null), Rupees(0.25m)).Plus(Sold(20, 9.00m), null).Plus(Sold(10, null), null);

        margin.Should().Be(new CallMargin(new CallSales(2, 90, Rupees(1.00m)), Rupees(0.65m), new CallSales(2, 30, Rupees(9.00m))));
        margin.Margin.Should().Be(Rupees(0.35m));
    }

    [Test]
    public void Groups_add_up_to_the_total_and_a_margin_is_what_priced_calls_brought_less_their_cost() => Law.Holds(AnyCalls, calls =>
    {
        var groups = calls.GroupBy(one => one.Group).Select(group => SumOf(group)).ToList();

        var total = SumOf(calls);

        groups.Aggregate(CallMargin.None(Currency.INR), (sum, group) => sum.Plus(group)).Should().Be(total);
        (total.Costed.Calls + total.Costless.Calls).Should().Be(calls.Length);
        total.Margin.ToDecimal().Should().Be(calls.Where(one => one.Cost is not null).Sum(one => (one.Call.Revenue?.ToDecimal() ?? 0) - one.Cost!.Value.ToDecimal()));
        groups.Sum(group => group.Margin.ToDecimal()).Should().Be(total.Margin.ToDecimal());
    });

    private static CallMargin SumOf(IEnumerable<(SoldCall Call, Money? Cost, int Group)> calls) =>
        calls.Aggregate(CallMargin.None(Currency.INR), (sum, one) => sum.Plus(one.Call, one.Cost));

    private static SoldCall Sold(long seconds, decimal? revenue) => new(Id<Call>.Parse("call_1"), Noon, Call(seconds), null, revenue is { } amount ? Rupees(amount) : null);

    private static Money Rupees(decimal amount) => Money.Of(amount, Currency.INR);
}
