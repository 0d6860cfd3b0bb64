using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NodaTime;
using Polly;
using Polly.CircuitBreaker;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.TopUps;

/// <summary>
/// The providers of this installation and how they stand. What all processes must agree on (probes, funds, what is
/// unknown) is read from storage and kept for a moment; how often submissions failed just now is this process's own
/// experience, kept by a circuit breaker per provider.
/// </summary>
internal sealed partial class Providers
{
    /// <summary>Short enough that a provider in trouble gets little more, long enough that a burst of orders asks once.</summary>
    private static readonly Duration KeptFor = Duration.FromSeconds(2);

    private readonly ImmutableArray<ITopUpProvider> _all;
    private readonly IStorage _storage;
    private readonly IClock _clock;
    private readonly RelierOptions _options;
    private readonly ILogger<Providers> _logger;
    private readonly ConcurrentDictionary<string, Breaker> _breakers = new();
    private readonly ConcurrentDictionary<TenantId, Seen> _seen = new();

    public Providers(IEnumerable<ITopUpProvider> all, IStorage storage, IClock clock, RelierOptions options, ILogger<Providers> logger)
    {
        _all = [.. all];
        _storage = storage;
        _clock = clock;
        _options = options;
        _logger = logger;
    }

    public IReadOnlyList<ITopUpProvider> All => _all;

    /// <summary>What each offers, in the order of preference.</summary>
    public ImmutableArray<ProviderOffer> Offers => [.. _all.Select(provider => provider.Offer)];

    public ITopUpProvider? Find(string name) => _all.FirstOrDefault(provider => provider.Offer.Provider == name);

    /// <summary>How each stands for this tenant, at most two seconds old.</summary>
    public async Task<ImmutableArray<ProviderStanding>> StandingsAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (!_seen.TryGetValue(tenant, out var seen) || _clock.Now() - seen.At >= KeptFor || _clock.Now() < seen.At)
        {
            seen = await LookAsync(tenant, cancellationToken);
            // What a transaction sees may be rolled back with it.
            if (!_storage.IsInTransaction) _seen[tenant] = seen;
        }

