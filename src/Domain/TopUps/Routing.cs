using System.Collections.Immutable;
using NodaTime;

namespace Relier.TopUps;

/// <summary>A provider as far as a decision needs it: who it is, where it delivers, and what.</summary>
public sealed record ProviderOffer
{
    /// <summary>The provider's id: lower-case letters, digits, hyphens.</summary>
    public required string Provider { get; init; }

    /// <summary>Whether deliveries are real.</summary>
    public required ProviderEnvironment Environment { get; init; }

    /// <summary>What it delivers, fixed products before open ranges: the first that fits is taken.</summary>
    public required ImmutableArray<ProviderProduct> Products { get; init; }

    /// <summary>How long after an order "not found" can be believed; null for never.</summary>
    public Duration? NotFoundFinalAfter { get; init; }

    /// <summary>What our references must look like there.</summary>
    public ReferenceFormat References { get; init; } = ReferenceFormat.Text;
}

/// <summary>Whether deliveries are real.</summary>
public enum ProviderEnvironment
{
    /// <summary>Real phones are recharged and real money is owed.</summary>
    Production,

    /// <summary>The provider's own test system.</summary>
    Sandbox,

    /// <summary>Ours: nothing leaves the machine.</summary>
    Simulator,
}

/// <summary>What a provider takes as our reference.</summary>
public enum ReferenceFormat
{
    /// <summary>Letters, digits and hyphens, up to 30.</summary>
    Text,

    /// <summary>Digits only, up to 23.</summary>
    Digits,
}

/// <summary>Whether a provider takes orders now, beyond what it offers.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Takes">False while its breaker is open, its last probe failed, or too much of what it was given is unknown.</param>
/// <param name="Funds">What is left of the money we keep there, what is under way subtracted; null where nobody keeps count.</param>
/// <param name="Withdrawn">Products it says it does not deliver at present.</param>
public sealed record ProviderStanding(string Provider, bool Takes, Money? Funds, ImmutableHashSet<string> Withdrawn)
{
    /// <summary>Whether it takes an order by this route.</summary>
    public bool TakesBy(Route route) =>
        Takes && !Withdrawn.Contains(route.Product) && (Funds is not { } funds || funds.Currency != route.Cost.Currency || route.Cost <= funds);
}

/// <summary>How a top-up is to be delivered: the first choice is made when it is ordered, together with its price.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Product">The provider's product.</param>
/// <param name="Operator">The operator of that product.</param>
/// <param name="Send">The amount to send.</param>
/// <param name="Cost">What the provider will be owed.</param>
public sealed record Route(string Provider, string Product, string Operator, Money Send, Money Cost);

/// <summary>Which ways there are to deliver an order.</summary>
public static class Routing
{
    /// <summary>
    /// Every way that delivers exactly this, in the order of the offers, all to one operator: the one asked for, else the
    /// one of the first way. So neither a provider's health nor its funds ever change whose numbers are recharged.
    /// </summary>
    public static ImmutableArray<Route> Ways(IEnumerable<ProviderOffer> offers, string? product, string? operatorName, Money face)
    {
        var ways = (from offer in offers
                    from candidate in offer.Products
                    where product is null ? !candidate.IsBundle : candidate.Id == product
                    where operatorName is null || candidate.Operator == operatorName
                    let send = candidate.SendFor(face)
                    where send is not null
                    select new Route(offer.Provider, candidate.Id, candidate.Operator, send.Value, candidate.CostOf(face))).ToList();
        return [.. ways.Where(way => way.Operator == ways[0].Operator)];
    }

    /// <summary>The first way whose provider takes it now; null when none does. A provider nobody reports on takes everything.</summary>
    public static Route? FirstOpen(IEnumerable<Route> ways, ImmutableArray<ProviderStanding> standings) =>
        ways.FirstOrDefault(way => standings.FirstOrDefault(standing => standing.Provider == way.Provider)?.TakesBy(way) ?? true);

    /// <summary>
    /// Where a top-up can be tried next: the same operator, a provider that was not asked yet and takes it now, and only
    /// the pinned one if there is one. Null for nowhere.
    /// </summary>
    public static Route? Next(
        TopUp topUp, IEnumerable<ProviderOffer> offers, string? pinnedProvider, ImmutableArray<ProviderStanding> standings) =>
        FirstOpen(
            Ways(offers, topUp.Product, topUp.Route!.Operator, topUp.Face)
                .Where(way => pinnedProvider is null || way.Provider == pinnedProvider)
                .Where(way => topUp.Attempts.All(attempt => attempt.Provider != way.Provider)),
            standings);
}
