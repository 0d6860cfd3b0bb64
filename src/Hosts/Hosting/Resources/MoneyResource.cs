using NodaTime;
using NodaTime.Text;

namespace Relier.Hosting.Resources;

/// <summary>Money in JSON: the amount is text, because prices may be finer than a float keeps.</summary>
/// <param name="Amount">A decimal with at least the decimals of the currency and at most six.</param>
/// <param name="Currency">ISO 4217.</param>
internal sealed record MoneyResource(string Amount, string Currency)
{
    public static MoneyResource Of(Money money) => new(money.Amount, money.Currency.Code);

    public static MoneyResource? Of(Money? money) => money is { } some ? Of(some) : null;
}

/// <summary>Times in JSON.</summary>
internal static class Times
{
    /// <summary>RFC 3339 in UTC: <c>2026-11-20T12:00:00Z</c>, with fractions where there are any.</summary>
    public static string Text(this Instant instant) => InstantPattern.ExtendedIso.Format(instant);

    public static string? Text(this Instant? instant) => instant is { } some ? some.Text() : null;
}
