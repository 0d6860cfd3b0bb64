using FluentValidation;
using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Ledger;

/// <summary>
/// Enters a rate of exchange. Orders use the newest one that is not in the future; what is already held keeps its own.
/// Refusals: <c>validation_failed</c>, <c>exchange_rate_exists</c>.
/// </summary>
/// <param name="Base">The currency of which one unit is valued: <c>MXN</c>.</param>
/// <param name="Quote">The currency in which it is valued: <c>USD</c>.</param>
/// <param name="Rate">Units of the second for one of the first, as a decimal with at most nine decimals: <c>0.0544</c>.</param>
/// <param name="AsOf">When it holds from, RFC 3339; null for now.</param>
[Requires(Permission.WriteRates)]
public sealed record AddExchangeRate(string Base, string Quote, string Rate, string? AsOf = null) : IUseCase<ExchangeRate>;

/// <summary>The newest rates of exchange, at most 100.</summary>
[Requires(Permission.WriteRates)]
public sealed record ListExchangeRates : IUseCase<Listing<ExchangeRate>>;

internal sealed class AddExchangeRateRules : AbstractValidator<AddExchangeRate>
{
    public AddExchangeRateRules()
    {
        RuleFor(rate => rate.Base).IsGiven().IsCurrency();
        RuleFor(rate => rate.Quote).IsGiven().IsCurrency();
        RuleFor(rate => rate.Quote).Must((rate, quote) => quote != rate.Base).WithErrorCode("currency_invalid").WithMessage("expected another currency than the base");
        RuleFor(rate => rate.Rate).Must(text => Read(text) is not null)
            .WithErrorCode("rate_invalid").WithMessage("expected a decimal between 0.0002 and 9000 with at most nine decimals, as in 0.0544");
        RuleFor(rate => rate.AsOf).IsInstant();
    }

    // Wider than between any two of our currencies, and narrow enough that the largest amount still fits when it is converted.
    private const decimal Least = 0.0002m;
    private const decimal Most = 9_000m;

    public static Ratio? Read(string? text)
    {
        if (text is null || text.Length > 20 || !decimal.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var value)) return null;
        return value is >= Least and <= Most && decimal.Truncate(value * 1_000_000_000m) == value * 1_000_000_000m ? Ratio.Of(value) : null;
    }
}

internal sealed class AddExchangeRateHandler(IStorage storage, IClock clock, Caller caller) : Handler<AddExchangeRate, ExchangeRate>
{
    protected override async Task<Outcome<ExchangeRate>> HandleAsync(AddExchangeRate entered, CancellationToken cancellationToken)
    {
        var rate = new ExchangeRate
        {
            Base = Currency.Parse(entered.Base), Quote = Currency.Parse(entered.Quote), Rate = AddExchangeRateRules.Read(entered.Rate)!.Value,
            AsOf = Validation.ReadInstant(entered.AsOf) ?? clock.Now(), Source = caller.Actor,
        };
        try
        {
            return await storage.RunAsync(
                caller.Tenant,
                async session =>
                {
                    await session.ExchangeRates.AddAsync(rate, cancellationToken);
                    await session.AuditAsync(
                        caller, clock, "exchange_rate.added", rate.Pair, null, new { rate = rate.Rate.ToString(), asOf = rate.AsOf.ToString() }, cancellationToken);
                    return rate;
                },
                cancellationToken);
        }
        catch (DuplicateKeyException)
        {
            return new Refusal("exchange_rate_exists", $"There is already a rate of {rate.Pair} for that time; rates are never changed, enter one for a later time.");
        }
    }
}

internal sealed class ListExchangeRatesHandler(IStorage storage, Caller caller) : Handler<ListExchangeRates, Listing<ExchangeRate>>
{
    protected override async Task<Outcome<Listing<ExchangeRate>>> HandleAsync(ListExchangeRates list, CancellationToken cancellationToken) =>
        new Listing<ExchangeRate>(
            await storage.RunAsync(caller.Tenant, session => session.ExchangeRates.ListAsync(PageRequest.MaxLimit, cancellationToken), cancellationToken), null);
}
