using System.Collections.Immutable;
using NodaTime;
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

/// <summary>All there is at one time. A commit replaces it by the next one; a rollback just forgets that.</summary>
internal sealed record Snapshot
{
    public static readonly Snapshot Empty = new();

    public ImmutableDictionary<TenantId, Tenant> Tenants { get; init; } = ImmutableDictionary<TenantId, Tenant>.Empty;

    public ImmutableDictionary<TenantId, TenantRows> Rows { get; init; } = ImmutableDictionary<TenantId, TenantRows>.Empty;

    public ImmutableDictionary<string, ProcessBeat> Processes { get; init; } = ImmutableDictionary<string, ProcessBeat>.Empty;

    public IEnumerable<ApiKey> Keys => Rows.Values.SelectMany(rows => rows.Keys.Values);

    public IEnumerable<Job> Jobs => Rows.Values.SelectMany(rows => rows.Jobs.Values);

    public TenantRows Of(TenantId tenant) => Rows.GetValueOrDefault(tenant, TenantRows.None);

    public Snapshot With(TenantId tenant, TenantRows rows) =>
        ReferenceEquals(rows, Of(tenant)) ? this : this with { Rows = Rows.SetItem(tenant, rows) };
}

/// <summary>The rows of one tenant. A session is given only these, so it has no way to another tenant's.</summary>
internal sealed record TenantRows
{
    private static readonly Comparer<(string Id, int Version)> ById = Comparer<(string Id, int Version)>.Create((one, other) =>
        string.CompareOrdinal(one.Id, other.Id) is var order and not 0 ? order : one.Version.CompareTo(other.Version));

    public static readonly TenantRows None = new();

    public ImmutableDictionary<Id<Customer>, Customer> Customers { get; init; } = ImmutableDictionary<Id<Customer>, Customer>.Empty;

    public ImmutableDictionary<Id<Account>, Account> Accounts { get; init; } = ImmutableDictionary<Id<Account>, Account>.Empty;

    /// <summary>By subject; kept when ended, so that a subject has one hold for ever.</summary>
    public ImmutableDictionary<string, Hold> Holds { get; init; } = ImmutableDictionary<string, Hold>.Empty;

    public ImmutableDictionary<(JournalKind Kind, string Subject), Journal> Journals { get; init; } =
        ImmutableDictionary<(JournalKind Kind, string Subject), Journal>.Empty;

    /// <summary>The postings on each customer's account, once more, for statements.</summary>
    public ImmutableDictionary<Id<Account>, ImmutableList<StatementLine>> Statements { get; init; } =
        ImmutableDictionary<Id<Account>, ImmutableList<StatementLine>>.Empty;

    public ImmutableDictionary<(Currency Base, Currency Quote, Instant AsOf), ExchangeRate> ExchangeRates { get; init; } =
        ImmutableDictionary<(Currency Base, Currency Quote, Instant AsOf), ExchangeRate>.Empty;

    public ImmutableDictionary<Id<TopUp>, TopUp> TopUps { get; init; } = ImmutableDictionary<Id<TopUp>, TopUp>.Empty;

    public ImmutableDictionary<(Id<Customer> Customer, string Reference), Id<TopUp>> TopUpReferences { get; init; } =
        ImmutableDictionary<(Id<Customer> Customer, string Reference), Id<TopUp>>.Empty;

    public ImmutableDictionary<(string Provider, string Reference), (Id<TopUp> TopUp, int AttemptNo)> ProviderReferences { get; init; } =
        ImmutableDictionary<(string Provider, string Reference), (Id<TopUp> TopUp, int AttemptNo)>.Empty;

    /// <summary>The newest sight of each provider and kind.</summary>
    public ImmutableDictionary<(string Provider, ProviderSight Kind), ProviderObservation> Sights { get; init; } =
        ImmutableDictionary<(string Provider, ProviderSight Kind), ProviderObservation>.Empty;

    public ImmutableDictionary<Id<ProviderMessage>, ProviderMessage> Messages { get; init; } = ImmutableDictionary<Id<ProviderMessage>, ProviderMessage>.Empty;

    /// <summary>The top-ups of a customer's phone, so that looking for a twin does not read all of them.</summary>
    public ImmutableDictionary<(Id<Customer> Customer, Msisdn Phone), ImmutableList<Id<TopUp>>> TopUpsOfPhones { get; init; } =
        ImmutableDictionary<(Id<Customer> Customer, Msisdn Phone), ImmutableList<Id<TopUp>>>.Empty;

    /// <summary>What counts towards a customer's day.</summary>
    public ImmutableDictionary<(Id<Customer> Customer, LocalDate Day, Currency Currency), Money> Used { get; init; } =
        ImmutableDictionary<(Id<Customer> Customer, LocalDate Day, Currency Currency), Money>.Empty;

    public ImmutableDictionary<Id<ApiKey>, ApiKey> Keys { get; init; } = ImmutableDictionary<Id<ApiKey>, ApiKey>.Empty;

    public ImmutableDictionary<Id<Job>, Job> Jobs { get; init; } = ImmutableDictionary<Id<Job>, Job>.Empty;

    /// <summary>Jobs ever finished and ever given up, by kind and worker.</summary>
    public ImmutableDictionary<(string Kind, string Owner), (long Completed, long Failed)> JobsEver { get; init; } =
        ImmutableDictionary<(string Kind, string Owner), (long Completed, long Failed)>.Empty;

    public ImmutableDictionary<string, JobPause> Pauses { get; init; } = ImmutableDictionary<string, JobPause>.Empty;

