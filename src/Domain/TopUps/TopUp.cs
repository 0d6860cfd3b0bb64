using System.Collections.Immutable;
using System.Globalization;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;

namespace Relier.TopUps;

/// <summary>
/// One order to recharge one phone, from the moment money was set aside for it. Its price and rate of exchange are
/// frozen then. A value: every change gives the next one, together with what the money does
/// (<see cref="Settlement"/>). States and moves: README.md beside this file.
/// </summary>
public sealed record TopUp
{
    /// <summary><c>RLR</c>, 13 digits of milliseconds, 8 random digits.</summary>
    public required Id<TopUp> Id { get; init; }

    /// <summary>Who ordered.</summary>
    public required Id<Customer> Customer { get; init; }

    /// <summary>The account that is charged.</summary>
    public required Id<Account> Account { get; init; }

    /// <summary>The customer's own name for the order, unique for this customer for ever; null when none was given.</summary>
    public string? Reference { get; init; }

    /// <summary>The phone to recharge.</summary>
    public required Msisdn Phone { get; init; }

    /// <summary>The product, when the order named one.</summary>
    public string? Product { get; init; }

    /// <summary>What arrives on the phone.</summary>
    public required Money Face { get; init; }

    /// <summary>What the customer pays, in the wallet's currency; null when rejected before it was known.</summary>
    public Money? Charge { get; init; }

    /// <summary>What the customer keeps of the face value, already left out of the charge; null without a commission.</summary>
    public Money? Commission { get; init; }

    /// <summary>The rate at which the charge was made; null in one currency.</summary>
    public ExchangeRate? Rate { get; init; }

    /// <summary>How it is delivered, by the last provider chosen; null when rejected before that was known.</summary>
    public Route? Route { get; init; }

    /// <summary>Where it stands.</summary>
    public required TopUpState State { get; init; }

    /// <summary>Why it was not delivered, in a stable word that customers may see; null otherwise.</summary>
    public string? Code { get; init; }

    /// <summary>The whole no, for a rejected one: what a second asker is told again.</summary>
    public Refusal? Rejection { get; init; }

    /// <summary>The id that proves the delivery: the operator's if known, else the provider's.</summary>
    public string? OperatorReference { get; init; }

    /// <summary>When it was ordered.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>The tenant's calendar day it counts towards.</summary>
    public required LocalDate Day { get; init; }

    /// <summary>When it reached the state it is in, if that is a final one; null before.</summary>
    public Instant? DecidedAt { get; init; }

    /// <summary>Since when nobody can say what became of it.</summary>
    public Instant? UnknownSince { get; init; }

    /// <summary>When the provider is asked again; null when not.</summary>
    public Instant? NextCheckAt { get; init; }

    /// <summary>Every submission, in order.</summary>
    public ImmutableArray<Attempt> Attempts { get; init; } = [];

    /// <summary>Every proof from outside, in the order it came.</summary>
    public ImmutableArray<Evidence> Evidence { get; init; } = [];

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>Whether something has arrived, or still may: such a one counts as a twin and towards the day's limits.</summary>
    public bool MayHaveBeenDelivered => State is not (TopUpState.Failed or TopUpState.Rejected or TopUpState.Reversed);

    /// <summary>Whether it stays as it is, but for a reversal or a late delivery proven later.</summary>
    public bool IsFinal => State is TopUpState.Succeeded or TopUpState.Failed or TopUpState.Rejected
        or TopUpState.Reversed or TopUpState.LateDelivered;

    /// <summary>Whether its money is still set aside.</summary>
    public bool IsHeld => !IsFinal;

    /// <summary>The submission that may still turn out either way: at most one.</summary>
    public Attempt? OpenAttempt => Attempts.FirstOrDefault(attempt => attempt.IsOpen);

    /// <summary>What it costs whom, as the posting table wants it.</summary>
    public TopUpCharge ToCharge() =>
        Route is { } route && Charge is { } charge
            ? new TopUpCharge(Id.Value, route.Provider, Price, route.Cost, charge)
            : throw new InvalidOperationException($"Top-up {Id} was rejected; it has no price.");

