namespace Relier.Sql;

/// <summary>Money and ratios as they are stored.</summary>
internal static class Amounts
{
    private const decimal BillionthsPerWhole = 1_000_000_000m;

    /// <summary>The amount of two columns.</summary>
    public static Money ToMoney(long micros, string currency) => Money.FromMicros(micros, Currency.Parse(currency));

    /// <summary>The amount of two columns that are null together.</summary>
    public static Money? ToMoney(long? micros, string? currency) => micros is { } known ? ToMoney(known, currency!) : null;

    public static long BillionthsOf(Ratio ratio) => decimal.ToInt64(ratio.Value * BillionthsPerWhole);

    public static Ratio ToRatio(long billionths) => Ratio.Of(billionths / BillionthsPerWhole);
}
