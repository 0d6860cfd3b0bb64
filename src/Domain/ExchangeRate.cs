namespace Relier;

/// <summary>
/// What one unit of <see cref="Base"/> was worth in <see cref="Quote"/> at a time, with where that was learnt. The
/// direction is part of the rate: 0.0544 for MXN/USD and 18.3824 for USD/MXN are two different rows.
/// </summary>
public sealed record ExchangeRate
{
    /// <summary>The currency of which one unit is valued.</summary>
    public required Currency Base { get; init; }

    /// <summary>The currency in which it is valued.</summary>
    public required Currency Quote { get; init; }

    /// <summary>Units of <see cref="Quote"/> for one of <see cref="Base"/>. Throws <see cref="ArgumentOutOfRangeException"/> unless more than zero.</summary>
    public required Ratio Rate
    {
        get;
        init => field = value > Ratio.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A rate of exchange is more than zero.");
    }

    /// <summary>When it held.</summary>
    public required NodaTime.Instant AsOf { get; init; }

    /// <summary>Who said so: the named admin, file or service.</summary>
    public required string Source { get; init; }

    /// <summary>The pair as <c>MXN/USD</c>.</summary>
    public string Pair => $"{Base}/{Quote}";

    /// <summary>Whether it converts between these two, in either direction.</summary>
    public bool Joins(Currency one, Currency other) =>
        (Base == one && Quote == other) || (Base == other && Quote == one);

    /// <summary>
    /// The amount in the other currency of the pair, rounded to its minor unit. Throws <see cref="ArgumentException"/>
    /// for an amount in neither.
    /// </summary>
    /// <example>20.00 MXN at MXN/USD 0.0544 is 1.088, which half-up is 1.09 USD.</example>
    public Money Convert(Money amount, Rounding rounding) =>
        amount.Currency == Base ? amount.Times(Rate, rounding, Quote)
        : amount.Currency == Quote ? amount.DividedBy(Rate, rounding, Base)
        : throw new ArgumentException($"{amount} cannot be converted at {Pair}.", nameof(amount));

    /// <summary>By what share of the other one this differs, whichever way round each is: 0.1 for a tenth more or less.</summary>
    public decimal DiffersBy(ExchangeRate other)
    {
        var before = other.Into(Quote).Value;
        return Math.Abs(Rate.Value - before) / before;
    }

    /// <summary>Units of <paramref name="into"/> for one unit of the other currency of the pair, to at most nine decimals.</summary>
    public Ratio Into(Currency into) =>
        into == Quote ? Rate
        : into == Base ? Rate.Inverse(Rounding.HalfUp)
        : throw new ArgumentException($"{Pair} says nothing about {into}.", nameof(into));
}
