using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

/// <summary>
/// Whatever happens to a top-up, in whatever order, at whatever time, as often as it likes: its money moves once, and only
/// by proof. Beside it runs the simplest book there is: whether the hold is open, and how often each thing was done.
/// </summary>
public sealed class TopUpModelTests
{
    private static readonly Gen<Step> AnyStep = Gen.Frequency(
        (2, Gen.Constant<Step>(new Step.Begin())),
        (5, (from outcome in Gen.Elements<SubmitOutcome>(
                new SubmitOutcome.Delivered("LT1", "V1"), new SubmitOutcome.Delivered("LT1", null, Mxn(18.80m)), TopUpIn.ProductGone,
                new SubmitOutcome.NotSent("provider_auth", "no"), new SubmitOutcome.Accepted("LT1"),
                new SubmitOutcome.Unknown("timeout", "no answer"), new SubmitOutcome.Unknown("http_502", "bad gateway"))
             from elsewhere in Gen.Elements(true, false)
             select (outcome, elsewhere)).Select(Step (given) => new Step.Settle(given.outcome, given.elsewhere))),
        (5, (from outcome in Gen.Elements<LookupOutcome>(
                 new LookupOutcome.Delivered("LT1", "V1"), new LookupOutcome.NotDelivered(RefusalClass.PlanNotAllowed, null),
                 new LookupOutcome.NotDelivered(null, null), new LookupOutcome.NotFound(), new LookupOutcome.NotFound(),
                 new LookupOutcome.Pending(), TopUpIn.Unavailable, new LookupOutcome.Reversed("LT1"))
             from minutes in Gen.Elements(-1, 10)
             select (outcome, minutes)).Select(Step (given) => new Step.Weigh(given.outcome, given.minutes))),
        (5, (from verdict in Gen.Elements(Enum.GetValues<Verdict>())
             from who in Gen.Elements("statement", "callback", "maria", "juan", "ana")
             select (verdict, who)).Select(Step (given) => new Step.Hear(given.verdict, given.who))),
        (3, Gen.Elements(1, 60, 600, 3_600, 24 * 3_600, 7 * 24 * 3_600).Select(Step (seconds) => new Step.Jump(seconds))));

    private static readonly Route Elsewhere = TopUpIn.Reserved.Route! with { Provider = "second" };

    [Test]
    public void Whatever_happens_the_money_of_a_topup_moves_once_and_only_by_proof() =>
        Law.Holds(AnyStep.ArrayOf(), Play, Law.OneLess, times: 3_000);

    private static void Play(Step[] steps)
    {
        var run = new Run(TopUpIn.Reserved, A.Noon);
        foreach (var step in steps) run = run.Take(step);
    }

    public abstract record Step
    {
        public sealed record Begin : Step;

        public sealed record Settle(SubmitOutcome Outcome, bool Elsewhere) : Step;

        public sealed record Weigh(LookupOutcome Outcome, int FinalAfterMinutes) : Step;

        public sealed record Hear(Verdict Verdict, string Who) : Step;

        public sealed record Jump(int Seconds) : Step;
    }

    private sealed record Run(TopUp TopUp, Instant Now)
    {
        private bool HoldOpen { get; init; } = true;
        private int Captures { get; init; }
        private int Releases { get; init; }
        private int LateCharges { get; init; }
        private int Refunds { get; init; }
        private int Losses { get; init; }

        public Run Take(Step step)
        {
            if (step is Step.Jump jump) return this with { Now = Now + Duration.FromSeconds(jump.Seconds) };

            var settlement = Happen(step);
            if (settlement is null) return this;

            ProofShouldFitTheMove(step, settlement);
            var next = Booked(settlement);
            next.MoneyShouldHaveMovedOnce();
            next.TheTopUpShouldBeWhole();
            NothingFrozenShouldHaveChanged(settlement.TopUp);
            FinalShouldHaveStayed(settlement.TopUp.State);
            return next;
        }

