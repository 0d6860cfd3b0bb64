using NodaTime;
using Relier.Rating;

namespace Relier.Domain.Tests.Rating;

public sealed class LeastCostTests
{
    private static readonly Usage Minute = new(UsageKind.Voice, "918041000000", Instant.FromUtc(2026, 11, 20, 10, 0), 60);

    private static readonly Tariff[] Suppliers = [Supplier("X", ("9180", 0.30m)), Supplier("Y", ("91", 0.25m)), Supplier("Z", ("918041", 0.40m)), Supplier("W", ("44", 0.01m))];

    [Test]
    public void AC_29_the_cheapest_come_first_or_those_who_know_the_number_most_exactly()
    {
        Names(LeastCost.Offers(Suppliers, Minute, RouteOrder.Cheapest, null)).Should().Equal("Y", "X", "Z");
        Names(LeastCost.Offers(Suppliers, Minute, RouteOrder.LongestPrefix, null)).Should().Equal("Z", "X", "Y");
    }

    [Test]
    public void Who_would_cost_as_much_as_the_customer_pays_is_left_out() =>
        Names(LeastCost.Offers(Suppliers, Minute, RouteOrder.Cheapest, 0.30m)).Should().Equal("Y");

    [Test]
    public void A_supplier_is_priced_by_its_longest_prefix_and_the_catch_all_is_the_least_exact()
    {
        var both = Supplier("B", ("", 0.01m), ("918041", 0.50m));
        var all = Supplier("A", ("", 0.02m));

        LeastCost.Offers([both, all], Minute, RouteOrder.LongestPrefix, null).Should().Equal(new SupplierOffer("B", "918041", "918041", 0.5m), new SupplierOffer("A", "*", "*", 0.02m));
    }

    [Test]
    public void Where_nobody_may_be_called_there_is_no_offer()
    {
        var deck = new RateDeck([new DeckEntry("9180", "") { IsForbidden = true }], new Dictionary<string, UsageRate>());

        LeastCost.Offers([TariffOf("F", deck)], Minute, RouteOrder.Cheapest, null).Should().BeEmpty();
    }

    private static IEnumerable<string> Names(IEnumerable<SupplierOffer> offers) => offers.Select(offer => offer.Supplier);

    private static Tariff Supplier(string name, params (string Prefix, decimal Price)[] prices) => TariffOf(
        name,
        new RateDeck(
            prices.Select(price => new DeckEntry(price.Prefix, price.Prefix + "!")),
            prices.ToDictionary(price => price.Prefix + "!", price => new UsageRate { Tiers = [new(0, UnitPrice.Of(price.Price), 60, 60)] })));

    private static Tariff TariffOf(string name, RateDeck deck)
    {
        var plan = new RatePlan(name, new BandCalendar(DateTimeZone.Utc, [new CalendarBand { Name = "always", Deck = "d" }]), new Dictionary<string, RateDeck> { ["d"] = deck });
        return new Tariff(name, new Dictionary<string, RatePlan> { [name] = plan }, null);
    }
}
