using System.Collections.Immutable;
using Relier.Customers;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

public sealed class OrderingTests
{
    [Test]
    public void An_order_that_fits_sets_its_price_aside_and_freezes_it()
    {
        var decision = Decide(A.Order(20m, "R1"), A.Situation).Should().BeOfType<OrderDecision.Taken>().Subject;

        decision.TopUp.Should().Be(A.TopUp with { Attempts = decision.TopUp.Attempts, Evidence = decision.TopUp.Evidence });
        decision.TopUp.Attempts.Should().BeEmpty();
        decision.Account.Should().Be(A.Account with { Held = Usd(1.09m) });
        decision.Hold.Should().Be(new Hold
        {
            Subject = "RLR176035680000012345678", Account = A.Account.Id, Amount = Usd(1.09m), State = HoldState.Open, OpenedAt = A.Noon,
        });
    }

    [TestCase(10, "0.54")]
    [TestCase(500, "27.20")]
    public void The_price_is_the_face_value_at_the_rate_half_up(int pesos, string dollars) =>
        Taken(A.Order(pesos)).Hold.Amount.Should().Be(Money.Parse(dollars, Currency.USD));

    [Test]
    public void A_rate_the_other_way_round_serves_as_well()
    {
        var situation = A.Situation with { Rate = A.Rate with { Base = Currency.USD, Quote = Currency.MXN, Rate = Ratio.Of(18.3824m) } };

        Taken(A.Order(20m), situation).Hold.Amount.Should().Be(Usd(1.09m));
    }

    [Test]
    public void A_wallet_in_pesos_pays_the_face_value_without_a_rate()
    {
        var taken = Taken(A.Order(10m), A.Situation with { Account = A.PesoAccount });

        taken.Hold.Amount.Should().Be(Mxn(10m));
        taken.TopUp.Charge.Should().Be(Mxn(10m));
        taken.TopUp.Rate.Should().BeNull();
    }

    [Test]
    public void A_wallet_in_pesos_needs_no_rate_at_all() =>
        Taken(A.Order(10m), A.Situation with { Account = A.PesoAccount, Rate = null }).TopUp.State.Should().Be(TopUpState.Reserved);

    [TestCase(70, "XOOM_70_MXN")]
    [TestCase(25, "TFE_MXN_20_TO_2000")]
    public void A_fixed_product_is_taken_where_there_is_one(int pesos, string product) =>
        Taken(A.Order(pesos)).TopUp.Route!.Product.Should().Be(product);

    [TestCase("19", "amount_out_of_range")]
    [TestCase("20", null)]
    [TestCase("20.5", "amount_not_allowed")]
    [TestCase("200", null)]
    [TestCase("201", "amount_out_of_range")]
    [TestCase("-20", "amount_out_of_range")]
    [TestCase("0", "amount_out_of_range")]
    public void Amounts_outside_20_to_200_in_steps_of_1_are_refused(string pesos, string? code)
    {
        var situation = With(A.Customer.Policies with { MinAmount = Mxn(20m), MaxAmount = Mxn(200m) });

        CodeOf(Decide(A.Order(0m) with { Amount = Money.Parse(pesos, Currency.MXN) }, situation)).Should().Be(code);
    }

    [Test]
    public void An_amount_out_of_range_is_told_its_range()
    {
        var refusal = Rejected(A.Order(9m), A.Situation).Rejection!;

        refusal.Facts.Should().BeEquivalentTo(new Dictionary<string, object>
        {
            ["requested_amount"] = Mxn(9m), ["min_amount"] = Mxn(10m), ["max_amount"] = Mxn(500m),
        });
    }

    [Test]
    public void An_amount_that_is_no_step_is_told_the_step() =>
        Rejected(A.Order(20.5m), A.Situation).Rejection!.Facts.Should().Contain("step", Mxn(1m)).And.Contain("requested_amount", Mxn(20.5m));

    [Test]
    public void A_customer_with_a_fixed_list_orders_from_the_list_only()
    {
        var situation = With(A.Customer.Policies with { FixedAmounts = A.FixedAmounts });

        var refusal = Rejected(A.Order(25m), situation).Rejection!;

        refusal.Code.Should().Be("amount_not_allowed");
        refusal.Facts["allowed_amounts"].As<List<string>>().Should().Equal(
            "10.00", "20.00", "30.00", "40.00", "50.00", "60.00", "70.00", "80.00", "90.00", "100.00", "150.00", "200.00", "300.00", "500.00");
        Taken(A.Order(30m), situation).TopUp.Face.Should().Be(Mxn(30m));
    }

