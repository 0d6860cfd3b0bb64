using NodaTime;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>The providers, in the order in which they are asked, and how each stands.</summary>
[Requires(Permission.ReadProviders)]
public sealed record ListProviders : IUseCase<IReadOnlyList<ProviderReport>>;

/// <summary>One provider.</summary>
/// <param name="Offer">What it delivers.</param>
/// <param name="Standing">Whether it takes orders now.</param>
/// <param name="Sights">What was last seen of it.</param>
/// <param name="Exposures">What nobody can answer for there.</param>
public sealed record ProviderReport(
    ProviderOffer Offer, ProviderStanding Standing, IReadOnlyList<ProviderObservation> Sights, IReadOnlyList<Exposure> Exposures)
{
    /// <summary>What our books say is left there less what the provider says; null where one of the two is not known. What became of orders since it said so is part of it; a difference beyond that is an alert.</summary>
    public Money? Difference =>
        Standing.Funds is { } funds && Sights.FirstOrDefault(sight => sight.Kind == ProviderSight.Balance)?.Amount is { } told && told.Currency == funds.Currency
            ? funds - told
            : null;

    /// <summary>Whether what is left is below what counts as low.</summary>
    public bool IsLow =>
        Standing.Funds is { } funds && Sights.FirstOrDefault(sight => sight.Kind == ProviderSight.Float)?.Amount is { } low && funds < low;
}

/// <summary>What is held for top-ups nobody can answer for, by provider, age and currency.</summary>
[Requires(Permission.ReadProviders)]
public sealed record GetExposure : IUseCase<IReadOnlyList<Exposure>>;

internal sealed class ListProvidersHandler(IStorage storage, Providers providers, IClock clock, Caller caller)
    : Handler<ListProviders, IReadOnlyList<ProviderReport>>
{
    protected override async Task<Outcome<IReadOnlyList<ProviderReport>>> HandleAsync(ListProviders list, CancellationToken cancellationToken)
    {
        providers.Forget(caller.Tenant);
        var standings = await providers.StandingsAsync(caller.Tenant, cancellationToken);
        var (sights, exposures) = await storage.RunAsync(
            caller.Tenant,
            async session => (await session.Providers.ListAsync(cancellationToken), await session.Providers.ExposureAsync(clock.Now(), cancellationToken)),
            cancellationToken);
        return providers.Offers.Select(offer => new ProviderReport(
            offer, standings.First(standing => standing.Provider == offer.Provider),
            [.. sights.Where(sight => sight.Provider == offer.Provider)],
            [.. exposures.Where(exposure => exposure.Provider == offer.Provider)])).ToList();
    }
}

internal sealed class GetExposureHandler(IStorage storage, IClock clock, Caller caller) : Handler<GetExposure, IReadOnlyList<Exposure>>
{
    protected override async Task<Outcome<IReadOnlyList<Exposure>>> HandleAsync(GetExposure query, CancellationToken cancellationToken) =>
        Outcome.Of(await storage.RunAsync(caller.Tenant, session => session.Providers.ExposureAsync(clock.Now(), cancellationToken), cancellationToken));
}
