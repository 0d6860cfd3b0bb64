using System.Collections.Immutable;
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

    /// <summary>The rate at which the charge was made; null in one currency.</summary>
    public ExchangeRate? Rate { get; init; }

    /// <summary>How it is delivered; null when rejected before that was known.</summary>
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
            ? new TopUpCharge(Id.Value, route.Provider, Face, route.Cost, charge)
            : throw new InvalidOperationException($"Top-up {Id} was rejected; it has no price.");

    /// <summary>
    /// The submission about to be made: committed before any byte leaves. Refusal <c>invalid_state_transition</c> unless
    /// money is held and nothing is under way.
    /// </summary>
    public Outcome<TopUp> Begin(ProviderEnvironment environment, Instant now)
    {
        if (State != TopUpState.Reserved) return WrongState("submitted");
        var no = Attempts.Length + 1;
        var attempt = new Attempt
        {
            No = no, Provider = Route!.Provider, Environment = environment, State = AttemptState.Submitting, StartedAt = now,
            ProviderReference = no == 1 ? Id.Value : $"{Id}-{no}",
        };
        return this with { State = TopUpState.Submitting, Attempts = Attempts.Add(attempt) };
    }

    /// <summary>
    /// What a submission came to. May arrive late, twice, or after somebody else decided: a definite answer to a
    /// submission that is no longer open changes nothing, except a delivery after a release, which is charged late. Nor
    /// does "not sent" for one the provider accepted. Throws <see cref="InvalidOperationException"/> when there is no
    /// such submission.
    /// </summary>
    public Settlement Settle(int attemptNo, SubmitOutcome outcome, Instant now)
    {
        var attempt = Attempts.Single(candidate => candidate.No == attemptNo);
        if (!attempt.IsOpen)
            return outcome is SubmitOutcome.Delivered late && State == TopUpState.Failed
                ? Decide(TopUpState.LateDelivered, now, Closed(attempt, late, now)) with { Money = MoneyMove.ChargeLate }
                : new Settlement(this, MoneyMove.None);

        return outcome switch
        {
            SubmitOutcome.Delivered delivered => Decide(TopUpState.Succeeded, now, Closed(attempt, delivered, now)),
            SubmitOutcome.Refused refused => Fail(CodeOf(refused.Class), now, attempt with
            {
                State = AttemptState.Refused, EndedAt = now, TransactionId = refused.TransactionId ?? attempt.TransactionId,
                Code = refused.ProviderCode, Message = refused.Message, Evidence = outcome.Evidence,
            }),
            // The two contradict each other, and the provider's word is the one that may have recharged a phone.
            SubmitOutcome.NotSent when attempt.State == AttemptState.Accepted => new Settlement(this, MoneyMove.None),
            SubmitOutcome.NotSent notSent => Fail(ProviderUnavailable, now, attempt with
            {
                State = AttemptState.NotSent, EndedAt = now, Code = notSent.Code, Message = notSent.Message, Evidence = outcome.Evidence,
            }),
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
                By = $"provider:{attempt.Provider}", At = now, Note = outcome.Evidence,
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
                return late
                    ? heard.Decide(TopUpState.LateDelivered, now, proven) with { Money = MoneyMove.ChargeLate }
                    : heard.Decide(TopUpState.Succeeded, now, proven);
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
                        NextCheckAt = CheckSchedule.Next(since, now),
                        State = now - since >= CheckSchedule.ReviewAfter ? TopUpState.InReview : State,
                    },
                    MoneyMove.None);
            default:
                throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome this version knows.");
        }
    }

    /// <summary>
    /// Proof from outside. A person's word is recorded, and counts with a second person's. Refusals:
    /// <c>second_person_required</c> when the same person says it again, <c>invalid_state_transition</c> when it
    /// contradicts what is already decided or nothing was submitted.
    /// </summary>
    public Outcome<Settlement> Hear(Evidence evidence, Instant now)
    {
        var move = (State, evidence.Verdict) switch
        {
            (TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview, Verdict.Delivered) => MoneyMove.Capture,
            (TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview, Verdict.NotDelivered) => MoneyMove.Release,
            (TopUpState.Failed, Verdict.Delivered) => MoneyMove.ChargeLate,
            (TopUpState.Succeeded, Verdict.Reversed) => MoneyMove.Refund,
            _ => MoneyMove.None,
        };
        if (move == MoneyMove.None || Attempts.IsEmpty) return WrongState(evidence.Verdict switch
        {
            Verdict.Delivered => "proven delivered",
            Verdict.NotDelivered => "proven not delivered",
            Verdict.Reversed => "reversed",
            _ => throw new ArgumentOutOfRangeException(nameof(evidence), evidence.Verdict, "Not a verdict this version knows."),
        });

        var heard = this with { Evidence = Evidence.Add(evidence) };
        if (evidence.Source == EvidenceSource.Person)
        {
            var said = Evidence.Where(earlier => earlier.Source == EvidenceSource.Person && earlier.Verdict == evidence.Verdict).ToList();
            if (said.Any(earlier => earlier.By == evidence.By))
                return new Refusal("second_person_required", "A second person must say the same before money moves.");
            if (said.Count == 0) return new Settlement(heard, MoneyMove.None);
        }

        var attempt = Attempts[^1];
        // What a person refers to is a ticket of the house: no id of the operator's, and not for customers.
        var reference = evidence.Source == EvidenceSource.Person ? null : evidence.Reference;
        var proven = attempt with { State = AttemptState.Delivered, EndedAt = now, OperatorReference = attempt.OperatorReference ?? reference };
        return move switch
        {
            MoneyMove.Capture => heard.Decide(TopUpState.Succeeded, now, proven),
            MoneyMove.Release => heard.Fail(NotDeliveredCode, now, Disproved(attempt, now)),
            MoneyMove.ChargeLate => heard.Decide(TopUpState.LateDelivered, now, proven) with { Money = move },
            MoneyMove.Refund => new Settlement(heard with { State = TopUpState.Reversed, DecidedAt = now }, move),
            _ => throw new InvalidOperationException($"{move} is not the answer to a proof."),
        };
    }

    /// <summary>Code of a top-up that no provider could take.</summary>
    public const string ProviderUnavailable = "provider_unavailable";

    /// <summary>Code of a top-up that was proven, afterwards, not to have been delivered.</summary>
    public const string NotDeliveredCode = "not_delivered";

    private Settlement Decide(TopUpState state, Instant now, Attempt attempt) => new(
        With(attempt) with
        {
            State = state, Code = null, DecidedAt = now, NextCheckAt = null,
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
    private Settlement Decide(TopUpState state, Instant now, (Attempt Attempt, Money? Cost) delivery) =>
        (delivery.Cost is { IsNegative: false } cost && cost.Currency == Face.Currency ? this with { Route = Route! with { Cost = cost } } : this).Decide(state, now, delivery.Attempt);

    private static (Attempt Attempt, Money? Cost) Closed(Attempt attempt, SubmitOutcome.Delivered delivered, Instant now) => (attempt with
    {
        State = AttemptState.Delivered, EndedAt = now, TransactionId = delivered.TransactionId,
        OperatorReference = delivered.OperatorReference, Evidence = delivered.Evidence, Code = null, Message = null,
    }, delivered.Cost);

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
public sealed record Settlement(TopUp TopUp, MoneyMove Money);

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
