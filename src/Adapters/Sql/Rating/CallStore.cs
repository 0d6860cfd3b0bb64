using Dapper;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class CallStore(Statements sql, TenantId tenant) : ICallStore
{
    private const string Known = """
        SELECT source AS Source, external_id AS ExternalId, leg AS Leg, call_id AS CallId, fingerprint AS Fingerprint FROM relier_call_name
        WHERE tenant_id = @TenantId AND external_id = asked.one AND source = asked.other
        """;

    private const string Received = $"""
        SELECT {CallRow.Columns} FROM relier_call WHERE tenant_id = @TenantId AND account_id = @AccountId AND state = 'received'
        ORDER BY COALESCE(answered_at, started_at), id LIMIT @Limit
        """;

    private const string Totals = """
        SELECT state AS State, direction AS Direction, currency AS Currency, COUNT(*) AS Calls, CAST(SUM(CASE WHEN quantity > 0 THEN 1 ELSE 0 END) AS BIGINT) AS Answered,
               CAST(SUM(duration) AS BIGINT) AS Duration, CAST(SUM(quantity) AS BIGINT) AS Quantity, CAST(COALESCE(SUM(billed), 0) AS BIGINT) AS Billed,
               CAST(SUM(amount) AS BIGINT) AS Amount
        FROM relier_call WHERE {0} GROUP BY state, direction, currency
        """;

    private const string ReportColumns =
        "id AS Id, source AS Source, reader AS Reader, reported_at AS ReportedAt, content_type AS ContentType, body AS Body, is_base64 AS IsBase64, state AS State, reason AS Reason, "
        + "detail AS Detail, call_id AS CallId, version AS Version";

    private const string InsertReport = """
        INSERT INTO relier_call_report (tenant_id, id, source, reader, reported_at, content_type, body, is_base64, state, reason, detail, call_id, version)
        VALUES (@TenantId, @Id, @Source, @Reader, @ReportedAt, @ContentType, @Body, @IsBase64, @State, @Reason, @Detail, @CallId, @Version)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """;

    private const string UpdateReport = """
        UPDATE relier_call_report SET state = @State, reason = @Reason, detail = @Detail, call_id = @CallId, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    private static readonly RowStatement UpdateWallet = RowStatement.Over<LedgerStore.AccountRow>(LedgerStore.UpdateAccount);
    private static readonly RowStatement InsertJob = RowStatement.Over<JobRow>(JobStore.Insert, UniqueKey.Job);
    private static readonly RowStatement InsertJournal = RowStatement.Over<LedgerStore.JournalRow>(LedgerStore.InsertJournal, UniqueKey.Journal);
    private static readonly RowStatement InsertPosting = RowStatement.Over<LedgerStore.PostingRow>("""
        INSERT INTO relier_posting (tenant_id, journal_id, no, account, amount, currency, balance, entry, written_at)
        VALUES (@TenantId, @JournalId, @No, @Account, @Amount, @Currency, @Balance, @Entry, @WrittenAt)
        """);

    private static readonly RowStatement InsertName = RowStatement.Over<NameRow>(
        """
        INSERT INTO relier_call_name (tenant_id, external_id, source, leg, call_id, fingerprint)
        VALUES (@TenantId, @ExternalId, @Source, @Leg, @CallId, @Fingerprint)
        ON CONFLICT (tenant_id, external_id, source, leg) DO NOTHING
        """,
        UniqueKey.Call);

    private static readonly RowStatement InsertCall = RowStatement.Over<CallRow>(
        """
        INSERT INTO relier_call (
          tenant_id, id, source, external_id, leg, kind, direction, caller, called, started_at, answered_at, ended_at, duration, quantity, cause, lines, is_charged, linked_to,
          account_id, customer_id, line_kind, line_value, state, reason, rating_version, rated_at, plan_id, plan_version, deck_id, deck_version, prefix, destination, billed,
          amount, currency, charge_lines, bucket_uses, journal_id, received_at, batch, version)
        VALUES (
          @TenantId, @Id, @Source, @ExternalId, @Leg, @Kind, @Direction, @Caller, @Called, @StartedAt, @AnsweredAt, @EndedAt, @Duration, @Quantity, @Cause, @Lines, @IsCharged, @LinkedTo,
          @AccountId, @CustomerId, @LineKind, @LineValue, @State, @Reason, @RatingVersion, @RatedAt, @PlanId, @PlanVersion, @DeckId, @DeckVersion, @Prefix, @Destination, @Billed,
          @Amount, @Currency, @ChargeLines, @BucketUses, @JournalId, @ReceivedAt, @Batch, @Version)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """,
        UniqueKey.Call);

    private static readonly RowStatement UpdateCall = RowStatement.Over<CallRow>("""
        UPDATE relier_call
        SET account_id = @AccountId, customer_id = @CustomerId, line_kind = @LineKind, line_value = @LineValue, state = @State, reason = @Reason, rating_version = @RatingVersion,
            rated_at = @RatedAt, plan_id = @PlanId, plan_version = @PlanVersion, deck_id = @DeckId, deck_version = @DeckVersion, prefix = @Prefix, destination = @Destination,
            billed = @Billed, amount = @Amount, currency = @Currency, charge_lines = @ChargeLines, bucket_uses = @BucketUses, journal_id = @JournalId, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """);

    private static readonly RowStatement UpdateBucket = RowStatement.Over<UsageAccountStore.BucketRow>("""
        UPDATE relier_bucket SET rest = @Rest, reserved = @Reserved, version = version + 1 WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """);

    private static readonly RowStatement AddCount = RowStatement.Over<UsageAccountStore.CountRow>("""
        INSERT INTO relier_usage_count (tenant_id, account_id, month, line_kind, line_value, kind, direction, calls, quantity, billed, amount, currency)
        VALUES (@TenantId, @AccountId, @Month, @LineKind, @LineValue, @Kind, @Direction, @Calls, @Quantity, @Billed, @Amount, @Currency)
        ON CONFLICT (tenant_id, account_id, month, line_kind, line_value, kind, direction) DO UPDATE
        SET calls = relier_usage_count.calls + excluded.calls, quantity = relier_usage_count.quantity + excluded.quantity,
            billed = relier_usage_count.billed + excluded.billed, amount = relier_usage_count.amount + excluded.amount
        """);

    public async Task<IReadOnlyList<KnownCall>> FindKnownAsync(IReadOnlyCollection<CallName> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0) return [];
        var asked = names.ToHashSet();
        return await sql.BatchAsync(
            sql.Dialect.ForEach("Names", Known),
            new { TenantId = tenant.Value, Names = Json.Of(asked.Select(name => (name.ExternalId, name.Source)).Distinct()) },
            async rows => (await rows.ReadAsync<NameRow>()).Select(row => row.ToKnown()).Where(known => asked.Contains(known.Name)).ToList(),
            cancellationToken);
    }

    public async Task AddAsync(CallEntries entries, CancellationToken cancellationToken)
    {
        foreach (var job in entries.Jobs) SqlSession.RequireSame(tenant, job.Tenant, $"job {job.Id}");
        if (entries.Jobs.Any(job => job.Owner is null && job.RunAt <= job.CreatedAt)) sql.LeavesDueJobs = true;

        // What others may be writing at the same time, in an order that is the same for all of them.
        RowWrite[] writes =
        [
            UpdateWallet.For(entries.Wallets.OrderBy(wallet => wallet.Id.Value, StringComparer.Ordinal).Select(wallet => LedgerStore.AccountRow.Of(tenant, wallet))),
            UpdateBucket.For(entries.Buckets.OrderBy(bucket => bucket.Id.Value, StringComparer.Ordinal).Select(bucket => UsageAccountStore.BucketRow.Of(tenant, bucket))),
            UpdateCall.For(entries.Changed.OrderBy(call => call.Id.Value, StringComparer.Ordinal).Select(call => CallRow.Of(tenant, call))),
            InsertName.For(entries.New.Select(call => NameRow.Of(tenant, call)).OrderBy(row => row.ExternalId, StringComparer.Ordinal).ThenBy(row => row.Leg, StringComparer.Ordinal)),
            InsertCall.For(entries.New.Select(call => CallRow.Of(tenant, call))),
            InsertJournal.For(entries.Journals.Select(journal => LedgerStore.JournalRow.Of(tenant, journal))),
            InsertPosting.For(entries.Journals.SelectMany(journal => journal.Postings.Select((posting, no) => LedgerStore.PostingRow.Of(tenant, journal, posting, no)))),
            AddCount.For(entries.Used.Select(used => UsageAccountStore.CountRow.Of(tenant, used.Key, used.Value))
                .OrderBy(row => row.AccountId, StringComparer.Ordinal).ThenBy(row => row.Month, StringComparer.Ordinal).ThenBy(row => row.LineValue, StringComparer.Ordinal)),
            InsertJob.For(entries.Jobs.Select(JobRow.Of)),
        ];
        var made = writes.Where(write => write.Rows.Count > 0).ToList();
        var touched = await sql.WriteAsync(made, cancellationToken);
        for (var i = 0; i < made.Count; i++)
            if ((made[i].Statement == UpdateWallet || made[i].Statement == UpdateBucket || made[i].Statement == UpdateCall) && touched[i] < made[i].Rows.Count)
                throw sql.Failed(new StaleVersionException("One of the accounts, buckets or calls", 0));
    }

    public async Task<Call?> FindAsync(Id<Call> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<CallRow>($"SELECT {CallRow.Columns} FROM relier_call WHERE tenant_id = @TenantId AND id = @Id", new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToCall();

    public async Task<Page<Call>> ListAsync(CallFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        var (at, afterId) = Paging.After(page);
        parameters.AddDynamicParams(new { At = at, AfterId = afterId, Limit = Paging.Rows(page) });
        var rows = await sql.ListAsync<CallRow>(
            $"SELECT {CallRow.Columns} FROM relier_call WHERE {where} AND started_at <= @At AND (started_at < @At OR id > @AfterId) ORDER BY started_at DESC, id LIMIT @Limit",
            parameters, cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToCall()).ToList(), page, call => new Position(call.Record.StartedAt, call.Id.Value));
    }

    public async Task<IReadOnlyList<Call>> ListReceivedAsync(Id<Account> account, int limit, CancellationToken cancellationToken) =>
        [.. (await sql.ListAsync<CallRow>(Received, new { TenantId = tenant.Value, AccountId = account.Value, Limit = (long)limit }, cancellationToken)).Select(row => row.ToCall())];

    public async Task<IReadOnlyList<CallTotals>> TotalsAsync(CallFilter filter, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        return [.. (await sql.ListLongAsync<TotalsRow>(Totals.Replace("{0}", where, StringComparison.Ordinal), parameters, cancellationToken)).Select(row => row.ToTotals())
            .OrderBy(totals => totals.State).ThenBy(totals => totals.Direction).ThenBy(totals => totals.Currency?.Code, StringComparer.Ordinal)];
    }

    public Task AddReportAsync(CallReport report, CancellationToken cancellationToken) =>
        sql.InsertAsync(InsertReport, ReportRow.Of(tenant, report), UniqueKey.CallReport, cancellationToken);

    public async Task<CallReport?> FindReportAsync(Id<CallReport> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<ReportRow>(
            $"SELECT {ReportColumns} FROM relier_call_report WHERE tenant_id = @TenantId AND id = @Id", new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToReport();

    public async Task<CallReport> UpdateReportAsync(CallReport report, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(UpdateReport, ReportRow.Of(tenant, report), cancellationToken) == 1
            ? report with { Version = report.Version + 1 }
            : throw new StaleVersionException($"Report {report.Id}", report.Version);

    public async Task<Page<CallReport>> ListReportsAsync(CallReportState? state, PageRequest page, CancellationToken cancellationToken)
    {
        var (at, afterId) = Paging.After(page);
        var rows = await sql.ListAsync<ReportRow>(
            $"SELECT {ReportColumns} FROM relier_call_report WHERE tenant_id = @TenantId{(state is null ? "" : " AND state = @State")}"
            + " AND reported_at <= @At AND (reported_at < @At OR id > @AfterId) ORDER BY reported_at DESC, id LIMIT @Limit",
            new { TenantId = tenant.Value, State = state is { } asked ? Words.CallReportState.Of(asked) : null, At = at, AfterId = afterId, Limit = Paging.Rows(page) }, cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToReport()).ToList(), page, report => new Position(report.At, report.Id.Value));
    }

    private (string Where, DynamicParameters Parameters) Filtered(CallFilter filter)
    {
        var conditions = new List<string> { "tenant_id = @TenantId" };
        var parameters = new DynamicParameters(new { TenantId = tenant.Value });
        Only("account_id = @AccountId", "AccountId", filter.Account?.Value);
        Only("customer_id = @CustomerId", "CustomerId", filter.Customer?.Value);
        Only("started_at >= @From", "From", Micros.NotBefore(filter.From));
        Only("started_at < @To", "To", Micros.NotBefore(filter.To));
        Only("direction = @Direction", "Direction", filter.Direction is { } direction ? Words.CallDirection.Of(direction) : null);
        Only("state = @State", "State", filter.State is { } state ? Words.CallState.Of(state) : null);
        Only("reason = @Reason", "Reason", filter.Reason is { } reason ? Words.UnratedReason.Of(reason) : null);
        return (string.Join(" AND ", conditions), parameters);

        void Only(string condition, string name, object? value)
        {
            if (value is null) return;
            conditions.Add(condition);
            parameters.Add(name, value);
        }
    }

    private sealed record NameRow
    {
        public string TenantId { get; init; } = "";
        public required string Source { get; init; }
        public required string ExternalId { get; init; }
        public required string Leg { get; init; }
        public required string CallId { get; init; }
        public required string Fingerprint { get; init; }

        public static NameRow Of(TenantId tenant, Call call) => new()
        {
            TenantId = tenant.Value, Source = call.Record.Source, ExternalId = call.Record.ExternalId, Leg = call.Record.Leg, CallId = call.Id.Value, Fingerprint = call.Record.Fingerprint(),
        };

        public KnownCall ToKnown() => new(new CallName(Source, ExternalId, Leg), Id<Call>.Parse(CallId), Fingerprint);
    }

    private sealed record TotalsRow
    {
        public required string State { get; init; }
        public required string Direction { get; init; }
        public string? Currency { get; init; }
        public required long Calls { get; init; }
        public required long Answered { get; init; }
        public required long Duration { get; init; }
        public required long Quantity { get; init; }
        public required long Billed { get; init; }
        public long? Amount { get; init; }

        public CallTotals ToTotals() => new(
            Words.CallState.Parse(State), Words.CallDirection.Parse(Direction), Currency is null ? null : Relier.Currency.Parse(Currency), Calls, Answered, Duration, Quantity, Billed,
            Amounts.ToMoney(Amount, Currency));
    }

    private sealed record ReportRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string Source { get; init; }
        public string? Reader { get; init; }
        public required long ReportedAt { get; init; }
        public string? ContentType { get; init; }
        public required string Body { get; init; }
        public required long IsBase64 { get; init; }
        public required string State { get; init; }
        public string? Reason { get; init; }
        public string? Detail { get; init; }
        public string? CallId { get; init; }
        public required long Version { get; init; }

        public static ReportRow Of(TenantId tenant, CallReport report) => new()
        {
            TenantId = tenant.Value, Id = report.Id.Value, Source = report.Source, Reader = report.Reader, ReportedAt = Micros.Of(report.At), ContentType = report.ContentType,
            Body = report.Body, IsBase64 = report.IsBase64 ? 1 : 0, State = Words.CallReportState.Of(report.State), Reason = report.Reason, Detail = report.Detail,
            CallId = report.Call?.Value, Version = report.Version,
        };

        public CallReport ToReport() => new()
        {
            Id = Id<CallReport>.Parse(Id), Source = Source, Reader = Reader, At = Micros.ToInstant(ReportedAt), ContentType = ContentType, Body = Body, IsBase64 = IsBase64 == 1,
            State = Words.CallReportState.Parse(State), Reason = Reason, Detail = Detail, Call = CallId is null ? null : Id<Call>.Parse(CallId), Version = Version,
        };
    }
}
