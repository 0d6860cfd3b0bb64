using NodaTime;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Reconciliations of the session's tenant: runs, the lines of their files, what was found about each line, and the breaks.
/// A line has one finding, and a run has one line of a kind for a submission: both for ever, whatever two processes believe.
/// </summary>
public interface IReconciliationStore
{
    /// <summary>Makes whoever else asks for the same source wait until this transaction ends.</summary>
    Task LockSourceAsync(string provider, StatementSource source, CancellationToken cancellationToken);

    /// <summary>Adds a run. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.StatementFile"/>) when another one that is not invalid has the same file.</summary>
    Task AddAsync(ReconciliationRun run, CancellationToken cancellationToken);

    /// <summary>Writes a run if the stored version is the given one's, and counts the version up. Throws <see cref="StaleVersionException"/>.</summary>
    Task<ReconciliationRun> UpdateAsync(ReconciliationRun run, CancellationToken cancellationToken);

    /// <summary>The run; null if there is none.</summary>
    Task<ReconciliationRun?> FindAsync(Id<ReconciliationRun> id, CancellationToken cancellationToken);

    /// <summary>The run of this file that is not invalid; null if there is none.</summary>
    Task<ReconciliationRun?> FindByHashAsync(string fileHash, CancellationToken cancellationToken);

    /// <summary>The runs of a source that are neither invalid nor superseded and have a day of this period, by id.</summary>
    Task<IReadOnlyList<ReconciliationRun>> OverlappingAsync(string provider, StatementSource source, LocalDate from, LocalDate to, CancellationToken cancellationToken);

    /// <summary>Runs, newest first, then by id.</summary>
    Task<Page<ReconciliationRun>> ListAsync(PageRequest page, CancellationToken cancellationToken);

    /// <summary>Takes lines of a run away, with their findings and breaks, at most about so many. False when none is left.</summary>
    Task<bool> RemoveRowsAsync(Id<ReconciliationRun> run, int limit, CancellationToken cancellationToken);

    /// <summary>Takes a run away that has no lines any more.</summary>
    Task RemoveAsync(Id<ReconciliationRun> run, CancellationToken cancellationToken);

    /// <summary>Adds lines, in whatever order.</summary>
    Task AddRowsAsync(Id<ReconciliationRun> run, IReadOnlyCollection<StatementRow> rows, CancellationToken cancellationToken);

    /// <summary>Says that all lines of a run are there, so that the engine can prepare for questions about them.</summary>
    Task RowsAreThereAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Lines without a finding whose key of the pass comes after the given one, in whole groups of the same key, about so
    /// many; and the key to go on after, null at the end.
    /// </summary>
    Task<RowPage> ReadRowsAsync(Id<ReconciliationRun> run, MatchPass pass, string afterKey, int limit, CancellationToken cancellationToken);

    /// <summary>Lines without a finding, by line, at most so many.</summary>
    Task<IReadOnlyList<StatementRow>> ReadLeftRowsAsync(Id<ReconciliationRun> run, long afterLine, int limit, CancellationToken cancellationToken);

    /// <summary>Submissions to the provider that have one of the keys of the pass; of phones, only those from <paramref name="from"/> to <paramref name="to"/>. In any order, each once.</summary>
    Task<IReadOnlyList<OurAttempt>> FindAttemptsAsync(
        ReconciliationRun run, StatementKind kind, MatchPass pass, IReadOnlyCollection<string> keys, Instant from, Instant to, CancellationToken cancellationToken);

    /// <summary>Adds findings about lines.</summary>
    Task AddFindingsAsync(Id<ReconciliationRun> run, IReadOnlyCollection<LineFinding> findings, CancellationToken cancellationToken);

    /// <summary>
    /// Submissions to the provider that began in the half-open time, were delivered or may have been, and have no line of
    /// the run: by their beginning, then top-up and number, at most so many, after the given one.
    /// </summary>
    Task<IReadOnlyList<UnlistedAttempt>> ReadUnlistedAsync(
        ReconciliationRun run, Instant from, Instant to, OurAttempt? after, int limit, CancellationToken cancellationToken);

    /// <summary>Lines with their findings, by line, at most so many, after the given one.</summary>
    Task<IReadOnlyList<FoundLine>> ListFindingsAsync(Id<ReconciliationRun> run, long afterLine, int limit, CancellationToken cancellationToken);

    /// <summary>Adds breaks.</summary>
    Task AddBreaksAsync(IReadOnlyCollection<ReconciliationBreak> breaks, CancellationToken cancellationToken);

    /// <summary>Writes owner, outcome and end of a break if the stored version is the given one's, and counts the version up. Throws <see cref="StaleVersionException"/>.</summary>
    Task<ReconciliationBreak> UpdateBreakAsync(ReconciliationBreak one, CancellationToken cancellationToken);

    /// <summary>The break; null if there is none.</summary>
    Task<ReconciliationBreak?> FindBreakAsync(Id<ReconciliationBreak> id, CancellationToken cancellationToken);

    /// <summary>Breaks of runs whose matching has ended, newest first, then by id.</summary>
    Task<Page<ReconciliationBreak>> ListBreaksAsync(BreakFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Ends the open breaks of a run whose place another one takes.</summary>
    Task SupersedeBreaksAsync(Id<ReconciliationRun> run, string by, Instant now, CancellationToken cancellationToken);
}

/// <summary>Lines in whole groups of a key.</summary>
/// <param name="Rows">The lines, in any order.</param>
/// <param name="NextAfter">The key to go on after; null at the end.</param>
public sealed record RowPage(IReadOnlyList<StatementRow> Rows, string? NextAfter);

/// <summary>What was found about a line.</summary>
/// <param name="Line">The line.</param>
/// <param name="Kind">Which half of a submission's life it is about.</param>
/// <param name="Class">Its class.</param>
/// <param name="Pass">By what it was matched; null when it was not.</param>
/// <param name="TopUp">The top-up it was matched with; null when it was not.</param>
/// <param name="AttemptNo">Which of its submissions; null when it was not.</param>
public sealed record LineFinding(long Line, StatementKind Kind, StatementClass Class, MatchPass? Pass, Id<TopUp>? TopUp, int? AttemptNo);

/// <summary>A line with what was found about it.</summary>
/// <param name="Row">The line.</param>
/// <param name="Finding">The finding.</param>
public sealed record FoundLine(StatementRow Row, LineFinding Finding);

/// <summary>A submission that the statement does not list.</summary>
/// <param name="Ours">The submission.</param>
/// <param name="PhoneIsLeftOver">Whether the statement has a line for the same phone, not failed, that belongs to nothing of ours.</param>
public sealed record UnlistedAttempt(OurAttempt Ours, bool PhoneIsLeftOver);

/// <summary>Which breaks. What is null does not limit.</summary>
public sealed record BreakFilter
{
    /// <summary>Only of this run.</summary>
    public Id<ReconciliationRun>? Run { get; init; }

    /// <summary>Only of this class.</summary>
    public StatementClass? Class { get; init; }

    /// <summary>Only open ones, or only ended ones.</summary>
    public bool? IsOpen { get; init; }

    /// <summary>Only of this owner; empty for those of nobody.</summary>
    public string? Owner { get; init; }

    /// <summary>Only those that settle themselves, or only the others.</summary>
    public bool? SettlesItself { get; init; }
}