        private Settlement? Happen(Step step)
        {
            switch (step)
            {
                case Step.Begin:
                    return TopUp.Begin(ProviderEnvironment.Simulator, Now).IsRefused(out _, out var begun) ? null : new Settlement(begun, MoneyMove.None);
                case Step.Settle settle:
                    return TopUp.Attempts.IsEmpty ? null : TopUp.Settle(TopUp.Attempts.Length, settle.Outcome, Now, settle.Elsewhere ? Elsewhere : null);
                case Step.Weigh weigh:
                    var finalAfter = weigh.FinalAfterMinutes < 0 ? (Duration?)null : Duration.FromMinutes(weigh.FinalAfterMinutes);
                    return TopUp.Weigh(weigh.Outcome, finalAfter, Says.NewId(), Now);
                case Step.Hear hear:
                    return TopUp.Hear(Proof(hear), Now).IsRefused(out _, out var heard) ? null : heard;
                default:
                    throw new InvalidOperationException($"{step} is no step.");
            }
        }

        private Evidence Proof(Step.Hear hear) => hear.Who switch
        {
            "statement" => Says.Statement(hear.Verdict),
            "callback" => Says.Callback(hear.Verdict),
            _ => Says.Person(hear.Who, hear.Verdict),
        };

        /// <summary>Money that is charged was delivered, by an answer, a look-up, a document or two people; and the other way round.</summary>
        private void ProofShouldFitTheMove(Step step, Settlement settlement)
        {
            var delivered = step switch
            {
                Step.Settle { Outcome: SubmitOutcome.Delivered } => true,
                Step.Weigh { Outcome: LookupOutcome.Delivered } => TopUp.State is not (TopUpState.Reserved or TopUpState.Submitting),
                Step.Hear { Verdict: Verdict.Delivered } hear => CountsAlone(hear) || SomebodyElseSaid(hear),
                _ => false,
            };
            var disproved = step switch
            {
                Step.Settle { Outcome: SubmitOutcome.Refused } => true,
                Step.Settle { Outcome: SubmitOutcome.NotSent } => TopUp.State != TopUpState.Pending && TopUp.Attempts[^1].State != AttemptState.Accepted,
                Step.Weigh { Outcome: LookupOutcome.NotDelivered } => TopUp.State != TopUpState.Submitting,
                Step.Weigh { Outcome: LookupOutcome.NotFound, FinalAfterMinutes: 10 } =>
                    TopUp.State != TopUpState.Submitting && TopUp.Attempts.Any() && Now - TopUp.Attempts[^1].StartedAt >= Duration.FromMinutes(10),
                Step.Hear { Verdict: Verdict.NotDelivered } hear => CountsAlone(hear) || SomebodyElseSaid(hear),
                _ => false,
            };
            var reversed = step is Step.Hear { Verdict: Verdict.Reversed } taken && (CountsAlone(taken) || SomebodyElseSaid(taken));
            var undone = step is Step.Weigh { Outcome: LookupOutcome.Reversed } ? TopUp.State != TopUpState.Submitting : reversed;
            var isOpen = TopUp.OpenAttempt is not null;
            var goesOn = step is Step.Settle { Elsewhere: true } tried && isOpen && TopUp.MayBeTriedElsewhere(TopUp.Attempts[^1], tried.Outcome);

            settlement.Money.Should().Be(
                goesOn ? MoneyMove.None
                : delivered && isOpen ? MoneyMove.Capture
                : delivered && HoldOpen && TopUp.Attempts[^1].State != AttemptState.Delivered ? MoneyMove.BookLoss
                : delivered && Releases > LateCharges ? MoneyMove.ChargeLate
                : disproved && isOpen ? MoneyMove.Release
                : undone && isOpen ? MoneyMove.CaptureAndRefund
                : reversed && Captures > Refunds ? MoneyMove.Refund
                : MoneyMove.None);
        }

