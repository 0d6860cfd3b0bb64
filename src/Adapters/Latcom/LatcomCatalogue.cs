using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Relier.TopUps;

namespace Relier.Latcom;

/// <summary>What Latcom sells, and how each of it is ordered.</summary>
internal sealed class LatcomCatalogue
{
    public const string Telefonica = "TELEFONICA"; // Movistar
    public const string OpenRange = "TFE_MXN_20_TO_2000";
    private const string Mexico = "MEXICO";

    private const int BundleService = 1;
    private const int AirtimeService = 2;
    private const string AirtimeSku = "0";

    private static readonly int[] FixedAmounts = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 300, 500];

    private static readonly (string Product, string Sku, decimal Price)[] Bundles =
    [
        ("TEMXN_BFRISEM_7_DAYS", "BFRISEM", 7.5m),
        ("TEMXN_BFRIQUIN_28_DAYS", "BFRIQUIN", 11m),
        ("TEMXN_BFRIMEN_15_DAYS", "BFRIMEN", 16.5m),
        ("TEMXN_BFRECINT_30_DAYS", "BFRECINT", 20m),
        ("TEMXN_BFSPRINT_UNLIMITED_30_DAYS", "BFSPRINT", 22m),
    ];

    private readonly FrozenDictionary<string, ProviderProduct> _products;

    public LatcomCatalogue(LatcomOptions options)
    {
        var cost = Ratio.Percent(options.Discount).Remaining();
        ImmutableArray<ProviderProduct> products =
        [
            .. from amount in FixedAmounts
               let name = NameOf(amount)
               where options.FixedProducts?.Contains(name) ?? true
               select Product(name, Money.Of(amount, Currency.MXN), cost),
            .. from name in options.OpenRangeEnabled ? [OpenRange] : Array.Empty<string>()
               select Product(name, Money.Of(20, Currency.MXN), cost) with
               {
                   Max = Money.Of(2000, Currency.MXN),
                   Tax = new PreTax(Ratio.Percent(options.TaxRate), Money.Of(options.TaxQuantum, Currency.MXN)),
               },
            .. from bundle in options.BundlesEnabled ? Bundles : []
               select Product(bundle.Product, Money.Of(bundle.Price, Currency.USD), cost) with { IsBundle = true },
        ];

        _products = products.ToFrozenDictionary(product => product.Id);
        Offer = new ProviderOffer { Provider = LatcomProvider.ProviderId, Environment = options.Environment, Products = products };
    }

    public static IReadOnlyList<string> FixedNames { get; } = [.. FixedAmounts.Select(NameOf)];

    public ProviderOffer Offer { get; }

    /// <summary>The order as it is written; null for a product or a currency that is not on offer.</summary>
    public LatcomOrder? OrderOf(Submission submission)
    {
        if (!_products.TryGetValue(submission.Product, out var product)) return null;
        if (submission.Operator != product.Operator || submission.Send.Currency != product.Min.Currency) return null;

        return new LatcomOrder(
            submission.Phone.National, submission.Reference, Telefonica, Mexico, product.Min.Currency.Code,
            submission.Send.ToDecimal(), product.Id,
            product.IsBundle ? Bundles.Single(bundle => bundle.Product == product.Id).Sku : AirtimeSku,
            product.IsBundle ? BundleService : AirtimeService);
    }

    private static ProviderProduct Product(string name, Money face, Ratio cost) =>
        new() { Id = name, Operator = Telefonica, Min = face, Max = face, CostRatio = cost };

    private static string NameOf(int amount) => string.Create(CultureInfo.InvariantCulture, $"XOOM_{amount}_MXN");
}

/// <summary>The body of <c>POST api/tn/fast</c>, field by field in the recorded order.</summary>
internal sealed record LatcomOrder(
    [property: JsonPropertyName("targetMSISDN")] string Msisdn,
    [property: JsonPropertyName("dist_transid")] string Reference,
    [property: JsonPropertyName("operator")] string Operator,
    [property: JsonPropertyName("country")] string Country,
    [property: JsonPropertyName("currency")] string Currency,
    [property: JsonPropertyName("amount")] decimal Amount,
    [property: JsonPropertyName("productId")] string Product,
    [property: JsonPropertyName("skuID")] string Sku,
    [property: JsonPropertyName("service")] int Service);