    [Test]
    public void An_amount_in_another_currency_than_the_policies_is_out_of_range() =>
        CodeOf(Decide(A.Order(0m) with { Amount = Usd(20m) }, A.Situation)).Should().Be("amount_out_of_range");

    [Test]
    public void An_open_range_in_another_currency_is_no_way_round_the_policies()
    {
        var dollars = A.OpenRange with { Id = "OPEN_USD", Min = Usd(1m), Max = Usd(1_000m) };
        var situation = A.Situation with { Offers = [A.Offer with { Products = [dollars] }] };

        CodeOf(Decide(A.OrderOf("OPEN_USD") with { Amount = Usd(1_000m) }, situation)).Should().Be("amount_out_of_range");
    }

    [Test]
    public void A_bundle_is_ordered_by_its_name_and_priced_by_its_provider()
    {
        var taken = Taken(A.OrderOf("TEMXN_BFRIQUIN_28_DAYS"));

        taken.TopUp.Face.Should().Be(Usd(11m));
        taken.TopUp.Charge.Should().Be(Usd(11m));
        taken.TopUp.Rate.Should().BeNull();
        taken.TopUp.Route!.Send.Should().Be(Usd(0m));
        taken.TopUp.Product.Should().Be("TEMXN_BFRIQUIN_28_DAYS");
    }

    [Test]
    public void A_fixed_product_ordered_by_its_name_says_the_amount_and_obeys_the_policies()
    {
        Taken(A.OrderOf("XOOM_70_MXN")).TopUp.Face.Should().Be(Mxn(70m));
        CodeOf(Decide(A.OrderOf("XOOM_70_MXN"), With(A.Customer.Policies with { MaxAmount = Mxn(60m) }))).Should().Be("amount_out_of_range");
    }

    [TestCase("XOOM_71_MXN")]
    [TestCase("TFE_MXN_20_TO_2000", Description = "an open range has no amount of its own")]
    public void A_product_without_an_amount_of_its_own_is_refused(string product)
    {
        var refusal = Rejected(A.OrderOf(product), A.Situation).Rejection!;

        refusal.Code.Should().Be("amount_not_deliverable");
        refusal.Facts.Should().Contain("product", product);
    }

    [Test]
    public void A_product_and_another_amount_than_its_own_is_refused() =>
        CodeOf(Decide(A.OrderOf("XOOM_70_MXN") with { Amount = Mxn(50m) }, A.Situation)).Should().Be("amount_not_deliverable");

    [Test]
    public void An_amount_that_would_arrive_a_centavo_off_is_refused_and_holds_nothing()
    {
        var situation = A.Situation with { Offers = [A.Offer with { Products = [A.OpenRangeBeforeTax(0.01m)] }] };

        CodeOf(Decide(A.Order(70m), situation)).Should().Be("amount_not_deliverable");
        Taken(A.Order(30m), situation).TopUp.Route!.Send.Should().Be(Mxn(25.86m));
    }

    [Test]
    public void A_pinned_customer_is_served_by_that_provider_only()
    {
        var other = A.Offer with { Provider = "other" };
        var situation = With(A.Customer.Policies with { PinnedProvider = "latcom" });

        Taken(A.Order(20m), situation with { Offers = [other, A.Offer] }).TopUp.Route!.Provider.Should().Be("latcom");
        Taken(A.Order(20m), A.Situation with { Offers = [other, A.Offer] }).TopUp.Route!.Provider.Should().Be("other");
        CodeOf(Decide(A.Order(20m), situation with { Offers = [other] })).Should().Be("provider_unavailable");
    }

    [Test]
    public void Two_orders_for_a_wallet_that_covers_one_give_one_topup()
    {
        var situation = A.Situation with { Account = A.Account with { Posted = Usd(1.09m) } };

        var first = Taken(A.Order(20m), situation);
        var second = Rejected(A.Order(20m), situation with { Account = first.Account });

        second.Rejection!.Code.Should().Be("insufficient_credit");
        second.Rejection.Facts.Should().Contain("available", Usd(0m)).And.Contain("required", Usd(1.09m));
    }

