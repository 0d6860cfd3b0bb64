namespace Relier.Rating;

/// <summary>In which order suppliers are tried.</summary>
public enum RouteOrder
{
    /// <summary>The cheapest first, each by its own longest prefix.</summary>
    Cheapest,

    /// <summary>Who knows the number most exactly first, and of those the cheapest.</summary>
    LongestPrefix,
}

/// <summary>What a supplier would charge for a call.</summary>
/// <param name="Supplier">The supplier, by the name of its plan.</param>
/// <param name="Prefix">The prefix that matched.</param>
/// <param name="Destination">How the destination is called there.</param>
/// <param name="Cost">What the call would cost, rounded as the supplier rounds.</param>
public sealed record SupplierOffer(string Supplier, string Prefix, string Destination, decimal Cost);

/// <summary>Which suppliers to try for a call, and in which order.</summary>
public static class LeastCost
{
    /// <summary>
    /// The suppliers that know the number and may be called there, in order; those of equal rank by name. With <paramref name="revenue"/>,
    /// those are left out that would cost as much or more: a call is not carried at a loss.
    /// </summary>
    /// <param name="suppliers">What each supplier charges by; the name of the tariff's plan is the supplier's.</param>
    /// <param name="call">The call, as long as it is expected to be.</param>
    /// <param name="order">In which order.</param>
    /// <param name="revenue">What the customer pays for it; null when that does not matter.</param>
    public static IReadOnlyList<SupplierOffer> Offers(IEnumerable<Tariff> suppliers, Usage call, RouteOrder order, decimal? revenue)
    {
        ArgumentNullException.ThrowIfNull(suppliers);
        ArgumentNullException.ThrowIfNull(call);
        var offers =
            from supplier in suppliers
            let priced = Rater.Price(supplier, call, [])
            where priced.Status == RatingStatus.Rated && (revenue is null || priced.Amount < revenue)
            select new SupplierOffer(supplier.Plan, priced.MatchedPrefix!, priced.Destination!, priced.Amount!.Value);
        return order switch
        {
            RouteOrder.Cheapest => [.. offers.OrderBy(offer => offer.Cost).ThenBy(offer => offer.Supplier, StringComparer.Ordinal)],
            RouteOrder.LongestPrefix => [.. offers.OrderByDescending(offer => LengthOf(offer.Prefix)).ThenBy(offer => offer.Cost).ThenBy(offer => offer.Supplier, StringComparer.Ordinal)],
            _ => throw new ArgumentOutOfRangeException(nameof(order), order, "Not an order this version knows."),
        };
    }

    private static int LengthOf(string prefix) => prefix == DeckMatch.CatchAll ? 0 : prefix.Length;
}
