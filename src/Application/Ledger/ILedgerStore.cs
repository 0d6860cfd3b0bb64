using NodaTime;
using Relier.Customers;
using Relier.Storage;

namespace Relier.Ledger;

/// <summary>Accounts, holds and journals of the session's tenant. Journals are only ever added.</summary>
public interface ILedgerStore
{
    /// <summary>Opens an account. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Account"/>).</summary>
    Task OpenAsync(Account account, CancellationToken cancellationToken);

    /// <summary>The account; null if there is none.</summary>
    Task<Account?> FindAsync(Id<Account> id, CancellationToken cancellationToken);

    /// <summary>The account, which until the end of the transaction nobody else can lock or change. Null if there is none.</summary>
    Task<Account?> LockAsync(Id<Account> id, CancellationToken cancellationToken);

    /// <summary>The accounts of these customers, by account id.</summary>
    Task<IReadOnlyList<Account>> ListAsync(IReadOnlyCollection<Id<Customer>> customers, CancellationToken cancellationToken);

    /// <summary>Writes balances and limit if the stored version is the given one's, and counts the version up. Throws <see cref="StaleVersionException"/>.</summary>
    Task<Account> UpdateAsync(Account account, CancellationToken cancellationToken);

    /// <summary>Adds an open hold. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Hold"/>) when its subject has or had one.</summary>
    Task AddHoldAsync(Hold hold, CancellationToken cancellationToken);

    /// <summary>The hold of a subject, open or ended; null if it never had one.</summary>
    Task<Hold?> FindHoldAsync(string subject, CancellationToken cancellationToken);

    /// <summary>Writes the end of a hold. Throws <see cref="StaleVersionException"/> when it is not open any more.</summary>
    Task EndHoldAsync(Hold hold, CancellationToken cancellationToken);

    /// <summary>Writes a journal. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Journal"/>) when its subject has one of this kind.</summary>
    Task PostAsync(Journal journal, CancellationToken cancellationToken);

    /// <summary>The journal of a kind for a subject; null if there is none.</summary>
    Task<Journal?> FindJournalAsync(JournalKind kind, string subject, CancellationToken cancellationToken);

    /// <summary>
    /// The postings of an account with from &lt;= time &lt; to, newest first: by entry, downwards. The id of a position is the
    /// number of an entry, so that a page can begin behind any.
    /// </summary>
    Task<Page<StatementLine>> StatementAsync(Id<Account> account, Instant? from, Instant? to, PageRequest page, CancellationToken cancellationToken);

    /// <summary>
    /// The number of the first posting of an account, by entry, that was written at this time or later; null if there is
    /// none. Once there is one it never changes, also when a posting with an earlier time is numbered behind it.
    /// </summary>
    Task<long?> FirstEntryAsync(Id<Account> account, Instant from, CancellationToken cancellationToken);

    /// <summary>The sum of the postings of every account, of customers and of the house, by code, then currency.</summary>
    Task<IReadOnlyList<AccountBalance>> BalancesAsync(CancellationToken cancellationToken);

    /// <summary>The sum of the postings of one account in one currency: credit positive, zero where there are none.</summary>
    Task<Money> SumAsync(AccountCode account, Currency currency, CancellationToken cancellationToken);

    /// <summary>Checks every <see cref="LedgerRule"/> over all rows, and gives the first findings, at most 100. Empty when all is well.</summary>
    Task<IReadOnlyList<LedgerFinding>> VerifyAsync(CancellationToken cancellationToken);
}

/// <summary>One posting as the owner of the account reads it.</summary>
/// <param name="Journal">The event.</param>
/// <param name="At">When.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Subject">To what.</param>
/// <param name="Reason">Why, where a person decided.</param>
/// <param name="Amount">Added (positive) or taken.</param>
/// <param name="Balance">The balance after it.</param>
/// <param name="Entry">Its number, from 1.</param>
public sealed record StatementLine(
    Id<Journal> Journal, Instant At, JournalKind Kind, string Subject, string? Reason, Money Amount, Money Balance, long Entry);

/// <summary>What an account comes to in one currency.</summary>
/// <param name="Account">The account.</param>
/// <param name="Balance">The sum of its postings: credit positive.</param>
public sealed record AccountBalance(AccountCode Account, Money Balance);
