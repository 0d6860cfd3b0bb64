using System.Text;
using Dapper;
using NodaTime;
using NodaTime.Text;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Sql;

internal sealed class ReconciliationStore(Statements sql, TenantId tenant) : IReconciliationStore
{
    private const string LockSource = """
        INSERT INTO relier_statement_source (tenant_id, provider, source, claims) VALUES (@TenantId, @Provider, @Source, 1)
        ON CONFLICT (tenant_id, provider, source) DO UPDATE SET claims = relier_statement_source.claims + 1
        """;

    private const string Insert = """
        INSERT INTO relier_reconciliation (
          tenant_id, id, provider, source, layout, file_name, file_hash, period_from, period_to, state, supersedes, started_by, started_at,
          touched_at, finished_at, declared_rows, declared_totals, row_count, totals, rows_outside, is_complete, classes, walks, settled, problem, version)
        VALUES (
          @TenantId, @Id, @Provider, @Source, @Layout, @FileName, @FileHash, @PeriodFrom, @PeriodTo, @State, @Supersedes, @StartedBy, @StartedAt,
          @TouchedAt, @FinishedAt, @DeclaredRows, @DeclaredTotals, @RowCount, @Totals, @RowsOutside, @IsComplete, @Classes, @Walks, @Settled, @Problem, @Version)
        ON CONFLICT (tenant_id, file_hash) WHERE state <> 'invalid' DO NOTHING
        """;

    private const string Update = """
        UPDATE relier_reconciliation
        SET period_from = @PeriodFrom, period_to = @PeriodTo, state = @State, touched_at = @TouchedAt, finished_at = @FinishedAt, row_count = @RowCount,
            totals = @Totals, rows_outside = @RowsOutside, is_complete = @IsComplete, classes = @Classes, walks = @Walks, settled = @Settled,
            problem = @Problem, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    private const string List = $"SELECT {RunRow.Columns} FROM relier_reconciliation WHERE tenant_id = @TenantId";

    private const string PageOfRuns = " AND started_at <= @At AND (started_at < @At OR id > @Id) ORDER BY started_at DESC, id LIMIT @Limit";

    private const string Overlapping =
        List + " AND provider = @Provider AND source = @Source AND state NOT IN ('invalid', 'superseded') AND period_from < @To AND period_to > @From ORDER BY id";

    private const string Remove = "DELETE FROM relier_reconciliation WHERE tenant_id = @TenantId AND id = @Id";

    private const string FirstLine = "SELECT COALESCE(MIN(line), 0) FROM relier_statement_row WHERE tenant_id = @TenantId AND run_id = @Run";

    private const string RemoveFindings = "DELETE FROM relier_statement_finding WHERE tenant_id = @TenantId AND run_id = @Run AND line < @Upto";

    private const string RemoveBreaks = "DELETE FROM relier_reconciliation_break WHERE tenant_id = @TenantId AND run_id = @Run AND (line IS NULL OR line < @Upto)";

    private const string RemoveLines = "DELETE FROM relier_statement_row WHERE tenant_id = @TenantId AND run_id = @Run AND line < @Upto";

    private const string WithoutFinding = """
         AND NOT EXISTS (
          SELECT 1 FROM relier_statement_finding f WHERE f.tenant_id = r.tenant_id AND f.run_id = r.run_id AND f.line = r.line)
        """;

    private const string ListLines = $"SELECT {LineRow.Columns} FROM relier_statement_row r WHERE r.tenant_id = @TenantId AND r.run_id = @Run";

    private const string ListFindings = $"""
        SELECT {LineRow.Columns}, f.kind AS Kind, f.class AS Class, f.pass AS Pass, f.topup_id AS TopUpId, f.attempt_no AS AttemptNo
        FROM relier_statement_row r
        JOIN relier_statement_finding f ON f.tenant_id = r.tenant_id AND f.run_id = r.run_id AND f.line = r.line
        WHERE r.tenant_id = @TenantId AND r.run_id = @Run AND r.line > @After ORDER BY r.line LIMIT @Limit
        """;

    private const string Taken = """
        EXISTS (
          SELECT 1 FROM relier_statement_finding f
          WHERE f.tenant_id = a.tenant_id AND f.topup_id = a.topup_id AND f.attempt_no = a.no AND f.run_id = @Run AND f.kind = @Kind)
        """;

    private const string OfAttempts = $"""
        SELECT a.topup_id AS TopUpId, a.no AS No, a.state AS State, t.state AS TopUpState, a.provider_reference AS ProviderReference,
               a.transaction_id AS TransactionId, a.operator_reference AS OperatorReference, a.started_at AS StartedAt, t.phone AS Phone,
               t.face_amount AS FaceAmount, t.face_currency AS FaceCurrency, a.send_amount AS SendAmount, a.send_currency AS SendCurrency,
               CAST(CASE WHEN {Taken} THEN 1 ELSE 0 END AS BIGINT) AS IsTaken,
               CAST(CASE WHEN EXISTS (
                 SELECT 1 FROM relier_statement_finding f
                 JOIN relier_reconciliation o ON o.tenant_id = f.tenant_id AND o.id = f.run_id
                 JOIN relier_statement_row r ON r.tenant_id = f.tenant_id AND r.run_id = f.run_id AND r.line = f.line
                 WHERE f.tenant_id = a.tenant_id AND f.topup_id = a.topup_id AND f.attempt_no = a.no AND f.kind = 'charge' AND r.state = 'delivered'
                   AND o.id <> @Run AND o.id <> @Supersedes AND o.provider = @Provider AND o.source = @Source AND o.state IN ('settling', 'done'))
               THEN 1 ELSE 0 END AS BIGINT) AS WasReported
        """;

    private const string FromAttempts = """