        return [.. Offers.Select(offer => Standing(offer, seen))];
    }

    /// <summary>Has the next order look again: something that matters was just written by this process.</summary>
    public void Forget(TenantId tenant) => _seen.TryRemove(tenant, out _);

    /// <summary>Submits, unless the provider's breaker is open: then nothing is sent.</summary>
    public async Task<SubmitOutcome> SubmitAsync(ITopUpProvider provider, Submission submission, CancellationToken cancellationToken)
    {
        // In the context of the caller, like everything else here.
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        try
        {
            return await BreakerOf(provider.Offer.Provider).Pipeline.ExecuteAsync(
                async inner => await SubmitOnceAsync(provider, submission, inner.CancellationToken), context);
        }
        catch (BrokenCircuitException)
        {
            return new SubmitOutcome.NotSent("breaker_open", $"Too much failed with {provider.Offer.Provider} just now; nothing is sent for a while.");
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<SubmitOutcome> SubmitOnceAsync(ITopUpProvider provider, Submission submission, CancellationToken cancellationToken)
    {
        try
        {
            return await provider.SubmitAsync(submission, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // An adapter that throws has a bug, and may have sent: whatever it was, the outcome is not known.
            LogAdapterError(error, submission.TopUp.Value, provider.Offer.Provider);
            return new SubmitOutcome.Unknown("adapter_error", error.GetType().Name);
        }
    }

    private ProviderStanding Standing(ProviderOffer offer, Seen seen)
    {
        var name = offer.Provider;
        var sights = seen.Sights.Where(sight => sight.Provider == name).ToList();
        var takes = !BreakerOf(name).IsOpen(_clock.Now())
            && sights.All(sight => sight.Kind != ProviderSight.Probe || sight.IsWell)
            && !_options.ExposureLimit.IsReached(name, seen.Exposures);
        return new ProviderStanding(name, takes, seen.Funds.FirstOrDefault(funds => funds.Provider == name)?.Amount, Withdrawn(offer, sights));
    }

    private static ImmutableHashSet<string> Withdrawn(ProviderOffer offer, IEnumerable<ProviderObservation> sights) =>
        sights.FirstOrDefault(sight => sight is { Kind: ProviderSight.Catalogue, IsWell: true }) is { } catalogue
            ? [.. offer.Products.Select(product => product.Id).Except(catalogue.Products)]
            : [];

    private Task<Seen> LookAsync(TenantId tenant, CancellationToken cancellationToken) => _storage.RunAsync(
        tenant,
        async session =>
        {
            var now = _clock.Now();
            var sights = await session.Providers.ListAsync(cancellationToken);
            return new Seen(now, sights, await session.Providers.ExposureAsync(now, cancellationToken), await ProviderFunds.ReadAsync(session, sights, cancellationToken));
        },
        cancellationToken);

    private Breaker BreakerOf(string provider) => _breakers.GetOrAdd(provider, name => new Breaker(this, name));

    private sealed record Seen(
        Instant At, IReadOnlyList<ProviderObservation> Sights, IReadOnlyList<Exposure> Exposures, IReadOnlyList<FundsLeft> Funds);

    /// <summary>One provider's breaker. Polly counts and closes; when it may be tried again is kept here, because Polly says so only to who tries.</summary>
    private sealed class Breaker
    {
        public Breaker(Providers owner, string provider)
        {
            var rule = owner._options.Breaker;
            Pipeline = new ResiliencePipelineBuilder<SubmitOutcome> { TimeProvider = new ClockTime(owner._clock) }
                .AddCircuitBreaker(new CircuitBreakerStrategyOptions<SubmitOutcome>
                {
                    FailureRatio = (double)rule.FailureShare,
                    MinimumThroughput = rule.SubmissionsMin,
                    SamplingDuration = rule.Window.ToTimeSpan(),
                    BreakDuration = rule.Pause.ToTimeSpan(),
                    ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Result is SubmitOutcome.NotSent or SubmitOutcome.Unknown),
                    OnOpened = args =>
                    {
                        OpenUntil = owner._clock.Now() + Duration.FromTimeSpan(args.BreakDuration);
                        owner.LogOpened(provider, args.BreakDuration.TotalSeconds);
                        return ValueTask.CompletedTask;
                    },
                    OnClosed = _ =>
                    {
                        OpenUntil = null;
                        owner.LogClosed(provider);
                        return ValueTask.CompletedTask;
                    },
                })
                .Build();
        }

        public ResiliencePipeline<SubmitOutcome> Pipeline { get; }

        public Instant? OpenUntil { get; private set; }

        public bool IsOpen(Instant now) => OpenUntil is { } until && now < until;
    }

    /// <summary>Our clock, as Polly wants it.</summary>
    private sealed class ClockTime(IClock clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.Now().ToDateTimeOffset();
    }

    [LoggerMessage(1002, LogLevel.Error, "The adapter of {Provider} threw over top-up {TopUp}; nothing was learnt from it")]
    private partial void LogAdapterError(Exception error, string topUp, string provider);

    [LoggerMessage(1021, LogLevel.Error, "Too many submissions to {Provider} failed; it gets nothing for {Seconds} s")]
    private partial void LogOpened(string provider, double seconds);

    [LoggerMessage(1022, LogLevel.Warning, "{Provider} answers again")]
    private partial void LogClosed(string provider);
}

/// <summary>When submissions to a provider pause because they fail.</summary>
/// <param name="FailureShare">The share that was not sent or came out unknown, 0.01 to 1.</param>
/// <param name="SubmissionsMin">Of at least so many, 2 or more.</param>
/// <param name="Window">Within this time, at least 0.5 s.</param>
/// <param name="Pause">For how long nothing is sent then, at least 0.5 s; afterwards one is tried.</param>
public sealed record BreakerRule(decimal FailureShare, int SubmissionsMin, Duration Window, Duration Pause)
{
    /// <summary>Half of at least 10 within 30 s; then 30 s of nothing.</summary>
    public static BreakerRule Default { get; } = new(0.5m, 10, Duration.FromSeconds(30), Duration.FromSeconds(30));
}