        private static bool CountsAlone(Step.Hear hear) => hear.Who is "statement" or "callback";

        private bool SomebodyElseSaid(Step.Hear hear) => TopUp.Evidence.Any(earlier =>
            earlier.Source == EvidenceSource.Person && earlier.Verdict == hear.Verdict && earlier.By != $"admin:{hear.Who}");

        private Run Booked(Settlement settlement) => settlement.Money switch
        {
            MoneyMove.None => this with { TopUp = settlement.TopUp },
            MoneyMove.Capture => this with { TopUp = settlement.TopUp, HoldOpen = false, Captures = Captures + 1 },
            MoneyMove.Release => this with { TopUp = settlement.TopUp, HoldOpen = false, Releases = Releases + 1 },
            MoneyMove.ChargeLate => this with { TopUp = settlement.TopUp, LateCharges = LateCharges + 1 },
            MoneyMove.CaptureAndRefund => this with { TopUp = settlement.TopUp, HoldOpen = false, Captures = Captures + 1, Refunds = Refunds + 1 },
            MoneyMove.BookLoss => this with { TopUp = settlement.TopUp, Losses = Losses + 1 },
            MoneyMove.Refund => this with { TopUp = settlement.TopUp, Refunds = Refunds + 1 },
            _ => throw new InvalidOperationException($"{settlement.Money} is no move."),
        };

        private void MoneyShouldHaveMovedOnce()
        {
            (Captures + Releases).Should().Be(HoldOpen ? 0 : 1);
            LateCharges.Should().BeLessThanOrEqualTo(Releases);
            Refunds.Should().BeLessThanOrEqualTo(Captures);
            TopUp.IsHeld.Should().Be(HoldOpen);
            (Captures + LateCharges == 1).Should().Be(TopUp.State is TopUpState.Succeeded or TopUpState.Reversed or TopUpState.LateDelivered);
        }

        private void TheTopUpShouldBeWhole()
        {
            var open = TopUp.Attempts.Count(attempt => attempt.IsOpen);
            var waiting = TopUp.State is TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview;

            open.Should().Be(waiting || TopUp.State == TopUpState.Submitting ? 1 : 0);
            // Each delivery is paid by the customer or borne by the house; none is forgotten.
            TopUp.Attempts.Count(attempt => attempt.State == AttemptState.Delivered).Should().Be(Captures + LateCharges + Losses);
            TopUp.DecidedAt.HasValue.Should().Be(TopUp.IsFinal);
            (TopUp.Code is not null).Should().Be(TopUp.State == TopUpState.Failed);
            if (waiting) TopUp.UnknownSince.Should().NotBeNull();
            else TopUp.NextCheckAt.Should().BeNull();
        }

        private void NothingFrozenShouldHaveChanged(TopUp after)
        {
            (after.Id, after.Charge, after.Rate, after.Face, after.Phone, after.Day, after.CreatedAt, after.Route!.Send)
                .Should().Be((TopUp.Id, TopUp.Charge, TopUp.Rate, TopUp.Face, TopUp.Phone, TopUp.Day, TopUp.CreatedAt, TopUp.Route!.Send));
            after.Evidence.Take(TopUp.Evidence.Length).Should().Equal(TopUp.Evidence);
            after.Attempts.Length.Should().BeGreaterThanOrEqualTo(TopUp.Attempts.Length);
            if (after.NextCheckAt is { } next && next != TopUp.NextCheckAt) next.Should().BeGreaterThan(Now);
        }

        private void FinalShouldHaveStayed(TopUpState after)
        {
            var allowed = (TopUp.State, after) is (TopUpState.Succeeded, TopUpState.Reversed) or (TopUpState.Failed, TopUpState.LateDelivered);
            if (TopUp.IsFinal && !allowed) after.Should().Be(TopUp.State);
        }
    }
}
