using NodaTime;
using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class UsageAccountStore(Statements sql, TenantId tenant) : IUsageAccountStore
{
    internal const string Columns =
        "id AS Id, customer_id AS CustomerId, name AS Name, mode AS Mode, status AS Status, currency AS Currency, zone AS Zone, plans AS Plans, "
        + "low_balance AS LowBalance, critical_balance AS CriticalBalance, created_at AS CreatedAt, version AS Version";

    internal const string BucketColumns =
        "id AS Id, account_id AS AccountId, name AS Name, kind AS Kind, granted AS Granted, rest AS Rest, reserved AS Reserved, unit AS Unit, priority AS Priority, "
        + "prefixes AS Prefixes, is_blocker AS IsBlocker, valid_from AS ValidFrom, expires_at AS ExpiresAt, created_at AS CreatedAt, version AS Version";

    private const string Insert = """
        INSERT INTO relier_usage_account (
          tenant_id, id, customer_id, name, mode, status, currency, zone, plans, low_balance, critical_balance, created_at, version)
        VALUES (@TenantId, @Id, @CustomerId, @Name, @Mode, @Status, @Currency, @Zone, @Plans, @LowBalance, @CriticalBalance, @CreatedAt, @Version)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """;

    private const string Update = """
        UPDATE relier_usage_account
        SET name = @Name, mode = @Mode, status = @Status, zone = @Zone, plans = @Plans, low_balance = @LowBalance, critical_balance = @CriticalBalance, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    private const string Select = $"SELECT {Columns} FROM relier_usage_account WHERE tenant_id = @TenantId";

    private const string PageOf = " AND created_at <= @At AND (created_at < @At OR id > @AfterId) ORDER BY created_at DESC, id LIMIT @Limit";

    private const string InsertLine = """
        INSERT INTO relier_line (tenant_id, kind, value, account_id, customer_id) VALUES (@TenantId, @Kind, @Value, @AccountId, @CustomerId)
        ON CONFLICT (tenant_id, value, kind) DO NOTHING
        """;

    private const string RemoveLine = "DELETE FROM relier_line WHERE tenant_id = @TenantId AND value = @Value AND kind = @Kind AND account_id = @AccountId";

    private const string LineColumns = "SELECT kind AS Kind, value AS Value, account_id AS AccountId, customer_id AS CustomerId FROM relier_line WHERE tenant_id = @TenantId";

    private const string AccountAsLine = "SELECT 'account' AS Kind, id AS Value, id AS AccountId, customer_id AS CustomerId FROM relier_usage_account WHERE tenant_id = @TenantId AND id = asked.one";

    private const string InsertBucket = """
        INSERT INTO relier_bucket (
          tenant_id, id, account_id, name, kind, granted, rest, reserved, unit, priority, prefixes, is_blocker, valid_from, expires_at, created_at, version)
        VALUES (
          @TenantId, @Id, @AccountId, @Name, @Kind, @Granted, @Rest, @Reserved, @Unit, @Priority, @Prefixes, @IsBlocker, @ValidFrom, @ExpiresAt, @CreatedAt, @Version)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """;

    private const string ListBuckets = $"SELECT {BucketColumns} FROM relier_bucket WHERE tenant_id = @TenantId AND account_id = @AccountId ORDER BY id";

    private const string Wallet = $"SELECT {LedgerStore.AccountColumns} FROM relier_account WHERE tenant_id = @TenantId AND id = asked.one";

    private const string ListUsage = """
        SELECT account_id AS AccountId, month AS Month, line_kind AS LineKind, line_value AS LineValue, kind AS Kind, direction AS Direction, calls AS Calls,
               quantity AS Quantity, billed AS Billed, amount AS Amount, currency AS Currency
        FROM relier_usage_count WHERE tenant_id = @TenantId AND account_id = @AccountId AND month >= @FromMonth AND month <= @ToMonth
        """;

    // Each statement behind the first one sees what was committed before the locks were granted.
    private readonly string _lock =
        sql.Dialect.ForEach("Accounts", Wallet + sql.Dialect.Lock) + sql.Dialect.ForEach("Accounts", Select + " AND id = asked.one")
        + sql.Dialect.ForEach("Accounts", $"SELECT {BucketColumns} FROM relier_bucket WHERE tenant_id = @TenantId AND account_id = asked.one AND rest > 0");

    private readonly string _owners =
        sql.Dialect.ForEach("Lines", LineColumns + " AND value = asked.one AND kind = asked.other") + sql.Dialect.ForEach("Accounts", AccountAsLine);

    public Task AddAsync(UsageAccount account, CancellationToken cancellationToken) =>
        sql.InsertAsync(Insert, Row.Of(tenant, account), UniqueKey.UsageAccount, cancellationToken);

    public async Task<UsageAccount> UpdateAsync(UsageAccount account, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(Update, Row.Of(tenant, account), cancellationToken) == 1
            ? account with { Version = account.Version + 1 }
            : throw new StaleVersionException($"Account {account.Id}", account.Version);

    public async Task<UsageAccount?> FindAsync(Id<Account> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<Row>(Select + " AND id = @Id", new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToAccount();

    public async Task<Page<UsageAccount>> ListAsync(Id<Customer>? customer, PageRequest page, CancellationToken cancellationToken)
    {
        var (at, afterId) = Paging.After(page);
        var rows = await sql.ListAsync<Row>(
            Select + (customer is null ? "" : " AND customer_id = @CustomerId") + PageOf,
            new { TenantId = tenant.Value, CustomerId = customer?.Value, At = at, AfterId = afterId, Limit = Paging.Rows(page) }, cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToAccount()).ToList(), page, account => new Position(account.CreatedAt, account.Id.Value));
    }

    public Task AddLineAsync(LineOwner line, CancellationToken cancellationToken) =>
        sql.InsertAsync(
            InsertLine,
            new { TenantId = tenant.Value, Kind = Words.LineKind.Of(line.Line.Kind), line.Line.Value, AccountId = line.Account.Value, CustomerId = line.Customer.Value },
            UniqueKey.Line, cancellationToken);

    public async Task<bool> RemoveLineAsync(Id<Account> account, LineRef line, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(RemoveLine, new { TenantId = tenant.Value, Kind = Words.LineKind.Of(line.Kind), line.Value, AccountId = account.Value }, cancellationToken) == 1;

    public async Task<IReadOnlyList<LineRef>> ListLinesAsync(Id<Account> account, CancellationToken cancellationToken) =>
        [.. (await sql.ListAsync<LineRow>(LineColumns + " AND account_id = @AccountId ORDER BY kind, value", new { TenantId = tenant.Value, AccountId = account.Value }, cancellationToken))
            .Select(row => row.ToOwner().Line)];

    public async Task<IReadOnlyList<LineOwner>> FindOwnersAsync(IReadOnlyCollection<LineRef> lines, CancellationToken cancellationToken)
    {
        if (lines.Count == 0) return [];
        var asked = lines.Distinct().ToList();
        return await sql.BatchAsync(
            _owners,
            new
            {
                TenantId = tenant.Value, Lines = Json.Of(asked.Select(line => (line.Value, Words.LineKind.Of(line.Kind)))),
                Accounts = Json.Of(asked.Where(line => line.Kind == LineKind.Account).Select(line => (line.Value, ""))),
            },
            async rows => (await rows.ReadAsync<LineRow>()).Concat(await rows.ReadAsync<LineRow>()).Select(row => row.ToOwner()).ToList(),
            cancellationToken);
    }

    public Task AddBucketAsync(AccountBucket bucket, CancellationToken cancellationToken) =>
        sql.InsertAsync(InsertBucket, BucketRow.Of(tenant, bucket), UniqueKey.Bucket, cancellationToken);

    public async Task<IReadOnlyList<AccountBucket>> ListBucketsAsync(Id<Account> account, CancellationToken cancellationToken) =>
        [.. (await sql.ListAsync<BucketRow>(ListBuckets, new { TenantId = tenant.Value, AccountId = account.Value }, cancellationToken)).Select(row => row.ToBucket())];

    public async Task<IReadOnlyList<AccountUsage>> LockAsync(IReadOnlyCollection<Id<Account>> accounts, CancellationToken cancellationToken)
    {
        if (accounts.Count == 0) return [];
        var ids = accounts.Select(account => account.Value).Distinct().Order(StringComparer.Ordinal).Select(id => (id, ""));
        var (wallets, found, buckets) = await sql.BatchAsync(
            _lock,
            new { TenantId = tenant.Value, Accounts = Json.Of(ids) },
            async rows => (
                (await rows.ReadAsync<LedgerStore.AccountRow>()).ToDictionary(row => row.Id, row => row.ToAccount()),
                (await rows.ReadAsync<Row>()).Select(row => row.ToAccount()).ToList(),
                (await rows.ReadAsync<BucketRow>()).Select(row => row.ToBucket()).ToLookup(bucket => bucket.Account)),
            cancellationToken);
        return
        [
            .. from account in found
               where wallets.ContainsKey(account.Id.Value)
               select new AccountUsage(account, wallets[account.Id.Value], [.. buckets[account.Id].OrderBy(bucket => bucket.Id.Value, StringComparer.Ordinal)]),
        ];
    }

    public async Task<IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>>> ListUsageAsync(Id<Account> account, string fromMonth, string toMonth, CancellationToken cancellationToken)
    {
        var parameters = new { TenantId = tenant.Value, AccountId = account.Value, FromMonth = fromMonth, ToMonth = toMonth };
        return [.. (await sql.ListAsync<CountRow>(ListUsage, parameters, cancellationToken)).Select(row => row.ToCount())
            .OrderBy(count => count.Key.Month, StringComparer.Ordinal).ThenBy(count => count.Key.Line?.Kind).ThenBy(count => count.Key.Line?.Value, StringComparer.Ordinal)
            .ThenBy(count => count.Key.Kind).ThenBy(count => count.Key.Direction)];
    }

    private sealed record LineRow
    {
        public required string Kind { get; init; }
        public required string Value { get; init; }
        public required string AccountId { get; init; }
        public required string CustomerId { get; init; }

        public LineOwner ToOwner() => new(new LineRef(Words.LineKind.Parse(Kind), Value), Id<Account>.Parse(AccountId), Id<Customer>.Parse(CustomerId));
    }

    internal sealed record Row
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string CustomerId { get; init; }
        public required string Name { get; init; }
        public required string Mode { get; init; }
        public required string Status { get; init; }
        public required string Currency { get; init; }
        public required string Zone { get; init; }
        public required string Plans { get; init; }
        public long? LowBalance { get; init; }
        public long? CriticalBalance { get; init; }
        public required long CreatedAt { get; init; }
        public required long Version { get; init; }

        public static Row Of(TenantId tenant, UsageAccount account) => new()
        {
            TenantId = tenant.Value, Id = account.Id.Value, CustomerId = account.Customer.Value, Name = account.Name, Mode = Words.PaymentMode.Of(account.Mode),
            Status = Words.UsageAccountStatus.Of(account.Status), Currency = account.Currency.Code, Zone = account.Zone.Id, Plans = RatingJson.Of(account.Plans),
            LowBalance = account.LowBalance?.Micros, CriticalBalance = account.CriticalBalance?.Micros, CreatedAt = Micros.Of(account.CreatedAt), Version = account.Version,
        };

        public UsageAccount ToAccount() => new()
        {
            Id = Id<Account>.Parse(Id), Customer = Id<Customer>.Parse(CustomerId), Name = Name, Mode = Words.PaymentMode.Parse(Mode),
            Status = Words.UsageAccountStatus.Parse(Status), Currency = Relier.Currency.Parse(Currency), Zone = DateTimeZoneProviders.Tzdb[Zone], Plans = RatingJson.ToPlans(Plans),
            LowBalance = Amounts.ToMoney(LowBalance, Currency), CriticalBalance = Amounts.ToMoney(CriticalBalance, Currency), CreatedAt = Micros.ToInstant(CreatedAt), Version = Version,
        };
    }

    internal sealed record BucketRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string AccountId { get; init; }
        public required string Name { get; init; }
        public required string Kind { get; init; }
        public required long Granted { get; init; }
        public required long Rest { get; init; }
        public required long Reserved { get; init; }
        public required long Unit { get; init; }
        public required long Priority { get; init; }
        public required string Prefixes { get; init; }
        public required long IsBlocker { get; init; }
        public required long ValidFrom { get; init; }
        public long? ExpiresAt { get; init; }
        public required long CreatedAt { get; init; }
        public required long Version { get; init; }

        public static BucketRow Of(TenantId tenant, AccountBucket bucket)
        {
            var content = bucket.Content;
            var scale = ScaleOf(content.Kind);
            return new()
            {
                TenantId = tenant.Value, Id = bucket.Id.Value, AccountId = bucket.Account.Value, Name = bucket.Name, Kind = Words.BucketKind.Of(content.Kind),
                Granted = (long)(bucket.Granted * scale), Rest = (long)(content.Left * scale), Reserved = (long)(bucket.Reserved * scale), Unit = content.Unit, Priority = content.Priority,
                Prefixes = Json.Of(content.Prefixes), IsBlocker = content.IsBlocker ? 1 : 0, ValidFrom = Micros.Of(bucket.ValidFrom), ExpiresAt = Micros.Of(content.Expires),
                CreatedAt = Micros.Of(bucket.CreatedAt), Version = bucket.Version,
            };
        }

        public AccountBucket ToBucket()
        {
            var kind = Words.BucketKind.Parse(Kind);
            decimal scale = ScaleOf(kind);
            return new()
            {
                Id = Id<AccountBucket>.Parse(Id), Account = Id<Account>.Parse(AccountId), Name = Name, Granted = Granted / scale, Reserved = Reserved / scale,
                ValidFrom = Micros.ToInstant(ValidFrom), CreatedAt = Micros.ToInstant(CreatedAt), Version = Version,
                Content = new Bucket
                {
                    Id = Id, Kind = kind, Left = Rest / scale, Unit = Unit, Priority = (int)Priority, Prefixes = [.. Json.ToTexts(Prefixes)], IsBlocker = IsBlocker == 1,
                    Expires = Micros.ToInstant(ExpiresAt),
                },
            };
        }

        private static long ScaleOf(BucketKind kind) => kind == BucketKind.Money ? Money.MicrosPerUnit : 1;
    }

    internal sealed record CountRow
    {
        public string TenantId { get; init; } = "";
        public required string AccountId { get; init; }
        public required string Month { get; init; }
        public required string LineKind { get; init; }
        public required string LineValue { get; init; }
        public required string Kind { get; init; }
        public required string Direction { get; init; }
        public required long Calls { get; init; }
        public required long Quantity { get; init; }
        public required long Billed { get; init; }
        public required long Amount { get; init; }
        public required string Currency { get; init; }

        public static CountRow Of(TenantId tenant, UsageCountKey key, UsageCount count) => new()
        {
            TenantId = tenant.Value, AccountId = key.Account.Value, Month = key.Month, LineKind = key.Line is { } line ? Words.LineKind.Of(line.Kind) : "",
            LineValue = key.Line?.Value ?? "", Kind = Words.UsageKind.Of(key.Kind), Direction = Words.CallDirection.Of(key.Direction), Calls = count.Calls,
            Quantity = count.Quantity, Billed = count.Billed, Amount = count.Amount.Micros, Currency = count.Amount.Currency.Code,
        };

        public KeyValuePair<UsageCountKey, UsageCount> ToCount() => new(
            new UsageCountKey(
                Id<Account>.Parse(AccountId), LineKind.Length == 0 ? null : new LineRef(Words.LineKind.Parse(LineKind), LineValue), Month,
                Words.UsageKind.Parse(Kind), Words.CallDirection.Parse(Direction)),
            new UsageCount(Calls, Quantity, Billed, Amounts.ToMoney(Amount, Currency)));
    }
}