    /// <summary>What the customer pays, in the currency of the face value, before any exchange.</summary>
    public Money Price => Commission is { } commission ? Face - commission : Face;

    /// <summary>
    /// The submission about to be made: committed before any byte leaves. Refusal <c>invalid_state_transition</c> unless
    /// money is held and nothing is under way.
    /// </summary>
    public Outcome<TopUp> Begin(ProviderEnvironment environment, Instant now, ReferenceFormat references = ReferenceFormat.Text)
    {
        if (State != TopUpState.Reserved) return WrongState("submitted");
        var no = Attempts.Length + 1;
        var attempt = new Attempt
        {
            No = no, Route = Route!, Environment = environment, State = AttemptState.Submitting, StartedAt = now, ProviderReference = ReferenceOf(no, references),
        };
        return this with { State = TopUpState.Submitting, Attempts = Attempts.Add(attempt) };
    }

    /// <summary>
    /// The same submission, about to be made only now: what the passing of time or a day's statement proves of it counts from
    /// here. Only for who wrote it down and knows that nothing was sent. Refusal <c>invalid_state_transition</c> unless it was begun.
    /// </summary>
    public Outcome<TopUp> BeginAgain(Instant now) =>
        State == TopUpState.Submitting ? With(OpenAttempt! with { StartedAt = now }) : WrongState("submitted");

