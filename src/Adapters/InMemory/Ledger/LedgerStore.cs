using System.Collections.Immutable;
using System.Globalization;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class LedgerStore(Session session) : ILedgerStore
{
    public Task OpenAsync(Account account, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Accounts.ContainsKey(account.Id)
                ? throw new DuplicateKeyException(UniqueKey.Account)
                : rows with { Accounts = rows.Accounts.Add(account.Id, account) },
            cancellationToken);

    public Task<Account?> FindAsync(Id<Account> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Accounts.GetValueOrDefault(id), cancellationToken);

    // Transactions run one after the other, so until the end of this one nobody else does anything.
    public Task<Account?> LockAsync(Id<Account> id, CancellationToken cancellationToken) => FindAsync(id, cancellationToken);

    public Task<IReadOnlyList<Account>> ListAsync(IReadOnlyCollection<Id<Customer>> customers, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<Account>>(
            rows =>
            [
                .. rows.Accounts.Values.Where(account => customers.Contains(account.Customer))
                    .OrderBy(account => account.Id.Value, StringComparer.Ordinal),
            ],
            cancellationToken);

    public Task<Account> UpdateAsync(Account account, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.Accounts.GetValueOrDefault(account.Id) is not { } stored || stored.Version != account.Version)
                    throw new StaleVersionException($"Account {account.Id}", account.Version);
                var written = stored with
                {
                    CreditLimit = account.CreditLimit, Posted = account.Posted, Held = account.Held, Entries = account.Entries,
                    Version = account.Version + 1,
                };
                return (rows with { Accounts = rows.Accounts.SetItem(account.Id, written) }, written);
            },
            cancellationToken);

    public Task AddHoldAsync(Hold hold, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Holds.ContainsKey(hold.Subject)
                ? throw new DuplicateKeyException(UniqueKey.Hold)
                : rows with { Holds = rows.Holds.Add(hold.Subject, hold) },
            cancellationToken);

    public Task<Hold?> FindHoldAsync(string subject, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Holds.GetValueOrDefault(subject), cancellationToken);

    public Task EndHoldAsync(Hold hold, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Holds.GetValueOrDefault(hold.Subject) is { State: HoldState.Open } open
                ? rows with { Holds = rows.Holds.SetItem(hold.Subject, open with { State = hold.State, EndedAt = hold.EndedAt }) }
                : throw new StaleVersionException($"The open hold for {hold.Subject}", 1),
            cancellationToken);

    public Task PostAsync(Journal journal, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Journals.ContainsKey((journal.Kind, journal.Subject))
                ? throw new DuplicateKeyException(UniqueKey.Journal)
                : rows with
                {
                    Journals = rows.Journals.Add((journal.Kind, journal.Subject), journal),
                    Statements = journal.Postings.Aggregate(rows.Statements, (all, posting) => Noted(all, journal, posting)),
                },
            cancellationToken);

    public Task<Journal?> FindJournalAsync(JournalKind kind, string subject, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Journals.GetValueOrDefault((kind, subject)), cancellationToken);

    public Task<Page<StatementLine>> StatementAsync(Id<Account> account, Instant? from, Instant? to, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows =>
            {
                // Lines of one time are told apart by their number, so that is the id of their place.
                var before = page.After is null ? long.MaxValue : long.TryParse(page.After.Id, CultureInfo.InvariantCulture, out var entry) ? entry : 0;
                var found = rows.Statements.GetValueOrDefault(account, [])
                    .Where(line => line.Entry < before && (from is null || line.At >= from) && (to is null || line.At < to))
                    .OrderByDescending(line => line.Entry)
                    .Take(page.Limit + 1)
                    .ToImmutableArray();
                if (found.Length <= page.Limit) return new Page<StatementLine>(found, null);
                var last = found[page.Limit - 1];
                return new Page<StatementLine>(found[..page.Limit], new Position(last.At, last.Entry.ToString(CultureInfo.InvariantCulture)));
            },
            cancellationToken);

    public Task<long?> FirstEntryAsync(Id<Account> account, Instant from, CancellationToken cancellationToken) =>
        session.ReadAsync<long?>(
            rows => rows.Statements.GetValueOrDefault(account, []).Where(line => line.At >= from).Select(line => (long?)line.Entry).Min(), cancellationToken);

    public Task<IReadOnlyList<AccountBalance>> BalancesAsync(CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<AccountBalance>>(
            rows =>
            [
                .. rows.Journals.Values.SelectMany(journal => journal.Postings)
                    .GroupBy(posting => (posting.Account, posting.Amount.Currency))
                    .OrderBy(postings => postings.Key.Account.Value, StringComparer.Ordinal)
                    .ThenBy(postings => postings.Key.Currency.Code, StringComparer.Ordinal)
                    .Select(postings => new AccountBalance(postings.Key.Account, postings.Select(posting => posting.Amount).Sum(postings.Key.Currency))),
            ],
            cancellationToken);

    public Task<Money> SumAsync(AccountCode account, Currency currency, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.Journals.Values.SelectMany(journal => journal.Postings)
                .Where(posting => posting.Account == account && posting.Amount.Currency == currency).Select(posting => posting.Amount).Sum(currency),
            cancellationToken);

    public Task<IReadOnlyList<LedgerFinding>> VerifyAsync(CancellationToken cancellationToken) =>
        session.ReadAsync(LedgerVerification.Verify, cancellationToken);

    private static ImmutableDictionary<Id<Account>, ImmutableList<StatementLine>> Noted(
        ImmutableDictionary<Id<Account>, ImmutableList<StatementLine>> statements, Journal journal, Posting posting)
    {
        if (posting.Account.Account is not { } account) return statements;
        if (posting is not { Balance: { } balance, Entry: { } entry })
            throw new ArgumentException($"The posting on {posting.Account} in journal {journal.Id} needs its balance and number.", nameof(journal));
        var line = new StatementLine(journal.Id, journal.At, journal.Kind, journal.Subject, journal.Reason, posting.Amount, balance, entry);
        return statements.SetItem(account, statements.GetValueOrDefault(account, []).Add(line));
    }
}
