using System.Collections.Immutable;
using NodaTime;

namespace Relier.TopUps;

/// <summary>One statement or operator's file, compared with our books: what was declared, what was found, and how it ended.</summary>
public sealed record ReconciliationRun
{
    /// <summary>Its id.</summary>
    public required Id<ReconciliationRun> Id { get; init; }

    /// <summary>The provider whose submissions it is about.</summary>
    public required string Provider { get; init; }

    /// <summary>Who wrote the file.</summary>
    public required StatementSource Source { get; init; }

    /// <summary>The layout by which it was read: a ready-made name or the text of a map.</summary>
    public required string Layout { get; init; }

    /// <summary>What the file was called; null when nobody said.</summary>
    public string? FileName { get; init; }

    /// <summary>SHA-256 of the file, in lower-case hexadecimal digits. One file is imported once.</summary>
    public required string FileHash { get; init; }

    /// <summary>The first settlement day; null while it is not known yet.</summary>
    public LocalDate? From { get; init; }

    /// <summary>The day after the last settlement day; null while it is not known yet.</summary>
    public LocalDate? To { get; init; }

    /// <summary>Where it stands.</summary>
    public required ReconciliationState State { get; init; }

    /// <summary>The run whose place this one takes.</summary>
    public Id<ReconciliationRun>? Supersedes { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string StartedBy { get; init; }

    /// <summary>When it began.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>When it last got on: one that stands still for long has lost its process.</summary>
    public required Instant TouchedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public Instant? FinishedAt { get; init; }

    /// <summary>How many lines were declared; null when nobody said.</summary>
    public long? DeclaredRows { get; init; }

    /// <summary>The sums that were declared, one for a currency.</summary>
    public ImmutableArray<Money> DeclaredTotals { get; init; } = [];

    /// <summary>How many lines there are.</summary>
    public long Rows { get; init; }

    /// <summary>The sums of what the lines say was delivered, one for a currency.</summary>
    public ImmutableArray<Money> Totals { get; init; } = [];

    /// <summary>How many lines lie outside of the period.</summary>
    public long RowsOutside { get; init; }

    /// <summary>Whether what is missing in it did not happen: it lists everything, period, count and totals were declared and agree, no line lies outside, and its balances add up.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Count and sum of each class and currency.</summary>
    public ImmutableArray<ClassTotal> Classes { get; init; } = [];

    /// <summary>How the balances of each currency came out; empty when the file has none.</summary>
    public ImmutableArray<WalkResult> Walks { get; init; } = [];

    /// <summary>How many top-ups it settled by itself.</summary>
    public long Settled { get; init; }

    /// <summary>What was wrong with the file; null unless invalid.</summary>
    public string? Problem { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>Whether people should look even if every line matched: balances that do not add up, lines outside of the period.</summary>
    public bool IsFlagged => Walks.Any(walk => !walk.AddsUp) || RowsOutside > 0;

    /// <summary>Whether a process is at it, or was when it died.</summary>
    public bool IsUnderWay => State is ReconciliationState.Importing or ReconciliationState.Matching or ReconciliationState.Settling;

    /// <summary>The settlement days.</summary>
    public DateInterval Days => From is { } from && To is { } to
        ? new DateInterval(from, to.PlusDays(-1))
        : throw new InvalidOperationException($"The period of {Id} is not known yet.");

    /// <summary>Whether it is about a day that this period has too.</summary>
    public bool Overlaps(LocalDate from, LocalDate to) => From is { } mine && To is { } myEnd && mine < to && from < myEnd;
}

/// <summary>Where a reconciliation stands.</summary>
public enum ReconciliationState
{
    /// <summary>The file is being read.</summary>
    Importing,

    /// <summary>Lines are being matched. Until here nothing has an effect, and it can be begun anew.</summary>
    Matching,

    /// <summary>What is proven is being settled. From here on it is only ever continued.</summary>
    Settling,

    /// <summary>Done.</summary>
    Done,

    /// <summary>The file contradicts what was declared, or could not be read. Nothing came of it.</summary>
    Invalid,

    /// <summary>A later file has taken its place.</summary>
    Superseded,
}
