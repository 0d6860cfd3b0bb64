namespace Relier.Domain.Tests;

/// <summary>Amounts as they are said: <c>Usd(1.09m)</c>.</summary>
internal static class Amounts
{
    public static Money Inr(decimal amount) => Money.Of(amount, Currency.INR);

    public static Money Mxn(decimal amount) => Money.Of(amount, Currency.MXN);

    public static Money Usd(decimal amount) => Money.Of(amount, Currency.USD);

    public static Money Jpy(decimal amount) => Money.Of(amount, Currency.JPY);

    public static Money Kwd(decimal amount) => Money.Of(amount, Currency.KWD);
}