    [Test]
    public void A_credit_limit_is_used_up_to_its_end()
    {
        // 500 pesos are 27.20. Of a limit of 50.00 that leaves 22.80, also after the capture.
        var situation = A.Situation with { Account = A.Account with { Posted = Usd(0m), CreditLimit = Usd(50m) } };

        var first = Taken(A.Order(500m), situation);
        var captured = PostingTable.TopUpCaptured(Id<Journal>.Parse("jrn_1"), A.Noon, first.Account, first.TopUp.ToCharge()).Account;
        var second = Rejected(A.Order(500m), situation with { Account = captured });

        captured.Posted.Should().Be(Usd(-27.20m));
        second.Rejection!.Facts.Should().Contain("available", Usd(22.80m));
    }

    [Test]
    public void The_day_has_a_limit_that_is_reached_and_not_passed()
    {
        // 200,000 less 199,950 leaves 50.
        var situation = A.Situation with { UsedToday = Mxn(199_950m) };

        Taken(A.Order(50m), situation).TopUp.Face.Should().Be(Mxn(50m));
        var refusal = Rejected(A.Order(51m), situation).Rejection!;
        var second = Rejected(A.Order(50m), situation with { UsedToday = Mxn(200_000m) }).Rejection!;

        refusal.Code.Should().Be("daily_limit_exceeded");
        refusal.Facts.Should().BeEquivalentTo(new Dictionary<string, object>
        {
            ["limit"] = Mxn(200_000m), ["used"] = Mxn(199_950m), ["requested"] = Mxn(51m), ["available"] = Mxn(50m),
        });
        second.Facts.Should().Contain("available", Mxn(0m));
    }

    [Test]
    public void A_phone_has_a_limit_of_its_own()
    {
        var situation = With(A.Customer.Policies with { DailyLimitPerPhone = Mxn(100m) }) with { UsedTodayForPhone = Mxn(70m) };

        Rejected(A.Order(40m), situation).Rejection!.Facts.Should().Contain("limit", Mxn(100m)).And.Contain("available", Mxn(30m));
        Taken(A.Order(30m), situation).TopUp.Face.Should().Be(Mxn(30m));
    }

    [Test]
    public void Without_a_limit_there_is_none()
    {
        var situation = With(A.Customer.Policies with { DailyLimit = null }) with { UsedToday = Mxn(9_000_000m) };

        Taken(A.Order(20m), situation).TopUp.State.Should().Be(TopUpState.Reserved);
    }

    [Test]
    public void A_limit_lowered_below_what_was_used_leaves_nothing_rather_than_less()
    {
        var situation = With(A.Customer.Policies with { DailyLimit = Mxn(100m) }) with { UsedToday = Mxn(150m) };

        Rejected(A.Order(20m), situation).Rejection!.Facts.Should().Contain("available", Mxn(0m));
    }

    [Test]
    public void What_was_used_is_counted_in_the_currency_of_the_limit()
    {
        var decide = () => Decide(A.Order(20m), A.Situation with { UsedToday = Usd(0m) });

        decide.Should().Throw<CurrencyMismatchException>();
    }

    [Test]
    public void The_same_reference_and_order_gives_the_first_answer_as_it_stands_now()
    {
        var earlier = TopUpIn.Succeeded;

        Decide(A.Order(20m, "R1"), A.Situation with { Earlier = earlier }).Should().Be(new OrderDecision.Repeated(earlier));
    }

    [TestCase(TopUpState.Unknown)]
    [TestCase(TopUpState.Failed)]
    [TestCase(TopUpState.Rejected)]
    public void A_reference_is_never_tried_again_whatever_became_of_it(TopUpState state)
    {
        var earlier = TopUpIn.State(state);

        Decide(A.Order(20m, "R1"), A.Situation with { Earlier = earlier }).Should().Be(new OrderDecision.Repeated(earlier));
    }

    [Test]
    public void The_same_reference_for_another_order_is_a_conflict()
    {
        var situation = A.Situation with { Earlier = TopUpIn.Succeeded };
        TopUpOrder[] others =
        [
            A.Order(50m, "R1"),
            A.Order(20m, "R1") with { Phone = Msisdn.Parse("5500000001") },
            A.Order(20m, "R1") with { Product = "XOOM_20_MXN" },
            A.Order(0m, "R1") with { Amount = Usd(20m) },
        ];

        foreach (var other in others)
        {
            var refusal = Decide(other, situation).Should().BeOfType<OrderDecision.Refused>().Which.Refusal;
            refusal.Code.Should().Be("reference_conflict");
            refusal.Facts.Should().Contain("id", A.TopUp.Id.Value);
        }
    }

