using Relier.TopUps;

namespace Relier.Api.Endpoints.FirstVersion;

/// <summary>Amounts as numbers: only here, because clients of the first version expect them.</summary>
internal static class Numbers
{
    public static decimal Of(Money money) => Shortest(money.ToDecimal());

    public static decimal? Of(Money? money) => money is { } some ? Of(some) : null;

    /// <summary>The same number without zeros at its end: dividing by a one of full scale drops them.</summary>
    public static decimal Shortest(decimal number) => number / 1.0000000000000000000000000000m;
}

/// <summary>Rates of exchange, in both directions, under names that say which is which.</summary>
internal static class Rates
{
    private const int Decimals = 6;

    /// <summary>Dollars for one peso; null for another pair or none.</summary>
    public static decimal? UsdPerMxn(ExchangeRate? rate) => Into(rate, Currency.USD);

    /// <summary>Pesos for one dollar.</summary>
    public static decimal? MxnPerUsd(ExchangeRate? rate) => Into(rate, Currency.MXN);

    private static decimal? Into(ExchangeRate? rate, Currency currency) =>
        rate is not null && rate.Joins(Currency.MXN, Currency.USD)
            ? Numbers.Shortest(rate.Into(currency).RoundTo(Decimals, Rounding.HalfUp).Value)
            : null;
}

/// <summary>The five words that the first version had for the state of a top-up.</summary>
internal static class PublicStatus
{
    public static string Of(TopUpState state) => state switch
    {
        TopUpState.Reserved => "PENDING",
        TopUpState.Submitting or TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview => "PROCESSING",
        TopUpState.Succeeded or TopUpState.LateDelivered => "SUCCESS",
        TopUpState.Failed or TopUpState.Rejected => "FAILED",
        TopUpState.Reversed => "REVERSED",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state this version knows."),
    };
}
