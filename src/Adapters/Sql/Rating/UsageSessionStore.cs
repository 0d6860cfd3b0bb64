using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class UsageSessionStore(Statements sql, TenantId tenant) : IUsageSessionStore
{
    private const string Columns =
        "id AS Id, source AS Source, external_id AS ExternalId, leg AS Leg, kind AS Kind, direction AS Direction, caller AS Caller, called AS Called, started_at AS StartedAt, lines AS Lines, "
        + "linked_to AS LinkedTo, account_id AS AccountId, customer_id AS CustomerId, line_kind AS LineKind, line_value AS LineValue, mode AS Mode, plan_id AS PlanId, tariff AS Tariff, "
        + "state AS State, sequence AS Sequence, fingerprint AS Fingerprint, used AS Used, priced_to AS PricedTo, granted AS Granted, charged AS Charged, held AS Held, currency AS Currency, "
        + "hold_subject AS HoldSubject, buckets AS Buckets, journal_id AS JournalId, valid_until AS ValidUntil, answer AS Answer, call_id AS CallId, is_expired AS IsExpired, "
        + "opened_at AS OpenedAt, ended_at AS EndedAt, version AS Version";

    private const string Insert = """
        INSERT INTO relier_usage_session (
          tenant_id, id, source, external_id, leg, kind, direction, caller, called, started_at, lines, linked_to, account_id, customer_id, line_kind, line_value, mode, plan_id, tariff,
          state, sequence, fingerprint, used, priced_to, granted, charged, held, currency, hold_subject, buckets, journal_id, valid_until, answer, call_id, is_expired, opened_at, ended_at, version)
        VALUES (
          @TenantId, @Id, @Source, @ExternalId, @Leg, @Kind, @Direction, @Caller, @Called, @StartedAt, @Lines, @LinkedTo, @AccountId, @CustomerId, @LineKind, @LineValue, @Mode, @PlanId, @Tariff,
          @State, @Sequence, @Fingerprint, @Used, @PricedTo, @Granted, @Charged, @Held, @Currency, @HoldSubject, @Buckets, @JournalId, @ValidUntil, @Answer, @CallId, @IsExpired, @OpenedAt, @EndedAt, @Version)
        ON CONFLICT DO NOTHING
        """;

    public const string Update = """
        UPDATE relier_usage_session
        SET state = @State, sequence = @Sequence, fingerprint = @Fingerprint, used = @Used, priced_to = @PricedTo, granted = @Granted, charged = @Charged, held = @Held, hold_subject = @HoldSubject, buckets = @Buckets,
            journal_id = @JournalId, valid_until = @ValidUntil, answer = @Answer, call_id = @CallId, is_expired = @IsExpired, ended_at = @EndedAt, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    private const string Select = $"SELECT {Columns} FROM relier_usage_session WHERE tenant_id = @TenantId";

    private const string Named = Select + " AND external_id = asked.one AND source = asked.other";

    private const string Expired = """
        SELECT id FROM relier_usage_session WHERE tenant_id = @TenantId AND state = 'open' AND valid_until <= @Now ORDER BY valid_until, id LIMIT @Limit OFFSET @Skip
        """;

    private const string ItsAccount = "(SELECT account_id FROM relier_usage_session WHERE tenant_id = @TenantId AND id = @Id)";

    // Each statement behind the first one sees what was committed before the lock was granted.
    private readonly string _lock = $"""
        SELECT {LedgerStore.AccountColumns} FROM relier_account WHERE tenant_id = @TenantId AND id = {ItsAccount}{sql.Dialect.Lock};
        {Select} AND id = @Id;
        SELECT {UsageAccountStore.Columns} FROM relier_usage_account WHERE tenant_id = @TenantId AND id = {ItsAccount};
        SELECT {UsageAccountStore.BucketColumns} FROM relier_bucket WHERE tenant_id = @TenantId AND account_id = {ItsAccount} AND rest > 0 ORDER BY id;
        {TariffStore.Revision};
        """;

    public Task AddAsync(UsageSession session, CancellationToken cancellationToken) => sql.InsertAsync(Insert, Row.Of(tenant, session), UniqueKey.UsageSession, cancellationToken);

    public async Task<UsageSession?> FindAsync(Id<UsageSession> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<Row>(Select + " AND id = @Id", new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToSession();

    public async Task<IReadOnlyList<UsageSession>> FindNamedAsync(IReadOnlyCollection<CallName> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0) return [];
        var asked = names.ToHashSet();
        return await sql.BatchAsync(
            sql.Dialect.ForEach("Names", Named),
            new { TenantId = tenant.Value, Names = Json.Of(asked.Select(name => (name.ExternalId, name.Source)).Distinct()) },
            async rows => (await rows.ReadAsync<Row>()).Select(row => row.ToSession()).Where(session => asked.Contains(CallName.Of(session.Record))).ToList(),
            cancellationToken);
    }

    public Task<LockedSession?> LockAsync(Id<UsageSession> id, CancellationToken cancellationToken) =>
        sql.BatchAsync(
            _lock,
            new { TenantId = tenant.Value, Id = id.Value },
            async rows =>
            {
                var wallet = (await rows.ReadAsync<LedgerStore.AccountRow>()).SingleOrDefault();
                var session = (await rows.ReadAsync<Row>()).SingleOrDefault();
                var account = (await rows.ReadAsync<UsageAccountStore.Row>()).SingleOrDefault();
                var buckets = (await rows.ReadAsync<UsageAccountStore.BucketRow>()).Select(row => row.ToBucket()).OrderBy(bucket => bucket.Id.Value, StringComparer.Ordinal).ToList();
                var revision = await rows.ReadSingleAsync<long>();
                return wallet is null || session is null || account is null
                    ? null
                    : new LockedSession(session.ToSession(), new AccountUsage(account.ToAccount(), wallet.ToAccount(), buckets), revision);
            },
            cancellationToken);

    public async Task<IReadOnlyList<Id<UsageSession>>> ListExpiredAsync(NodaTime.Instant now, int skip, int limit, CancellationToken cancellationToken) =>
        [.. (await sql.ListAsync<string>(Expired, new { TenantId = tenant.Value, Now = Micros.Of(now), Skip = (long)skip, Limit = (long)limit }, cancellationToken)).Select(Id<UsageSession>.Parse)];

    public sealed record Row
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string Source { get; init; }
        public required string ExternalId { get; init; }
        public required string Leg { get; init; }
        public required string Kind { get; init; }
        public required string Direction { get; init; }
        public string? Caller { get; init; }
        public string? Called { get; init; }
        public required long StartedAt { get; init; }
        public required string Lines { get; init; }
        public string? LinkedTo { get; init; }
        public required string AccountId { get; init; }
        public required string CustomerId { get; init; }
        public string? LineKind { get; init; }
        public string? LineValue { get; init; }
        public required string Mode { get; init; }
        public string? PlanId { get; init; }
        public string? Tariff { get; init; }
        public required string State { get; init; }
        public required long Sequence { get; init; }
        public required string Fingerprint { get; init; }
        public required long Used { get; init; }
        public required long PricedTo { get; init; }
        public required long Granted { get; init; }
        public required long Charged { get; init; }
        public required long Held { get; init; }
        public required string Currency { get; init; }
        public string? HoldSubject { get; init; }
        public string? Buckets { get; init; }
        public string? JournalId { get; init; }
        public required long ValidUntil { get; init; }
        public required string Answer { get; init; }
        public string? CallId { get; init; }
        public required long IsExpired { get; init; }
        public required long OpenedAt { get; init; }
        public long? EndedAt { get; init; }
        public required long Version { get; init; }

        public static Row Of(TenantId tenant, UsageSession session)
        {
            var record = session.Record;
            return new Row
            {
                TenantId = tenant.Value, Id = session.Id.Value, Source = record.Source, ExternalId = record.ExternalId, Leg = record.Leg, Kind = Words.UsageKind.Of(record.Kind),
                Direction = Words.CallDirection.Of(record.Direction), Caller = record.From, Called = record.To, StartedAt = Micros.Of(record.StartedAt), Lines = RatingJson.Of(record.Lines),
                LinkedTo = record.LinkedTo, AccountId = session.Account.Value, CustomerId = session.Customer.Value, LineKind = session.Line is { } line ? Words.LineKind.Of(line.Kind) : null,
                LineValue = session.Line?.Value, Mode = Words.PaymentMode.Of(session.Mode), PlanId = session.Tariff?.Plan.Value, Tariff = session.Tariff?.Versions,
                State = Words.SessionState.Of(session.State), Sequence = session.Sequence, Fingerprint = session.Fingerprint, Used = session.Used, PricedTo = session.PricedTo, Granted = session.Granted,
                Charged = session.Charged.Micros, Held = session.Held.Micros, Currency = session.Charged.Currency.Code, HoldSubject = session.Hold,
                Buckets = session.Buckets.IsEmpty ? null : RatingJson.Of(session.Buckets), JournalId = session.Journal?.Value, ValidUntil = Micros.Of(session.ValidUntil),
                Answer = RatingJson.Of(session.Answer), CallId = session.Call?.Value, IsExpired = session.IsExpired ? 1 : 0, OpenedAt = Micros.Of(session.OpenedAt),
                EndedAt = Micros.Of(session.EndedAt), Version = session.Version,
            };
        }

        public UsageSession ToSession() => new()
        {
            Id = Id<UsageSession>.Parse(Id), Account = Id<Account>.Parse(AccountId), Customer = Id<Customer>.Parse(CustomerId),
            Line = LineKind is null ? null : new LineRef(Words.LineKind.Parse(LineKind), LineValue!), Mode = Words.PaymentMode.Parse(Mode),
            Tariff = PlanId is null ? null : new PinnedTariff(Id<RatePlan>.Parse(PlanId), Tariff!), State = Words.SessionState.Parse(State), Sequence = (int)Sequence, Fingerprint = Fingerprint,
            Used = Used, PricedTo = PricedTo, Granted = Granted, Charged = Amounts.ToMoney(Charged, Currency), Held = Amounts.ToMoney(Held, Currency), Hold = HoldSubject,
            Buckets = Buckets is null ? [] : RatingJson.ToSessionBuckets(Buckets), Journal = JournalId is null ? null : Id<Journal>.Parse(JournalId), ValidUntil = Micros.ToInstant(ValidUntil),
            Answer = RatingJson.ToSessionAnswer(Answer), Call = CallId is null ? null : Id<Call>.Parse(CallId), IsExpired = IsExpired == 1, OpenedAt = Micros.ToInstant(OpenedAt),
            EndedAt = Micros.ToInstant(EndedAt), Version = Version,
            Record = new CallRecord
            {
                Source = Source, ExternalId = ExternalId, Leg = Leg, Kind = Words.UsageKind.Parse(Kind), Direction = Words.CallDirection.Parse(Direction), From = Caller, To = Called,
                StartedAt = Micros.ToInstant(StartedAt), Lines = RatingJson.ToLines(Lines), LinkedTo = LinkedTo, Quantity = 0,
            },
        };
    }
}
