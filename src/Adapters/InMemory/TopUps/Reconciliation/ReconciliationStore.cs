using System.Collections.Immutable;
using NodaTime;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.InMemory;

internal sealed class ReconciliationStore(Session session) : IReconciliationStore
{
    /// <summary>Transactions run one after the other: there is nobody to wait for.</summary>
    public Task LockSourceAsync(string provider, StatementSource source, CancellationToken cancellationToken) =>
        session.ReadAsync(_ => true, cancellationToken);

    public Task AddAsync(ReconciliationRun run, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => OfHash(rows, run.FileHash) is not null
                ? throw new DuplicateKeyException(UniqueKey.StatementFile)
                : rows with { Reconciliations = rows.Reconciliations.Add(run.Id, run) },
            cancellationToken);

    public Task<ReconciliationRun> UpdateAsync(ReconciliationRun run, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.Reconciliations.GetValueOrDefault(run.Id) is not { } stored || stored.Version != run.Version) throw new StaleVersionException($"Run {run.Id}", run.Version);
                var written = stored with
                {
                    From = run.From, To = run.To, State = run.State, TouchedAt = run.TouchedAt, FinishedAt = run.FinishedAt, Rows = run.Rows, Totals = run.Totals,
                    RowsOutside = run.RowsOutside, IsComplete = run.IsComplete, Classes = run.Classes, Walks = run.Walks, Settled = run.Settled, Problem = run.Problem,
                    Version = run.Version + 1,
                };
                return (rows with { Reconciliations = rows.Reconciliations.SetItem(run.Id, written) }, written);
            },
            cancellationToken);

    public Task<ReconciliationRun?> FindAsync(Id<ReconciliationRun> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Reconciliations.GetValueOrDefault(id), cancellationToken);

    public Task<ReconciliationRun?> FindByHashAsync(string fileHash, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => OfHash(rows, fileHash), cancellationToken);

    public Task<IReadOnlyList<ReconciliationRun>> OverlappingAsync(
        string provider, StatementSource source, LocalDate from, LocalDate to, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<ReconciliationRun>>(
            rows =>
            [
                .. rows.Reconciliations.Values
                    .Where(run => run.Provider == provider && run.Source == source && run.State is not (ReconciliationState.Invalid or ReconciliationState.Superseded) && run.Overlaps(from, to))
                    .OrderBy(run => run.Id.Value, StringComparer.Ordinal),
            ],
            cancellationToken);

    public Task<Page<ReconciliationRun>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Reconciliations.Values.ToPage(page, run => new Position(run.StartedAt, run.Id.Value)), cancellationToken);

    public Task<bool> RemoveRowsAsync(Id<ReconciliationRun> run, int limit, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                var lines = Lines(rows, run);
                var gone = lines.Keys.Take(limit).ToList();
                var last = gone.Count == 0 ? 0 : gone[^1];
                var breaks = rows.Breaks.Values.Where(one => one.Run == run && (one.Line is null || one.Line <= last)).Select(one => one.Id);
                return (rows with
                {
                    StatementRows = rows.StatementRows.SetItem(run, lines.RemoveRange(gone)), Findings = rows.Findings.SetItem(run, Findings(rows, run).RemoveRange(gone)),
                    Breaks = rows.Breaks.RemoveRange(breaks.ToList()),
                }, gone.Count > 0);
            },
            cancellationToken);

    public Task RemoveAsync(Id<ReconciliationRun> run, CancellationToken cancellationToken) =>
        session.WriteAsync(rows => rows with { Reconciliations = rows.Reconciliations.Remove(run) }, cancellationToken);

    public Task AddRowsAsync(Id<ReconciliationRun> run, IReadOnlyCollection<StatementRow> added, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows with { StatementRows = rows.StatementRows.SetItem(run, Lines(rows, run).AddRange(added.Select(row => KeyValuePair.Create(row.Line, row)))) },
            cancellationToken);

    public Task RowsAreThereAsync(CancellationToken cancellationToken) => session.ReadAsync(_ => true, cancellationToken);

    public Task<RowPage> ReadRowsAsync(Id<ReconciliationRun> run, MatchPass pass, string afterKey, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows =>
            {
                var keyed = Lines(rows, run).Values.Select(row => (Row: row, Key: Pairing.KeyOf(pass, row)))
                    .Where(one => one.Key is not null && string.CompareOrdinal(one.Key, afterKey) > 0)
                    .OrderBy(one => one.Key, StringComparer.Ordinal).ToList();
                var end = keyed.Count < limit ? null : keyed[limit - 1].Key;
                return new RowPage(
                    [.. keyed.Where(one => (end is null || string.CompareOrdinal(one.Key, end) <= 0) && !Findings(rows, run).ContainsKey(one.Row.Line)).Select(one => one.Row)],
                    end);
            },
            cancellationToken);

    public Task<IReadOnlyList<StatementRow>> ReadLeftRowsAsync(Id<ReconciliationRun> run, long afterLine, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<StatementRow>>(
            rows => [.. Lines(rows, run).Values.Where(row => row.Line > afterLine && !Findings(rows, run).ContainsKey(row.Line)).Take(limit)], cancellationToken);

    public Task<IReadOnlyList<OurAttempt>> FindAttemptsAsync(
        ReconciliationRun run, StatementKind kind, MatchPass pass, IReadOnlyCollection<string> keys, Instant from, Instant to, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<OurAttempt>>(
            rows =>
            {
                var wanted = keys.ToHashSet();
                return
                [
                    .. Attempts(rows, run, kind)
                        .Where(ours => Pairing.KeyOf(pass, ours) is { } key && wanted.Contains(key))
                        .Where(ours => pass <= MatchPass.OurReference || (from <= ours.StartedAt && ours.StartedAt < to)),
                ];
            },
            cancellationToken);

    public Task AddFindingsAsync(Id<ReconciliationRun> run, IReadOnlyCollection<LineFinding> findings, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                var all = Findings(rows, run).AddRange(findings.Select(finding => KeyValuePair.Create(finding.Line, finding)));
                var pairs = all.Values.Where(finding => finding.TopUp is not null).ToList();
                if (pairs.DistinctBy(finding => (finding.TopUp, finding.AttemptNo, finding.Kind)).Count() != pairs.Count)
                    throw new InvalidOperationException("A submission already has a line of this kind.");
                return rows with { Findings = rows.Findings.SetItem(run, all) };
            },
            cancellationToken);

    public Task<IReadOnlyList<UnlistedAttempt>> ReadUnlistedAsync(
        ReconciliationRun run, Instant from, Instant to, OurAttempt? after, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<UnlistedAttempt>>(
            rows =>
            {
                var leftOver = Lines(rows, run.Id).Values
                    .Where(row => row.State != StatementState.Failed && row.Phone is not null && Findings(rows, run.Id).GetValueOrDefault(row.Line) is { TopUp: null })
                    .Select(row => row.Phone).ToHashSet();
                return
                [
                    .. Attempts(rows, run, StatementKind.Charge)
                        .Where(ours => from <= ours.StartedAt && ours.StartedAt < to && !ours.IsTaken && (ours.IsOpen || ours.State == AttemptState.Delivered))
                        .Where(ours => after is null || Compare(ours, after) > 0)
                        .Order(Comparer<OurAttempt>.Create(Compare)).Take(limit)
                        .Select(ours => new UnlistedAttempt(ours, leftOver.Contains(ours.Phone))),
                ];
            },
            cancellationToken);

    public Task<IReadOnlyList<FoundLine>> ListFindingsAsync(Id<ReconciliationRun> run, long afterLine, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<FoundLine>>(
            rows => [.. Findings(rows, run).Values.Where(finding => finding.Line > afterLine).Take(limit).Select(finding => new FoundLine(Lines(rows, run)[finding.Line], finding))],
            cancellationToken);

    public Task AddBreaksAsync(IReadOnlyCollection<ReconciliationBreak> breaks, CancellationToken cancellationToken) =>
        session.WriteAsync(rows => rows with { Breaks = rows.Breaks.AddRange(breaks.Select(one => KeyValuePair.Create(one.Id, one))) }, cancellationToken);

    public Task<ReconciliationBreak> UpdateBreakAsync(ReconciliationBreak one, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.Breaks.GetValueOrDefault(one.Id) is not { } stored || stored.Version != one.Version) throw new StaleVersionException($"Break {one.Id}", one.Version);
                var written = stored with
                {
                    Owner = one.Owner, Outcome = one.Outcome, Note = one.Note, ClosedAt = one.ClosedAt, ClosedBy = one.ClosedBy, Version = one.Version + 1,
                };
                return (rows with { Breaks = rows.Breaks.SetItem(one.Id, written) }, written);
            },
            cancellationToken);

    public Task<ReconciliationBreak?> FindBreakAsync(Id<ReconciliationBreak> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Breaks.GetValueOrDefault(id), cancellationToken);

    public Task<Page<ReconciliationBreak>> ListBreaksAsync(BreakFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.Breaks.Values
                .Where(one => rows.Reconciliations.GetValueOrDefault(one.Run)?.State is not (ReconciliationState.Importing or ReconciliationState.Matching))
                .Where(one => filter.Run is null || one.Run == filter.Run)
                .Where(one => filter.Class is null || one.Class == filter.Class)
                .Where(one => filter.IsOpen is null || one.IsOpen == filter.IsOpen)
                .Where(one => filter.Owner is null || (one.Owner ?? "") == filter.Owner)
                .Where(one => filter.SettlesItself is null || one.SettlesItself == filter.SettlesItself)
                .ToPage(page, one => new Position(one.OpenedAt, one.Id.Value)),
            cancellationToken);

    public Task SupersedeBreaksAsync(Id<ReconciliationRun> run, string by, Instant now, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows with
            {
                Breaks = rows.Breaks.SetItems(rows.Breaks.Values.Where(one => one.Run == run && one.IsOpen).Select(one => KeyValuePair.Create(
                    one.Id, one with { Outcome = BreakOutcome.Superseded, ClosedAt = now, ClosedBy = by, Version = one.Version + 1 }))),
            },
            cancellationToken);

    private static ReconciliationRun? OfHash(TenantRows rows, string hash) =>
        rows.Reconciliations.Values.SingleOrDefault(run => run.FileHash == hash && run.State != ReconciliationState.Invalid);

    private static ImmutableSortedDictionary<long, StatementRow> Lines(TenantRows rows, Id<ReconciliationRun> run) =>
        rows.StatementRows.GetValueOrDefault(run, ImmutableSortedDictionary<long, StatementRow>.Empty);

    private static ImmutableSortedDictionary<long, LineFinding> Findings(TenantRows rows, Id<ReconciliationRun> run) =>
        rows.Findings.GetValueOrDefault(run, ImmutableSortedDictionary<long, LineFinding>.Empty);

    private static IEnumerable<OurAttempt> Attempts(TenantRows rows, ReconciliationRun run, StatementKind kind)
    {
        var taken = Findings(rows, run.Id).Values.Where(finding => finding.Kind == kind && finding.TopUp is not null).Select(finding => (finding.TopUp!.Value, finding.AttemptNo!.Value)).ToHashSet();
        var reported = Reported(rows, run);
        return from topUp in rows.TopUps.Values
               from attempt in topUp.Attempts
               where attempt.Provider == run.Provider
               select new OurAttempt
               {
                   TopUp = topUp.Id, No = attempt.No, State = attempt.State, TopUpState = topUp.State, ProviderReference = attempt.ProviderReference,
                   TransactionId = attempt.TransactionId, OperatorReference = attempt.OperatorReference, StartedAt = attempt.StartedAt,
                   Phone = topUp.Phone.National, Face = topUp.Face, Send = attempt.Route.Send, IsTaken = taken.Contains((topUp.Id, attempt.No)),
                   WasReported = reported.Contains((topUp.Id, attempt.No)),
               };
    }

    private static HashSet<(Id<TopUp>, int)> Reported(TenantRows rows, ReconciliationRun run) =>
    [
        .. from other in rows.Reconciliations.Values
           where other.Id != run.Id && other.Id != run.Supersedes && other.Provider == run.Provider && other.Source == run.Source
               && other.State is (ReconciliationState.Settling or ReconciliationState.Done)
           from finding in Findings(rows, other.Id).Values
           where finding.Kind == StatementKind.Charge && finding.TopUp is not null && Lines(rows, other.Id)[finding.Line].State == StatementState.Delivered
           select (finding.TopUp!.Value, finding.AttemptNo!.Value),
    ];

    private static int Compare(OurAttempt one, OurAttempt other)
    {
        if (one.StartedAt != other.StartedAt) return one.StartedAt.CompareTo(other.StartedAt);
        var byTopUp = string.CompareOrdinal(one.TopUp.Value, other.TopUp.Value);
        return byTopUp != 0 ? byTopUp : one.No.CompareTo(other.No);
    }
}
