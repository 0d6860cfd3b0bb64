using System.Globalization;
using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Jobs;
using Relier.Notifications;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Looks after the providers: whether they let us in, what they say we have with them, what they deliver. Every process
/// reads what was seen, so one look serves all.
/// </summary>
internal sealed partial class ProviderWatch(IStorage storage, Providers providers, Alerts alerts, IClock clock, ILogger<ProviderWatch> logger) : IJobHandler
{
    public const string ProbeKind = "provider.probe";
    public const string BalanceKind = "provider.balance";
    public const string CatalogueKind = "provider.catalogue";

    public IReadOnlyList<string> Kinds { get; } = [ProbeKind, BalanceKind, CatalogueKind];

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        foreach (var provider in providers.All)
        {
            var before = job.Kind == BalanceKind
                ? await storage.RunAsync(job.Tenant, session => FundsAsync(session, provider.Offer.Provider, cancellationToken), cancellationToken)
                : null;
            var sight = await LookAsync(job.Kind, provider, cancellationToken);
            if (sight is not null)
                await storage.RunAsync(
                    job.Tenant,
                    async session =>
                    {
                        await session.Providers.ObserveAsync(sight, cancellationToken);
                        if (before is not null) await CompareAsync(session, sight, before, cancellationToken);
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

    private static async Task<FundsLeft?> FundsAsync(ISession session, string provider, CancellationToken cancellationToken) =>
        (await ProviderFunds.ReadAsync(session, await session.Providers.ListAsync(cancellationToken), cancellationToken)).FirstOrDefault(left => left.Provider == provider);

    /// <summary>
    /// Compares what was told with our books around that moment: a later look at them would take what was delivered since for a
    /// difference. What is under way may be delivered there already or not, so either is right. One look may still fall between
    /// something and its booking; a difference that the next balance shows too is one.
    /// </summary>
    private async Task CompareAsync(ISession session, ProviderObservation balance, FundsLeft before, CancellationToken cancellationToken)
    {
        var (provider, told) = (balance.Provider, balance.Amount!.Value);
        if (told.Currency != before.Amount.Currency || await FundsAsync(session, provider, cancellationToken) is not { } after) return;
        var least = before.Amount < after.Amount ? before.Amount : after.Amount;
        var most = before.Booked > after.Booked ? before.Booked : after.Booked;
        if (told >= least && told <= most)
        {
            await session.Alerts.EndAsync(AlertKind.FloatDifference, provider, cancellationToken);
            return;
        }

        var look = balance.At.ToUnixTimeTicks().ToString(CultureInfo.InvariantCulture);
        if (await session.Alerts.SuspectAsync(AlertKind.FloatDifference, provider, look, cancellationToken) == look) return;
        var left = told < least ? least : most;
        var alert = alerts.New(
            AlertKind.FloatDifference, provider, "differs", $"By our books {left} is left with {provider}; it says {told}: a difference of {left - told}, seen twice.");
        var facts = new Dictionary<string, object> { ["left"] = left, ["told"] = told, ["difference"] = left - told };
        await alerts.RaiseAsync(session, alert with { Facts = facts }, quietFor: null, cancellationToken);
    }

    private ProviderObservation Sight(ProviderSight kind, string provider) => new() { Provider = provider, Kind = kind, At = clock.Now(), IsWell = true };

    [LoggerMessage(1031, LogLevel.Warning, "{Kind} of {Provider} failed")]
    private partial void LogLookFailed(Exception error, string kind, string provider);
}
