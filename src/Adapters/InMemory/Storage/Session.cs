using Relier.Archiving;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.InMemory;

internal sealed class Session(TenantId tenant, Transaction transaction) : ISession
{
    public TenantId Tenant { get; } = tenant;

    public ICustomerStore Customers => new CustomerStore(this);

    public ILedgerStore Ledger => new LedgerStore(this);

    public ITopUpStore TopUps => new TopUpStore(this);

    public IProviderStore Providers => new ProviderStore(this);

    public IOrderStore Orders => new OrderStore(this);

    public IExchangeRateStore ExchangeRates => new ExchangeRateStore(this);

    public IApiKeyStore Keys => new ApiKeyStore(this, transaction);

    public IJobStore Jobs => new JobStore(this);

    public IScheduleStore Schedules => new ScheduleStore(this);

    public IAuditStore Audit => new AuditStore(this);

    public IReconciliationStore Reconciliations => new ReconciliationStore(this);

    public IIdempotencyStore Idempotency => new IdempotencyStore(this);

    public IImportStore Imports => new ImportStore(this);

    public IAlertStore Alerts => new AlertStore(this);

    public ITariffStore Tariffs => new TariffStore(this);

    public IUsageAccountStore UsageAccounts => new UsageAccountStore(this);

    public ICallStore Calls => new CallStore(this);

    public IUsageSessionStore UsageSessions => new UsageSessionStore(this);

    public IArchiveStore Archive => new ArchiveStore(this);

    public void LeavesDueJobs() => transaction.LeavesDueJobs = true;

    public Task<T> ReadAsync<T>(Func<TenantRows, T> read, CancellationToken cancellationToken) =>
        transaction.ReadAsync(all => read(all.Of(Tenant)), cancellationToken);

    public Task WriteAsync(Func<TenantRows, TenantRows> change, CancellationToken cancellationToken) =>
        WriteAsync(rows => (change(rows), true), cancellationToken);

    /// <summary>All of the part or, when it throws, nothing of it.</summary>
    public Task AtomicallyAsync(Func<Task> part) => transaction.AtomicallyAsync(part);

    public Task<T> WriteAsync<T>(Func<TenantRows, (TenantRows After, T Result)> change, CancellationToken cancellationToken) =>
        transaction.WriteAsync(
            all =>
            {
                var (after, result) = change(all.Of(Tenant));
                return (all.With(Tenant, after), result);
            },
            cancellationToken);
}

internal sealed class SystemSession(Transaction transaction) : ISystemSession
{
    public ITenantStore Tenants => new TenantStore(transaction);

    public IJobClaims Jobs => new JobClaims(transaction);

    public IProcessStore Processes => new ProcessStore(transaction);

    public Task<ApiKey?> FindKeyAsync(string prefix, CancellationToken cancellationToken) =>
        transaction.ReadAsync(all => all.Keys.FirstOrDefault(key => key.Prefix == prefix), cancellationToken);

    public Task<Submitted?> FindSubmissionAsync(string provider, string reference, CancellationToken cancellationToken) =>
        transaction.ReadAsync(
            all => (from rows in all.Rows
                    orderby rows.Key.Value
                    where rows.Value.ProviderReferences.ContainsKey((provider, reference))
                    let submission = rows.Value.ProviderReferences[(provider, reference)]
                    select new Submitted(rows.Key, submission.TopUp, submission.AttemptNo)).FirstOrDefault(),
            cancellationToken);

    public Task<bool> AnyAdminKeyAsync(NodaTime.Instant now, CancellationToken cancellationToken) =>
        transaction.ReadAsync(all => all.Keys.Any(key => key.Customer is null && key.IsValidAt(now)), cancellationToken);
}
