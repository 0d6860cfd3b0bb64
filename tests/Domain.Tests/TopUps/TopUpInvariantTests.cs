using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

/// <summary>What must always hold of a top-up and its money, by the names these rules have with us.</summary>
public sealed class TopUpInvariantTests
{
    private static readonly Instant At = A.Noon + Duration.FromHours(26);

    [Test]
    public void INV1_one_hold_per_topup_ended_by_exactly_one_of_capture_and_release()
    {
        var taken = (OrderDecision.Taken)Ordering.Decide(A.Order(20m), A.Situation);
        var begun = taken.TopUp.Begin(ProviderEnvironment.Simulator, A.Noon).Value;

        var captured = begun.Settle(1, new SubmitOutcome.Delivered("LT1", "V1"), At);
        var hold = taken.Hold.End(HoldState.Captured, At);

        taken.Hold.Subject.Should().Be(taken.TopUp.Id.Value);
        captured.Money.Should().Be(MoneyMove.Capture);
        MovesOfAnythingThatMayFollow(captured.TopUp).Should().NotContain(MoneyMove.Capture).And.NotContain(MoneyMove.Release);
        var release = () => hold.End(HoldState.Released, At);
        release.Should().Throw<InvalidOperationException>();
    }

    [Test]
    public void INV2_capture_means_a_delivery_was_proven()
    {
        foreach (var state in Undecided)
        {
            foreach (var settlement in AnythingThatMayFollow(TopUpIn.State(state)).Where(settlement => settlement.Money == MoneyMove.Capture))
                settlement.TopUp.Attempts[^1].State.Should().Be(AttemptState.Delivered);
        }
    }

    [Test]
    public void INV2_release_means_every_submission_was_proven_not_delivered()
    {
        foreach (var state in Undecided)
        {
            foreach (var settlement in AnythingThatMayFollow(TopUpIn.State(state)).Where(settlement => settlement.Money == MoneyMove.Release))
                settlement.TopUp.Attempts.Should().OnlyContain(attempt =>
                    attempt.State == AttemptState.NotSent || attempt.State == AttemptState.Refused || attempt.State == AttemptState.NotDelivered);
        }
    }

    [Test]
    public void INV3_no_new_submission_while_one_may_still_turn_out_either_way()
    {
        foreach (var state in Undecided)
        {
            var topUp = TopUpIn.State(state);
            topUp.Attempts.Count(attempt => attempt.IsOpen).Should().Be(1);
            topUp.Begin(ProviderEnvironment.Simulator, At).Refusal!.Code.Should().Be("invalid_state_transition");
        }
    }

    [Test]
    public void INV4_nothing_is_submitted_twice()
    {
        // Two workers took the same job: the second finds it begun.
        var first = TopUpIn.Reserved.Begin(ProviderEnvironment.Simulator, A.Noon).Value;

        first.Begin(ProviderEnvironment.Simulator, A.Noon).Refusal!.Code.Should().Be("invalid_state_transition");
        foreach (var state in Enum.GetValues<TopUpState>().Where(state => state != TopUpState.Reserved))
            TopUpIn.State(state).Begin(ProviderEnvironment.Simulator, At).Refusal!.Facts.Should().ContainKey("status");
    }

    [Test]
    public void INV5_the_reference_with_the_provider_is_the_id_of_the_topup()
    {
        TopUpIn.Submitting.Attempts.Should().ContainSingle().Which.ProviderReference.Should().Be(A.TopUp.Id.Value);
    }

    [Test]
    public void INV6_what_is_available_is_never_negative_when_money_is_set_aside()
    {
        var broke = A.Situation with { Account = A.Account with { Posted = Usd(1.08m) } };

        Ordering.Decide(A.Order(20m), broke).Should().BeOfType<OrderDecision.Rejected>()
            .Which.TopUp.Code.Should().Be("insufficient_credit");
        Ordering.Decide(A.Order(20m), broke with { Account = A.Account with { Posted = Usd(1.09m) } }).Should().BeOfType<OrderDecision.Taken>()
            .Which.Account.Available.Should().Be(Usd(0m));
    }

