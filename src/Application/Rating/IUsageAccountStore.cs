using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>Accounts of the session's tenant that usage is charged to, with their lines and buckets.</summary>
public interface IUsageAccountStore
{
    /// <summary>Adds an account. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.UsageAccount"/>).</summary>
    Task AddAsync(UsageAccount account, CancellationToken cancellationToken);

    /// <summary>Writes everything but whose it is, its currency and its beginning, and counts the version up. Throws <see cref="StaleVersionException"/>.</summary>
    Task<UsageAccount> UpdateAsync(UsageAccount account, CancellationToken cancellationToken);

    /// <summary>The account; null if there is none.</summary>
    Task<UsageAccount?> FindAsync(Id<Account> id, CancellationToken cancellationToken);

    /// <summary>The accounts of a customer, or of all, newest first, then by id.</summary>
    Task<Page<UsageAccount>> ListAsync(Id<Customer>? customer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Adds a line. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Line"/>) when it is somebody's.</summary>
    Task AddLineAsync(LineOwner line, CancellationToken cancellationToken);

    /// <summary>Takes a line away from an account. False when it was not the account's.</summary>
    Task<bool> RemoveLineAsync(Id<Account> account, LineRef line, CancellationToken cancellationToken);

    /// <summary>The lines of an account, by kind, then value.</summary>
    Task<IReadOnlyList<LineRef>> ListLinesAsync(Id<Account> account, CancellationToken cancellationToken);

    /// <summary>Whose these lines are; those that are nobody's are left out. An account is a line of its own.</summary>
    Task<IReadOnlyList<LineOwner>> FindOwnersAsync(IReadOnlyCollection<LineRef> lines, CancellationToken cancellationToken);

    /// <summary>Adds a bucket. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Bucket"/>).</summary>
    Task AddBucketAsync(AccountBucket bucket, CancellationToken cancellationToken);

    /// <summary>All buckets of an account, empty ones too, by id.</summary>
    Task<IReadOnlyList<AccountBucket>> ListBucketsAsync(Id<Account> account, CancellationToken cancellationToken);

    /// <summary>
    /// Locks the money of these accounts until the end of the transaction, in the order of their ids; then reads, behind the locks,
    /// all that decides what their usage costs: the buckets that are not empty among it. In the order of their ids; what is not there is left out.
    /// </summary>
    Task<IReadOnlyList<AccountUsage>> LockAsync(IReadOnlyCollection<Id<Account>> accounts, CancellationToken cancellationToken);

    /// <summary>What an account used in these months, by month, line, kind, direction.</summary>
    Task<IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>>> ListUsageAsync(Id<Account> account, string fromMonth, string toMonth, CancellationToken cancellationToken);
}