    private string ReferenceOf(int no, ReferenceFormat format) => format switch
    {
        ReferenceFormat.Text => no == 1 ? Id.Value : string.Create(CultureInfo.InvariantCulture, $"{Id}-{no}"),
        ReferenceFormat.Digits => string.Concat(Id.Value.Where(char.IsAsciiDigit)) + no.ToString("D2", CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Not a format this version knows."),
    };

    /// <summary>
    /// What a submission came to. May arrive late, twice, or after somebody else decided: a definite answer to a
    /// submission that is no longer open changes nothing, except a delivery after a release, which is charged late. Nor
    /// does "not sent" for one the provider accepted. With a <paramref name="next"/> way, what was not sent, or refused
    /// for a reason of the provider's own, is tried there; what may have been delivered never is. Throws
    /// <see cref="InvalidOperationException"/> when there is no such submission.
    /// </summary>
    public Settlement Settle(int attemptNo, SubmitOutcome outcome, Instant now, Route? next = null)
    {
        var attempt = Attempts.Single(candidate => candidate.No == attemptNo);
        if (!attempt.IsOpen)
            return outcome is SubmitOutcome.Delivered late ? DeliveredAfterAll(Closed(attempt, late, now), now) : new Settlement(this, MoneyMove.None);

        if (next is not null && MayBeTriedElsewhere(attempt, outcome))
            return new Settlement(With(Declined(attempt, outcome, now)) with { State = TopUpState.Reserved, Route = next }, MoneyMove.None);

        return outcome switch
        {
            SubmitOutcome.Delivered delivered => Decide(TopUpState.Succeeded, now, Closed(attempt, delivered, now)),
            SubmitOutcome.Refused refused => Fail(CodeOf(refused.Class), now, Declined(attempt, outcome, now)),
            // The two contradict each other, and the provider's word is the one that may have recharged a phone.
            SubmitOutcome.NotSent when attempt.State == AttemptState.Accepted => new Settlement(this, MoneyMove.None),
            SubmitOutcome.NotSent => Fail(ProviderUnavailable, now, Declined(attempt, outcome, now)),
            SubmitOutcome.Accepted accepted => Wait(TopUpState.Pending, now, attempt with
            {
                State = AttemptState.Accepted, TransactionId = accepted.TransactionId, Evidence = outcome.Evidence,
            }),
            SubmitOutcome.Unknown unknown => Wait(TopUpState.Unknown, now, attempt with
            {
                State = AttemptState.Unknown, TransactionId = unknown.TransactionId ?? attempt.TransactionId,
                Code = unknown.Code, Message = unknown.Message, Evidence = outcome.Evidence ?? attempt.Evidence,
            }),
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome this version knows."),
        };
    }

    /// <summary>
    /// Whether a submission with this outcome can be made elsewhere: it provably did not recharge anything, for a reason
    /// another provider need not share. Not once anybody had reason to call it unknown.
    /// </summary>
    public static bool MayBeTriedElsewhere(Attempt attempt, SubmitOutcome outcome) =>
        attempt.State == AttemptState.Submitting
        && outcome is SubmitOutcome.NotSent
            or SubmitOutcome.Refused { Class: RefusalClass.ProviderFunds or RefusalClass.ProductUnavailable or RefusalClass.ProviderMaintenance };

    /// <summary>
    /// What a look-up taught. Only while the outcome is not known; afterwards it changes nothing, except a delivery found
    /// after a release, which is charged late. "Not found" counts as not delivered only from
    /// <paramref name="notFoundFinalAfter"/> on, counted from the submission, and never when that is null.
    /// </summary>
    public Settlement Weigh(LookupOutcome outcome, Duration? notFoundFinalAfter, Id<Evidence> evidenceId, Instant now)
    {
        var late = State == TopUpState.Failed && outcome is LookupOutcome.Delivered;
        if ((late ? Attempts[^1] : OpenAttempt) is not { } attempt || State == TopUpState.Submitting) return new Settlement(this, MoneyMove.None);

        TopUp Heard(Verdict verdict, string reference) => this with
        {
            Evidence = Evidence.Add(new Evidence
            {
                Id = evidenceId, Verdict = verdict, Source = EvidenceSource.Lookup, Reference = reference,
                By = $"provider:{attempt.Provider}", AttemptNo = attempt.No, At = now, Note = outcome.Evidence,
            }),
        };

        switch (outcome)
        {
            case LookupOutcome.Delivered found:
                var proven = attempt with
                {
                    State = AttemptState.Delivered, EndedAt = now, TransactionId = found.TransactionId, OperatorReference = found.OperatorReference,
                };
                var heard = Heard(Verdict.Delivered, found.TransactionId);
                return late ? heard.DeliveredAfterAll(proven, now) : heard.Decide(TopUpState.Succeeded, now, proven);
            case LookupOutcome.Reversed taken:
                var undone = attempt with { State = AttemptState.Delivered, EndedAt = now, TransactionId = taken.TransactionId ?? attempt.TransactionId };
                return Heard(Verdict.Reversed, taken.TransactionId ?? attempt.ProviderReference).TakenBack(undone, now);
            case LookupOutcome.NotDelivered no:
                return Heard(Verdict.NotDelivered, attempt.TransactionId ?? attempt.ProviderReference)
                    .Fail(no.Class is { } known ? CodeOf(known) : NotDeliveredCode, now, Disproved(attempt, now));
            case LookupOutcome.NotFound when notFoundFinalAfter is { } wait && now - attempt.StartedAt >= wait:
                return Heard(Verdict.NotDelivered, attempt.ProviderReference).Fail(NotDeliveredCode, now, Disproved(attempt, now));
            case LookupOutcome.NotFound or LookupOutcome.Pending or LookupOutcome.Unavailable:
                var since = UnknownSince ?? now;
                return new Settlement(
                    this with
                    {
                        UnknownSince = since,
                        NextCheckAt = CheckSchedule.Next(since, now, attempt.StartedAt + notFoundFinalAfter),
                        State = now - since >= CheckSchedule.ReviewAfter ? TopUpState.InReview : State,
                    },
                    MoneyMove.None);
            default:
                throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome this version knows.");
        }
    }

    /// <summary>
    /// Proof from outside about one submission, in whatever order it comes. A person's word is recorded, and counts with a
    /// second person's; a callback counts also while the answer to the submission is still awaited. What a provider or a
    /// statement says again changes nothing, and a second reversal nothing whoever brings it. Refusals:
    /// <c>second_person_required</c> when the same person says it again, <c>invalid_state_transition</c> when it
    /// contradicts what is already decided or nothing was submitted.
    /// </summary>
    public Outcome<Settlement> Hear(Evidence evidence, Instant now)
    {
        if (evidence.AttemptNo is { } no && (no < 1 || no > Attempts.Length))
            throw new ArgumentOutOfRangeException(nameof(evidence), no, $"Top-up {Id} has {Attempts.Length} submissions.");
        if (Attempts.IsEmpty) return WrongState(Verb(evidence.Verdict));
        var attempt = Attempts[(evidence.AttemptNo ?? Attempts.Length) - 1];
        if (IsKnown(evidence, attempt)) return new Settlement(this, MoneyMove.None);
        if (MoveOn(evidence, attempt) is not { } move) return WrongState(Verb(evidence.Verdict));

        var heard = this with { Evidence = Evidence.Add(evidence) };
        if (evidence.Source == EvidenceSource.Person)
        {
            var said = Evidence.Where(earlier => earlier.Source == EvidenceSource.Person && earlier.Verdict == evidence.Verdict
                && (earlier.AttemptNo ?? Attempts.Length) == attempt.No).ToList();
            if (said.Any(earlier => earlier.By == evidence.By))
                return new Refusal("second_person_required", "A second person must say the same before money moves.");
            if (said.Count == 0) return new Settlement(heard, MoneyMove.None);
        }

        // What a person refers to is a ticket of the house: no id of the operator's, and not for customers.
        var reference = evidence.Source == EvidenceSource.Person ? null : evidence.Reference;
        var proven = attempt with { State = AttemptState.Delivered, EndedAt = now, OperatorReference = attempt.OperatorReference ?? reference };
        return move switch
        {
            MoneyMove.Capture => heard.Decide(TopUpState.Succeeded, now, proven),
            MoneyMove.Release => heard.Fail(NotDeliveredCode, now, Disproved(attempt, now)),
            MoneyMove.ChargeLate or MoneyMove.BookLoss => heard.DeliveredAfterAll(proven, now),
            MoneyMove.Refund => new Settlement(heard with { State = TopUpState.Reversed, DecidedAt = now }, move),
            MoneyMove.CaptureAndRefund => heard.TakenBack(proven, now),
            _ => throw new InvalidOperationException($"{move} is not the answer to a proof."),
        };
    }

    /// <summary>Said before, by somebody who may well say it twice.</summary>
    private bool IsKnown(Evidence evidence, Attempt attempt) =>
        State == TopUpState.Reversed && evidence.Verdict == Verdict.Reversed
        || evidence.Source != EvidenceSource.Person && evidence.Verdict switch
        {
            Verdict.Delivered => attempt.State == AttemptState.Delivered,
            Verdict.NotDelivered => attempt.State is AttemptState.Refused or AttemptState.NotSent or AttemptState.NotDelivered,
            Verdict.Reversed => false,
            _ => throw new ArgumentOutOfRangeException(nameof(evidence), evidence.Verdict, "Not a verdict this version knows."),
        };

    /// <summary>What the money would do on such a proof; null where it contradicts what is decided.</summary>
    private MoneyMove? MoveOn(Evidence evidence, Attempt attempt)
    {
        var isOpen = State is TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview
            || State == TopUpState.Submitting && evidence.Source == EvidenceSource.Callback;
        return evidence.Verdict switch
        {
            Verdict.Delivered when isOpen && attempt.IsOpen => MoneyMove.Capture,
            Verdict.Delivered when State == TopUpState.Failed => MoneyMove.ChargeLate,
            Verdict.Delivered when !attempt.IsOpen && attempt.State != AttemptState.Delivered => MoneyMove.BookLoss,
            Verdict.NotDelivered when isOpen && attempt.IsOpen => MoneyMove.Release,
            Verdict.Reversed when State == TopUpState.Succeeded && attempt.State == AttemptState.Delivered => MoneyMove.Refund,
            Verdict.Reversed when isOpen && attempt.IsOpen && evidence.Source != EvidenceSource.Person => MoneyMove.CaptureAndRefund,
            Verdict.Delivered or Verdict.NotDelivered or Verdict.Reversed => null,
            _ => throw new ArgumentOutOfRangeException(nameof(evidence), evidence.Verdict, "Not a verdict this version knows."),
        };
    }

    private static string Verb(Verdict verdict) => verdict switch
    {
        Verdict.Delivered => "proven delivered",
        Verdict.NotDelivered => "proven not delivered",
        Verdict.Reversed => "reversed",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "Not a verdict this version knows."),
    };

