using System.Data;
using System.Globalization;
using Dapper;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class LedgerStore(Statements sql, TenantId tenant) : ILedgerStore
{
    public const string AccountColumns =
        "id AS Id, customer_id AS CustomerId, currency AS Currency, credit_limit AS CreditLimit, posted AS Posted, held AS Held, "
        + "entries AS Entries, opened_at AS OpenedAt, version AS Version";

    private const string InsertAccount = """
        INSERT INTO relier_account (tenant_id, id, customer_id, currency, credit_limit, posted, held, entries, opened_at, version)
        VALUES (@TenantId, @Id, @CustomerId, @Currency, @CreditLimit, @Posted, @Held, @Entries, @OpenedAt, @Version)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """;

    private const string FindAccount = $"SELECT {AccountColumns} FROM relier_account WHERE tenant_id = @TenantId AND id = @Id";

    // Ordered afterwards: asked to do it, SQLite reads every account of the tenant in that order to find a few.
    private const string ListAccounts = $"SELECT {AccountColumns} FROM relier_account WHERE tenant_id = @TenantId AND customer_id";

    public const string UpdateAccount = """
        UPDATE relier_account
        SET credit_limit = @CreditLimit, posted = @Posted, held = @Held, entries = @Entries, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    public const string InsertHold = """
        INSERT INTO relier_hold (tenant_id, subject, account_id, amount, currency, state, opened_at, ended_at)
        VALUES (@TenantId, @Subject, @AccountId, @Amount, @Currency, @State, @OpenedAt, @EndedAt)
        ON CONFLICT (tenant_id, subject) DO NOTHING
        """;

    private const string FindHold = """
        SELECT subject AS Subject, account_id AS AccountId, amount AS Amount, currency AS Currency, state AS State,
               opened_at AS OpenedAt, ended_at AS EndedAt
        FROM relier_hold WHERE tenant_id = @TenantId AND subject = @Subject
        """;

    public const string EndHold = """
        UPDATE relier_hold SET state = @State, ended_at = @EndedAt
        WHERE tenant_id = @TenantId AND subject = @Subject AND state = 'open'
        """;

    public const string InsertJournal = """
        INSERT INTO relier_journal (tenant_id, id, written_at, kind, subject, reason)
        VALUES (@TenantId, @Id, @WrittenAt, @Kind, @Subject, @Reason)
        ON CONFLICT DO NOTHING
        """;

    private const string InsertPostings =
        "INSERT INTO relier_posting (tenant_id, journal_id, no, account, amount, currency, balance, entry, written_at) VALUES ";

    private const string FindJournal = """
        SELECT id AS Id, written_at AS WrittenAt, kind AS Kind, subject AS Subject, reason AS Reason
        FROM relier_journal WHERE tenant_id = @TenantId AND subject = @Subject AND kind = @Kind
        """;

    private const string ListPostings = """
        SELECT account AS Account, amount AS Amount, currency AS Currency, balance AS Balance, entry AS Entry
        FROM relier_posting WHERE tenant_id = @TenantId AND journal_id = @JournalId ORDER BY no
        """;

    private const string Statement = """
        SELECT p.journal_id AS JournalId, p.written_at AS WrittenAt, j.kind AS Kind, j.subject AS Subject, j.reason AS Reason,
               p.amount AS Amount, p.currency AS Currency, p.balance AS Balance, p.entry AS Entry
        FROM relier_posting p
        JOIN relier_journal j ON j.tenant_id = p.tenant_id AND j.id = p.journal_id
        WHERE p.tenant_id = @TenantId AND p.account = @Account AND p.entry < @BeforeEntry
          AND p.written_at >= @From AND p.written_at < @To
        ORDER BY p.entry DESC LIMIT @Limit
        """;

    private const string FirstEntry = """
        SELECT entry FROM relier_posting
        WHERE tenant_id = @TenantId AND account = @Account AND entry >= 1 AND written_at >= @From
        ORDER BY entry LIMIT 1
        """;

    private const string Balances = """
        SELECT account AS Account, currency AS Currency, CAST(SUM(amount) AS BIGINT) AS Balance
        FROM relier_posting WHERE tenant_id = @TenantId
        GROUP BY account, currency ORDER BY account, currency
        """;

    private const string Sum = """
        SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM relier_posting
        WHERE tenant_id = @TenantId AND account = @Account AND currency = @Currency
        """;

    public Task OpenAsync(Account account, CancellationToken cancellationToken) =>
        sql.InsertAsync(InsertAccount, AccountRow.Of(tenant, account), UniqueKey.Account, cancellationToken);

    public Task<Account?> FindAsync(Id<Account> id, CancellationToken cancellationToken) =>
        FindAsync(FindAccount, id, cancellationToken);

    public Task<Account?> LockAsync(Id<Account> id, CancellationToken cancellationToken) =>
        FindAsync(FindAccount + sql.Dialect.Lock, id, cancellationToken);

    public async Task<IReadOnlyList<Account>> ListAsync(IReadOnlyCollection<Id<Customer>> customers, CancellationToken cancellationToken)
    {
        if (customers.Count == 0) return [];
        var parameters = new { TenantId = tenant.Value, Customers = customers.Select(customer => customer.Value).ToList() };
        var rows = await sql.ListAsync<AccountRow>(ListAccounts + sql.Dialect.IsOneOf("Customers"), parameters, cancellationToken);
        return rows.OrderBy(row => row.Id, StringComparer.Ordinal).Select(row => row.ToAccount()).ToList();
    }

    public async Task<Account> UpdateAsync(Account account, CancellationToken cancellationToken)
    {
        if (await sql.ExecuteAsync(UpdateAccount, AccountRow.Of(tenant, account), cancellationToken) == 0)
            throw new StaleVersionException($"Account {account.Id}", account.Version);
        return account with { Version = account.Version + 1 };
    }

    public Task AddHoldAsync(Hold hold, CancellationToken cancellationToken) =>
        sql.InsertAsync(InsertHold, HoldRow.Of(tenant, hold), UniqueKey.Hold, cancellationToken);

    public async Task<Hold?> FindHoldAsync(string subject, CancellationToken cancellationToken) =>
        (await sql.FindAsync<HoldRow>(FindHold, new { TenantId = tenant.Value, Subject = subject }, cancellationToken))?.ToHold();

    public async Task EndHoldAsync(Hold hold, CancellationToken cancellationToken)
    {
        if (await sql.ExecuteAsync(EndHold, HoldRow.Of(tenant, hold), cancellationToken) == 0)
            throw new StaleVersionException($"The hold for {hold.Subject}", 1);
    }

    public async Task PostAsync(Journal journal, CancellationToken cancellationToken)
    {
        var bare = journal.Postings.FirstOrDefault(posting => posting.Account.Account is not null && (posting.Balance is null || posting.Entry is null));
        if (bare is not null)
            throw new ArgumentException($"The posting on {bare.Account} in journal {journal.Id} needs its balance and number.", nameof(journal));

        await sql.InsertAsync(InsertJournal, JournalRow.Of(tenant, journal), UniqueKey.Journal, cancellationToken);
        if (journal.Postings.IsEmpty) return;

        // All in one statement: a journal has two to five postings, and each exchange with the engine costs more than a row.
        var parameters = new DynamicParameters();
        parameters.Add("TenantId", tenant.Value);
        parameters.Add("JournalId", journal.Id.Value);
        parameters.Add("WrittenAt", Micros.Of(journal.At));
        var rows = journal.Postings.Select((posting, no) =>
        {
            parameters.Add($"No{no}", (long)no);
            parameters.Add($"Account{no}", posting.Account.Value);
            parameters.Add($"Amount{no}", posting.Amount.Micros);
            parameters.Add($"Currency{no}", posting.Amount.Currency.Code);
            parameters.Add($"Balance{no}", posting.Balance?.Micros, DbType.Int64);
            parameters.Add($"Entry{no}", posting.Entry, DbType.Int64);
            return $"(@TenantId, @JournalId, @No{no}, @Account{no}, @Amount{no}, @Currency{no}, @Balance{no}, @Entry{no}, @WrittenAt)";
        });
        await sql.ExecuteAsync(InsertPostings + string.Join(", ", rows), parameters, cancellationToken);
    }

    public async Task<Journal?> FindJournalAsync(JournalKind kind, string subject, CancellationToken cancellationToken)
    {
        var row = await sql.FindAsync<JournalRow>(
            FindJournal, new { TenantId = tenant.Value, Subject = subject, Kind = Words.JournalKind.Of(kind) }, cancellationToken);
        if (row is null) return null;
        var postings = await sql.ListAsync<PostingRow>(ListPostings, new { TenantId = tenant.Value, JournalId = row.Id }, cancellationToken);
        return row.ToJournal(postings);
    }

    public async Task<Page<StatementLine>> StatementAsync(
        Id<Account> account, Instant? from, Instant? to, PageRequest page, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            TenantId = tenant.Value,
            Account = AccountCode.OfCustomer(account).Value,
            BeforeEntry = page.After is null ? long.MaxValue : long.TryParse(page.After.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var entry) ? entry : 0,
            From = Micros.NotBefore(from) ?? long.MinValue,
            To = Micros.NotBefore(to) ?? long.MaxValue,
            Limit = Paging.Rows(page),
        };
        var rows = await sql.ListAsync<StatementRow>(Statement, parameters, cancellationToken);
        return Paging.ToPage(
            rows.Select(row => row.ToLine()).ToList(), page,
            line => new Position(line.At, line.Entry.ToString(CultureInfo.InvariantCulture)));
    }

    public async Task<long?> FirstEntryAsync(Id<Account> account, Instant from, CancellationToken cancellationToken)
    {
        var parameters = new { TenantId = tenant.Value, Account = AccountCode.OfCustomer(account).Value, From = Micros.NotBefore(from) };
        return (await sql.ListLongAsync<long>(FirstEntry, parameters, cancellationToken)) is [var entry] ? entry : null;
    }

    public async Task<IReadOnlyList<AccountBalance>> BalancesAsync(CancellationToken cancellationToken) =>
        (await sql.ListLongAsync<BalanceRow>(Balances, new { TenantId = tenant.Value }, cancellationToken))
            .Select(row => new AccountBalance(AccountCode.Parse(row.Account), Amounts.ToMoney(row.Balance, row.Currency)))
            .ToList();

    public async Task<Money> SumAsync(AccountCode account, Currency currency, CancellationToken cancellationToken)
    {
        var parameters = new { TenantId = tenant.Value, Account = account.Value, Currency = currency.Code };
        return Money.FromMicros(await sql.ScalarAsync<long>(Sum, parameters, cancellationToken), currency);
    }

    public Task<IReadOnlyList<LedgerFinding>> VerifyAsync(CancellationToken cancellationToken) =>
        LedgerVerification.RunAsync(sql, tenant, cancellationToken);

    private async Task<Account?> FindAsync(string statement, Id<Account> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<AccountRow>(statement, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToAccount();

    internal sealed record AccountRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string CustomerId { get; init; }
        public required string Currency { get; init; }
        public required long CreditLimit { get; init; }
        public required long Posted { get; init; }
        public required long Held { get; init; }
        public required long Entries { get; init; }
        public required long OpenedAt { get; init; }
        public required long Version { get; init; }

        public static AccountRow Of(TenantId tenant, Account account) => new()
        {
            TenantId = tenant.Value, Id = account.Id.Value, CustomerId = account.Customer.Value,
            Currency = account.Currency.Code, CreditLimit = account.CreditLimit.Micros, Posted = account.Posted.Micros,
            Held = account.Held.Micros, Entries = account.Entries, OpenedAt = Micros.Of(account.OpenedAt), Version = account.Version,
        };

        public Account ToAccount() => new()
        {
            Id = Id<Account>.Parse(Id), Customer = Id<Customer>.Parse(CustomerId),
            CreditLimit = Amounts.ToMoney(CreditLimit, Currency), Posted = Amounts.ToMoney(Posted, Currency),
            Held = Amounts.ToMoney(Held, Currency), Entries = Entries, OpenedAt = Micros.ToInstant(OpenedAt), Version = Version,
        };
    }

    internal sealed record HoldRow
    {
        public string TenantId { get; init; } = "";
        public required string Subject { get; init; }
        public required string AccountId { get; init; }
        public required long Amount { get; init; }
        public required string Currency { get; init; }
        public required string State { get; init; }
        public required long OpenedAt { get; init; }
        public long? EndedAt { get; init; }

        public static HoldRow Of(TenantId tenant, Hold hold) => new()
        {
            TenantId = tenant.Value, Subject = hold.Subject, AccountId = hold.Account.Value, Amount = hold.Amount.Micros,
            Currency = hold.Amount.Currency.Code, State = Words.HoldState.Of(hold.State),
            OpenedAt = Micros.Of(hold.OpenedAt), EndedAt = Micros.Of(hold.EndedAt),
        };

        public Hold ToHold() => new()
        {
            Subject = Subject, Account = Id<Account>.Parse(AccountId), Amount = Amounts.ToMoney(Amount, Currency),
            State = Words.HoldState.Parse(State), OpenedAt = Micros.ToInstant(OpenedAt), EndedAt = Micros.ToInstant(EndedAt),
        };
    }

    internal sealed record JournalRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required long WrittenAt { get; init; }
        public required string Kind { get; init; }
        public required string Subject { get; init; }
        public string? Reason { get; init; }

        public static JournalRow Of(TenantId tenant, Journal journal) => new()
        {
            TenantId = tenant.Value, Id = journal.Id.Value, WrittenAt = Micros.Of(journal.At),
            Kind = Words.JournalKind.Of(journal.Kind), Subject = journal.Subject, Reason = journal.Reason,
        };

        public Journal ToJournal(IEnumerable<PostingRow> postings) => new()
        {
            Id = Id<Journal>.Parse(Id), At = Micros.ToInstant(WrittenAt), Kind = Words.JournalKind.Parse(Kind),
            Subject = Subject, Reason = Reason, Postings = [.. postings.Select(row => row.ToPosting())],
        };
    }

    internal sealed record PostingRow
    {
        public string TenantId { get; init; } = "";
        public string JournalId { get; init; } = "";
        public long No { get; init; }
        public long WrittenAt { get; init; }
        public required string Account { get; init; }
        public required long Amount { get; init; }
        public required string Currency { get; init; }
        public long? Balance { get; init; }
        public long? Entry { get; init; }

        public static PostingRow Of(TenantId tenant, Journal journal, Posting posting, int no) => new()
        {
            TenantId = tenant.Value, JournalId = journal.Id.Value, No = no, WrittenAt = Micros.Of(journal.At), Account = posting.Account.Value,
            Amount = posting.Amount.Micros, Currency = posting.Amount.Currency.Code, Balance = posting.Balance?.Micros, Entry = posting.Entry,
        };

        public Posting ToPosting() => new(AccountCode.Parse(Account), Amounts.ToMoney(Amount, Currency))
        {
            Balance = Amounts.ToMoney(Balance, Currency), Entry = Entry,
        };
    }

    private sealed record StatementRow
    {
        public required string JournalId { get; init; }
        public required long WrittenAt { get; init; }
        public required string Kind { get; init; }
        public required string Subject { get; init; }
        public string? Reason { get; init; }
        public required long Amount { get; init; }
        public required string Currency { get; init; }
        public required long Balance { get; init; }
        public required long Entry { get; init; }

        public StatementLine ToLine() => new(
            Id<Journal>.Parse(JournalId), Micros.ToInstant(WrittenAt), Words.JournalKind.Parse(Kind), Subject, Reason,
            Amounts.ToMoney(Amount, Currency), Amounts.ToMoney(Balance, Currency), Entry);
    }

    private sealed record BalanceRow
    {
        public required string Account { get; init; }
        public required string Currency { get; init; }
        public required long Balance { get; init; }
    }
}
