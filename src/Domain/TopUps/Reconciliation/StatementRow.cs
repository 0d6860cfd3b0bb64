using NodaTime;

namespace Relier.TopUps;

/// <summary>One line of a provider's statement or an operator's file, normalised: what it says in words that can be compared.</summary>
public sealed record StatementRow
{
    /// <summary>Its line in the file, counted from 1 with the header, so that a person finds it.</summary>
    public required long Line { get; init; }

    /// <summary>What the other side says became of it.</summary>
    public required StatementState State { get; init; }

    /// <summary>The operator's id; null when the file has none.</summary>
    public string? OperatorId { get; init; }

    /// <summary>The provider's id; null when the file has none.</summary>
    public string? ProviderId { get; init; }

    /// <summary>The reference we gave the provider; null when the file has none.</summary>
    public string? OurReference { get; init; }

    /// <summary>The phone, ten digits where they could be read, else the digits as they stand; null when the file has none.</summary>
    public string? Phone { get; init; }

    /// <summary>The other side's name of the product; null when the file has none.</summary>
    public string? Product { get; init; }

    /// <summary>The amount, exactly as written.</summary>
    public required Money Amount { get; init; }

    /// <summary>When it happened; null when the file knows the day only.</summary>
    public Instant? At { get; init; }

    /// <summary>The settlement day: the calendar day in the zone of the file.</summary>
    public required LocalDate Day { get; init; }

    /// <summary>A delivery and its reversal are two lines about one submission; each is matched with its own kind.</summary>
    public StatementKind Kind => State == StatementState.Reversed ? StatementKind.Reversal : StatementKind.Charge;

    /// <summary>What our references are compared with: the column for them, or, without one, the provider's id, which some files fill with it.</summary>
    public string? ReferenceKey => OurReference ?? ProviderId;
}

/// <summary>What the other side says became of a submission.</summary>
public enum StatementState
{
    /// <summary>The phone was recharged, and they want to be paid.</summary>
    Delivered,

    /// <summary>The phone was not recharged.</summary>
    Failed,

    /// <summary>The recharge was taken back.</summary>
    Reversed,

    /// <summary>They do not know yet either.</summary>
    Undecided,
}

/// <summary>Which half of a submission's life a line is about.</summary>
public enum StatementKind
{
    /// <summary>The recharge itself, whatever became of it.</summary>
    Charge,

    /// <summary>Its being taken back.</summary>
    Reversal,
}

/// <summary>One of our submissions, with what a statement can be compared with.</summary>
public sealed record OurAttempt
{
    /// <summary>The top-up.</summary>
    public required Id<TopUp> TopUp { get; init; }

    /// <summary>Which of its submissions.</summary>
    public required int No { get; init; }

    /// <summary>What is known of the submission.</summary>
    public required AttemptState State { get; init; }

    /// <summary>Where the top-up stands.</summary>
    public required TopUpState TopUpState { get; init; }

    /// <summary>Our reference with the provider.</summary>
    public required string ProviderReference { get; init; }

    /// <summary>The provider's id, as kept; null while unknown.</summary>
    public string? TransactionId { get; init; }

    /// <summary>The operator's id, as kept; null while unknown.</summary>
    public string? OperatorReference { get; init; }

    /// <summary>When it was about to be sent.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>The phone, ten digits.</summary>
    public required string Phone { get; init; }

    /// <summary>What arrives on the phone.</summary>
    public required Money Face { get; init; }

    /// <summary>What the provider was told.</summary>
    public required Money Send { get; init; }

    /// <summary>Whether this run has matched it with a line of the kind asked about.</summary>
    public bool IsTaken { get; init; }

    /// <summary>Whether an earlier statement of the same source has already said it was delivered.</summary>
    public bool WasReported { get; init; }

    /// <summary>Whether it may still turn out either way.</summary>
    public bool IsOpen => State is AttemptState.Submitting or AttemptState.Accepted or AttemptState.Unknown;

    /// <summary>The amount a statement names.</summary>
    public Money AmountFor(StatementAmount which) => which == StatementAmount.Face ? Face : Send;
}

/// <summary>Which of our amounts a statement's amount is.</summary>
public enum StatementAmount
{
    /// <summary>What arrives on the phone.</summary>
    Face,

    /// <summary>What the provider was told to send, before a tax it adds.</summary>
    Send,
}
