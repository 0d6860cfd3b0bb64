namespace Relier.TopUps;

/// <summary>What is held for top-ups with one provider that nobody can answer for, of one age.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Age">For how long nobody has known.</param>
/// <param name="Count">How many.</param>
/// <param name="Held">What their customers have held, in one currency.</param>
public sealed record Exposure(string Provider, ExposureAge Age, long Count, Money Held);

/// <summary>For how long nobody has known what became of a top-up.</summary>
public enum ExposureAge
{
    /// <summary>Less than ten minutes: what a breaker looks at.</summary>
    Minutes,

    /// <summary>Ten minutes to an hour.</summary>
    Hour,

    /// <summary>One hour to a day.</summary>
    Day,

    /// <summary>A day or more: people look into it.</summary>
    Older,
}

/// <summary>How much may be unknown with one provider before it gets nothing more.</summary>
/// <param name="CountMax">The most that became unknown within the last ten minutes.</param>
/// <param name="HeldMax">The most held for those, one amount per currency; a currency that is not listed has no limit.</param>
public sealed record ExposureLimit(int CountMax, IReadOnlyList<Money> HeldMax)
{
    /// <summary>Five top-ups, or 100 USD.</summary>
    public static ExposureLimit Default { get; } = new(5, [Money.Of(100, Currency.USD)]);

    /// <summary>Whether a provider with these unknowns is over the limit. At the count itself it is.</summary>
    public bool IsReached(string provider, IEnumerable<Exposure> exposures)
    {
        var recent = exposures.Where(exposure => exposure.Provider == provider && exposure.Age == ExposureAge.Minutes).ToList();
        return recent.Sum(exposure => exposure.Count) >= CountMax
            || recent.Any(exposure => HeldMax.Any(most => most.Currency == exposure.Held.Currency && exposure.Held > most));
    }
}
