using Relier.Archiving;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Rating;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Storage;

/// <summary>
/// Where everything is kept. Work runs in short transactions that the handler opens itself: all of it is there
/// afterwards, or nothing. Never open one across a network call.
/// Throws <see cref="StorageUnavailableException"/> when the engine cannot be reached, from any method.
/// </summary>
public interface IStorage
{
    /// <summary>Whether the asking flow of work is inside a transaction of this storage already. A storage that cannot tell says no.</summary>
    bool IsInTransaction => false;

    /// <summary>
    /// Runs the work in one transaction that sees and writes only this tenant's rows, and commits when it returns. An
    /// exception rolls back and is passed on. What the work wrote, it reads back. The session must not be kept. Work that
    /// an engine gave up for another's (a deadlock) may be run again from the start: it must have no effect but through its
    /// session. A transaction opened inside another throws <see cref="InvalidOperationException"/>.
    /// </summary>
    Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>The same for work of the house that belongs to no single tenant: claiming jobs, looking up keys, tenants themselves.</summary>
    Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>
    /// Calls <paramref name="wake"/> soon after commits that left due jobs behind: those of this storage always, those of other processes
    /// where the engine can tell. Completes when cancelled, and not before: a connection that is lost is made again. May call too
    /// often, and may miss one; who needs to know for certain asks from time to time. By default nothing is told.
    /// </summary>
    Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) => new JobBell().ListenAsync(wake, cancellationToken);

    /// <summary>Brings the schema to the version this program expects. Runs once however many processes call it.</summary>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>The migrations this program knows, in order, with when each was applied.</summary>
    Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken);
}

/// <summary>One migration of the schema.</summary>
/// <param name="Version">Its number, from 1.</param>
/// <param name="Name">What it does.</param>
/// <param name="AppliedAt">When it was applied; null if it was not.</param>
public sealed record MigrationStatus(int Version, string Name, NodaTime.Instant? AppliedAt);

/// <summary>One transaction for one tenant: a store per capability.</summary>
public interface ISession
{
    /// <summary>Whose rows are seen.</summary>
    TenantId Tenant { get; }

    /// <summary>Customers.</summary>
    ICustomerStore Customers { get; }

    /// <summary>Accounts, holds and journals.</summary>
    ILedgerStore Ledger { get; }

    /// <summary>Top-ups, with their attempts and evidence.</summary>
    ITopUpStore TopUps { get; }

    /// <summary>What is known of the providers.</summary>
    IProviderStore Providers { get; }

    /// <summary>Orders of top-ups, many at a time.</summary>
    IOrderStore Orders { get; }

    /// <summary>Rates of exchange.</summary>
    IExchangeRateStore ExchangeRates { get; }

    /// <summary>API keys.</summary>
    IApiKeyStore Keys { get; }

    /// <summary>Work to be done after the commit.</summary>
    IJobStore Jobs { get; }

    /// <summary>Recurring work.</summary>
    IScheduleStore Schedules { get; }

    /// <summary>Who changed what.</summary>
    IAuditStore Audit { get; }

    /// <summary>Statements compared with our submissions.</summary>
    IReconciliationStore Reconciliations { get; }

    /// <summary>What people are told of.</summary>
    IAlertStore Alerts { get; }

    /// <summary>What came from other systems.</summary>
    IImportStore Imports { get; }

    /// <summary>Plans and decks.</summary>
    ITariffStore Tariffs { get; }

    /// <summary>Accounts that usage is charged to.</summary>
    IUsageAccountStore UsageAccounts { get; }

    /// <summary>Calls, and the reports that they came in.</summary>
    ICallStore Calls { get; }

    /// <summary>Usage that is under way.</summary>
    IUsageSessionStore UsageSessions { get; }

    /// <summary>What is old enough to be archived, and what was.</summary>
    IArchiveStore Archive { get; }

    /// <summary>The first answers to keyed requests.</summary>
    IIdempotencyStore Idempotency { get; }
}

/// <summary>One transaction for the house itself.</summary>
public interface ISystemSession
{
    /// <summary>The tenants.</summary>
    ITenantStore Tenants { get; }

    /// <summary>The key with this prefix, whoever's it is; null if none.</summary>
    Task<ApiKey?> FindKeyAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Whether any key of a person of the house is valid at this time.</summary>
    Task<bool> AnyAdminKeyAsync(NodaTime.Instant now, CancellationToken cancellationToken);

