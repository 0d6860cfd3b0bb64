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

namespace Relier.Sql;

/// <summary>The stores of one transaction, all bound to its tenant: no statement can be run without one.</summary>
internal sealed class SqlSession(Statements statements, TenantId tenant) : ISession
{
    public TenantId Tenant => tenant;

    public ICustomerStore Customers { get; } = new CustomerStore(statements, tenant);

    public ILedgerStore Ledger { get; } = new LedgerStore(statements, tenant);

    public ITopUpStore TopUps { get; } = new TopUpStore(statements, tenant);

    public IProviderStore Providers { get; } = new ProviderStore(statements, tenant);

    public IOrderStore Orders { get; } = new OrderStore(statements, tenant);

    public IExchangeRateStore ExchangeRates { get; } = new ExchangeRateStore(statements, tenant);

    public IApiKeyStore Keys { get; } = new ApiKeyStore(statements, tenant);

    public IJobStore Jobs { get; } = new JobStore(statements, tenant);

    public IScheduleStore Schedules { get; } = new ScheduleStore(statements, tenant);

    public IAuditStore Audit { get; } = new AuditStore(statements, tenant);

    public IIdempotencyStore Idempotency { get; } = new IdempotencyStore(statements, tenant);

    public IReconciliationStore Reconciliations { get; } = new ReconciliationStore(statements, tenant);

    public IImportStore Imports { get; } = new ImportStore(statements, tenant);

    public IAlertStore Alerts { get; } = new AlertStore(statements, tenant);

    public ITariffStore Tariffs { get; } = new TariffStore(statements, tenant);

    public IUsageAccountStore UsageAccounts { get; } = new UsageAccountStore(statements, tenant);

    public ICallStore Calls { get; } = new CallStore(statements, tenant);

    public IUsageSessionStore UsageSessions { get; } = new UsageSessionStore(statements, tenant);

    public IArchiveStore Archive { get; } = new ArchiveStore(statements, tenant);

    /// <summary>Throws when something that names its tenant is given to another tenant's session: a bug in the calling code.</summary>
    public static void RequireSame(TenantId session, TenantId given, string what)
    {
        if (session != given) throw new ArgumentException($"The session is {session}'s; {what} is {given}'s.");
    }
}

/// <summary>The stores of one transaction of the house.</summary>
internal sealed class SqlSystemSession(Statements statements) : ISystemSession
{
    public ITenantStore Tenants { get; } = new TenantStore(statements);

    public IJobClaims Jobs { get; } = new JobClaims(statements);

    public IProcessStore Processes { get; } = new ProcessStore(statements);

    public Task<ApiKey?> FindKeyAsync(string prefix, CancellationToken cancellationToken) =>
        ApiKeyStore.FindByPrefixAsync(statements, prefix, cancellationToken);

    public Task<Submitted?> FindSubmissionAsync(string provider, string reference, CancellationToken cancellationToken) =>
        TopUpStore.FindSubmissionAsync(statements, provider, reference, cancellationToken);

    public Task<bool> AnyAdminKeyAsync(NodaTime.Instant now, CancellationToken cancellationToken) =>
        ApiKeyStore.AnyAdminKeyAsync(statements, now, cancellationToken);
}