    [Test]
    public void INV7_the_charge_and_its_rate_are_frozen_when_the_money_is_set_aside()
    {
        // The rate moves to 0.06 while the provider thinks: 20 pesos stay 1.09 and do not become 1.20.
        var taken = (OrderDecision.Taken)Ordering.Decide(A.Order(20m), A.Situation);
        var later = A.Situation with { Rate = A.Rate with { Rate = Ratio.Of(0.06m), AsOf = At } };

        var settled = taken.TopUp.Begin(ProviderEnvironment.Simulator, A.Noon).Value.Settle(1, new SubmitOutcome.Delivered("LT1", "V1"), At).TopUp;
        var capture = PostingTable.TopUpCaptured(Id<Journal>.Parse("jrn_1"), At, taken.Account, settled.ToCharge());

        settled.Charge.Should().Be(Usd(1.09m)).And.Be(taken.Hold.Amount);
        settled.Rate.Should().Be(A.Rate);
        capture.Account.Posted.Should().Be(Usd(9_998.91m));
        capture.Account.Held.Should().Be(Usd(0m));
        ((OrderDecision.Taken)Ordering.Decide(A.Order(20m), later)).Hold.Amount.Should().Be(Usd(1.20m));
    }

    [TestCase(TopUpState.Succeeded, TopUpState.Reversed)]
    [TestCase(TopUpState.Failed, TopUpState.LateDelivered)]
    [TestCase(TopUpState.Rejected, null)]
    [TestCase(TopUpState.Reversed, null)]
    [TestCase(TopUpState.LateDelivered, null)]
    public void INV8_a_final_state_changes_only_by_proof_and_only_where_it_may(TopUpState state, TopUpState? allowed)
    {
        var after = AnythingThatMayFollow(TopUpIn.State(state)).Select(settlement => settlement.TopUp.State).Distinct().Where(other => other != state);

        after.Should().Equal(allowed is { } one ? [one] : []);
    }

    [Test]
    public void INV9_time_alone_never_moves_money()
    {
        foreach (var state in Undecided)
        {
            var topUp = TopUpIn.State(state);
            foreach (var age in (Duration[])[Duration.FromSeconds(5), Duration.FromHours(24), Duration.FromHours(72), Duration.FromDays(7), Duration.FromDays(3_650)])
            {
                LookupOutcome[] silences = [TopUpIn.Unavailable, new LookupOutcome.Pending(), new LookupOutcome.NotFound()];
                foreach (var silence in silences)
                {
                    var settlement = topUp.Weigh(silence, null, Says.NewId(), A.Noon + age);

                    settlement.Money.Should().Be(MoneyMove.None);
                    settlement.TopUp.IsHeld.Should().BeTrue();
                }
            }
        }
    }

    [Test]
    public void INV9_a_clock_that_jumps_a_week_leaves_an_unknown_one_in_review_with_its_money_held()
    {
        var settlement = TopUpIn.Unknown.Weigh(TopUpIn.Unavailable, null, Says.NewId(), TopUpIn.NoAnswerAt + Duration.FromDays(7));

        settlement.Money.Should().Be(MoneyMove.None);
        settlement.TopUp.State.Should().Be(TopUpState.InReview);
        settlement.TopUp.NextCheckAt.Should().BeNull();
        settlement.TopUp.IsHeld.Should().BeTrue();
    }

    private static readonly TopUpState[] Undecided = [TopUpState.Submitting, TopUpState.Pending, TopUpState.Unknown, TopUpState.InReview];

    private static IEnumerable<MoneyMove> MovesOfAnythingThatMayFollow(TopUp topUp) =>
        AnythingThatMayFollow(topUp).Select(settlement => settlement.Money);

    /// <summary>Each thing that can happen once, at an age at which "not found" is believed; what is refused does not happen.</summary>
    private static IEnumerable<Settlement> AnythingThatMayFollow(TopUp topUp)
    {
        SubmitOutcome[] answers =
        [
            new SubmitOutcome.Delivered("LT1", "V1"), TopUpIn.ProductGone, new SubmitOutcome.NotSent("provider_auth", "no"),
            new SubmitOutcome.Accepted("LT1"), new SubmitOutcome.Unknown("timeout", "no answer"),
        ];
        LookupOutcome[] lookUps =
        [
            new LookupOutcome.Delivered("LT1", "V1"), new LookupOutcome.NotDelivered(null, null), new LookupOutcome.NotFound(),
            new LookupOutcome.Pending(), TopUpIn.Unavailable,
        ];
        var proofs = Enum.GetValues<Verdict>().Select(Says.Statement);

        foreach (var answer in topUp.Attempts.IsEmpty ? [] : answers) yield return topUp.Settle(1, answer, At);
        foreach (var lookUp in lookUps) yield return topUp.Weigh(lookUp, Duration.Zero, Says.NewId(), At);
        foreach (var proof in proofs)
            if (!topUp.Hear(proof, At).IsRefused(out _, out var settlement)) yield return settlement;
    }
}