    public ImmutableDictionary<string, Instant> Schedules { get; init; } = ImmutableDictionary<string, Instant>.Empty;

    public ImmutableDictionary<Id<ReconciliationRun>, ReconciliationRun> Reconciliations { get; init; } = ImmutableDictionary<Id<ReconciliationRun>, ReconciliationRun>.Empty;

    public ImmutableDictionary<Id<ReconciliationRun>, ImmutableSortedDictionary<long, StatementRow>> StatementRows { get; init; } =
        ImmutableDictionary<Id<ReconciliationRun>, ImmutableSortedDictionary<long, StatementRow>>.Empty;

    public ImmutableDictionary<Id<ReconciliationRun>, ImmutableSortedDictionary<long, LineFinding>> Findings { get; init; } =
        ImmutableDictionary<Id<ReconciliationRun>, ImmutableSortedDictionary<long, LineFinding>>.Empty;

    public ImmutableDictionary<Id<ReconciliationBreak>, ReconciliationBreak> Breaks { get; init; } = ImmutableDictionary<Id<ReconciliationBreak>, ReconciliationBreak>.Empty;

    public ImmutableDictionary<Id<Alert>, Alert> Alerts { get; init; } = ImmutableDictionary<Id<Alert>, Alert>.Empty;

    /// <summary>What was raised or suspected last.</summary>
    public ImmutableDictionary<(AlertKind Kind, string Subject), AlertCause> AlertCauses { get; init; } =
        ImmutableDictionary<(AlertKind Kind, string Subject), AlertCause>.Empty;

    public long TariffRevision { get; init; }

    public ImmutableSortedDictionary<(string Plan, int Version), PlanVersion> Plans { get; init; } = ImmutableSortedDictionary.Create<(string Plan, int Version), PlanVersion>(ById);

    public ImmutableSortedDictionary<(string Deck, int Version), DeckVersion> Decks { get; init; } = ImmutableSortedDictionary.Create<(string Deck, int Version), DeckVersion>(ById);

    public ImmutableDictionary<(string Deck, int Version), ImmutableSortedDictionary<int, DeckPart>> DeckParts { get; init; } =
        ImmutableDictionary<(string Deck, int Version), ImmutableSortedDictionary<int, DeckPart>>.Empty;

    public ImmutableDictionary<Id<Account>, UsageAccount> UsageAccounts { get; init; } = ImmutableDictionary<Id<Account>, UsageAccount>.Empty;

    public ImmutableDictionary<LineRef, LineOwner> Lines { get; init; } = ImmutableDictionary<LineRef, LineOwner>.Empty;

    public ImmutableDictionary<Id<AccountBucket>, AccountBucket> Buckets { get; init; } = ImmutableDictionary<Id<AccountBucket>, AccountBucket>.Empty;

    public ImmutableDictionary<UsageCountKey, UsageCount> UsageCounts { get; init; } = ImmutableDictionary<UsageCountKey, UsageCount>.Empty;

    public ImmutableDictionary<CallName, KnownCall> CallNames { get; init; } = ImmutableDictionary<CallName, KnownCall>.Empty;

    /// <summary>Where calls are that are not here any more.</summary>
    public ImmutableDictionary<Id<Call>, ArchivedCall> ArchivedCalls { get; init; } = ImmutableDictionary<Id<Call>, ArchivedCall>.Empty;

    public ImmutableDictionary<Id<ArchivePart>, ArchivePart> ArchiveParts { get; init; } = ImmutableDictionary<Id<ArchivePart>, ArchivePart>.Empty;

    public ImmutableDictionary<Id<Call>, Call> Calls { get; init; } = ImmutableDictionary<Id<Call>, Call>.Empty;

    /// <summary>Calls that were received and not yet rated, so that looking for them does not read all.</summary>
    public ImmutableDictionary<Id<Account>, ImmutableHashSet<Id<Call>>> CallsReceived { get; init; } = ImmutableDictionary<Id<Account>, ImmutableHashSet<Id<Call>>>.Empty;

    /// <summary>Prices that calls had before.</summary>
    public ImmutableDictionary<Id<Call>, ImmutableList<CallRating>> CallRatings { get; init; } = ImmutableDictionary<Id<Call>, ImmutableList<CallRating>>.Empty;

    public ImmutableDictionary<Id<UsageSession>, UsageSession> UsageSessions { get; init; } = ImmutableDictionary<Id<UsageSession>, UsageSession>.Empty;

    public ImmutableDictionary<CallName, Id<UsageSession>> UsageSessionNames { get; init; } = ImmutableDictionary<CallName, Id<UsageSession>>.Empty;

    public ImmutableDictionary<Id<CallDispute>, CallDispute> CallDisputes { get; init; } = ImmutableDictionary<Id<CallDispute>, CallDispute>.Empty;

    public ImmutableDictionary<Id<CallReport>, CallReport> CallReports { get; init; } = ImmutableDictionary<Id<CallReport>, CallReport>.Empty;

    public ImmutableDictionary<(string Source, ImportedKind Kind, string OldId), ImportedItem> Imported { get; init; } =
        ImmutableDictionary<(string Source, ImportedKind Kind, string OldId), ImportedItem>.Empty;

    /// <summary>The top-ups among what they became.</summary>
    public ImmutableHashSet<string> ImportedTopUps { get; init; } = [];

    public ImmutableList<AuditEntry> Audit { get; init; } = [];

    public ImmutableDictionary<(string Actor, string Key), FirstAnswer> FirstAnswers { get; init; } =
        ImmutableDictionary<(string Actor, string Key), FirstAnswer>.Empty;
}
