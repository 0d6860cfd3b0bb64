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

namespace Relier.Scenarios.Crashes;

/// <summary>A storage that says how far a top-up has got in each of its transactions.</summary>
internal sealed class WatchedStorage(IStorage inner, CrashPoints points) : IStorage
{
    public async Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken)
    {
        await points.PassAsync();
        WatchedSession? watched = null;
        var result = await inner.RunAsync(
            tenant,
            async session =>
            {
                // Work that gave way to others is begun again: what counts is the run that commits.
                watched = new WatchedSession(session, points);
                var answer = await work(watched);
                await watched.SayAsync("committing");
                return answer;
            },
            cancellationToken);
        await watched!.SayAsync("committed");
        return result;
    }

    public async Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await points.PassAsync();
        WatchedSystemSession? watched = null;
        var result = await inner.RunSystemAsync(
            async session =>
            {
                watched = new WatchedSystemSession(session);
                var answer = await work(watched);
                await points.ReachedAsync(Point.ClaimCommitting, watched.Claimed);
                return answer;
            },
            cancellationToken);
        await points.ReachedAsync(Point.ClaimCommitted, watched!.Claimed);
        return result;
    }

    public Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) => inner.ListenForJobsAsync(wake, cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
}

/// <summary>A provider that says when it is asked and when it has answered.</summary>
internal sealed class WatchedProvider(ITopUpProvider inner, CrashPoints points) : ITopUpProvider
{
    public ProviderOffer Offer => inner.Offer;

    public async Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        await points.ReachedAsync(Point.SubmitSending, submission.Phone);
        var outcome = await inner.SubmitAsync(submission, cancellationToken);
        await points.ReachedAsync(Point.SubmitAnswered, submission.Phone);
        return outcome;
    }

    public async Task<LookupOutcome> LookUpAsync(Submission submission, string? transactionId, CancellationToken cancellationToken)
    {
        await points.PassAsync();
        var outcome = await inner.LookUpAsync(submission, transactionId, cancellationToken);
        await points.ReachedAsync(Point.LookupAnswered, submission.Phone);
        return outcome;
    }

    public Task<ProbeOutcome> ProbeAsync(CancellationToken cancellationToken) => inner.ProbeAsync(cancellationToken);
}

internal sealed class WatchedSession : ISession
{
    private readonly ISession _inner;
    private readonly CrashPoints _points;
    private readonly WatchedTopUps _topUps;
    private readonly WatchedOrders _orders;

    public WatchedSession(ISession inner, CrashPoints points)
    {
        _inner = inner;
        _points = points;
        _topUps = new WatchedTopUps(inner.TopUps, points);
        _orders = new WatchedOrders(inner.Orders, points);
    }

    public TenantId Tenant => _inner.Tenant;

    public ICustomerStore Customers => _inner.Customers;

    public ILedgerStore Ledger => _inner.Ledger;

    public ITopUpStore TopUps => _topUps;

    public IProviderStore Providers => _inner.Providers;

    public IOrderStore Orders => _orders;

    public IExchangeRateStore ExchangeRates => _inner.ExchangeRates;

    public IApiKeyStore Keys => _inner.Keys;

    public IJobStore Jobs => _inner.Jobs;

    public IScheduleStore Schedules => _inner.Schedules;

    public IAuditStore Audit => _inner.Audit;

    public IIdempotencyStore Idempotency => _inner.Idempotency;

    public IReconciliationStore Reconciliations => _inner.Reconciliations;

    public IAlertStore Alerts => _inner.Alerts;

    public IImportStore Imports => _inner.Imports;

    public IArchiveStore Archive => _inner.Archive;

    public ITariffStore Tariffs => _inner.Tariffs;

    public IUsageAccountStore UsageAccounts => _inner.UsageAccounts;

    public ICallStore Calls => _inner.Calls;

    public IUsageSessionStore UsageSessions => _inner.UsageSessions;

    /// <summary>How far the transaction has got, if it writes top-ups.</summary>
    public async Task SayAsync(string progress)
    {
        foreach (var topUp in _orders.Written) await _points.ReachedAsync($"reserve.{progress}", topUp);
        if (_topUps.Written is var (act, written)) await _points.ReachedAsync($"{act}.{progress}", written);
    }
}

internal sealed class WatchedOrders(IOrderStore inner, CrashPoints points) : IOrderStore
{
    /// <summary>The top-ups that the transaction has written.</summary>
    public IReadOnlyList<TopUp> Written { get; private set; } = [];

    public Task<OrderFacts> LockAsync(OrderQuestions questions, CancellationToken cancellationToken) => inner.LockAsync(questions, cancellationToken);

