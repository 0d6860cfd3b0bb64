using NodaTime;

namespace Relier.TopUps;

/// <summary>
/// One submission to one provider. The row is committed before any byte leaves, so that a submission can be forgotten
/// by nobody; it is never submitted a second time.
/// </summary>
public sealed record Attempt
{
    /// <summary>From 1.</summary>
    public required int No { get; init; }

    /// <summary>Who was asked, for what, and what it costs: of this submission, whoever was asked before or after.</summary>
    public required Route Route { get; init; }

    /// <summary>Who was asked.</summary>
    public string Provider => Route.Provider;

    /// <summary>Whether deliveries there are real.</summary>
    public required ProviderEnvironment Environment { get; init; }

    /// <summary>Our reference, unique with this provider for ever.</summary>
    public required string ProviderReference { get; init; }

    /// <summary>What is known of it.</summary>
    public required AttemptState State { get; init; }

    /// <summary>When it was about to be sent.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>When something definite became known; null before.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>The provider's id for it.</summary>
    public string? TransactionId { get; init; }

    /// <summary>The operator's id for it.</summary>
    public string? OperatorReference { get; init; }

    /// <summary>The provider's code, or ours for what went wrong.</summary>
    public string? Code { get; init; }

    /// <summary>The text that came with it; never shown to customers.</summary>
    public string? Message { get; init; }

    /// <summary>What the provider sent, as received, shortened, phone numbers masked.</summary>
    public string? Evidence { get; init; }

    /// <summary>Whether it may still turn out either way.</summary>
    public bool IsOpen => State is AttemptState.Submitting or AttemptState.Accepted or AttemptState.Unknown;
}

/// <summary>What is known of one submission.</summary>
public enum AttemptState
{
    /// <summary>Being sent, or the process that sent it died.</summary>
    Submitting,

    /// <summary>Nothing left us.</summary>
    NotSent,

    /// <summary>The provider said no.</summary>
    Refused,

    /// <summary>The provider said yes.</summary>
    Delivered,

    /// <summary>The provider decides later.</summary>
    Accepted,

    /// <summary>It may have been delivered or not.</summary>
    Unknown,

    /// <summary>Proven not delivered afterwards, by look-up or evidence.</summary>
    NotDelivered,
}
