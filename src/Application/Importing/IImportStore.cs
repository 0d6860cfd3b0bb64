using Relier.Storage;
using Relier.TopUps;

namespace Relier.Importing;

/// <summary>What came to the session's tenant from other systems, and what it became here.</summary>
public interface IImportStore
{
    /// <summary>Until the end of the transaction nobody else can lock this source: of two imports one waits for the other.</summary>
    Task LockAsync(string source, CancellationToken cancellationToken);

    /// <summary>What has come of these things already, in no order; what has not is left out.</summary>
    Task<IReadOnlyList<ImportedItem>> FindAsync(string source, ImportedKind kind, IReadOnlyCollection<string> oldIds, CancellationToken cancellationToken);

    /// <summary>
    /// Remembers them, for ever. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.ImportedItem"/>) when a thing
    /// has come before, or another one became the same top-up; the transaction can only be rolled back then.
    /// </summary>
    Task AddAsync(IReadOnlyCollection<ImportedItem> items, CancellationToken cancellationToken);

    /// <summary>
    /// Writes what an undecided top-up turned out to be in the other system: its state, charge, rate, code, operator's reference
    /// and time; and the item. Throws <see cref="StaleVersionException"/> when the top-up is not at the given version or
    /// the stored item is not an undecided one that became it.
    /// </summary>
    Task<TopUp> DecideAsync(TopUp topUp, ImportedItem item, CancellationToken cancellationToken);
}

/// <summary>A thing of another system and what it became here.</summary>
public sealed record ImportedItem
{
    /// <summary>The other system.</summary>
    public required string Source { get; init; }

    /// <summary>What it is.</summary>
    public required ImportedKind Kind { get; init; }

    /// <summary>Its id there.</summary>
    public required string OldId { get; init; }

    /// <summary>Its id here.</summary>
    public required string NewId { get; init; }

    /// <summary>What it was, so that a later export that says otherwise is noticed.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Whether the other system did not know what became of it: the one thing that a later export may decide. Only of top-ups.</summary>
    public bool IsUndecided { get; init; }

    /// <summary>What was said of it there and has no place here, as JSON; null for nothing.</summary>
    public string? Details { get; init; }

    /// <summary>When it came.</summary>
    public required NodaTime.Instant At { get; init; }
}

/// <summary>What comes from another system.</summary>
public enum ImportedKind
{
    /// <summary>A customer, with the wallet and its opening balance.</summary>
    Customer,

    /// <summary>
    /// A top-up of the past. Its money is part of an opening balance, so it has no hold and no journal, and none is ever
    /// made for it.
    /// </summary>
    TopUp,
}
