using System.Globalization;

namespace Relier.Simulators;

internal enum LatcomProductKind { Fixed, OpenRange, Bundle }

/// <summary>One product of the account. <paramref name="FaceValue"/> is the fixed amount or a bundle's price; zero for the open range.</summary>
internal sealed record LatcomProduct(LatcomProductKind Kind, string Id, string SkuId, string Currency, decimal FaceValue)
{
    private const decimal OpenRangeMin = 20m;
    private const decimal OpenRangeMax = 2000m;
    private const decimal VatFactor = 1.16m;

    public int Service => Kind == LatcomProductKind.Bundle ? 1 : 2;

    /// <summary>The message with which an order of this product is refused, or null when it is accepted.</summary>
    public string? RefusalOf(LatcomTopUpRequest order)
    {
        if (order.Currency != Currency) return "invalid_currency";
        if (order.Service != Service) return "invalid_service";
        if (order.SkuId != SkuId) return "invalid_sku";
        if (!Accepts(order.Amount)) return "invalid_amount";
        return null;
    }

    /// <summary>What the phone gets for what was sent, rounded to centavos half away from zero.</summary>
    public decimal Delivered(decimal sent, decimal taxQuantum) => Kind switch
    {
        LatcomProductKind.Bundle => FaceValue,
        LatcomProductKind.OpenRange => Round(RoundTo(taxQuantum, sent) * VatFactor, 2),
        _ => sent,
    };

    private bool Accepts(decimal amount) => Kind switch
    {
        LatcomProductKind.Bundle => amount == 0,
        LatcomProductKind.OpenRange => amount is >= OpenRangeMin and <= OpenRangeMax && Round(amount, 2) == amount,
        _ => amount == FaceValue,
    };

    private static decimal RoundTo(decimal quantum, decimal amount) => Round(amount / quantum, 0) * quantum;

    private static decimal Round(decimal amount, int decimals) => Math.Round(amount, decimals, MidpointRounding.AwayFromZero);
}

/// <summary>The products as recorded: 14 fixed ones, the open range and 5 bundles.</summary>
internal static class LatcomProducts
{
    private static readonly int[] fixedAmounts = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 300, 500];

    public static IReadOnlyList<LatcomProduct> All { get; } =
    [
        .. fixedAmounts.Select(Fixed),
        new(LatcomProductKind.OpenRange, "TFE_MXN_20_TO_2000", "0", "MXN", 0),
        Bundle("TEMXN_BFRISEM_7_DAYS", "BFRISEM", 7.5m),
        Bundle("TEMXN_BFRIQUIN_28_DAYS", "BFRIQUIN", 11m),
        Bundle("TEMXN_BFRIMEN_15_DAYS", "BFRIMEN", 16.5m),
        Bundle("TEMXN_BFRECINT_30_DAYS", "BFRECINT", 20m),
        Bundle("TEMXN_BFSPRINT_UNLIMITED_30_DAYS", "BFSPRINT", 22m),
    ];

    private static readonly Dictionary<string, LatcomProduct> byId = All.ToDictionary(product => product.Id);

    public static LatcomProduct? Find(string id) => byId.GetValueOrDefault(id);

    private static LatcomProduct Fixed(int amount) =>
        new(LatcomProductKind.Fixed, string.Create(CultureInfo.InvariantCulture, $"XOOM_{amount}_MXN"), "0", "MXN", amount);

    private static LatcomProduct Bundle(string id, string sku, decimal price) =>
        new(LatcomProductKind.Bundle, id, sku, "USD", price);
}
