using Relier.Storage;

namespace Relier.Rating;

/// <summary>Plans and decks of the session's tenant, version by version. What was written of a version's prices never changes.</summary>
public interface ITariffStore
{
    /// <summary>Counts the changes of plans and of decks that are or were active; 0 when there was none. What was read of them before is still true while it is the same.</summary>
    Task<long> RevisionAsync(CancellationToken cancellationToken);

    /// <summary>Waits until nobody else of the tenant changes plans or decks, until the end of the transaction, and counts a change.</summary>
    Task<long> LockAsync(CancellationToken cancellationToken);

    /// <summary>All versions of all plans, by plan, then version.</summary>
    Task<IReadOnlyList<PlanVersion>> ListPlansAsync(CancellationToken cancellationToken);

    /// <summary>All versions of all decks, by deck, then version.</summary>
    Task<IReadOnlyList<DeckVersion>> ListDecksAsync(CancellationToken cancellationToken);

    /// <summary>Adds a version. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.PlanVersion"/>).</summary>
    Task AddPlanAsync(PlanVersion plan, CancellationToken cancellationToken);

    /// <summary>Writes that a version is retired. Throws <see cref="StaleVersionException"/> when there is no such version in another state.</summary>
    Task RetirePlanAsync(PlanVersion plan, CancellationToken cancellationToken);

    /// <summary>Adds a version without its entries. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.DeckVersion"/>).</summary>
    Task AddDeckAsync(DeckVersion deck, CancellationToken cancellationToken);

    /// <summary>Writes state and times of a version. Throws <see cref="StaleVersionException"/> when it is not in the state that it is changed from.</summary>
    Task ChangeDeckAsync(DeckVersion deck, VersionState from, CancellationToken cancellationToken);

    /// <summary>Adds a part of a version's entries, in the order of their prefixes. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.DeckPart"/>) for a number that is there.</summary>
    Task AddPartAsync(Id<RateDeck> deck, int version, int number, DeckPart part, CancellationToken cancellationToken);

    /// <summary>The parts of a version behind this number, at most so many, by number.</summary>
    Task<IReadOnlyList<DeckPart>> ReadPartsAsync(Id<RateDeck> deck, int version, int after, int limit, CancellationToken cancellationToken);

    /// <summary>Takes a draft away, with its entries. False when there is none.</summary>
    Task<bool> RemoveDraftAsync(Id<RateDeck> deck, int version, CancellationToken cancellationToken);
}

/// <summary>Some thousands of entries of a deck, with the rates that they name.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Rates">The rates, by the names that the entries say: all that are named here, in each part again.</param>
public sealed record DeckPart(IReadOnlyList<DeckEntry> Entries, IReadOnlyDictionary<string, UsageRate> Rates)
{
    /// <summary>Entries of a part at most.</summary>
    public const int EntriesMax = 5000;
}