    /// <summary>Whose submission carries this reference of ours with a provider; null if nobody's.</summary>
    Task<Submitted?> FindSubmissionAsync(string provider, string reference, CancellationToken cancellationToken);

    /// <summary>Takes jobs to be worked on.</summary>
    IJobClaims Jobs { get; }

    /// <summary>The processes of the installation.</summary>
    IProcessStore Processes { get; }
}

/// <summary>Whose a submission is.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="TopUp">The top-up.</param>
/// <param name="AttemptNo">Which of its submissions.</param>
public sealed record Submitted(TenantId Tenant, Id<TopUp> TopUp, int AttemptNo);

/// <summary>Somebody else changed the row since it was read. Nothing was written; read again and decide again.</summary>
public sealed class StaleVersionException : Exception
{
    /// <summary>Of one row.</summary>
    public StaleVersionException(string what, long version)
        : base($"{what} is no longer at version {version}.")
    {
    }

    /// <summary>Of one of many rows that were written together.</summary>
    public StaleVersionException(string oneOf)
        : base($"{oneOf} is no longer as it was read.")
    {
    }
}

/// <summary>A row with this unique key is already there. Nothing was written.</summary>
/// <param name="key">Which uniqueness: a name of <see cref="UniqueKey"/>.</param>
/// <param name="inner">What the engine said, where it said something.</param>
public sealed class DuplicateKeyException(string key, Exception? inner = null) : Exception($"There is already a row with this {key}.", inner)
{
    /// <summary>Which uniqueness: a name of <see cref="UniqueKey"/>.</summary>
    public string Key { get; } = key;
}

/// <summary>The engine cannot be reached or did not answer in time. Whether a commit under way was done is not known.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The schema is not the one this program expects.</summary>
public sealed class SchemaMismatchException(string message) : Exception(message);

/// <summary>The uniquenesses that storage promises, also between transactions that run at once.</summary>
public static class UniqueKey
{
    /// <summary>A tenant's id.</summary>
    public const string Tenant = "tenant";

    /// <summary>A customer's id, in the tenant.</summary>
    public const string Customer = "customer";

    /// <summary>A customer's channel, in the tenant.</summary>
    public const string CustomerChannel = "customer_channel";

    /// <summary>An account's id.</summary>
    public const string Account = "account";

    /// <summary>A top-up's id.</summary>
    public const string TopUp = "topup";

    /// <summary>A customer's reference, for ever.</summary>
    public const string TopUpReference = "topup_reference";

    /// <summary>Our reference with a provider, for ever.</summary>
    public const string ProviderReference = "provider_reference";

    /// <summary>The one submission of a top-up that may still turn out either way.</summary>
    public const string OpenAttempt = "open_attempt";

    /// <summary>The one hold of a top-up.</summary>
    public const string Hold = "hold";

    /// <summary>The one journal of a kind for a subject.</summary>
    public const string Journal = "journal";

    /// <summary>The prefix of an API key, among all tenants.</summary>
    public const string ApiKeyPrefix = "api_key_prefix";

    /// <summary>An idempotency key of a caller.</summary>
    public const string IdempotencyKey = "idempotency_key";

    /// <summary>A rate of a pair at a time.</summary>
    public const string ExchangeRate = "exchange_rate";

    /// <summary>The file of a reconciliation that is not invalid.</summary>
    public const string StatementFile = "statement_file";

    /// <summary>A thing of another system, or what it became here.</summary>
    public const string ImportedItem = "imported_item";

    /// <summary>A job's id.</summary>
    public const string Job = "job";

    /// <summary>A version of a plan.</summary>
    public const string PlanVersion = "plan_version";

    /// <summary>A version of a deck.</summary>
    public const string DeckVersion = "deck_version";

    /// <summary>A part of a version of a deck.</summary>
    public const string DeckPart = "deck_part";

    /// <summary>An account that usage is charged to.</summary>
    public const string UsageAccount = "usage_account";

    /// <summary>A line, which belongs to one account.</summary>
    public const string Line = "line";

    /// <summary>A bucket's id.</summary>
    public const string Bucket = "bucket";

    /// <summary>What names a call: source, id and leg, for ever; and a call's id.</summary>
    public const string Call = "call";

    /// <summary>A session's id, and what names its call.</summary>
    public const string UsageSession = "usage_session";

    /// <summary>A dispute's id.</summary>
    public const string Dispute = "dispute";

    /// <summary>A report's id.</summary>
    public const string CallReport = "call_report";

    /// <summary>A part of the archive.</summary>
    public const string ArchivePart = "archive_part";
}
