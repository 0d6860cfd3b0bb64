using NodaTime;
using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Sql;

internal sealed class OrderStore(Statements sql, TenantId tenant) : IOrderStore
{
    private static readonly RowStatement UpdateWallet = RowStatement.Over<LedgerStore.AccountRow>(LedgerStore.UpdateAccount, stale: "One of the accounts");
    private static readonly RowStatement UpdateAssumedWallet = RowStatement.Over<AssumedRow>($"""
        {LedgerStore.UpdateAccount}
          AND credit_limit = @CreditLimit AND posted = @Posted AND held = @HeldBefore AND entries = @Entries
          AND EXISTS (SELECT 1 FROM relier_customer WHERE tenant_id = @TenantId AND id = @CustomerId AND version = @CustomerVersion)
          AND @Used = COALESCE((
            SELECT amount FROM relier_daily_use WHERE tenant_id = @TenantId AND customer_id = @CustomerId AND day = @Day AND currency = @Face), 0)
          AND NOT EXISTS (
            SELECT 1 FROM relier_exchange_rate WHERE tenant_id = @TenantId AND base = @Base AND quote = @Quote AND as_of > @AsOf AND as_of <= @Now)
          AND NOT EXISTS (
            SELECT 1 FROM relier_exchange_rate WHERE tenant_id = @TenantId AND base = @Quote AND quote = @Base AND as_of >= @TurnedFrom AND as_of <= @Now)
        """, stale: "The account, its customer, the use of the day or the rate of exchange");

    private static readonly RowStatement InsertTopUp = RowStatement.Over<TopUpRow>(TopUpStore.Insert, UniqueKey.TopUp);
    private static readonly RowStatement InsertReference = RowStatement.Over<TopUpRow>(TopUpStore.InsertReference, UniqueKey.TopUpReference);
    private static readonly RowStatement InsertHold = RowStatement.Over<LedgerStore.HoldRow>(LedgerStore.InsertHold, UniqueKey.Hold);
    private static readonly RowStatement InsertJob = RowStatement.Over<JobRow>(JobStore.Insert, UniqueKey.Job);
    private static readonly RowStatement InsertAnswer = RowStatement.Over<IdempotencyStore.Row>(IdempotencyStore.Insert, UniqueKey.IdempotencyKey);

    private static readonly RowStatement AddUse = RowStatement.Over<UseRow>("""
        INSERT INTO relier_daily_use (tenant_id, customer_id, day, currency, amount)
        VALUES (@TenantId, @CustomerId, @Day, @Currency, @Amount)
        ON CONFLICT (tenant_id, customer_id, day, currency) DO UPDATE SET amount = relier_daily_use.amount + excluded.amount
        """);

    private const string Wallet = $"""
        SELECT {LedgerStore.AccountColumns} FROM relier_account
        WHERE tenant_id = @TenantId AND id = (SELECT wallet_id FROM relier_customer WHERE tenant_id = @TenantId AND id = asked.one)
        """;

    private const string Customer = $"SELECT {CustomerStore.Columns} FROM relier_customer WHERE tenant_id = @TenantId AND id = asked.one";

    private const string Reference = """
        SELECT topup_id FROM relier_topup_reference WHERE tenant_id = @TenantId AND reference = asked.one AND customer_id = asked.other
        """;

    private const string Answer = $"SELECT {IdempotencyStore.Columns} FROM relier_first_answer WHERE tenant_id = @TenantId AND actor = asked.one AND key = asked.other";

    private const string Use = """
        SELECT customer_id AS CustomerId, day AS Day, currency AS Currency, amount AS Amount FROM relier_daily_use
        WHERE tenant_id = @TenantId AND customer_id = asked.one AND day = @Day
        """;

    private const string UseOfPhone = $"""
        SELECT customer_id AS CustomerId, phone AS Phone, face_currency AS Currency, face_amount AS Amount FROM relier_topup
        WHERE tenant_id = @TenantId AND phone = asked.other AND created_at >= @Since AND customer_id = asked.one AND day = @Day
          AND {TopUpStore.MayHaveBeenDelivered}
        """;

