using Dapper;
using NodaTime;
using Relier.Customers;
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

    private const string Totals = $"""
        SELECT state AS State, direction AS Direction, {TotalColumns}
        FROM relier_call WHERE <where> GROUP BY state, direction, currency
        """;

    private const string TotalColumns = """
        currency AS Currency, COUNT(*) AS Calls, CAST(SUM(CASE WHEN quantity > 0 THEN 1 ELSE 0 END) AS BIGINT) AS Answered,
               CAST(SUM(duration) AS BIGINT) AS Duration, CAST(SUM(quantity) AS BIGINT) AS Quantity, CAST(COALESCE(SUM(billed), 0) AS BIGINT) AS Billed,
               CAST(SUM(amount) AS BIGINT) AS Amount
        """;

    private const string Ratings = $"""
        SELECT {RatingRow.Columns} FROM relier_call_rating WHERE tenant_id = @TenantId AND call_id = @CallId ORDER BY rating_version
        """;

    internal const string ReportColumns =
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

    private const string DisputeColumns =
        "id AS Id, call_id AS CallId, account_id AS AccountId, customer_id AS CustomerId, amount AS Amount, currency AS Currency, state AS State, reason AS Reason, opened_by AS OpenedBy, "
        + "opened_at AS OpenedAt, credit AS Credit, closed_by AS ClosedBy, closed_at AS ClosedAt, note AS Note, version AS Version";

    private const string InsertDispute = """
        INSERT INTO relier_call_dispute (
          tenant_id, id, call_id, account_id, customer_id, amount, currency, state, reason, opened_by, opened_at, credit, closed_by, closed_at, note, version)
        VALUES (
          @TenantId, @Id, @CallId, @AccountId, @CustomerId, @Amount, @Currency, @State, @Reason, @OpenedBy, @OpenedAt, @Credit, @ClosedBy, @ClosedAt, @Note, @Version)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """;

    private const string UpdateDispute = """
        UPDATE relier_call_dispute SET state = @State, credit = @Credit, closed_by = @ClosedBy, closed_at = @ClosedAt, note = @Note, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    private static readonly RowStatement UpdateWallet = RowStatement.Over<LedgerStore.AccountRow>(LedgerStore.UpdateAccount, stale: "One of the accounts");
    private static readonly RowStatement InsertJob = RowStatement.Over<JobRow>(JobStore.Insert, UniqueKey.Job);
    private static readonly RowStatement InsertJournal = RowStatement.Over<LedgerStore.JournalRow>(LedgerStore.InsertJournal, UniqueKey.Journal);
    private static readonly RowStatement InsertPosting = RowStatement.Over<LedgerStore.PostingRow>("""
        INSERT INTO relier_posting (tenant_id, journal_id, no, account, amount, currency, balance, entry, written_at)
        VALUES (@TenantId, @JournalId, @No, @Account, @Amount, @Currency, @Balance, @Entry, @WrittenAt)
        """);

    private static readonly RowStatement EndHold = RowStatement.Over<LedgerStore.HoldRow>(LedgerStore.EndHold, stale: "One of the holds");
    private static readonly RowStatement InsertHold = RowStatement.Over<LedgerStore.HoldRow>(LedgerStore.InsertHold, UniqueKey.Hold);

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
          amount, currency, charge_lines, bucket_uses, journal_id, priced_to, dispute_id, received_at, batch, version)
        VALUES (
          @TenantId, @Id, @Source, @ExternalId, @Leg, @Kind, @Direction, @Caller, @Called, @StartedAt, @AnsweredAt, @EndedAt, @Duration, @Quantity, @Cause, @Lines, @IsCharged, @LinkedTo,
          @AccountId, @CustomerId, @LineKind, @LineValue, @State, @Reason, @RatingVersion, @RatedAt, @PlanId, @PlanVersion, @DeckId, @DeckVersion, @Prefix, @Destination, @Billed,
          @Amount, @Currency, @ChargeLines, @BucketUses, @JournalId, @PricedTo, @DisputeId, @ReceivedAt, @Batch, @Version)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """,
        UniqueKey.Call);

    private static readonly RowStatement UpdateCall = RowStatement.Over<CallRow>(
        """
        UPDATE relier_call
        SET account_id = @AccountId, customer_id = @CustomerId, line_kind = @LineKind, line_value = @LineValue, state = @State, reason = @Reason, rating_version = @RatingVersion,
            rated_at = @RatedAt, plan_id = @PlanId, plan_version = @PlanVersion, deck_id = @DeckId, deck_version = @DeckVersion, prefix = @Prefix, destination = @Destination,
            billed = @Billed, amount = @Amount, currency = @Currency, charge_lines = @ChargeLines, bucket_uses = @BucketUses, journal_id = @JournalId, priced_to = @PricedTo, dispute_id = @DisputeId, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """,
        stale: "One of the calls");

    private static readonly RowStatement CorrectCall = RowStatement.Over<CallRow>("""
        UPDATE relier_call
        SET caller = @Caller, called = @Called, started_at = @StartedAt, answered_at = @AnsweredAt, ended_at = @EndedAt, duration = @Duration, quantity = @Quantity, cause = @Cause,
            lines = @Lines, linked_to = @LinkedTo, batch = @Batch
        WHERE tenant_id = @TenantId AND id = @Id
        """);

    private static readonly RowStatement CorrectName = RowStatement.Over<NameRow>("""
        UPDATE relier_call_name SET fingerprint = @Fingerprint WHERE tenant_id = @TenantId AND external_id = @ExternalId AND source = @Source AND leg = @Leg
        """);

    private static readonly RowStatement InsertRating = RowStatement.Over<RatingRow>("""
        INSERT INTO relier_call_rating (
          tenant_id, call_id, rating_version, rated_at, plan_id, plan_version, deck_id, deck_version, prefix, destination, billed, amount, currency, charge_lines, bucket_uses, journal_id)
        VALUES (
          @TenantId, @CallId, @RatingVersion, @RatedAt, @PlanId, @PlanVersion, @DeckId, @DeckVersion, @Prefix, @Destination, @Billed, @Amount, @Currency, @ChargeLines, @BucketUses, @JournalId)
        """);

    private static readonly RowStatement UpdateBucket = RowStatement.Over<UsageAccountStore.BucketRow>(
        "UPDATE relier_bucket SET rest = @Rest, reserved = @Reserved, version = version + 1 WHERE tenant_id = @TenantId AND id = @Id AND version = @Version",
        stale: "One of the buckets");

    private static readonly RowStatement UpdateSession = RowStatement.Over<UsageSessionStore.Row>(UsageSessionStore.Update, stale: "One of the sessions");

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

    public Task AddAsync(CallEntries entries, CancellationToken cancellationToken)
    {
        foreach (var job in entries.Jobs) SqlSession.RequireSame(tenant, job.Tenant, $"job {job.Id}");
        if (entries.Jobs.Any(job => job.Owner is null && job.RunAt <= job.CreatedAt)) sql.LeavesDueJobs = true;

        // What others may be writing at the same time, in an order that is the same for all of them.
        sql.WriteLast(
        [
            UpdateSession.For(entries.Sessions.OrderBy(session => session.Id.Value, StringComparer.Ordinal).Select(session => UsageSessionStore.Row.Of(tenant, session))),
            UpdateWallet.For(entries.Wallets.OrderBy(wallet => wallet.Id.Value, StringComparer.Ordinal).Select(wallet => LedgerStore.AccountRow.Of(tenant, wallet))),
            UpdateBucket.For(entries.Buckets.OrderBy(bucket => bucket.Id.Value, StringComparer.Ordinal).Select(bucket => UsageAccountStore.BucketRow.Of(tenant, bucket))),
            UpdateCall.For(entries.Changed.OrderBy(call => call.Id.Value, StringComparer.Ordinal).Select(call => CallRow.Of(tenant, call))),
            CorrectCall.For(entries.Corrected.Select(call => CallRow.Of(tenant, call))),
            CorrectName.For(entries.Corrected.Select(call => NameRow.Of(tenant, call))),
            InsertRating.For(entries.Superseded.Select(old => RatingRow.Of(tenant, old.Call, old.Rating))),
            InsertName.For(entries.New.Select(call => NameRow.Of(tenant, call)).OrderBy(row => row.ExternalId, StringComparer.Ordinal).ThenBy(row => row.Leg, StringComparer.Ordinal)),
            InsertCall.For(entries.New.Select(call => CallRow.Of(tenant, call))),
            EndHold.For(entries.EndedHolds.Select(hold => LedgerStore.HoldRow.Of(tenant, hold))),
            InsertHold.For(entries.Holds.Select(hold => LedgerStore.HoldRow.Of(tenant, hold))),
            InsertJournal.For(entries.Journals.Select(journal => LedgerStore.JournalRow.Of(tenant, journal))),
            InsertPosting.For(entries.Journals.SelectMany(journal => journal.Postings.Select((posting, no) => LedgerStore.PostingRow.Of(tenant, journal, posting, no)))),
            AddCount.For(entries.Used.Select(used => UsageAccountStore.CountRow.Of(tenant, used.Key, used.Value))
                .OrderBy(row => row.AccountId, StringComparer.Ordinal).ThenBy(row => row.Month, StringComparer.Ordinal).ThenBy(row => row.LineValue, StringComparer.Ordinal)),
            InsertJob.For(entries.Jobs.Select(JobRow.Of)),
        ]);
        return Task.CompletedTask;
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

    public async Task<IReadOnlyList<Id<Account>>> ListAccountsAsync(CallFilter filter, string after, int limit, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        parameters.AddDynamicParams(new { After = after, Limit = (long)limit });
        return [.. (await sql.ListLongAsync<string>(
            $"SELECT DISTINCT account_id FROM relier_call WHERE {where} AND state IN ('rated', 'zero') AND account_id > @After ORDER BY account_id LIMIT @Limit", parameters, cancellationToken)).Select(Id<Account>.Parse)];
    }

    public async Task<IReadOnlyList<Call>> ListChargedAsync(CallFilter filter, Position? after, int limit, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        parameters.AddDynamicParams(new { At = after is null ? long.MinValue : Micros.Of(after.At), AfterId = after?.Id ?? "", Limit = (long)limit });
        return [.. (await sql.ListAsync<CallRow>(
            $"""
            SELECT {CallRow.Columns} FROM relier_call WHERE {where} AND state IN ('rated', 'zero') AND dispute_id IS NULL
              AND (COALESCE(answered_at, started_at) > @At OR (COALESCE(answered_at, started_at) = @At AND id > @AfterId))
            ORDER BY COALESCE(answered_at, started_at), id LIMIT @Limit
            """,
            parameters, cancellationToken)).Select(row => row.ToCall())];
    }

    public async Task<IReadOnlyList<SoldCall>> ListSoldAsync(CallFilter filter, Position? after, int limit, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        parameters.AddDynamicParams(new { At = after is null ? long.MaxValue : Micros.Of(after.At), AfterId = after?.Id ?? "", Limit = (long)limit });
        return [.. (await sql.ListAsync<SoldRow>(
            $"""
            SELECT {SoldRow.Columns} FROM relier_call
            WHERE {where} AND direction = 'outbound' AND quantity > 0 AND state IN ('rated', 'zero', 'unrated') AND started_at <= @At AND (started_at < @At OR id > @AfterId)
            ORDER BY started_at DESC, id LIMIT @Limit
            """,
            parameters, cancellationToken)).Select(row => row.ToSold())];
    }

    public async Task<IReadOnlyList<CallRating>> ListRatingsAsync(Id<Call> call, CancellationToken cancellationToken) =>
        [.. (await sql.ListAsync<RatingRow>(Ratings, new { TenantId = tenant.Value, CallId = call.Value }, cancellationToken)).Select(row => row.ToRating())];

    public async Task<IReadOnlyList<PeriodTotals>> PeriodTotalsAsync(CallFilter filter, IReadOnlyList<(Instant From, Instant To)> periods, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        parameters.AddDynamicParams(new { Periods = Json.Of(periods.Select(period => ($"{Micros.NotBefore(period.From)}", $"{Micros.NotBefore(period.To)}"))) });
        var select = $"""
            SELECT CAST(asked.one AS BIGINT) AS Period, state AS State, direction AS Direction, {TotalColumns.ReplaceLineEndings(" ")} FROM relier_call
            WHERE {where} AND started_at >= CAST(asked.one AS BIGINT) AND started_at < CAST(asked.other AS BIGINT)
            GROUP BY asked.one, state, direction, currency
            """;
        return await sql.BatchAsync(
            sql.Dialect.ForEach("Periods", select), parameters,
            async rows => (await rows.ReadAsync<TotalsRow>()).Select(row => new PeriodTotals(Micros.ToInstant(row.Period), row.ToTotals()))
                .OrderBy(totals => totals.From).ThenBy(totals => totals.Totals.State).ThenBy(totals => totals.Totals.Direction).ThenBy(totals => totals.Totals.Currency?.Code, StringComparer.Ordinal).ToList(),
            cancellationToken);
    }

    public async Task<IReadOnlyList<DestinationTotals>> DestinationTotalsAsync(CallFilter filter, bool byNumber, int limit, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        parameters.Add("Limit", (long)limit);
        var name = byNumber ? "called" : "destination";
        return [.. (await sql.ListLongAsync<DestinationRow>(
            $"""
            SELECT {name} AS Destination, currency AS Currency, COUNT(*) AS Calls, CAST(SUM(CASE WHEN quantity > 0 THEN 1 ELSE 0 END) AS BIGINT) AS Answered,
                   CAST(SUM(quantity) AS BIGINT) AS Quantity, CAST(SUM(amount) AS BIGINT) AS Amount
            FROM relier_call WHERE {where} AND direction = 'outbound' AND {name} IS NOT NULL
            GROUP BY {name}, currency ORDER BY COUNT(*) DESC, {name}, currency LIMIT @Limit
            """,
            parameters, cancellationToken)).Select(row => row.ToTotals())];
    }

    public async Task<IReadOnlyList<CallTotals>> TotalsAsync(CallFilter filter, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        return [.. (await sql.ListLongAsync<TotalsRow>(Totals.Replace("<where>", where, StringComparison.Ordinal), parameters, cancellationToken)).Select(row => row.ToTotals())
            .OrderBy(totals => totals.State).ThenBy(totals => totals.Direction).ThenBy(totals => totals.Currency?.Code, StringComparer.Ordinal)];
    }

    public Task AddDisputeAsync(CallDispute dispute, CancellationToken cancellationToken) =>
        sql.InsertAsync(InsertDispute, DisputeRow.Of(tenant, dispute), UniqueKey.Dispute, cancellationToken);

    public async Task<CallDispute?> FindDisputeAsync(Id<CallDispute> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<DisputeRow>(
            $"SELECT {DisputeColumns} FROM relier_call_dispute WHERE tenant_id = @TenantId AND id = @Id", new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToDispute();

    public async Task<CallDispute> UpdateDisputeAsync(CallDispute dispute, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(UpdateDispute, DisputeRow.Of(tenant, dispute), cancellationToken) == 1
            ? dispute with { Version = dispute.Version + 1 }
            : throw new StaleVersionException($"Dispute {dispute.Id}", dispute.Version);

    public async Task<Page<CallDispute>> ListDisputesAsync(DisputeState? state, Id<Customer>? customer, PageRequest page, CancellationToken cancellationToken)
    {
        var (at, afterId) = Paging.After(page);
        var rows = await sql.ListAsync<DisputeRow>(
            $"SELECT {DisputeColumns} FROM relier_call_dispute WHERE tenant_id = @TenantId{(state is null ? "" : " AND state = @State")}{(customer is null ? "" : " AND customer_id = @CustomerId")}"
            + " AND opened_at <= @At AND (opened_at < @At OR id > @AfterId) ORDER BY opened_at DESC, id LIMIT @Limit",
            new { TenantId = tenant.Value, State = state is { } asked ? Words.DisputeState.Of(asked) : null, CustomerId = customer?.Value, At = at, AfterId = afterId, Limit = Paging.Rows(page) }, cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToDispute()).ToList(), page, dispute => new Position(dispute.OpenedAt, dispute.Id.Value));
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
        Only("deck_id = @DeckId", "DeckId", filter.Deck?.Value);
        Only("plan_id = @PlanId", "PlanId", filter.Plan?.Value);
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

    private sealed record SoldRow
    {
        public const string Columns =
            "id AS Id, kind AS Kind, called AS Called, started_at AS StartedAt, answered_at AS AnsweredAt, quantity AS Quantity, destination AS Destination, amount AS Amount, currency AS Currency";

        public required string Id { get; init; }
        public required string Kind { get; init; }
        public string? Called { get; init; }
        public required long StartedAt { get; init; }
        public long? AnsweredAt { get; init; }
        public required long Quantity { get; init; }
        public string? Destination { get; init; }
        public long? Amount { get; init; }
        public string? Currency { get; init; }

        public SoldCall ToSold() => new(
            Id<Call>.Parse(Id), Micros.ToInstant(StartedAt), new Usage(Words.UsageKind.Parse(Kind), Called, Micros.ToInstant(AnsweredAt ?? StartedAt), Quantity), Destination,
            Amounts.ToMoney(Amount, Currency));
    }

    private sealed record DestinationRow
    {
        public required string Destination { get; init; }
        public string? Currency { get; init; }
        public required long Calls { get; init; }
        public required long Answered { get; init; }
        public required long Quantity { get; init; }
        public long? Amount { get; init; }

        public DestinationTotals ToTotals() => new(Destination, Currency is null ? null : Relier.Currency.Parse(Currency), Calls, Answered, Quantity, Amounts.ToMoney(Amount, Currency));
    }

    internal sealed record RatingRow
    {
        public const string Columns =
            "rating_version AS RatingVersion, rated_at AS RatedAt, plan_id AS PlanId, plan_version AS PlanVersion, deck_id AS DeckId, deck_version AS DeckVersion, prefix AS Prefix, "
            + "destination AS Destination, billed AS Billed, amount AS Amount, currency AS Currency, charge_lines AS ChargeLines, bucket_uses AS BucketUses, journal_id AS JournalId";

        public string TenantId { get; init; } = "";
        public string CallId { get; init; } = "";
        public required long RatingVersion { get; init; }
        public required long RatedAt { get; init; }
        public required string PlanId { get; init; }
        public required long PlanVersion { get; init; }
        public required string DeckId { get; init; }
        public required long DeckVersion { get; init; }
        public required string Prefix { get; init; }
        public required string Destination { get; init; }
        public required long Billed { get; init; }
        public required long Amount { get; init; }
        public required string Currency { get; init; }
        public required string ChargeLines { get; init; }
        public string? BucketUses { get; init; }
        public string? JournalId { get; init; }

        public static RatingRow Of(TenantId tenant, Id<Call> call, CallRating rating) => new()
        {
            TenantId = tenant.Value, CallId = call.Value, RatingVersion = rating.Version, RatedAt = Micros.Of(rating.RatedAt), PlanId = rating.Plan.Value, PlanVersion = rating.PlanVersion,
            DeckId = rating.Deck.Value, DeckVersion = rating.DeckVersion, Prefix = rating.Prefix, Destination = rating.Destination, Billed = rating.Billed, Amount = rating.Amount.Micros,
            Currency = rating.Amount.Currency.Code, ChargeLines = RatingJson.Of(rating.Lines), BucketUses = rating.Buckets.IsEmpty ? null : RatingJson.Of(rating.Buckets), JournalId = rating.Journal?.Value,
        };

        public CallRating ToRating() => new()
        {
            Version = (int)RatingVersion, RatedAt = Micros.ToInstant(RatedAt), Plan = Id<RatePlan>.Parse(PlanId), PlanVersion = (int)PlanVersion, Deck = Id<RateDeck>.Parse(DeckId),
            DeckVersion = (int)DeckVersion, Prefix = Prefix, Destination = Destination, Billed = Billed, Amount = Amounts.ToMoney(Amount, Currency), Lines = RatingJson.ToChargeLines(ChargeLines),
            Buckets = BucketUses is null ? [] : RatingJson.ToBucketUses(BucketUses), Journal = JournalId is null ? null : Id<Journal>.Parse(JournalId),
        };
    }

    private sealed record TotalsRow
    {
        public long Period { get; init; }
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

    private sealed record DisputeRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string CallId { get; init; }
        public required string AccountId { get; init; }
        public required string CustomerId { get; init; }
        public required long Amount { get; init; }
        public required string Currency { get; init; }
        public required string State { get; init; }
        public required string Reason { get; init; }
        public required string OpenedBy { get; init; }
        public required long OpenedAt { get; init; }
        public long? Credit { get; init; }
        public string? ClosedBy { get; init; }
        public long? ClosedAt { get; init; }
        public string? Note { get; init; }
        public required long Version { get; init; }

        public static DisputeRow Of(TenantId tenant, CallDispute dispute) => new()
        {
            TenantId = tenant.Value, Id = dispute.Id.Value, CallId = dispute.Call.Value, AccountId = dispute.Account.Value, CustomerId = dispute.Customer.Value, Amount = dispute.Amount.Micros,
            Currency = dispute.Amount.Currency.Code, State = Words.DisputeState.Of(dispute.State), Reason = dispute.Reason, OpenedBy = dispute.OpenedBy, OpenedAt = Micros.Of(dispute.OpenedAt),
            Credit = dispute.Credit?.Micros, ClosedBy = dispute.ClosedBy, ClosedAt = Micros.Of(dispute.ClosedAt), Note = dispute.Note, Version = dispute.Version,
        };

        public CallDispute ToDispute() => new()
        {
            Id = Id<CallDispute>.Parse(Id), Call = Id<Call>.Parse(CallId), Account = Id<Account>.Parse(AccountId), Customer = Id<Customer>.Parse(CustomerId), Amount = Amounts.ToMoney(Amount, Currency),
            State = Words.DisputeState.Parse(State), Reason = Reason, OpenedBy = OpenedBy, OpenedAt = Micros.ToInstant(OpenedAt), Credit = Amounts.ToMoney(Credit, Currency), ClosedBy = ClosedBy,
            ClosedAt = Micros.ToInstant(ClosedAt), Note = Note, Version = Version,
        };
    }

    internal sealed record ReportRow
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
