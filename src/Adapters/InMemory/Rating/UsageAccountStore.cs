using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class UsageAccountStore(Session session) : IUsageAccountStore
{
    public Task AddAsync(UsageAccount account, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.UsageAccounts.ContainsKey(account.Id)
                ? throw new DuplicateKeyException(UniqueKey.UsageAccount)
                : rows with { UsageAccounts = rows.UsageAccounts.Add(account.Id, account) },
            cancellationToken);

    public Task<UsageAccount> UpdateAsync(UsageAccount account, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.UsageAccounts.GetValueOrDefault(account.Id) is not { } stored || stored.Version != account.Version)
                    throw new StaleVersionException($"Account {account.Id}", account.Version);
                var written = account with { Customer = stored.Customer, Currency = stored.Currency, CreatedAt = stored.CreatedAt, Version = account.Version + 1 };
                return (rows with { UsageAccounts = rows.UsageAccounts.SetItem(account.Id, written) }, written);
            },
            cancellationToken);

    public Task<UsageAccount?> FindAsync(Id<Account> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.UsageAccounts.GetValueOrDefault(id), cancellationToken);

    public Task<Page<UsageAccount>> ListAsync(Id<Customer>? customer, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.UsageAccounts.Values.Where(account => customer is null || account.Customer == customer)
                .ToPage(page, account => new Position(account.CreatedAt, account.Id.Value)),
            cancellationToken);

    public Task AddLineAsync(LineOwner line, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Lines.ContainsKey(line.Line) ? throw new DuplicateKeyException(UniqueKey.Line) : rows with { Lines = rows.Lines.Add(line.Line, line) }, cancellationToken);

    public Task<bool> RemoveLineAsync(Id<Account> account, LineRef line, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Lines.GetValueOrDefault(line)?.Account == account ? (rows with { Lines = rows.Lines.Remove(line) }, true) : (rows, false), cancellationToken);

    public Task<IReadOnlyList<LineRef>> ListLinesAsync(Id<Account> account, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<LineRef>>(
            rows => [.. rows.Lines.Values.Where(line => line.Account == account).Select(line => line.Line).OrderBy(line => line.Kind).ThenBy(line => line.Value, StringComparer.Ordinal)],
            cancellationToken);

    public Task<IReadOnlyList<LineOwner>> FindOwnersAsync(IReadOnlyCollection<LineRef> lines, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<LineOwner>>(rows => [.. lines.Distinct().Select(line => OwnerOf(rows, line)).OfType<LineOwner>()], cancellationToken);

    public Task AddBucketAsync(AccountBucket bucket, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Buckets.ContainsKey(bucket.Id) ? throw new DuplicateKeyException(UniqueKey.Bucket) : rows with { Buckets = rows.Buckets.Add(bucket.Id, bucket) },
            cancellationToken);

    public Task<IReadOnlyList<AccountBucket>> ListBucketsAsync(Id<Account> account, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<AccountBucket>>(rows => BucketsOf(rows, account), cancellationToken);

    public Task<IReadOnlyList<AccountUsage>> LockAsync(IReadOnlyCollection<Id<Account>> accounts, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<AccountUsage>>(
            rows =>
            [
                .. from id in accounts.Distinct().OrderBy(id => id.Value, StringComparer.Ordinal)
                   where rows.Accounts.ContainsKey(id) && rows.UsageAccounts.ContainsKey(id)
                   select new AccountUsage(rows.UsageAccounts[id], rows.Accounts[id], [.. BucketsOf(rows, id).Where(bucket => bucket.Content.Left > 0)]),
            ],
            cancellationToken);

    public Task<IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>>> ListUsageAsync(Id<Account> account, string fromMonth, string toMonth, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>>>(
            rows =>
            [
                .. rows.UsageCounts.Where(count => count.Key.Account == account && string.CompareOrdinal(count.Key.Month, fromMonth) >= 0 && string.CompareOrdinal(count.Key.Month, toMonth) <= 0)
                    .OrderBy(count => count.Key.Month, StringComparer.Ordinal).ThenBy(count => count.Key.Line?.Kind).ThenBy(count => count.Key.Line?.Value, StringComparer.Ordinal)
                    .ThenBy(count => count.Key.Kind).ThenBy(count => count.Key.Direction),
            ],
            cancellationToken);

    private static LineOwner? OwnerOf(TenantRows rows, LineRef line) =>
        rows.Lines.GetValueOrDefault(line)
        ?? (line.Kind == LineKind.Account && Id<Account>.TryParse(line.Value, out var id) && rows.UsageAccounts.GetValueOrDefault(id) is { } account
            ? new LineOwner(line, account.Id, account.Customer)
            : null);

    private static List<AccountBucket> BucketsOf(TenantRows rows, Id<Account> account) =>
        [.. rows.Buckets.Values.Where(bucket => bucket.Account == account).OrderBy(bucket => bucket.Id.Value, StringComparer.Ordinal)];
}
