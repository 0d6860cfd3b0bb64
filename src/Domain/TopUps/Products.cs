using System.Collections.Immutable;

namespace Relier.TopUps;

/// <summary>Something a provider can deliver: a fixed amount, an open range, or a bundle.</summary>
public sealed record ProviderProduct
{
    /// <summary>The provider's name for it.</summary>
    public required string Id { get; init; }

    /// <summary>The operator whose numbers it recharges. An order fails over only to a product of the same one.</summary>
    public required string Operator { get; init; }

    /// <summary>The smallest amount that can be sent; for a fixed product, its face value.</summary>
    public required Money Min { get; init; }

    /// <summary>The largest amount that can be sent; for a fixed product, its face value.</summary>
    public required Money Max { get; init; }

    /// <summary>Whether the amount is part of the product, so that nothing is computed.</summary>
    public bool IsFixed => Min == Max;

    /// <summary>What tax the provider puts on top of what is sent; null when what is sent is what arrives.</summary>
    public PreTax? Tax { get; init; }

    /// <summary>Whether it is a bundle: ordered by its name, sent without an amount.</summary>
    public bool IsBundle { get; init; }

    /// <summary>What the provider takes for a face value of 1: 0.95 with a discount of 5 %.</summary>
    public Ratio CostRatio { get; init; } = Ratio.One;

    /// <summary>What to send so that exactly this face value arrives; null when this product cannot do that.</summary>
    public Money? SendFor(Money face)
    {
        if (face.Currency != Min.Currency || !face.IsWhole) return null;
        if (IsFixed) return face == Min ? (IsBundle ? Money.Zero(face.Currency) : face) : null;
        var send = Tax is null ? face : Tax.Before(face);
        return send is { } amount && amount >= Min && amount <= Max ? amount : null;
    }

    /// <summary>What the provider is owed for this face value, half-up to the minor unit.</summary>
    public Money CostOf(Money face) => face.Times(CostRatio, Rounding.HalfUp);
}

/// <summary>
/// A tax the provider adds on delivery, so that less is sent than arrives; the amount sent is a multiple of a quantum.
/// </summary>
/// <param name="Rate">The tax: 16 % in Mexico.</param>
/// <param name="Quantum">The step of the amount that is sent.</param>
public sealed record PreTax(Ratio Rate, Money Quantum)
{
    /// <summary>The amount to which the tax is added to give exactly this face value; null when there is none.</summary>
    /// <example>At 16 % and 0.01: 30.00 is 25.86 and tax; 70.00 is not to be had, since 60.34 gives 69.99.</example>
    public Money? Before(Money face)
    {
        var before = face.DividedBy(Rate.OnTop(), Rounding.HalfUp).ToMultipleOf(Quantum, Rounding.HalfUp);
        return before.Times(Rate.OnTop(), Rounding.HalfUp) == face ? before : null;
    }
}