    [Test]
    public void The_same_reference_for_the_same_product_is_a_repetition_with_the_amount_or_without()
    {
        var earlier = Taken(A.OrderOf("XOOM_70_MXN")).TopUp;

        A.OrderOf("XOOM_70_MXN").IsTheOneOf(earlier).Should().BeTrue();
        (A.OrderOf("XOOM_70_MXN") with { Amount = Mxn(70m) }).IsTheOneOf(earlier).Should().BeTrue();
        (A.OrderOf("XOOM_70_MXN") with { Amount = Mxn(50m) }).IsTheOneOf(earlier).Should().BeFalse();
        A.Order(70m).IsTheOneOf(earlier).Should().BeFalse();
    }

    [Test]
    public void A_twin_without_a_reference_is_suspected()
    {
        var refusal = Decide(A.Order(20m), A.Situation with { Twin = TopUpIn.Submitting }).Should().BeOfType<OrderDecision.Refused>().Which.Refusal;

        refusal.Code.Should().Be("duplicate_suspected");
        refusal.Facts.Should().Contain("id", A.TopUp.Id.Value);
        Ordering.DuplicateWindow.Should().Be(Duration.FromSeconds(120));
    }

    [Test]
    public void A_twin_that_is_meant_is_taken()
    {
        var situation = A.Situation with { Twin = TopUpIn.Submitting };

        Taken(A.Order(20m) with { AllowDuplicate = true }, situation).TopUp.Reference.Should().BeNull();
        Taken(A.Order(20m, "R2"), situation).TopUp.Reference.Should().Be("R2");
    }

    [Test]
    public void A_rejection_keeps_the_whole_refusal_and_holds_nothing()
    {
        var rejected = Rejected(A.Order(9m, "R1"), A.Situation);

        rejected.State.Should().Be(TopUpState.Rejected);
        rejected.Code.Should().Be("amount_out_of_range");
        rejected.Rejection!.Code.Should().Be("amount_out_of_range");
        rejected.Reference.Should().Be("R1");
        rejected.Face.Should().Be(Mxn(9m));
        rejected.Charge.Should().BeNull();
        rejected.Route.Should().BeNull();
        rejected.DecidedAt.Should().Be(A.Noon);
        rejected.IsHeld.Should().BeFalse();
    }

    [Test]
    public void A_rejection_for_want_of_credit_says_what_it_would_have_cost()
    {
        var rejected = Rejected(A.Order(20m), A.Situation with { Account = A.Account with { Posted = Usd(1m) } });

        rejected.Charge.Should().Be(Usd(1.09m));
        rejected.Rate.Should().Be(A.Rate);
        rejected.Rejection!.Facts.Should().Contain("available", Usd(1m)).And.Contain("required", Usd(1.09m));
    }

    [Test]
    public void A_rate_between_other_currencies_is_none() =>
        CodeOf(Decide(A.Order(20m), A.Situation with { Rate = A.Rate with { Quote = Currency.INR } })).Should().Be("fx_unavailable");

    [Test]
    public void A_face_value_too_small_to_cost_anything_is_not_given_away()
    {
        // 10 pesos at 0.0004 are 0.004 USD, which is 0.00.
        var decision = Decide(A.Order(10m), A.Situation with { Rate = A.Rate with { Rate = Ratio.Of(0.0004m) } });

        decision.Should().BeOfType<OrderDecision.Rejected>();
    }

    [Test]
    public void An_order_for_a_product_while_nobody_sells_leaves_no_trace() =>
        Decide(A.OrderOf("XOOM_70_MXN"), A.Situation with { Offers = [] }).Should().BeOfType<OrderDecision.Refused>()
            .Which.Refusal.Code.Should().Be("provider_unavailable");

    private static OrderSituation With(CustomerPolicies policies) => A.Situation with { Customer = A.Customer with { Policies = policies } };

    private static OrderDecision Decide(TopUpOrder order, OrderSituation situation) => Ordering.Decide(order, situation);

    private static OrderDecision.Taken Taken(TopUpOrder order, OrderSituation? situation = null) =>
        Decide(order, situation ?? A.Situation).Should().BeOfType<OrderDecision.Taken>().Subject;

    private static TopUp Rejected(TopUpOrder order, OrderSituation situation) =>
        Decide(order, situation).Should().BeOfType<OrderDecision.Rejected>().Subject.TopUp;

    private static string? CodeOf(OrderDecision decision) => decision switch
    {
        OrderDecision.Rejected rejected => rejected.TopUp.Code,
        OrderDecision.Refused refused => refused.Refusal.Code,
        _ => null,
    };
}
