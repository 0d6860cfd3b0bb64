using NodaTime;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>What the session's tenant knows of its providers, seen by all processes alike.</summary>
public interface IProviderStore
{
    /// <summary>Keeps what was seen, in the place of what was seen before of the same provider and kind; an older sight changes nothing.</summary>
    Task ObserveAsync(ProviderObservation observation, CancellationToken cancellationToken);

    /// <summary>The newest of every provider and kind, by provider, then kind.</summary>
    Task<IReadOnlyList<ProviderObservation>> ListAsync(CancellationToken cancellationToken);

    /// <summary>What the providers will be owed for top-ups that are not decided, by provider, then currency.</summary>
    Task<IReadOnlyList<ProviderAmount>> UndecidedCostAsync(CancellationToken cancellationToken);

    /// <summary>What is held for top-ups nobody can answer for, by provider, age and currency.</summary>
    Task<IReadOnlyList<Exposure>> ExposureAsync(Instant now, CancellationToken cancellationToken);

    /// <summary>The last submissions to a provider that came to an end, newest first, at most so many: whether each delivered.</summary>
    Task<IReadOnlyList<bool>> LastOutcomesAsync(string provider, int limit, CancellationToken cancellationToken);

    /// <summary>When a submission to a provider last ended as delivered; null when none did.</summary>
    Task<Instant?> LastDeliveryAsync(string provider, CancellationToken cancellationToken);

    /// <summary>Keeps a message as received. False, and nothing happens, when this message of this provider is there already.</summary>
    Task<bool> AddMessageAsync(ProviderMessage message, CancellationToken cancellationToken);

    /// <summary>The message; null if there is none.</summary>
    Task<ProviderMessage?> FindMessageAsync(Id<ProviderMessage> id, CancellationToken cancellationToken);

    /// <summary>Writes what became of a message: its state, the top-up and the note.</summary>
    Task EndMessageAsync(ProviderMessage message, CancellationToken cancellationToken);

    /// <summary>Messages in this state, or all with null, newest first, then by id.</summary>
    Task<Page<ProviderMessage>> ListMessagesAsync(ProviderMessageState? state, PageRequest page, CancellationToken cancellationToken);
}

/// <summary>Something a provider told us unasked, as received.</summary>
public sealed record ProviderMessage
{
    /// <summary>Our id for it.</summary>
    public required Id<ProviderMessage> Id { get; init; }

    /// <summary>Who sent it.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's id for it, or a hash of the whole where it has none: the same again is the same message.</summary>
    public required string MessageId { get; init; }

    /// <summary>When it came.</summary>
    public required Instant At { get; init; }

    /// <summary>The body, as received.</summary>
    public required string Body { get; init; }

    /// <summary>Our reference it is about; null when it could not be read.</summary>
    public string? Reference { get; init; }

    /// <summary>What it says; null when it decides nothing.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>The provider's id for the order; null when it gave none.</summary>
    public string? TransactionId { get; init; }

    /// <summary>What became of it.</summary>
    public required ProviderMessageState State { get; init; }

    /// <summary>The top-up it was about; null until that is known.</summary>
    public Id<TopUp>? TopUp { get; init; }

    /// <summary>Why it was not applied; null otherwise.</summary>
    public string? Note { get; init; }
}

/// <summary>What became of a message.</summary>
public enum ProviderMessageState
{
    /// <summary>Kept, and not looked at yet.</summary>
    Received,

    /// <summary>Applied: it may have changed something or confirmed what was known.</summary>
    Applied,

    /// <summary>About a reference that is none of ours.</summary>
    Orphan,

    /// <summary>The provider's own, but not understood.</summary>
    Unreadable,

    /// <summary>It contradicts what is decided: people must look.</summary>
    Contradicts,
}

/// <summary>An amount with a provider.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Amount">The amount.</param>
public sealed record ProviderAmount(string Provider, Money Amount);

/// <summary>What was seen of a provider at a time.</summary>
public sealed record ProviderObservation
{
    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>What was looked at.</summary>
    public required ProviderSight Kind { get; init; }

    /// <summary>When.</summary>
    public required Instant At { get; init; }

    /// <summary>Whether all was well.</summary>
    public required bool IsWell { get; init; }

    /// <summary>The balance it told, or below what our float counts as low; null where neither is meant.</summary>
    public Money? Amount { get; init; }

    /// <summary>The products it offers, for a catalogue; else empty.</summary>
    public IReadOnlyList<string> Products { get; init; } = [];

    /// <summary>What it said, for people of the house.</summary>
    public string? Detail { get; init; }
}

/// <summary>What is looked at.</summary>
public enum ProviderSight
{
    /// <summary>Whether it lets us in.</summary>
    Probe,

    /// <summary>What it says we have with it.</summary>
    Balance,

    /// <summary>What it says it delivers.</summary>
    Catalogue,

    /// <summary>That we count what we have with it, and from when on that is low.</summary>
    Float,
}
