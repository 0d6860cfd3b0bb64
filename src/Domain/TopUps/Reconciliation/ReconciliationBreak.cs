using NodaTime;

namespace Relier.TopUps;

/// <summary>Something in which the two sides differ, for people to look at: whose it is, and how it ended.</summary>
public sealed record ReconciliationBreak
{
    /// <summary>Its id: made of the run and the line, so that the same file gives the same ids in one run.</summary>
    public required Id<ReconciliationBreak> Id { get; init; }

    /// <summary>The run that found it.</summary>
    public required Id<ReconciliationRun> Run { get; init; }

    /// <summary>What differs.</summary>
    public required StatementClass Class { get; init; }

    /// <summary>What the line says of our top-up, where money would move if it counted.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>Whether people must confirm that line and top-up belong together.</summary>
    public bool NeedsConfirmation { get; init; }

    /// <summary>Whether the statement is proof enough to settle it without people.</summary>
    public bool SettlesItself { get; init; }

    /// <summary>The line; null for what they do not list.</summary>
    public long? Line { get; init; }

    /// <summary>The top-up; null for what we do not have.</summary>
    public Id<TopUp>? TopUp { get; init; }

    /// <summary>Which of its submissions.</summary>
    public int? AttemptNo { get; init; }

    /// <summary>Their amount; null for what they do not list.</summary>
    public Money? Theirs { get; init; }

    /// <summary>Our amount; null for what we do not have.</summary>
    public Money? Ours { get; init; }

    /// <summary>The id or reference by which the other side can be asked about it; null when there is none.</summary>
    public string? Reference { get; init; }

    /// <summary>When it was found: what its age is counted from.</summary>
    public required Instant OpenedAt { get; init; }

    /// <summary>Who looks into it; null for nobody.</summary>
    public string? Owner { get; init; }

    /// <summary>How it ended; null while open.</summary>
    public BreakOutcome? Outcome { get; init; }

    /// <summary>What was said at the end.</summary>
    public string? Note { get; init; }

    /// <summary>When it ended; null while open.</summary>
    public Instant? ClosedAt { get; init; }

    /// <summary>Who ended it; null while open.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>Whether it waits for somebody.</summary>
    public bool IsOpen => Outcome is null;

    /// <summary>Gives it to somebody, or to nobody. Refusal <c>break_closed</c>.</summary>
    public Outcome<ReconciliationBreak> Assign(string? owner) => IsOpen ? this with { Owner = owner } : Closed();

    /// <summary>Ends it. Refusals: <c>break_closed</c>; <c>nothing_to_apply</c> when no money would move, so that there is nothing to apply.</summary>
    public Outcome<ReconciliationBreak> Close(BreakOutcome outcome, string? note, string by, Instant now)
    {
        if (!IsOpen) return Closed();
        if (outcome is BreakOutcome.Applied or BreakOutcome.Settled && (Verdict is null || TopUp is null))
            return new Refusal("nothing_to_apply", $"Nothing moves by a break of class {StatementClasses.Word(Class)}; close it with what was agreed.");
        return this with { Outcome = outcome, Note = note, ClosedAt = now, ClosedBy = by };
    }

    private Refusal Closed() => new("break_closed", $"Break {Id} was closed by {ClosedBy}.");
}

/// <summary>How a break ended.</summary>
public enum BreakOutcome
{
    /// <summary>By itself: the statement was proof.</summary>
    Settled,

    /// <summary>A person had the statement count, and the money moved.</summary>
    Applied,

    /// <summary>The difference is borne. No money moved.</summary>
    Accepted,

    /// <summary>It is claimed from the other side. No money moved.</summary>
    Claimed,

    /// <summary>There was nothing in it: another line, another phone, a mistake of the file.</summary>
    Unfounded,

    /// <summary>A later file took the place of the one that had it.</summary>
    Superseded,
}