    public Task<IReadOnlyList<DailyUseOfPhone>> UsedAsync(
        IReadOnlyCollection<(Id<Customer> Customer, Msisdn Phone)> phones, LocalDate day, CancellationToken cancellationToken) => inner.UsedAsync(phones, day, cancellationToken);

    public async Task AddAsync(OrderEntries entries, CancellationToken cancellationToken)
    {
        foreach (var topUp in entries.TopUps) await points.ReachedAsync(Point.ReserveDecided, topUp);
        await inner.AddAsync(new OrderEntries { TopUps = entries.TopUps, Day = entries.Day }, cancellationToken);
        Written = entries.TopUps;
        foreach (var topUp in entries.TopUps) await points.ReachedAsync(Point.ReserveHalfWritten, topUp);
        await inner.AddAsync(entries with { TopUps = [] }, cancellationToken);
    }
}

internal sealed class WatchedTopUps(ITopUpStore inner, CrashPoints points) : ITopUpStore
{
    /// <summary>What the transaction has written, and in which act.</summary>
    public (string Act, TopUp TopUp)? Written { get; private set; }

    public Task AddAsync(TopUp topUp, CancellationToken cancellationToken) => inner.AddAsync(topUp, cancellationToken);

    public async Task<TopUp> UpdateAsync(TopUp topUp, CancellationToken cancellationToken)
    {
        var act = Point.ActOf(topUp);
        await points.ReachedAsync($"{act}.decided", topUp);
        var updated = await inner.UpdateAsync(topUp, cancellationToken);
        Written = (act, updated);
        await points.ReachedAsync($"{act}.half-written", topUp);
        return updated;
    }

    public Task<TopUp?> FindAsync(Id<TopUp> id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    public Task<IReadOnlyList<TopUp>> FindManyAsync(IReadOnlyCollection<Id<TopUp>> ids, CancellationToken cancellationToken) => inner.FindManyAsync(ids, cancellationToken);

    public Task<TopUp?> FindByReferenceAsync(Id<Customer> customer, string reference, CancellationToken cancellationToken) =>
        inner.FindByReferenceAsync(customer, reference, cancellationToken);

    public Task<TopUp?> FindTwinAsync(Id<Customer> customer, Msisdn phone, Money face, Instant since, CancellationToken cancellationToken) =>
        inner.FindTwinAsync(customer, phone, face, since, cancellationToken);

    public Task<Page<TopUp>> ListAsync(TopUpFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        inner.ListAsync(filter, page, cancellationToken);

    public Task<IReadOnlyList<TopUpTotal>> TotalsAsync(TopUpFilter filter, CancellationToken cancellationToken) => inner.TotalsAsync(filter, cancellationToken);

    public Task AddUseAsync(Id<Customer> customer, LocalDate day, Money face, CancellationToken cancellationToken) =>
        inner.AddUseAsync(customer, day, face, cancellationToken);
}

internal sealed class WatchedSystemSession : ISystemSession
{
    private readonly ISystemSession _inner;
    private readonly WatchedClaims _claims;

    public WatchedSystemSession(ISystemSession inner)
    {
        _inner = inner;
        _claims = new WatchedClaims(inner.Jobs);
    }

    public ITenantStore Tenants => _inner.Tenants;

    public IJobClaims Jobs => _claims;

    public IProcessStore Processes => _inner.Processes;

    public IReadOnlyList<Job> Claimed => _claims.Claimed;

    public Task<ApiKey?> FindKeyAsync(string prefix, CancellationToken cancellationToken) => _inner.FindKeyAsync(prefix, cancellationToken);

    public Task<Submitted?> FindSubmissionAsync(string provider, string reference, CancellationToken cancellationToken) =>
        _inner.FindSubmissionAsync(provider, reference, cancellationToken);

    public Task<bool> AnyAdminKeyAsync(Instant now, CancellationToken cancellationToken) => _inner.AnyAdminKeyAsync(now, cancellationToken);
}

internal sealed class WatchedClaims(IJobClaims inner) : IJobClaims
{
    public IReadOnlyList<Job> Claimed { get; private set; } = [];

    public Task<IReadOnlyList<string>> DueKindsAsync(Instant now, CancellationToken cancellationToken) => inner.DueKindsAsync(now, cancellationToken);

    public async Task<ClaimedJobs> ClaimAsync(JobClaim claim, CancellationToken cancellationToken)
    {
        var claimed = await inner.ClaimAsync(claim, cancellationToken);
        Claimed = [.. Claimed, .. claimed.Jobs];
        return claimed;
    }

    public Task<bool> ProlongAsync(Job job, Instant until, CancellationToken cancellationToken) => inner.ProlongAsync(job, until, cancellationToken);
}
