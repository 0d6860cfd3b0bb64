using System.Globalization;
using NodaTime;
using Relier.Jobs;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Notifications;

/// <summary>
/// Looks at what is stored of the providers and raises what people should know. It compares states and does not wait for single
/// events: what happened while nobody looked is seen at the next look.
/// </summary>
internal sealed class AlertWatch(IStorage storage, Providers providers, Alerts alerts, IClock clock, RelierOptions options) : IJobHandler
{
    public const string Kind = "alerts.watch";

    /// <summary>So many submissions in a row that did not deliver are a streak.</summary>
    private const int StreakMin = 10;

    /// <summary>A longer streak is not counted further.</summary>
    private const int StreakMax = 100;

    public static Schedule Schedule { get; } = new(Kind, Kind, Duration.FromSeconds(30));

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public Task RunAsync(Job job, CancellationToken cancellationToken) => storage.RunAsync(
        job.Tenant,
        async session =>
        {
            // First of all, so that of two who look only the one with the lease raises anything.
            if (!await session.Jobs.CompleteAsync(job, cancellationToken)) return false;
            await LookAsync(session, cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task LookAsync(ISession session, CancellationToken cancellationToken)
    {
        var sights = await session.Providers.ListAsync(cancellationToken);
        var exposures = await session.Providers.ExposureAsync(clock.Now(), cancellationToken);
        var funds = await ProviderFunds.ReadAsync(session, sights, cancellationToken);
        var names = providers.Offers.Select(offer => offer.Provider).Concat(sights.Select(sight => sight.Provider)).Concat(exposures.Select(exposure => exposure.Provider));
        foreach (var name in names.Distinct().Order(StringComparer.Ordinal))
        {
            await LookAtProbeAsync(session, name, Newest(sights, name, ProviderSight.Probe), cancellationToken);
            await LookAtStreakAsync(session, name, cancellationToken);
            await LookAtExposureAsync(session, name, [.. exposures.Where(exposure => exposure.Provider == name)], cancellationToken);
            if (funds.FirstOrDefault(left => left.Provider == name)?.Amount is not { } left) continue;
            await LookAtFloatAsync(session, name, left, Newest(sights, name, ProviderSight.Float)!.Amount!.Value, cancellationToken);
        }
    }

    private async Task LookAtProbeAsync(ISession session, string provider, ProviderObservation? probe, CancellationToken cancellationToken)
    {
        if (probe is null) return;
        var facts = new Dictionary<string, object> { ["seen_at"] = probe.At.ToString(), ["detail"] = probe.Detail ?? "" };
        if (!probe.IsWell)
        {
            var down = alerts.New(AlertKind.ProviderDown, provider, "down", $"{provider} does not let us in and gets no orders: {probe.Detail ?? "no reason given"}.");
            await alerts.RaiseAsync(session, down with { Facts = facts }, quietFor: null, cancellationToken);
        }
        else if (await session.Alerts.EndAsync(AlertKind.ProviderDown, provider, cancellationToken))
        {
            var up = alerts.New(AlertKind.ProviderUp, provider, CauseOf(probe.At), $"{provider} lets us in again.");
            await alerts.RaiseAsync(session, up with { Facts = facts }, quietFor: null, cancellationToken);
        }
    }

    private async Task LookAtStreakAsync(ISession session, string provider, CancellationToken cancellationToken)
    {
        // The last delivery names the streak behind it. Asked for first: one that comes in between ends the streak that is counted.
        var last = await session.Providers.LastDeliveryAsync(provider, cancellationToken);
        var failed = (await session.Providers.LastOutcomesAsync(provider, StreakMax, cancellationToken)).TakeWhile(delivered => !delivered).Count();
        if (failed < StreakMin) return;
        var count = failed.ToString(CultureInfo.InvariantCulture);
        var alert = alerts.New(
            AlertKind.FailureStreak, provider, last is { } at ? CauseOf(at) : "never", $"The last {(failed == StreakMax ? $"{count} or more" : count)} submissions to {provider} did not deliver.");
        var facts = new Dictionary<string, object> { ["failed"] = count, ["last_delivery_at"] = last?.ToString() ?? "" };
        await alerts.RaiseAsync(session, alert with { Facts = facts }, quietFor: null, cancellationToken);
    }

    private async Task LookAtExposureAsync(ISession session, string provider, IReadOnlyList<Exposure> exposures, CancellationToken cancellationToken)
    {
        if (!options.ExposureLimit.IsReached(provider, exposures))
        {
            await session.Alerts.EndAsync(AlertKind.Exposure, provider, cancellationToken);
            return;
        }

        var recent = exposures.Where(exposure => exposure.Age == ExposureAge.Minutes).ToList();
        var held = string.Join(" and ", recent.Select(exposure => exposure.Held.ToString()));
        var count = recent.Sum(exposure => exposure.Count).ToString(CultureInfo.InvariantCulture);
        var alert = alerts.New(
            AlertKind.Exposure, provider, "reached", $"Within ten minutes {count} top-ups became unknown with {provider}, with {held} held; it gets nothing more for now.");
        await alerts.RaiseAsync(session, alert with { Facts = new Dictionary<string, object> { ["count"] = count, ["held"] = held } }, quietFor: null, cancellationToken);
    }

    private async Task LookAtFloatAsync(ISession session, string provider, Money left, Money low, CancellationToken cancellationToken)
    {
        if (left >= low)
        {
            await session.Alerts.EndAsync(AlertKind.FloatLow, provider, cancellationToken);
            return;
        }

        var alert = alerts.New(AlertKind.FloatLow, provider, "low", $"{left} is left with {provider}; less than {low} counts as low.");
        await alerts.RaiseAsync(session, alert with { Facts = new Dictionary<string, object> { ["left"] = left, ["low"] = low } }, quietFor: null, cancellationToken);
    }

    private static ProviderObservation? Newest(IReadOnlyList<ProviderObservation> sights, string provider, ProviderSight kind) =>
        sights.FirstOrDefault(sight => sight.Provider == provider && sight.Kind == kind);

    private static string CauseOf(Instant at) => at.ToUnixTimeTicks().ToString(CultureInfo.InvariantCulture);
}