    // Each statement behind the first one sees what was committed before the locks were granted.
    private readonly string _read =
        sql.Dialect.ForEach("Customers", Wallet + sql.Dialect.Lock) + sql.Dialect.ForEach("Customers", Customer)
        + sql.Dialect.ForEach("References", Reference) + sql.Dialect.ForEach("Keys", Answer) + sql.Dialect.ForEach("Customers", Use)
        + sql.Dialect.ForEach("Pairs", ExchangeRateStore.NewestOfPair);

    public async Task<OrderFacts> LockAsync(OrderQuestions questions, CancellationToken cancellationToken)
    {
        // Whoever locks wallets does it in this order.
        var customerIds = questions.Customers.Select(customer => customer.Value).Order(StringComparer.Ordinal).ToList();
        var (wallets, customers, references, answers, used, rates) = await sql.BatchAsync(
            _read,
            new
            {
                TenantId = tenant.Value,
                Customers = Json.Of(customerIds.Select(customer => (customer, ""))),
                References = Json.Of(questions.References.Select(asked => (asked.Reference, asked.Customer.Value))),
                Keys = Json.Of(questions.Keys),
                Pairs = Json.Of(questions.Pairs.SelectMany(ExchangeRateStore.BothWays)),
                Day = TopUpRow.DayOf(questions.Day),
                Now = Micros.Of(questions.Now),
            },
            async rows => (
                (await rows.ReadAsync<LedgerStore.AccountRow>()).Select(row => row.ToAccount()).ToList(),
                (await rows.ReadAsync<CustomerStore.Row>()).Select(row => row.ToCustomer()).ToList(),
                (await rows.ReadAsync<string>()).ToList(),
                (await rows.ReadAsync<IdempotencyStore.Row>()).Select(row => row.ToAnswer()).ToList(),
                (await rows.ReadAsync<UseRow>()).Select(row => row.ToUse()).ToList(),
                (await rows.ReadAsync<ExchangeRateStore.Row>()).Select(row => row.ToRate()).ToList()),
            cancellationToken);

        var topUps = new TopUpStore(sql, tenant);
        var twins = new List<TopUp>();
        foreach (var (customer, phone, face) in questions.Twins)
            if (await topUps.FindTwinAsync(customer, phone, face, questions.TwinsSince, cancellationToken) is { } twin)
                twins.Add(twin);
        var named = references.Concat(answers.Select(answer => answer.Resource).OfType<string>()).Except(twins.Select(twin => twin.Id.Value)).ToList();
        return new OrderFacts
        {
            Customers = customers,
            Wallets = wallets,
            Answers = answers,
            TopUps = [.. twins.DistinctBy(twin => twin.Id), .. await topUps.ListAsync(named, cancellationToken)],
            Used = used,
            Rates = questions.Pairs.ToDictionary(pair => pair, pair => ExchangeRateStore.Newest(rates, pair.One, pair.Other)),
        };
    }

    public async Task<IReadOnlyList<DailyUseOfPhone>> UsedAsync(
        IReadOnlyCollection<(Id<Customer> Customer, Msisdn Phone)> phones, LocalDate day, CancellationToken cancellationToken)
    {
        var found = await sql.ListAsync<UseOfPhoneRow>(
            sql.Dialect.ForEach("Phones", UseOfPhone),
            new
            {
                TenantId = tenant.Value,
                Phones = Json.Of(phones.Select(asked => (asked.Customer.Value, asked.Phone.E164))),
                Day = TopUpRow.DayOf(day),
                // In the zone where it begins first: what is older cannot be of this day in any.
                Since = Micros.Of(day.AtMidnight().WithOffset(Offset.MaxValue).ToInstant()),
            },
            cancellationToken);
        return (
            from row in found
            group row by (row.CustomerId, row.Phone, row.Currency) into alike
            select new DailyUseOfPhone(
                Id<Customer>.Parse(alike.Key.CustomerId), Msisdn.Parse(alike.Key.Phone), Amounts.ToMoney(alike.Sum(row => row.Amount), alike.Key.Currency))).ToList();
    }

