using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

/// <summary>
/// The refusals in the order in which they win. Everything that is wrong is put right from the top, one thing at a time,
/// so that each refusal is seen to win over all below it.
/// </summary>
public sealed class OrderingPrecedenceTests
{
    private static readonly OrderSituation Poor = A.Situation with { Account = A.Account with { Posted = Usd(0m) } };
    private static readonly OrderSituation NobodySells = Poor with { Offers = [] };
    private static readonly OrderSituation NoRate = NobodySells with { Rate = null };
    private static readonly OrderSituation DayIsFull = NoRate with { UsedToday = Mxn(200_000m) };

    [Test]
    public void Reference_conflict_wins_over_a_suspected_duplicate() =>
        Refused(A.Order(20m, "R1"), A.Situation with { Earlier = TopUpIn.Succeeded with { Face = Mxn(50m) }, Twin = TopUpIn.Submitting })
            .Should().Be("reference_conflict");

    [Test]
    public void A_suspected_duplicate_wins_over_an_amount_out_of_range() =>
        Refused(A.Order(501m), A.Situation with { Twin = TopUpIn.Submitting }).Should().Be("duplicate_suspected");

    [Test]
    public void An_amount_out_of_range_wins_over_an_amount_not_allowed()
    {
        // 500.50 is beyond 500 and no step of 1.
        Refused(A.Order(500.5m), A.Situation).Should().Be("amount_out_of_range");
        Refused(A.Order(499.5m), A.Situation).Should().Be("amount_not_allowed");
    }

    [Test]
    public void An_amount_not_allowed_wins_over_an_amount_not_deliverable()
    {
        // 15.50 is no step of 1, and no product delivers it: the open range begins at 20.
        Refused(A.Order(15.5m), A.Situation).Should().Be("amount_not_allowed");
        Refused(A.Order(15m), A.Situation).Should().Be("amount_not_deliverable");
    }

    [Test]
    public void An_amount_not_deliverable_wins_over_a_daily_limit()
    {
        var full = A.Situation with { UsedToday = Mxn(200_000m) };

        Refused(A.Order(15m), full).Should().Be("amount_not_deliverable");
        Refused(A.Order(20m), full).Should().Be("daily_limit_exceeded");
    }

    [Test]
    public void A_daily_limit_wins_over_a_missing_rate()
    {
        var full = A.Situation with { UsedToday = Mxn(200_000m), Rate = null };

        Refused(A.Order(20m), full).Should().Be("daily_limit_exceeded");
        Refused(A.Order(20m), full with { UsedToday = Mxn(0m) }).Should().Be("fx_unavailable");
    }

    [Test]
    public void The_limit_of_the_day_wins_over_that_of_the_phone()
    {
        var policies = A.Customer.Policies with { DailyLimitPerPhone = Mxn(100m) };
        var situation = A.Situation with
        {
            Customer = A.Customer with { Policies = policies }, UsedToday = Mxn(200_000m), UsedTodayForPhone = Mxn(100m),
        };

        var rejected = (OrderDecision.Rejected)Ordering.Decide(A.Order(20m), situation);

        rejected.TopUp.Rejection!.Facts.Should().Contain("limit", Mxn(200_000m));
    }

    [Test]
    public void A_missing_rate_wins_over_a_missing_provider()
    {
        var neither = A.Situation with { Rate = null, Offers = [] };

        Refused(A.Order(20m), neither).Should().Be("fx_unavailable");
        Refused(A.Order(20m), neither with { Rate = A.Rate }).Should().Be("provider_unavailable");
    }

    [Test]
    public void A_missing_provider_wins_over_missing_credit()
    {
        Refused(A.Order(20m), NobodySells).Should().Be("provider_unavailable");
        Refused(A.Order(20m), Poor).Should().Be("insufficient_credit");
    }

    [Test]
    public void Each_wins_over_all_below_it()
    {
        var cramped = DayIsFull with { Offers = [A.Offer] };
        string[] codes =
        [
            Refused(A.Order(501.5m, "R1"), cramped with { Earlier = TopUpIn.Succeeded, Twin = TopUpIn.Succeeded }),
            Refused(A.Order(501.5m), cramped with { Twin = TopUpIn.Succeeded }),
            Refused(A.Order(501.5m), cramped),
            Refused(A.Order(15.5m), cramped),
            Refused(A.Order(15m), cramped),
            Refused(A.Order(20m), DayIsFull),
            Refused(A.Order(20m), NoRate),
            Refused(A.Order(20m), NobodySells),
            Refused(A.Order(20m), Poor),
        ];

        codes.Should().Equal(
            "reference_conflict", "duplicate_suspected", "amount_out_of_range", "amount_not_allowed", "amount_not_deliverable",
            "daily_limit_exceeded", "fx_unavailable", "provider_unavailable", "insufficient_credit");
    }

    [TestCase("reference_conflict", false)]
    [TestCase("duplicate_suspected", false)]
    [TestCase("amount_out_of_range", true)]
    [TestCase("amount_not_allowed", true)]
    [TestCase("amount_not_deliverable", true)]
    [TestCase("daily_limit_exceeded", true)]
    [TestCase("fx_unavailable", false)]
    [TestCase("provider_unavailable", false)]
    [TestCase("insufficient_credit", true)]
    public void Only_what_may_be_different_next_time_leaves_no_trace(string code, bool final)
    {
        var decision = code switch
        {
            "reference_conflict" => Ordering.Decide(A.Order(50m, "R1"), A.Situation with { Earlier = TopUpIn.Succeeded }),
            "duplicate_suspected" => Ordering.Decide(A.Order(20m), A.Situation with { Twin = TopUpIn.Succeeded }),
            "amount_out_of_range" => Ordering.Decide(A.Order(501m), A.Situation),
            "amount_not_allowed" => Ordering.Decide(A.Order(20.5m), A.Situation),
            "amount_not_deliverable" => Ordering.Decide(A.Order(15m), A.Situation),
            "daily_limit_exceeded" => Ordering.Decide(A.Order(20m), A.Situation with { UsedToday = Mxn(200_000m) }),
            "fx_unavailable" => Ordering.Decide(A.Order(20m), A.Situation with { Rate = null }),
            "provider_unavailable" => Ordering.Decide(A.Order(20m), A.Situation with { Offers = [] }),
            "insufficient_credit" => Ordering.Decide(A.Order(20m), Poor),
            _ => throw new ArgumentOutOfRangeException(nameof(code)),
        };

        if (final) decision.Should().BeOfType<OrderDecision.Rejected>().Which.TopUp.Rejection!.Code.Should().Be(code);
        else decision.Should().BeOfType<OrderDecision.Refused>().Which.Refusal.Code.Should().Be(code);
    }

    private static string Refused(TopUpOrder order, OrderSituation situation) => Ordering.Decide(order, situation) switch
    {
        OrderDecision.Rejected rejected => rejected.TopUp.Code!,
        OrderDecision.Refused refused => refused.Refusal.Code,
        var taken => throw new AssertionException($"Expected a refusal, found {taken.GetType().Name}."),
    };
}
