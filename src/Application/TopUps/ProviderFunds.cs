using Relier.Ledger;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>What is left of the money we keep with providers, where we keep count of it.</summary>
internal static class ProviderFunds
{
    /// <summary>Per provider with a float: what was put in, less what was delivered, less what is under way.</summary>
    public static async Task<IReadOnlyList<FundsLeft>> ReadAsync(
        ISession session, IReadOnlyList<ProviderObservation> sights, CancellationToken cancellationToken)
    {
        var floats = sights.Where(sight => sight.Kind == ProviderSight.Float).ToList();
        if (floats.Count == 0) return [];
        var underWay = await session.Providers.UndecidedCostAsync(cancellationToken);
        var funds = new List<FundsLeft>();
        foreach (var sight in floats)
        {
            var currency = sight.Amount!.Value.Currency;
            var owed = await session.Ledger.SumAsync(AccountCode.ProviderPayable(sight.Provider), currency, cancellationToken);
            var taken = underWay.Where(amount => amount.Provider == sight.Provider && amount.Amount.Currency == currency)
                .Aggregate(Money.Zero(currency), (sum, amount) => sum + amount.Amount);
            funds.Add(new FundsLeft(sight.Provider, -owed - taken, taken));
        }

        return funds;
    }
}

/// <summary>What is left of the money with a provider.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Amount">What is left when all that is under way is delivered.</param>
/// <param name="UnderWay">What that costs.</param>
internal sealed record FundsLeft(string Provider, Money Amount, Money UnderWay)
{
    /// <summary>What is left when nothing of it is.</summary>
    public Money Booked => Amount + UnderWay;
}
