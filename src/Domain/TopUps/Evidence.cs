using NodaTime;

namespace Relier.TopUps;

/// <summary>
/// Proof, from outside the submission itself, of what became of a top-up. Kept for ever. A person's word needs a second
/// person's: the first is recorded, and money moves with the second.
/// </summary>
public sealed record Evidence
{
    /// <summary>Its id.</summary>
    public required Id<Evidence> Id { get; init; }

    /// <summary>What it says.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Where it is from.</summary>
    public required EvidenceSource Source { get; init; }

    /// <summary>What can be shown to somebody who doubts it: a line of a statement, a ticket, an operator's id.</summary>
    public required string Reference { get; init; }

    /// <summary>Who brought it.</summary>
    public required string By { get; init; }

    /// <summary>Which submission it is about; null for the last one.</summary>
    public int? AttemptNo { get; init; }

    /// <summary>When it came.</summary>
    public required Instant At { get; init; }

    /// <summary>Anything else worth keeping.</summary>
    public string? Note { get; init; }
}

/// <summary>What a proof says.</summary>
public enum Verdict
{
    /// <summary>The phone was recharged.</summary>
    Delivered,

    /// <summary>The phone was not recharged and will not be.</summary>
    NotDelivered,

    /// <summary>The recharge was taken back after it was delivered.</summary>
    Reversed,
}

/// <summary>Where a proof is from.</summary>
public enum EvidenceSource
{
    /// <summary>We asked the provider.</summary>
    Lookup,

    /// <summary>A person of the house says so.</summary>
    Person,

    /// <summary>The provider's or operator's statement.</summary>
    Statement,

    /// <summary>The provider told us unasked.</summary>
    Callback,
}
