using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using FluentValidation;
using Relier.Pipeline;

namespace Relier.Customers;

/// <summary>
/// What a customer may order, in the words of a client. On creation what is null takes the default, on a change it stays
/// as it was. An empty text takes a limit or a pin away, an empty list likewise.
/// </summary>
public sealed record PoliciesInput
{
    /// <summary>The currency of the amounts below; only on creation. Default MXN.</summary>
    public string? Currency { get; init; }

    /// <summary>The smallest top-up.</summary>
    public string? MinAmount { get; init; }

    /// <summary>The largest top-up.</summary>
    public string? MaxAmount { get; init; }

    /// <summary>Amounts must be multiples of this.</summary>
    public string? Step { get; init; }

    /// <summary>When not empty, only these amounts.</summary>
    public IReadOnlyList<string>? FixedAmounts { get; init; }

    /// <summary>The most in a calendar day.</summary>
    public string? DailyLimit { get; init; }

    /// <summary>The same for one phone.</summary>
    public string? DailyLimitPerPhone { get; init; }

    /// <summary>The only provider to be used.</summary>
    public string? PinnedProvider { get; init; }

    /// <summary>What the customer keeps of each face value, as a decimal with at most nine places: <c>0.05</c>; from 0 to below 1.</summary>
    public string? Commission { get; init; }

    /// <summary>Addresses or networks (<c>203.0.113.0/24</c>) that requests may come from; empty for anywhere.</summary>
    public IReadOnlyList<string>? AllowedAddresses { get; init; }

    /// <summary>Who pays for a late delivery: <c>customer</c> or <c>house</c>.</summary>
    public string? LateDelivery { get; init; }

    /// <summary>From how much left in the wallet on people are told: whole units of the wallet's currency, as in <c>1000</c>; empty for never.</summary>
    public string? LowBalance { get; init; }

    /// <summary>These on top of what holds so far.</summary>
    internal CustomerPolicies Onto(CustomerPolicies current)
    {
        var currency = current.Currency;
        Money? Limit(string? text, Money? before) => text is null ? before : text.Length == 0 ? null : Money.Parse(text, currency);
        return current with
        {
            MinAmount = Limit(MinAmount, null) ?? current.MinAmount,
            MaxAmount = Limit(MaxAmount, null) ?? current.MaxAmount,
            Step = Limit(Step, null) ?? current.Step,
            FixedAmounts = FixedAmounts?.Select(amount => Money.Parse(amount, currency)).ToImmutableArray() ?? current.FixedAmounts,
            DailyLimit = Limit(DailyLimit, current.DailyLimit),
            DailyLimitPerPhone = Limit(DailyLimitPerPhone, current.DailyLimitPerPhone),
            PinnedProvider = PinnedProvider is null ? current.PinnedProvider : PinnedProvider.Length == 0 ? null : PinnedProvider,
            Commission = Commission is null ? current.Commission : ReadCommission(Commission)!.Value,
            AllowedAddresses = AllowedAddresses?.Select(text => ReadNetwork(text)!.Value).ToImmutableArray() ?? current.AllowedAddresses,
            LateDelivery = LateDelivery is null ? current.LateDelivery : LateDelivery == "house" ? LateDeliveryPolicy.House : LateDeliveryPolicy.Customer,
            LowBalanceUnits = LowBalance is null ? current.LowBalanceUnits : LowBalance.Length == 0 ? null : ReadUnits(LowBalance),
        };
    }

    /// <summary>A share of the whole below one; null for anything else.</summary>
    internal static Ratio? ReadCommission(string text) =>
        text.Length <= 11 && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0m and < 1m
        && decimal.Truncate(share * 1_000_000_000m) == share * 1_000_000_000m
            ? Ratio.Of(share)
            : null;

    /// <summary>Whole units, 0 to 1,000,000,000; null for anything else.</summary>
    internal static long? ReadUnits(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var units) && units <= 1_000_000_000 ? units : null;

    /// <summary>A network, or one address as a network of its own; null for neither.</summary>
    internal static IPNetwork? ReadNetwork(string? text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        if (!IPAddress.TryParse(text, out var address) || (address.ToString() != text && !text!.Contains(':'))) return null;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return new IPNetwork(plain, plain.GetAddressBytes().Length * 8);
    }
}

internal sealed class PoliciesRules : AbstractValidator<PoliciesInput>
{
    private const int MostEntries = 100;

    public PoliciesRules(string? currencyOnFile)
    {
        string? CurrencyOf(PoliciesInput policies) => currencyOnFile ?? policies.Currency ?? TopUps.Ordering.FaceCurrency.Code;
        RuleFor(policies => policies.Currency).IsCurrency();
        RuleFor(policies => policies.MinAmount).IsPositiveAmount(CurrencyOf);
        RuleFor(policies => policies.MaxAmount).IsPositiveAmount(CurrencyOf);
        RuleFor(policies => policies.Step).IsPositiveAmount(CurrencyOf);
        RuleFor(policies => policies.DailyLimit).IsPositiveAmount(CurrencyOf).When(policies => policies.DailyLimit != "");
        RuleFor(policies => policies.DailyLimitPerPhone).IsPositiveAmount(CurrencyOf).When(policies => policies.DailyLimitPerPhone != "");
        RuleFor(policies => policies.FixedAmounts).Must(list => list is null || list.Count <= MostEntries)
            .WithErrorCode("too_many").WithMessage($"expected at most {MostEntries}");
        RuleForEach(policies => policies.FixedAmounts).Must(text => text is not null).WithErrorCode("required").WithMessage("is required").IsPositiveAmount(CurrencyOf);
        RuleFor(policies => policies.PinnedProvider).IsText(64);
        RuleFor(policies => policies.Commission).Must(text => text is null || PoliciesInput.ReadCommission(text) is not null)
            .WithErrorCode("commission_invalid").WithMessage("expected a decimal from 0 to below 1 with at most nine places, as in 0.05");
        RuleFor(policies => policies.AllowedAddresses).Must(list => list is null || list.Count <= MostEntries)
            .WithErrorCode("too_many").WithMessage($"expected at most {MostEntries}");
        RuleForEach(policies => policies.AllowedAddresses).Must(text => PoliciesInput.ReadNetwork(text) is not null)
            .WithErrorCode("address_invalid").WithMessage("expected an address or a network, as in 203.0.113.7 or 203.0.113.0/24");
        RuleFor(policies => policies.LateDelivery).Must(word => word is null or "customer" or "house")
            .WithErrorCode("late_delivery_invalid").WithMessage("expected customer or house");
        RuleFor(policies => policies.LowBalance).Must(text => string.IsNullOrEmpty(text) || PoliciesInput.ReadUnits(text) is not null)
            .WithErrorCode("low_balance_invalid").WithMessage("expected a whole number of units of the wallet's currency, as in 1000");
    }
}
