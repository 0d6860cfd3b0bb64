using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Jobs;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Looks after the providers: whether they let us in, what they say we have with them, what they deliver. Every process
/// reads what was seen, so one look serves all.
/// </summary>
internal sealed partial class ProviderWatch(IStorage storage, Providers providers, IClock clock, ILogger<ProviderWatch> logger) : IJobHandler
{
    public const string ProbeKind = "provider.probe";
    public const string BalanceKind = "provider.balance";
    public const string CatalogueKind = "provider.catalogue";

    public IReadOnlyList<string> Kinds { get; } = [ProbeKind, BalanceKind, CatalogueKind];

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        foreach (var provider in providers.All)
        {
            var sight = await LookAsync(job.Kind, provider, cancellationToken);
            if (sight is not null)
                await storage.RunAsync(
                    job.Tenant,
                    async session =>
                    {
                        await session.Providers.ObserveAsync(sight, cancellationToken);
                        return true;
                    },
                    cancellationToken);
        }

        providers.Forget(job.Tenant);
        await storage.RunAsync(job.Tenant, session => session.Jobs.CompleteAsync(job, cancellationToken), cancellationToken);
    }

    /// <summary>What was seen; null where there is nothing to see. What was seen before stays when a look fails, except that a probe that fails is a sight.</summary>
    private async Task<ProviderObservation?> LookAsync(string kind, ITopUpProvider provider, CancellationToken cancellationToken)
    {
        var name = provider.Offer.Provider;
        try
        {
            switch (kind)
            {
                case ProbeKind:
                    var probe = await provider.ProbeAsync(cancellationToken);
                    return Sight(ProviderSight.Probe, name) with { IsWell = probe.Healthy, Detail = probe.Detail };
                case BalanceKind:
                    return await provider.BalanceAsync(cancellationToken) is { } told ? Sight(ProviderSight.Balance, name) with { Amount = told } : null;
                default:
                    return await provider.CatalogueAsync(cancellationToken) is { } products ? Sight(ProviderSight.Catalogue, name) with { Products = products } : null;
            }
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // One provider's trouble must not keep the others from being looked at.
            LogLookFailed(error, kind, name);
            return kind == ProbeKind ? Sight(ProviderSight.Probe, name) with { IsWell = false, Detail = error.GetType().Name } : null;
        }
    }

    private ProviderObservation Sight(ProviderSight kind, string provider) => new() { Provider = provider, Kind = kind, At = clock.Now(), IsWell = true };

    [LoggerMessage(1031, LogLevel.Warning, "{Kind} of {Provider} failed")]
    private partial void LogLookFailed(Exception error, string kind, string provider);
}