    /// <summary>
    /// A submission that was closed as not delivered was delivered all the same. After a release it is charged late;
    /// where the top-up went on elsewhere, or was delivered there too, the customer pays once and the house bears this one.
    /// </summary>
    private Settlement DeliveredAfterAll(Attempt delivered, Instant now)
    {
        if (State == TopUpState.Failed) return Decide(TopUpState.LateDelivered, now, delivered) with { Money = MoneyMove.ChargeLate };
        return Attempts[delivered.No - 1].State == AttemptState.Delivered
            ? new Settlement(this, MoneyMove.None)
            : new Settlement(With(delivered), MoneyMove.BookLoss) { Lost = delivered };
    }

    /// <summary>Delivered and taken back before anybody told us of the delivery: charged and refunded at once, so that the books show both.</summary>
    private Settlement TakenBack(Attempt attempt, Instant now) =>
        Decide(TopUpState.Reversed, now, attempt) with { Money = MoneyMove.CaptureAndRefund };

    /// <summary>Code of a top-up that no provider could take.</summary>
    public const string ProviderUnavailable = "provider_unavailable";

    /// <summary>Code of a top-up that was proven, afterwards, not to have been delivered.</summary>
    public const string NotDeliveredCode = "not_delivered";

    private Settlement Decide(TopUpState state, Instant now, Attempt attempt) => new(
        With(attempt) with
        {
            State = state, Route = attempt.Route, Code = null, DecidedAt = now, NextCheckAt = null,
            OperatorReference = attempt.OperatorReference ?? attempt.TransactionId,
        },
        MoneyMove.Capture);

