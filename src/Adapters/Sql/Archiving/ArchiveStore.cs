using NodaTime;
using Relier.Archiving;
using Relier.Customers;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class ArchiveStore(Statements sql, TenantId tenant) : IArchiveStore
{
    private const string FirstCall = "SELECT MIN(started_at) FROM relier_call WHERE tenant_id = @TenantId AND started_at >= @From AND started_at < @Before";

    private const string FirstReport = "SELECT MIN(reported_at) FROM relier_call_report WHERE tenant_id = @TenantId AND reported_at >= @From AND reported_at < @Before";

    // What waits for an invoice or for people stays: every condition that is added here keeps a call longer.
    private const string FinishedCalls = $"""
        SELECT {CallRow.Columns} FROM relier_call
        WHERE tenant_id = @TenantId AND started_at >= @From AND started_at < @To AND (started_at > @From OR id > @AfterId) AND received_at < @RestingSince AND priced_to IS NULL
          AND (state IN ('zero', 'not_charged') OR (state = 'rated' AND EXISTS (
            SELECT 1 FROM relier_usage_account AS account WHERE account.tenant_id = @TenantId AND account.id = relier_call.account_id AND account.mode = 'prepaid')))
          AND NOT EXISTS (
            SELECT 1 FROM relier_call_dispute AS dispute WHERE dispute.tenant_id = @TenantId AND dispute.id = relier_call.dispute_id AND dispute.state = 'open')
          AND NOT EXISTS (
            SELECT 1 FROM relier_usage_session AS going WHERE going.tenant_id = @TenantId AND going.external_id = relier_call.external_id AND going.source = relier_call.source
              AND going.leg = relier_call.leg AND going.state = 'open')
        ORDER BY started_at, id LIMIT @Limit
        """;

    private const string FinishedReports = $"""
        SELECT {CallStore.ReportColumns} FROM relier_call_report
        WHERE tenant_id = @TenantId AND reported_at >= @From AND reported_at < @To AND (reported_at > @From OR id > @AfterId) AND reported_at < @RestingSince
          AND state IN ('accepted', 'duplicate', 'discarded')
        ORDER BY reported_at, id LIMIT @Limit
        """;

    private const string PartColumns =
        "id AS Id, kind AS Kind, month AS Month, no AS No, name AS Name, row_count AS RowCount, sha256 AS Sha256, bytes AS Bytes, first_at AS FirstAt, last_at AS LastAt, "
        + "keep_until AS KeepUntil, written_at AS WrittenAt";

    private const string SelectPart = $"SELECT {PartColumns} FROM relier_archive_part WHERE tenant_id = @TenantId";

    private const string ListParts = $"{SelectPart} AND written_at <= @At AND (written_at < @At OR id > @AfterId) ORDER BY written_at DESC, id LIMIT @Limit";

    private const string Archived = """
        SELECT archive_part AS Part, customer_id AS CustomerId FROM relier_call_name WHERE tenant_id = @TenantId AND call_id = @CallId AND archive_part IS NOT NULL
        """;

    private static readonly RowStatement InsertPart = RowStatement.Over<PartRow>(
        """
        INSERT INTO relier_archive_part (tenant_id, id, kind, month, no, name, row_count, sha256, bytes, first_at, last_at, keep_until, written_at)
        VALUES (@TenantId, @Id, @Kind, @Month, @No, @Name, @RowCount, @Sha256, @Bytes, @FirstAt, @LastAt, @KeepUntil, @WrittenAt)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """,
        UniqueKey.ArchivePart);

    private static readonly RowStatement DeleteCall = RowStatement.Over<GoneRow>(
        "DELETE FROM relier_call WHERE tenant_id = @TenantId AND id = @Id AND version = @Version", stale: "One of the calls");

    private static readonly RowStatement DeleteRatings = RowStatement.Over<GoneRow>("DELETE FROM relier_call_rating WHERE tenant_id = @TenantId AND call_id = @Id");

    private static readonly RowStatement MarkName = RowStatement.Over<GoneRow>(
        "UPDATE relier_call_name SET archive_part = @Part, customer_id = @CustomerId WHERE tenant_id = @TenantId AND external_id = @ExternalId AND source = @Source AND leg = @Leg",
        stale: "One of the names of calls");

    private static readonly RowStatement DeleteReport = RowStatement.Over<GoneRow>(
        "DELETE FROM relier_call_report WHERE tenant_id = @TenantId AND id = @Id AND version = @Version", stale: "One of the reports");

    public Task<Instant?> FirstCallAsync(Instant from, Instant before, CancellationToken cancellationToken) => FirstAsync(FirstCall, from, before, cancellationToken);

    public async Task<IReadOnlyList<FinishedCall>> ListCallsAsync(ArchiveWindow window, Position? after, int limit, CancellationToken cancellationToken)
    {
        var calls = (await sql.ListLongAsync<CallRow>(FinishedCalls, Behind(window, after, limit), cancellationToken)).Select(row => row.ToCall()).ToList();
        var changed = calls.Where(call => call.RatingVersion > (call.Rating is null ? 0 : 1)).Select(call => call.Id.Value).ToList();
        var before = changed.Count == 0
            ? []
            : await sql.ListAsync<CallStore.RatingRow>(
                $"SELECT call_id AS CallId, {CallStore.RatingRow.Columns} FROM relier_call_rating WHERE tenant_id = @TenantId AND call_id{sql.Dialect.IsOneOfMany("Ids")} ORDER BY call_id, rating_version",
                new { TenantId = tenant.Value, Ids = changed }, cancellationToken);
        var superseded = before.ToLookup(row => row.CallId, row => row.ToRating());
        return [.. calls.Select(call => new FinishedCall(call, [.. superseded[call.Id.Value]]))];
    }

    public Task<Instant?> FirstReportAsync(Instant from, Instant before, CancellationToken cancellationToken) => FirstAsync(FirstReport, from, before, cancellationToken);

    public async Task<IReadOnlyList<CallReport>> ListReportsAsync(ArchiveWindow window, Position? after, int limit, CancellationToken cancellationToken) =>
        [.. (await sql.ListLongAsync<CallStore.ReportRow>(FinishedReports, Behind(window, after, limit), cancellationToken)).Select(row => row.ToReport())];

    public Task AddCallsAsync(ArchivePart part, IReadOnlyList<Call> calls, CancellationToken cancellationToken)
    {
        // By id, as calls are changed, so that two who want the same ones do not wait for each other.
        var gone = calls.OrderBy(call => call.Id.Value, StringComparer.Ordinal).Select(call => GoneRow.Of(tenant, part, call)).ToList();
        return TakeAsync(part, [DeleteCall.For(gone), MarkName.For(gone), DeleteRatings.For(gone)], cancellationToken);
    }

    public Task AddReportsAsync(ArchivePart part, IReadOnlyList<CallReport> reports, CancellationToken cancellationToken)
    {
        var gone = reports.OrderBy(report => report.Id.Value, StringComparer.Ordinal).Select(report => GoneRow.Of(tenant, report)).ToList();
        return TakeAsync(part, [DeleteReport.For(gone)], cancellationToken);
    }

    public async Task<ArchivePart?> FindAsync(Id<ArchivePart> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<PartRow>($"{SelectPart} AND id = @Id", new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToPart();

    public async Task<Page<ArchivePart>> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        var (at, afterId) = Paging.After(page);
        var rows = await sql.ListAsync<PartRow>(ListParts, new { TenantId = tenant.Value, At = at, AfterId = afterId, Limit = Paging.Rows(page) }, cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToPart()).ToList(), page, part => new Position(part.WrittenAt, part.Id.Value));
    }

    public async Task<IReadOnlyList<ArchivePart>> ListMonthAsync(ArchiveKind kind, YearMonth month, CancellationToken cancellationToken) =>
        [.. (await sql.ListAsync<PartRow>($"{SelectPart} AND kind = @Kind AND month = @Month ORDER BY no", OfMonth(kind, month), cancellationToken)).Select(row => row.ToPart())];

    public async Task<IReadOnlyList<(ArchiveKind Kind, YearMonth Month)>> ListMonthsAsync(CancellationToken cancellationToken) =>
    [
        .. (await sql.ListAsync<MonthRow>("SELECT DISTINCT kind AS Kind, month AS Month FROM relier_archive_part WHERE tenant_id = @TenantId ORDER BY month, kind", new { TenantId = tenant.Value }, cancellationToken))
            .Select(row => (Words.ArchiveKind.Parse(row.Kind), ArchivePart.ToMonth(row.Month))),
    ];

    public Task<int> RemoveMonthAsync(ArchiveKind kind, YearMonth month, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM relier_archive_part WHERE tenant_id = @TenantId AND kind = @Kind AND month = @Month", OfMonth(kind, month), cancellationToken);

    public async Task<ArchivedCall?> FindCallAsync(Id<Call> call, CancellationToken cancellationToken) =>
        await sql.FindAsync<ArchivedRow>(Archived, new { TenantId = tenant.Value, CallId = call.Value }, cancellationToken) is { } row
            ? new ArchivedCall(call, Id<ArchivePart>.Parse(row.Part), row.CustomerId is null ? null : Id<Customer>.Parse(row.CustomerId))
            : null;

    /// <summary>Writes a part, and what is done for each of its rows.</summary>
    private async Task TakeAsync(ArchivePart part, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        // The part first: of two who write the same one the second ends here, before it touches a row.
        await sql.WriteAsync([InsertPart.For([PartRow.Of(tenant, part)])], cancellationToken);
        await sql.WriteAsync(writes, cancellationToken);
    }

    private async Task<Instant?> FirstAsync(string statement, Instant from, Instant before, CancellationToken cancellationToken) =>
        Micros.ToInstant((await sql.ListLongAsync<long?>(statement, new { TenantId = tenant.Value, From = Micros.NotBefore(from), Before = Micros.NotBefore(before) }, cancellationToken)).Single());

    private object OfMonth(ArchiveKind kind, YearMonth month) => new { TenantId = tenant.Value, Kind = Words.ArchiveKind.Of(kind), Month = ArchivePart.MonthText(month) };

    private object Behind(ArchiveWindow window, Position? after, int limit) => new
    {
        TenantId = tenant.Value, From = after is null ? Micros.NotBefore(window.From) : Micros.Of(after.At), AfterId = after?.Id ?? "", To = Micros.NotBefore(window.To),
        RestingSince = Micros.NotBefore(window.RestingSince), Limit = (long)limit,
    };

    private sealed record MonthRow
    {
        public required string Kind { get; init; }
        public required string Month { get; init; }
    }

    private sealed record ArchivedRow
    {
        public required string Part { get; init; }
        public string? CustomerId { get; init; }
    }

    private sealed record GoneRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required long Version { get; init; }
        public string Part { get; init; } = "";
        public string ExternalId { get; init; } = "";
        public string Source { get; init; } = "";
        public string Leg { get; init; } = "";
        public string? CustomerId { get; init; }

        public static GoneRow Of(TenantId tenant, ArchivePart part, Call call) => new()
        {
            TenantId = tenant.Value, Id = call.Id.Value, Version = call.Version, Part = part.Id.Value, ExternalId = call.Record.ExternalId, Source = call.Record.Source, Leg = call.Record.Leg,
            CustomerId = call.Customer?.Value,
        };

        public static GoneRow Of(TenantId tenant, CallReport report) => new() { TenantId = tenant.Value, Id = report.Id.Value, Version = report.Version };
    }

    private sealed record PartRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string Kind { get; init; }
        public required string Month { get; init; }
        public required long No { get; init; }
        public required string Name { get; init; }
        public required long RowCount { get; init; }
        public required string Sha256 { get; init; }
        public required long Bytes { get; init; }
        public required long FirstAt { get; init; }
        public required long LastAt { get; init; }
        public required long KeepUntil { get; init; }
        public required long WrittenAt { get; init; }

        public static PartRow Of(TenantId tenant, ArchivePart part) => new()
        {
            TenantId = tenant.Value, Id = part.Id.Value, Kind = Words.ArchiveKind.Of(part.Kind), Month = ArchivePart.MonthText(part.Month), No = part.No, Name = part.Name, RowCount = part.Rows,
            Sha256 = part.Sha256, Bytes = part.Bytes, FirstAt = Micros.Of(part.FirstAt), LastAt = Micros.Of(part.LastAt), KeepUntil = Micros.Of(part.KeepUntil), WrittenAt = Micros.Of(part.WrittenAt),
        };

        public ArchivePart ToPart() => new()
        {
            Id = Id<ArchivePart>.Parse(Id), Kind = Words.ArchiveKind.Parse(Kind), Month = ArchivePart.ToMonth(Month), No = (int)No, Name = Name, Rows = RowCount, Sha256 = Sha256, Bytes = Bytes,
            FirstAt = Micros.ToInstant(FirstAt), LastAt = Micros.ToInstant(LastAt), KeepUntil = Micros.ToInstant(KeepUntil), WrittenAt = Micros.ToInstant(WrittenAt),
        };
    }
}