        FROM relier_topup_attempt a
        JOIN relier_topup t ON t.tenant_id = a.tenant_id AND t.id = a.topup_id
        WHERE a.tenant_id = @TenantId AND a.provider = @Provider
        """;

    private const string FromReferences = """

        FROM relier_provider_reference p
        JOIN relier_topup_attempt a ON a.tenant_id = p.tenant_id AND a.topup_id = p.topup_id AND a.no = p.attempt_no
        JOIN relier_topup t ON t.tenant_id = a.tenant_id AND t.id = a.topup_id
        WHERE p.tenant_id = @TenantId AND p.provider = @Provider AND p.reference
        """;

    private const string FromPhones = """

        FROM relier_topup t
        JOIN relier_topup_attempt a ON a.tenant_id = t.tenant_id AND a.topup_id = t.id
        WHERE t.tenant_id = @TenantId AND a.provider = @Provider AND a.started_at >= @From AND a.started_at < @To AND t.phone
        """;

    private const string PhoneIsLeftOver = """
        , CAST(CASE WHEN EXISTS (
            SELECT 1 FROM relier_statement_row r
            JOIN relier_statement_finding f ON f.tenant_id = r.tenant_id AND f.run_id = r.run_id AND f.line = r.line
            WHERE r.tenant_id = a.tenant_id AND r.run_id = @Run AND r.phone = substr(t.phone, 4) AND r.state <> 'failed' AND f.topup_id IS NULL)
          THEN 1 ELSE 0 END AS BIGINT) AS PhoneIsLeftOver
        """;

    private const string Unlisted = $"""
        {OfAttempts}{PhoneIsLeftOver}{FromAttempts}
          AND a.started_at >= @From AND a.started_at < @To AND (a.started_at, a.topup_id, a.no) > (@AfterAt, @AfterTopUp, @AfterNo)
          AND a.state IN ('delivered', 'submitting', 'accepted', 'unknown') AND NOT {Taken}
        ORDER BY a.started_at, a.topup_id, a.no LIMIT @Limit
        """;

    private const string UpdateBreak = """
        UPDATE relier_reconciliation_break
        SET owner = @Owner, outcome = @Outcome, note = @Note, closed_at = @ClosedAt, closed_by = @ClosedBy, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    private const string FindBreak = $"SELECT {BreakRow.Columns} FROM relier_reconciliation_break WHERE tenant_id = @TenantId AND id = @Id";

    // Breaks of a run that is still being matched are nobody's work yet: it may be thrown away.
    private const string ListBreaks = $"""
        SELECT {BreakRow.Columns} FROM relier_reconciliation_break
        WHERE tenant_id = @TenantId AND run_id NOT IN (
          SELECT id FROM relier_reconciliation WHERE tenant_id = @TenantId AND state IN ('importing', 'matching'))
        """;