    private Settlement Fail(string code, Instant now, Attempt attempt) => new(
        With(attempt) with { State = TopUpState.Failed, Code = code, DecidedAt = now, NextCheckAt = null }, MoneyMove.Release);

    private Settlement Wait(TopUpState state, Instant now, Attempt attempt)
    {
        // A second "unknown" for the same submission neither restarts the clock nor takes the case from the people who look at it.
        var since = UnknownSince ?? now;
        return new Settlement(
            With(attempt) with
            {
                State = State == TopUpState.InReview ? State : state, UnknownSince = since, NextCheckAt = CheckSchedule.Next(since, now),
            },
            MoneyMove.None);
    }

    private TopUp With(Attempt attempt) => this with
    {
        Attempts = Attempts.SetItem(attempt.No - 1, attempt),
    };

    // A cost that could not be booked must not keep a delivery from being charged: the one of the route stays.
    private static Attempt Closed(Attempt attempt, SubmitOutcome.Delivered delivered, Instant now) => attempt with
    {
        State = AttemptState.Delivered, EndedAt = now, TransactionId = delivered.TransactionId,
        OperatorReference = delivered.OperatorReference, Evidence = delivered.Evidence, Code = null, Message = null,
        Route = delivered.Cost is { IsNegative: false } cost && cost.Currency == attempt.Route.Cost.Currency
            ? attempt.Route with { Cost = cost }
            : attempt.Route,
    };

