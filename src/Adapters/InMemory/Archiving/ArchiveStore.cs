using NodaTime;
using Relier.Archiving;
using Relier.Rating;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class ArchiveStore(Session session) : IArchiveStore
{
    public Task<Instant?> FirstCallAsync(Instant from, Instant before, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => First(rows.Calls.Values.Select(call => call.Record.StartedAt), from, before), cancellationToken);

    public Task<IReadOnlyList<FinishedCall>> ListCallsAsync(ArchiveWindow window, Position? after, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<FinishedCall>>(
            rows =>
            [
                .. Behind(rows.Calls.Values.Where(call => IsFinished(rows, call) && call.ReceivedAt < window.RestingSince), call => new Position(call.Record.StartedAt, call.Id.Value), window, after, limit)
                    .Select(call => new FinishedCall(call, rows.CallRatings.GetValueOrDefault(call.Id, []))),
            ],
            cancellationToken);

    public Task<Instant?> FirstReportAsync(Instant from, Instant before, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => First(rows.CallReports.Values.Select(report => report.At), from, before), cancellationToken);

    public Task<IReadOnlyList<CallReport>> ListReportsAsync(ArchiveWindow window, Position? after, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<CallReport>>(
            rows =>
            [
                .. Behind(
                    rows.CallReports.Values.Where(report => report.State is CallReportState.Accepted or CallReportState.Duplicate or CallReportState.Discarded && report.At < window.RestingSince),
                    report => new Position(report.At, report.Id.Value), window, after, limit),
            ],
            cancellationToken);

    public Task AddCallsAsync(ArchivePart part, IReadOnlyList<Call> calls, CancellationToken cancellationToken) =>
        session.WriteAsync(rows => calls.Aggregate(Added(rows, part), (all, call) => Without(all, part, call)), cancellationToken);

    public Task AddReportsAsync(ArchivePart part, IReadOnlyList<CallReport> reports, CancellationToken cancellationToken) =>
        session.WriteAsync(rows => reports.Aggregate(Added(rows, part), Without), cancellationToken);

    public Task<ArchivePart?> FindAsync(Id<ArchivePart> id, CancellationToken cancellationToken) => session.ReadAsync(rows => rows.ArchiveParts.GetValueOrDefault(id), cancellationToken);

    public Task<Page<ArchivePart>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.ArchiveParts.Values.ToPage(page, part => new Position(part.WrittenAt, part.Id.Value)), cancellationToken);

    public Task<IReadOnlyList<ArchivePart>> ListMonthAsync(ArchiveKind kind, YearMonth month, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<ArchivePart>>(rows => [.. OfMonth(rows, kind, month).OrderBy(part => part.No)], cancellationToken);

    public Task<IReadOnlyList<(ArchiveKind Kind, YearMonth Month)>> ListMonthsAsync(CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<(ArchiveKind Kind, YearMonth Month)>>(
            rows => [.. rows.ArchiveParts.Values.Select(part => (part.Kind, part.Month)).Distinct().OrderBy(one => one.Month).ThenBy(one => one.Kind)], cancellationToken);

    public Task<int> RemoveMonthAsync(ArchiveKind kind, YearMonth month, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                var over = OfMonth(rows, kind, month).Select(part => part.Id).ToList();
                return (rows with { ArchiveParts = rows.ArchiveParts.RemoveRange(over) }, over.Count);
            },
            cancellationToken);

    public Task<ArchivedCall?> FindCallAsync(Id<Call> call, CancellationToken cancellationToken) => session.ReadAsync(rows => rows.ArchivedCalls.GetValueOrDefault(call), cancellationToken);

    private static Instant? First(IEnumerable<Instant> times, Instant from, Instant before) =>
        times.Where(at => at >= from && at < before).Order().Select(at => (Instant?)at).FirstOrDefault();

    private static IEnumerable<T> Behind<T>(IEnumerable<T> rows, Func<T, Position> placeOf, ArchiveWindow window, Position? after, int limit) =>
        (from row in rows
         let place = placeOf(row)
         where place.At >= window.From && place.At < window.To
             && (after is null || place.At > after.At || (place.At == after.At && string.CompareOrdinal(place.Id, after.Id) > 0))
         orderby place.At
         select (Row: row, place.At, place.Id)).OrderBy(one => one.At).ThenBy(one => one.Id, StringComparer.Ordinal).Take(limit).Select(one => one.Row);

    private static bool IsFinished(TenantRows rows, Call call) =>
        call.PricedTo is null
        && (call.State is CallState.Zero or CallState.NotCharged
            || (call.State == CallState.Rated && rows.UsageAccounts.GetValueOrDefault(call.Account!.Value) is { Mode: PaymentMode.Prepaid }))
        && (call.Dispute is not { } dispute || rows.CallDisputes.GetValueOrDefault(dispute) is not { State: DisputeState.Open })
        && !(rows.UsageSessionNames.TryGetValue(CallName.Of(call.Record), out var under) && rows.UsageSessions[under].State == SessionState.Open);

    private static IEnumerable<ArchivePart> OfMonth(TenantRows rows, ArchiveKind kind, YearMonth month) => rows.ArchiveParts.Values.Where(part => part.Kind == kind && part.Month == month);

    private static TenantRows Added(TenantRows rows, ArchivePart part) =>
        rows.ArchiveParts.ContainsKey(part.Id) ? throw new DuplicateKeyException(UniqueKey.ArchivePart) : rows with { ArchiveParts = rows.ArchiveParts.Add(part.Id, part) };

    private static TenantRows Without(TenantRows rows, ArchivePart part, Call call)
    {
        if (rows.Calls.GetValueOrDefault(call.Id) is not { } stored || stored.Version != call.Version) throw new StaleVersionException($"Call {call.Id}", call.Version);
        return rows with
        {
            Calls = rows.Calls.Remove(call.Id), CallRatings = rows.CallRatings.Remove(call.Id), ArchivedCalls = rows.ArchivedCalls.Add(call.Id, new ArchivedCall(call.Id, part.Id, stored.Customer)),
        };
    }

    private static TenantRows Without(TenantRows rows, CallReport report) =>
        rows.CallReports.GetValueOrDefault(report.Id) is { } stored && stored.Version == report.Version
            ? rows with { CallReports = rows.CallReports.Remove(report.Id) }
            : throw new StaleVersionException($"Report {report.Id}", report.Version);
}