    private const string PageOfBreaks = " AND opened_at <= @At AND (opened_at < @At OR id > @Id) ORDER BY opened_at DESC, id LIMIT @Limit";

    private const string SupersedeBreaks = """
        UPDATE relier_reconciliation_break
        SET outcome = 'superseded', closed_at = @Now, closed_by = @By, version = version + 1
        WHERE tenant_id = @TenantId AND run_id = @Run AND outcome IS NULL
        """;

    public Task LockSourceAsync(string provider, StatementSource source, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(LockSource, new { TenantId = tenant.Value, Provider = provider, Source = Words.StatementSource.Of(source) }, cancellationToken);

    public Task AddAsync(ReconciliationRun run, CancellationToken cancellationToken) =>
        sql.InsertAsync(Insert, RunRow.Of(tenant, run), UniqueKey.StatementFile, cancellationToken);

    public async Task<ReconciliationRun> UpdateAsync(ReconciliationRun run, CancellationToken cancellationToken)
    {
        if (await sql.ExecuteAsync(Update, RunRow.Of(tenant, run), cancellationToken) == 0) throw new StaleVersionException($"Run {run.Id}", run.Version);
        return run with { Version = run.Version + 1 };
    }

    public async Task<ReconciliationRun?> FindAsync(Id<ReconciliationRun> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<RunRow>(List + " AND id = @Id", new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToRun();

    public async Task<ReconciliationRun?> FindByHashAsync(string fileHash, CancellationToken cancellationToken) =>
        (await sql.FindAsync<RunRow>(List + " AND file_hash = @FileHash AND state <> 'invalid'", new { TenantId = tenant.Value, FileHash = fileHash }, cancellationToken))?.ToRun();

    public async Task<IReadOnlyList<ReconciliationRun>> OverlappingAsync(
        string provider, StatementSource source, LocalDate from, LocalDate to, CancellationToken cancellationToken)
    {
        var rows = await sql.ListAsync<RunRow>(
            Overlapping,
            new
            {
                TenantId = tenant.Value, Provider = provider, Source = Words.StatementSource.Of(source), From = LocalDatePattern.Iso.Format(from),
                To = LocalDatePattern.Iso.Format(to),
            },
            cancellationToken);
        return rows.ConvertAll(row => row.ToRun());
    }

    public async Task<Page<ReconciliationRun>> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        var after = Paging.After(page);
        var rows = await sql.ListAsync<RunRow>(
            List + PageOfRuns, new { TenantId = tenant.Value, after.At, after.Id, Limit = Paging.Rows(page) }, cancellationToken);
        return Paging.ToPage(rows.ConvertAll(row => row.ToRun()), page, run => new Position(run.StartedAt, run.Id.Value));
    }

    public async Task<bool> RemoveRowsAsync(Id<ReconciliationRun> run, int limit, CancellationToken cancellationToken)
    {
        var first = await sql.ScalarAsync<long>(FirstLine, new { TenantId = tenant.Value, Run = run.Value }, cancellationToken);
        var these = new { TenantId = tenant.Value, Run = run.Value, Upto = first + limit };
        await sql.ExecuteAsync(RemoveBreaks, these, cancellationToken);
        await sql.ExecuteAsync(RemoveFindings, these, cancellationToken);
        return await sql.ExecuteAsync(RemoveLines, these, cancellationToken) > 0;
    }

    public Task RemoveAsync(Id<ReconciliationRun> run, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(Remove, new { TenantId = tenant.Value, Id = run.Value }, cancellationToken);

    public Task AddRowsAsync(Id<ReconciliationRun> run, IReadOnlyCollection<StatementRow> rows, CancellationToken cancellationToken) =>
        sql.CopyAsync("relier_statement_row", LineRow.Names, rows.Select(row => LineRow.Cells(tenant, run, row)), cancellationToken);

    // The engine plans by what it knows of a table; of a million lines that came a moment ago it knows nothing.
    public Task RowsAreThereAsync(CancellationToken cancellationToken) => sql.ExecuteLongAsync("ANALYZE relier_statement_row", cancellationToken);

    public async Task<RowPage> ReadRowsAsync(Id<ReconciliationRun> run, MatchPass pass, string afterKey, int limit, CancellationToken cancellationToken)
    {
        var key = pass switch
        {
            MatchPass.OperatorId => "r.operator_id",
            MatchPass.ProviderId => "r.provider_id",
            MatchPass.OurReference => "COALESCE(r.our_reference, r.provider_id)",
            MatchPass.PhoneWithinMinutes or MatchPass.PhoneWithinDay => "r.phone",
            _ => throw new ArgumentOutOfRangeException(nameof(pass), pass, "Not a pass this version knows."),
        };
        var end = await sql.FindAsync<string>(
            $"SELECT {key} FROM relier_statement_row r WHERE r.tenant_id = @TenantId AND r.run_id = @Run AND {key} > @After ORDER BY {key} LIMIT 1 OFFSET @Offset",
            new { TenantId = tenant.Value, Run = run.Value, After = afterKey, Offset = limit - 1 }, cancellationToken);
        var rows = await sql.ListLongAsync<LineRow>(
            $"{ListLines} AND {key} > @After{(end is null ? "" : $" AND {key} <= @Upto")}{WithoutFinding}",
            new { TenantId = tenant.Value, Run = run.Value, After = afterKey, Upto = end }, cancellationToken);
        return new RowPage(rows.ConvertAll(row => row.ToRow()), end);
    }

    public async Task<IReadOnlyList<StatementRow>> ReadLeftRowsAsync(Id<ReconciliationRun> run, long afterLine, int limit, CancellationToken cancellationToken)
    {
        var rows = await sql.ListLongAsync<LineRow>(
            $"{ListLines} AND r.line > @After{WithoutFinding} ORDER BY r.line LIMIT @Limit",
            new { TenantId = tenant.Value, Run = run.Value, After = afterLine, Limit = limit }, cancellationToken);
        return rows.ConvertAll(row => row.ToRow());
    }

    public async Task<IReadOnlyList<OurAttempt>> FindAttemptsAsync(
        ReconciliationRun run, StatementKind kind, MatchPass pass, IReadOnlyCollection<string> keys, Instant from, Instant to, CancellationToken cancellationToken)
    {
        if (keys.Count == 0) return [];
        var oneOf = sql.Dialect.IsOneOfMany("Keys");
        var statement = OfAttempts + pass switch
        {
            MatchPass.OperatorId => $"{FromAttempts} AND upper(a.operator_reference){oneOf}",
            MatchPass.ProviderId => $"{FromAttempts} AND upper(a.transaction_id){oneOf}",
            MatchPass.OurReference => $"{FromReferences}{oneOf}",
            MatchPass.PhoneWithinMinutes or MatchPass.PhoneWithinDay => $"{FromPhones}{oneOf}",
            _ => throw new ArgumentOutOfRangeException(nameof(pass), pass, "Not a pass this version knows."),
        };
        var isPhone = pass >= MatchPass.PhoneWithinMinutes;
        var parameters = Of(run, kind, from, to);
        parameters.Add("Keys", isPhone ? keys.Select(key => $"+52{key}").ToList() : [.. keys]);
        return (await sql.ListLongAsync<OurRow>(statement, parameters, cancellationToken)).ConvertAll(row => row.ToAttempt());
    }

    public Task AddFindingsAsync(Id<ReconciliationRun> run, IReadOnlyCollection<LineFinding> findings, CancellationToken cancellationToken) =>
        sql.CopyAsync(
            "relier_statement_finding", ["tenant_id", "run_id", "line", "kind", "class", "pass", "topup_id", "attempt_no"],
            findings.Select(finding => new object?[]
            {
                tenant.Value, run.Value, finding.Line, Words.StatementKind.Of(finding.Kind), StatementClasses.Word(finding.Class), (long?)finding.Pass,
                finding.TopUp?.Value, (long?)finding.AttemptNo,
            }),
            cancellationToken);

    public async Task<IReadOnlyList<UnlistedAttempt>> ReadUnlistedAsync(
        ReconciliationRun run, Instant from, Instant to, OurAttempt? after, int limit, CancellationToken cancellationToken)
    {
        var parameters = Of(run, StatementKind.Charge, from, to);
        parameters.Add("AfterAt", after is null ? long.MinValue : Micros.Of(after.StartedAt));
        parameters.Add("AfterTopUp", after?.TopUp.Value ?? "");
        parameters.Add("AfterNo", (long)(after?.No ?? 0));
        parameters.Add("Limit", limit);
        return (await sql.ListLongAsync<OurRow>(Unlisted, parameters, cancellationToken)).ConvertAll(row => new UnlistedAttempt(row.ToAttempt(), row.PhoneIsLeftOver == 1));
    }

    public async Task<IReadOnlyList<FoundLine>> ListFindingsAsync(Id<ReconciliationRun> run, long afterLine, int limit, CancellationToken cancellationToken)
    {
        var rows = await sql.ListAsync<LineRow>(
            ListFindings, new { TenantId = tenant.Value, Run = run.Value, After = afterLine, Limit = limit }, cancellationToken);
        return rows.ConvertAll(row => new FoundLine(row.ToRow(), row.ToFinding()));
    }

    public Task AddBreaksAsync(IReadOnlyCollection<ReconciliationBreak> breaks, CancellationToken cancellationToken) =>
        sql.CopyAsync("relier_reconciliation_break", BreakRow.Names, breaks.Select(one => BreakRow.Of(tenant, one).Cells()), cancellationToken);

    public async Task<ReconciliationBreak> UpdateBreakAsync(ReconciliationBreak one, CancellationToken cancellationToken)
    {
        if (await sql.ExecuteAsync(UpdateBreak, BreakRow.Of(tenant, one), cancellationToken) == 0) throw new StaleVersionException($"Break {one.Id}", one.Version);
        return one with { Version = one.Version + 1 };
    }

    public async Task<ReconciliationBreak?> FindBreakAsync(Id<ReconciliationBreak> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<BreakRow>(FindBreak, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToBreak();

    public async Task<Page<ReconciliationBreak>> ListBreaksAsync(BreakFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var where = new StringBuilder();
        var parameters = new DynamicParameters();
        parameters.Add("TenantId", tenant.Value);

        void Only(string condition, string name, object? value)
        {
            if (value is null) return;
            where.Append(" AND ").Append(condition);
            parameters.Add(name, value);
        }

        Only("run_id = @Run", "Run", filter.Run?.Value);
        Only("class = @Class", "Class", filter.Class is { } wanted ? StatementClasses.Word(wanted) : null);
        Only("COALESCE(owner, '') = @Owner", "Owner", filter.Owner);
        Only("settles_itself = @SettlesItself", "SettlesItself", filter.SettlesItself is { } itself ? (itself ? 1L : 0L) : null);
        if (filter.IsOpen is { } open) where.Append(open ? " AND outcome IS NULL" : " AND outcome IS NOT NULL");
        var after = Paging.After(page);
        parameters.Add("At", after.At);
        parameters.Add("Id", after.Id);
        parameters.Add("Limit", Paging.Rows(page));
        var rows = await sql.ListAsync<BreakRow>(ListBreaks + where + PageOfBreaks, parameters, cancellationToken);
        return Paging.ToPage(rows.ConvertAll(row => row.ToBreak()), page, one => new Position(one.OpenedAt, one.Id.Value));
    }

    public Task SupersedeBreaksAsync(Id<ReconciliationRun> run, string by, Instant now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(SupersedeBreaks, new { TenantId = tenant.Value, Run = run.Value, By = by, Now = Micros.Of(now) }, cancellationToken);

    private DynamicParameters Of(ReconciliationRun run, StatementKind kind, Instant from, Instant to)
    {
        var parameters = new DynamicParameters();
        parameters.Add("TenantId", tenant.Value);
        parameters.Add("Run", run.Id.Value);
        parameters.Add("Supersedes", run.Supersedes?.Value ?? "");
        parameters.Add("Provider", run.Provider);
        parameters.Add("Source", Words.StatementSource.Of(run.Source));
        parameters.Add("Kind", Words.StatementKind.Of(kind));
        parameters.Add("From", Micros.NotBefore(from));
        parameters.Add("To", Micros.NotBefore(to));
        return parameters;
    }
}