    public Task AddAsync(OrderEntries entries, CancellationToken cancellationToken)
    {
        foreach (var job in entries.Jobs) SqlSession.RequireSame(tenant, job.Tenant, $"job {job.Id}");
        if (entries.Jobs.Any(job => job.Owner is null && job.RunAt <= job.CreatedAt)) sql.LeavesDueJobs = true;
        var topUps = entries.TopUps.Select(topUp => TopUpRow.Of(tenant, topUp)).ToList();
        var day = TopUpRow.DayOf(entries.Day);

        // What others may be writing at the same time, in an order that is the same for all of them.
        var answers = entries.Answers.OrderBy(answer => answer.Actor, StringComparer.Ordinal).ThenBy(answer => answer.Key, StringComparer.Ordinal);
        sql.WriteLast(
        [
            entries.Assumed is { } assumed
                ? UpdateAssumedWallet.For([AssumedRow.Of(tenant, entries, assumed)])
                : UpdateWallet.For(entries.Wallets.OrderBy(wallet => wallet.Id.Value, StringComparer.Ordinal).Select(wallet => LedgerStore.AccountRow.Of(tenant, wallet))),
            InsertTopUp.For(topUps),
            InsertReference.For(topUps.Where(row => row.Reference is not null)),
            InsertHold.For(entries.Holds.Select(hold => LedgerStore.HoldRow.Of(tenant, hold))),
            InsertJob.For(entries.Jobs.Select(JobRow.Of)),
            InsertAnswer.For(answers.Select(answer => IdempotencyStore.Row.Of(tenant, answer))),
            AddUse.For(entries.Used.Select(use => UseRow.Of(tenant, use, day))),
        ]);
        return Task.CompletedTask;
    }

    private sealed record UseRow
    {
        public string TenantId { get; init; } = "";
        public required string CustomerId { get; init; }
        public required string Day { get; init; }
        public required string Currency { get; init; }
        public required long Amount { get; init; }

        public static UseRow Of(TenantId tenant, DailyUse use, string day) => new()
        {
            TenantId = tenant.Value, CustomerId = use.Customer.Value, Day = day,
            Currency = use.Face.Currency.Code, Amount = use.Face.Micros,
        };

        public DailyUse ToUse() => new(Id<Customer>.Parse(CustomerId), Amounts.ToMoney(Amount, Currency));
    }

    private sealed record AssumedRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required long CreditLimit { get; init; }
        public required long Posted { get; init; }
        public required long Held { get; init; }
        public required long HeldBefore { get; init; }
        public required long Entries { get; init; }
        public required long Version { get; init; }
        public required string CustomerId { get; init; }
        public required long CustomerVersion { get; init; }
        public required string Day { get; init; }
        public required string Face { get; init; }
        public required long Used { get; init; }
        public required string Base { get; init; }
        public required string Quote { get; init; }
        public required long AsOf { get; init; }
        public required long TurnedFrom { get; init; }
        public required long Now { get; init; }

        public static AssumedRow Of(TenantId tenant, OrderEntries entries, OrderAssumption assumed)
        {
            var (wallet, face, rate) = (entries.Wallets.Single(), assumed.Used.Currency, assumed.Rate);
            var asOf = rate is null ? 0 : Micros.Of(rate.AsOf);
            return new AssumedRow
            {
                TenantId = tenant.Value, Id = wallet.Id.Value, CreditLimit = wallet.CreditLimit.Micros, Posted = wallet.Posted.Micros, Held = wallet.Held.Micros,
                // Taking orders changes nothing of a wallet but what is held. With a version alone, a server that lacks its last commits could say yes.
                HeldBefore = wallet.Held.Micros - entries.Holds.Sum(hold => hold.Amount.Micros),
                Entries = wallet.Entries, Version = wallet.Version, CustomerId = assumed.Customer.Id.Value, CustomerVersion = assumed.Customer.Version,
                Day = TopUpRow.DayOf(entries.Day), Face = face.Code, Used = assumed.Used.Micros,
                // Without a rate there is no pair, and none of no pair is newer. Of two of the same moment the one quoted straight counts.
                Base = rate?.Base.Code ?? "", Quote = rate?.Quote.Code ?? "", AsOf = asOf, TurnedFrom = rate?.Base == face ? asOf + 1 : asOf,
                Now = Micros.Of(assumed.Now),
            };
        }
    }

    private sealed record UseOfPhoneRow
    {
        public required string CustomerId { get; init; }
        public required string Phone { get; init; }
        public required string Currency { get; init; }
        public required long Amount { get; init; }
    }
}