    private static Attempt Declined(Attempt attempt, SubmitOutcome outcome, Instant now) => outcome switch
    {
        SubmitOutcome.Refused refused => attempt with
        {
            State = AttemptState.Refused, EndedAt = now, TransactionId = refused.TransactionId ?? attempt.TransactionId,
            Code = refused.ProviderCode, Message = refused.Message, Evidence = outcome.Evidence,
        },
        SubmitOutcome.NotSent notSent => attempt with
        {
            State = AttemptState.NotSent, EndedAt = now, Code = notSent.Code, Message = notSent.Message, Evidence = outcome.Evidence,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Only a no declines."),
    };

    private static Attempt Disproved(Attempt attempt, Instant now) => attempt with { State = AttemptState.NotDelivered, EndedAt = now };

    private Refusal WrongState(string verb) =>
        new Refusal("invalid_state_transition", $"Top-up {Id} is {TopUpStates.Word(State)} and cannot be {verb}.").With("status", TopUpStates.Word(State));

    private static string CodeOf(RefusalClass refusal) => refusal switch
    {
        RefusalClass.InvalidNumber => "invalid_number",
        RefusalClass.PlanNotAllowed => "plan_not_allowed",
        RefusalClass.SubscriberBarred => "subscriber_barred",
        RefusalClass.OperatorMismatch => "operator_mismatch",
        RefusalClass.AmountNotAllowed => "amount_not_allowed",
        RefusalClass.ProductUnavailable => "product_unavailable",
        RefusalClass.SubscriberLimit => "subscriber_limit",
        // That we owe the provider money, or that it is closed, is no business of the customer.
        RefusalClass.ProviderFunds or RefusalClass.ProviderMaintenance => ProviderUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "Not a refusal this version knows."),
    };
}

/// <summary>A top-up after something became known, and what the money does in the same commit.</summary>
/// <param name="TopUp">The top-up after.</param>
/// <param name="Money">What its money does.</param>
public sealed record Settlement(TopUp TopUp, MoneyMove Money)
{
    /// <summary>The delivery that the house bears, with <see cref="MoneyMove.BookLoss"/>.</summary>
    public Attempt? Lost { get; init; }
}

/// <summary>What the money of a top-up does.</summary>
public enum MoneyMove
{
    /// <summary>Nothing: a hold stays a hold.</summary>
    None,

    /// <summary>The hold becomes a charge.</summary>
    Capture,

    /// <summary>The hold is given back.</summary>
    Release,

    /// <summary>A released hold is charged after all, by the customer's policy.</summary>
    ChargeLate,

    /// <summary>The charge is given back.</summary>
    Refund,

    /// <summary>The hold becomes a charge and is given back at once: delivered and taken back before we knew of either.</summary>
    CaptureAndRefund,

    /// <summary>A delivery beside the one the customer pays for is owed to the provider, and lost to the house.</summary>
    BookLoss,
}

/// <summary>Where a top-up stands.</summary>
public enum TopUpState
{
    /// <summary>Money is set aside; nothing was sent.</summary>
    Reserved,

    /// <summary>A submission is under way.</summary>
    Submitting,

    /// <summary>The provider took it in and decides later.</summary>
    Pending,

    /// <summary>It may have been delivered or not.</summary>
    Unknown,

    /// <summary>The same, for so long that people look into it.</summary>
    InReview,

    /// <summary>Delivered and charged.</summary>
    Succeeded,

    /// <summary>Not delivered; the money is given back.</summary>
    Failed,

    /// <summary>Not taken: no money was ever set aside.</summary>
    Rejected,

    /// <summary>Delivered, charged, taken back and refunded.</summary>
    Reversed,

    /// <summary>Given back, then proven delivered.</summary>
    LateDelivered,
}

/// <summary>The states in words.</summary>
public static class TopUpStates
{
    /// <summary>The word of a state in the API and in storage: what a customer may know. A submission and a pending one are both <c>processing</c>.</summary>
    public static string Word(TopUpState state) => state switch
    {
        TopUpState.Reserved => "held",
        TopUpState.Submitting or TopUpState.Pending => "processing",
        TopUpState.Unknown => "unknown",
        TopUpState.InReview => "in_review",
        TopUpState.Succeeded => "succeeded",
        TopUpState.Failed => "failed",
        TopUpState.Rejected => "rejected",
        TopUpState.Reversed => "reversed",
        TopUpState.LateDelivered => "late_delivered",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state this version knows."),
    };

    /// <summary>The states behind a word; empty for a word that is none.</summary>
    public static IReadOnlyList<TopUpState> Behind(string word) =>
        Enum.GetValues<TopUpState>().Where(state => Word(state) == word).ToList();
}
