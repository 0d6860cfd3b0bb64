using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

/// <summary>Trying the next provider: only after what provably recharged nothing, and never another operator's numbers.</summary>
public sealed class FailoverTests
{
    private static readonly Instant At = A.Noon + Duration.FromSeconds(7);

    private static readonly Route Elsewhere = new("second", "4711", "movistar", Mxn(20m), Mxn(18.60m));

    public static IEnumerable<TestCaseData> Outcomes()
    {
        yield return new TestCaseData(new SubmitOutcome.NotSent("provider_unreachable", "refused"), true).SetName("Not sent: elsewhere");
        foreach (var refusal in Enum.GetValues<RefusalClass>())
        {
            var isSafe = refusal is RefusalClass.ProviderFunds or RefusalClass.ProductUnavailable or RefusalClass.ProviderMaintenance;
            yield return new TestCaseData(new SubmitOutcome.Refused(refusal, null, null, null), isSafe).SetName($"Refused for {refusal}: {(isSafe ? "elsewhere" : "not")}");
        }

        yield return new TestCaseData(new SubmitOutcome.Unknown("timeout", "no answer"), false).SetName("Unknown: not");
        yield return new TestCaseData(new SubmitOutcome.Accepted("LT1"), false).SetName("Accepted: not");
        yield return new TestCaseData(new SubmitOutcome.Delivered("LT1", null), false).SetName("Delivered: not");
    }

    [TestCaseSource(nameof(Outcomes))]
    public void Only_what_provably_did_nothing_is_tried_elsewhere(SubmitOutcome outcome, bool elsewhere)
    {
        var settlement = TopUpIn.Submitting.Settle(1, outcome, At, Elsewhere);

        (settlement.TopUp.State == TopUpState.Reserved).Should().Be(elsewhere);
        if (!elsewhere) settlement.TopUp.Route.Should().Be(A.TopUp.Route);
    }

    [Test]
    public void What_anybody_called_unknown_is_not_tried_elsewhere_whatever_is_learnt_later()
    {
        var settlement = TopUpIn.Unknown.Settle(1, new SubmitOutcome.NotSent("provider_unreachable", "refused after all"), At, Elsewhere);

        settlement.TopUp.State.Should().Be(TopUpState.Failed);
        settlement.Money.Should().Be(MoneyMove.Release);
    }

    [Test]
    public void The_next_try_has_its_own_reference_and_route_and_the_price_stays()
    {
        var second = Second();

        second.Attempts.Select(attempt => attempt.State).Should().Equal(AttemptState.NotSent, AttemptState.Submitting);
        second.Attempts[1].ProviderReference.Should().Be("RLR176035680000012345678-2");
        second.Attempts[1].Route.Should().Be(Elsewhere);
        (second.Charge, second.Rate, second.Face).Should().Be((A.TopUp.Charge, A.TopUp.Rate, A.TopUp.Face));
        second.ToCharge().Should().Be(new Relier.Ledger.TopUpCharge(A.TopUp.Id.Value, "second", Mxn(20m), Mxn(18.60m), Usd(1.09m)));
    }

    [Test]
    public void A_provider_of_digits_gets_digits() =>
        A.TopUp.Begin(ProviderEnvironment.Simulator, At, ReferenceFormat.Digits).Value.Attempts[0].ProviderReference.Should().Be("17603568000001234567801");

    [Test]
    public void A_first_try_that_turns_out_delivered_beside_the_second_is_lost_to_the_house_once()
    {
        var delivered = Second().Settle(2, new SubmitOutcome.Delivered("C1", null), At).TopUp;
        var proof = Says.Statement(Verdict.Delivered) with { AttemptNo = 1 };

        var beside = delivered.Hear(proof, At).Value;

        beside.Money.Should().Be(MoneyMove.BookLoss);
        beside.Lost!.Provider.Should().Be("latcom");
        beside.TopUp.State.Should().Be(TopUpState.Succeeded);
        beside.TopUp.Route.Should().Be(Elsewhere, "the customer pays for that one");
        beside.TopUp.Hear(proof, At).Value.Money.Should().Be(MoneyMove.None);
    }

    [Test]
    public void A_first_try_that_turns_out_delivered_while_the_second_is_under_way_is_lost_to_the_house()
    {
        var late = Second().Settle(1, new SubmitOutcome.Delivered("LT1", null), At);

        late.Money.Should().Be(MoneyMove.BookLoss);
        late.TopUp.State.Should().Be(TopUpState.Submitting);
    }

    [Test]
    public void A_first_try_that_turns_out_delivered_after_both_failed_is_charged_late_as_that_provider_costs()
    {
        var failed = Second().Settle(2, TopUpIn.ProductGone, At).TopUp;

        var late = failed.Hear(Says.Statement(Verdict.Delivered) with { AttemptNo = 1 }, At).Value;

        late.Money.Should().Be(MoneyMove.ChargeLate);
        late.TopUp.State.Should().Be(TopUpState.LateDelivered);
        late.TopUp.ToCharge().Provider.Should().Be("latcom");
        late.TopUp.ToCharge().Cost.Should().Be(Mxn(19m));
    }

    [Test]
    public void Proof_about_a_submission_that_was_never_made_throws()
    {
        var hear = () => TopUpIn.Unknown.Hear(Says.Statement(Verdict.Delivered) with { AttemptNo = 2 }, At);

        hear.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*has 1 submissions*");
    }

    [Test]
    public void What_was_taken_back_before_the_delivery_was_known_is_charged_and_refunded_and_a_late_yes_changes_nothing()
    {
        var undone = TopUpIn.Unknown.Hear(Says.Callback(Verdict.Reversed), At).Value;

        undone.Money.Should().Be(MoneyMove.CaptureAndRefund);
        undone.TopUp.Hear(Says.Callback(Verdict.Delivered), At).Value.Money.Should().Be(MoneyMove.None);
        undone.TopUp.Settle(1, new SubmitOutcome.Delivered("LT1", null), At).Money.Should().Be(MoneyMove.None);
    }

    private static TopUp Second() => TopUpIn.Submitting
        .Settle(1, new SubmitOutcome.NotSent("provider_ip_blocked", "IP Address not authorized"), At, Elsewhere).TopUp
        .Begin(ProviderEnvironment.Simulator, At).Value;
}
