using System.Collections.Immutable;
using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

/// <summary>Which provider gets an order, and which one the next try.</summary>
public sealed class RoutingTests
{
    private static readonly ProviderOffer Second = new()
    {
        Provider = "second", Environment = ProviderEnvironment.Simulator,
        Products = [new ProviderProduct { Id = "4711", Operator = "movistar", Min = Mxn(10m), Max = Mxn(500m), CostRatio = Ratio.Of(0.93m) }],
    };

    private static readonly ProviderOffer Telcel = new()
    {
        Provider = "third", Environment = ProviderEnvironment.Simulator,
        Products = [new ProviderProduct { Id = "TEL", Operator = "telcel", Min = Mxn(10m), Max = Mxn(500m) }],
    };

    private static readonly OrderSituation Situation = A.Situation with { Offers = [A.Offer, Telcel, Second] };

    [Test]
    public void The_first_provider_that_takes_orders_gets_it() => ProviderOf(A.Order(20m), Situation).Should().Be("latcom");

    [Test]
    public void A_provider_that_takes_none_is_passed_over() =>
        ProviderOf(A.Order(20m), Situation with { Standings = [Closed("latcom")] }).Should().Be("second");

    [Test]
    public void An_order_never_goes_to_another_operators_provider_because_the_right_ones_are_closed() =>
        CodeOf(A.Order(20m), Situation with { Standings = [Closed("latcom"), Closed("second")] }).Should().Be("provider_unavailable");

    [Test]
    public void An_order_that_names_its_operator_goes_there() =>
        ProviderOf(A.Order(20m) with { Operator = "telcel" }, Situation).Should().Be("third");

    [Test]
    public void An_operator_nobody_recharges_delivers_no_amount() =>
        CodeOf(A.Order(20m) with { Operator = "att" }, Situation).Should().Be("amount_not_deliverable");

    // The first takes 19.00 for 20.00 and 9.50 for 10.00.
    [TestCase(20, "18.99", "second")]
    [TestCase(20, "19.00", "latcom")]
    [TestCase(10, "18.99", "latcom")]
    public void An_order_that_costs_more_than_is_left_with_a_provider_goes_elsewhere(int pesos, string left, string provider)
    {
        var poor = new ProviderStanding("latcom", true, Money.Parse(left, Currency.MXN), []);

        ProviderOf(A.Order(pesos), Situation with { Standings = [poor] }).Should().Be(provider);
    }

    [Test]
    public void A_product_that_was_withdrawn_is_passed_over_for_the_next_of_the_same_provider()
    {
        var without = new ProviderStanding("latcom", true, null, ["XOOM_20_MXN"]);

        Taken(A.Order(20m), Situation with { Standings = [without] }).Route!.Product.Should().Be("TFE_MXN_20_TO_2000");
    }

    [Test]
    public void A_customer_pinned_to_a_provider_that_is_closed_is_refused()
    {
        var pinned = A.Customer with { Policies = A.Customer.Policies with { PinnedProvider = "latcom" } };

        CodeOf(A.Order(20m), Situation with { Customer = pinned, Standings = [Closed("latcom")] }).Should().Be("provider_unavailable");
    }

    [Test]
    public void The_next_try_goes_to_the_same_operator_at_a_provider_not_asked_yet() =>
        Routing.Next(TopUpIn.Submitting, Situation.Offers, null, [])!.Should().Be(new Route("second", "4711", "movistar", Mxn(20m), Mxn(18.60m)));

    [Test]
    public void There_is_no_next_try_for_a_pinned_customer() =>
        Routing.Next(TopUpIn.Submitting, Situation.Offers, "latcom", []).Should().BeNull();

    [Test]
    public void There_is_no_next_try_at_a_provider_that_takes_none() =>
        Routing.Next(TopUpIn.Submitting, Situation.Offers, null, [Closed("second")]).Should().BeNull();

    [Test]
    public void There_is_no_next_try_when_all_were_asked()
    {
        var second = Routing.Next(TopUpIn.Submitting, Situation.Offers, null, [])!;
        var twice = TopUpIn.Submitting.Settle(1, TopUpIn.ProductGone, A.Noon, second).TopUp.Begin(ProviderEnvironment.Simulator, A.Noon).Value;

        Routing.Next(twice, Situation.Offers, null, []).Should().BeNull();
    }

    [TestCase(4, "100.00", false)]
    [TestCase(5, "1.00", true)]
    [TestCase(1, "100.01", true)]
    public void Too_much_unknown_within_ten_minutes_reaches_the_limit(int count, string held, bool reached)
    {
        Exposure[] exposures =
        [
            new("latcom", ExposureAge.Minutes, count, Money.Parse(held, Currency.USD)),
            new("latcom", ExposureAge.Hour, 100, Usd(10_000m)),
            new("second", ExposureAge.Minutes, 100, Usd(10_000m)),
        ];

        ExposureLimit.Default.IsReached("latcom", exposures).Should().Be(reached);
    }

    [Test]
    public void A_rate_that_is_too_old_charges_nobody()
    {
        var situation = Situation with { RateAgeMax = Duration.FromMinutes(10) };

        ProviderOf(A.Order(20m), situation).Should().Be("latcom", "the rate is exactly ten minutes old");
        CodeOf(A.Order(20m), situation with { Now = A.Noon + Duration.FromMilliseconds(1) }).Should().Be("fx_unavailable");
    }

    // 2 % of 20.00 are 0.40: 19.60 at 0.0544 is 1.06624, which half-up is 1.07. In pesos 19.60.
    [Test]
    public void A_commission_is_left_out_of_the_charge()
    {
        var customer = A.Customer with { Policies = A.Customer.Policies with { Commission = Ratio.Percent(2m) } };

        var dollars = Taken(A.Order(20m), Situation with { Customer = customer });
        var pesos = Taken(A.Order(20m), Situation with { Customer = customer, Account = A.PesoAccount });

        (dollars.Charge, dollars.Commission, dollars.Face).Should().Be((Usd(1.07m), Mxn(0.40m), Mxn(20m)));
        pesos.Charge.Should().Be(Mxn(19.60m));
        pesos.ToCharge().Price.Should().Be(Mxn(19.60m));
    }

    private static ProviderStanding Closed(string provider) => new(provider, false, null, ImmutableHashSet<string>.Empty);

    private static TopUp Taken(TopUpOrder order, OrderSituation situation) =>
        Ordering.Decide(order, situation).Should().BeOfType<OrderDecision.Taken>().Subject.TopUp;

    private static string ProviderOf(TopUpOrder order, OrderSituation situation) => Taken(order, situation).Route!.Provider;

    private static string CodeOf(TopUpOrder order, OrderSituation situation) => Ordering.Decide(order, situation) switch
    {
        OrderDecision.Refused refused => refused.Refusal.Code,
        OrderDecision.Rejected rejected => rejected.TopUp.Code!,
        var other => throw new InvalidOperationException($"Expected a no; it was {other}."),
    };
}
