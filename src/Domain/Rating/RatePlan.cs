using System.Collections.Immutable;
using NodaTime;

namespace Relier.Rating;

/// <summary>What a prefix costs.</summary>
/// <param name="Prefix">The digits; empty for the catch-all, which holds when nothing longer matches.</param>
/// <param name="Rate">The rate, by its name in the deck.</param>
public sealed record DeckEntry(string Prefix, string Rate)
{
    /// <summary>Whether it is for short codes, which ordinary prefixes never match.</summary>
    public bool IsShortCode { get; init; }

    /// <summary>Whether calls there are not allowed, and so not rated.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>How the destination is called in reports; null for the prefix itself.</summary>
    public string? Destination { get; init; }
}

/// <summary>
/// What every destination costs, ready to be looked up: immutable, and shared by all who rate by it. <see cref="Check"/>
/// what it is made of first.
/// </summary>
public sealed class RateDeck
{
    private readonly PrefixTable _prefixes;
    private readonly PrefixTable _shortCodes;

    // What is said of a prefix; many prefixes share one.
    private readonly Slot[] _slots;

    /// <summary>A deck. Throws <see cref="ArgumentException"/> when its prefixes, and <see cref="KeyNotFoundException"/> when its rates were not checked.</summary>
    public RateDeck(IEnumerable<DeckEntry> entries, IReadOnlyDictionary<string, UsageRate> rates)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(rates);
        var places = new Dictionary<Slot, int>();
        var all = entries.ToLookup(entry => entry.IsShortCode);
        _prefixes = PrefixTable.Of([.. all[false].Select(entry => entry.Prefix)], [.. all[false].Select(PlaceOf)]);
        _shortCodes = PrefixTable.Of([.. all[true].Select(entry => entry.Prefix)], [.. all[true].Select(PlaceOf)]);
        _slots = [.. places.OrderBy(pair => pair.Value).Select(pair => pair.Key.Ready())];

        int PlaceOf(DeckEntry entry)
        {
            var slot = new Slot(entry.IsForbidden ? null : rates[entry.Rate], entry.Destination);
            if (!places.TryGetValue(slot, out var place)) places.Add(slot, place = places.Count);
            return place;
        }
    }

    /// <summary>A deck that knows no number.</summary>
    public static RateDeck Empty { get; } = new([], System.Collections.Frozen.FrozenDictionary<string, UsageRate>.Empty);

    /// <summary>How many prefixes it has, short codes too.</summary>
    public int Count => _prefixes.Count + _shortCodes.Count;

    /// <summary>Bytes that it takes for its prefixes.</summary>
    public long Bytes => _prefixes.Bytes + _shortCodes.Bytes;

    /// <summary>
    /// What makes a deck impossible to rate by, with the row that is wrong: <c>prefix_invalid</c>, <c>prefix_duplicate</c>,
    /// <c>rate_unknown</c>, <c>per_mixed</c> for units that have no common one that is small enough, and what
    /// <see cref="UsageRate.Check"/> finds.
    /// </summary>
    public static IEnumerable<FieldError> Check(
        IReadOnlyList<DeckEntry> entries, IReadOnlyDictionary<string, UsageRate> rates, string at, bool forQuote = false)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(rates);
        foreach (var isShortCode in new[] { false, true })
        {
            var places = Enumerable.Range(0, entries.Count).Where(place => entries[place].IsShortCode == isShortCode).ToList();
            foreach (var (place, code) in PrefixTable.Check([.. places.Select(place => entries[place].Prefix)]))
                yield return new(
                    $"{at}.entries[{places[place]}].prefix", code,
                    code == "prefix_duplicate" ? $"expected each prefix once; '{entries[places[place]].Prefix}' is there before" : $"expected up to {PrefixTable.LongestPrefix} digits");
        }

        for (var i = 0; i < entries.Count; i++)
            if (!entries[i].IsForbidden && !rates.ContainsKey(entries[i].Rate))
                yield return new($"{at}.entries[{i}].rate", "rate_unknown", $"expected a rate of this deck; there is no '{entries[i].Rate}'");
        foreach (var (name, rate) in rates)
            foreach (var wrong in rate.Check($"{at}.rates.{name}", forQuote))
                yield return wrong;
        foreach (var wrong in CheckUnits(rates.Values, $"{at}.rates")) yield return wrong;
    }

    /// <summary><c>per_mixed</c>, when prices that may meet in one charge are for units that have no common multiple small enough.</summary>
    public static IEnumerable<FieldError> CheckUnits(IEnumerable<UsageRate> rates, string at)
    {
        if (UsageRate.SharedUnit(rates.SelectMany(rate => rate.Tiers).Select(tier => tier.Per).Where(per => per > 0).Distinct()) is null)
            yield return new(at, "per_mixed", $"expected units with a common multiple of at most {UsageRate.SharedUnitMax}");
    }

    /// <summary>What a number costs, or null. A number as it was given may be a short code as well.</summary>
    internal DeckMatch? Find(DialledNumber number, bool isAsGiven)
    {
        if (number.IsShortCode || (isAsGiven && number.Digits.Length is > 0 and <= NumberPlan.LongestShortCode))
            if (MatchIn(_shortCodes, number.Digits) is { } match) return match;
        return number.IsShortCode ? null : MatchIn(_prefixes, number.Digits);
    }

    private DeckMatch? MatchIn(PrefixTable table, string digits)
    {
        if (table.Find(digits, out var length) is not { } place) return null;
        var slot = _slots[place];
        var prefix = length == 0 ? DeckMatch.CatchAll : digits[..length];
        return new DeckMatch(prefix, slot.Destination ?? prefix, slot.Rate, slot.Plain);
    }

    /// <summary>What is said of a prefix: a rate, or none where calls are forbidden, by the object that it is.</summary>
    private readonly struct Slot(UsageRate? rate, string? destination) : IEquatable<Slot>
    {
        public UsageRate? Rate => rate;

        public PlainRate? Plain { get; private init; }

        public string? Destination => destination;

        public Slot Ready() => this with { Plain = Rate is null ? null : PlainRate.Of(Rate) };

        public bool Equals(Slot other) => ReferenceEquals(Rate, other.Rate) && Destination == other.Destination;

        public override bool Equals(object? obj) => obj is Slot other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(rate is null ? 0 : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(rate), destination);
    }
}

/// <summary>What a deck says of a number.</summary>
/// <param name="Prefix">The prefix that matched.</param>
/// <param name="Destination">How the destination is called.</param>
/// <param name="Rate">What it costs; null where calls are forbidden.</param>
/// <param name="Plain">The same, when it is plain enough.</param>
internal readonly record struct DeckMatch(string Prefix, string Destination, UsageRate? Rate, PlainRate? Plain)
{
    /// <summary>How the entry is shown that holds when nothing longer matches.</summary>
    public const string CatchAll = "*";
}

/// <summary>A tariff: which deck holds when, and where to look for what its decks do not know.</summary>
public sealed class RatePlan
{
    private readonly BandCalendar _calendar;

    // The deck of each band.
    private readonly RateDeck[] _decks;

    /// <summary>A plan. Throws <see cref="KeyNotFoundException"/> for a band whose deck is not among the decks.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="calendar">The bands.</param>
    /// <param name="decks">The decks, by the names that the bands say.</param>
    public RatePlan(string name, BandCalendar calendar, IReadOnlyDictionary<string, RateDeck> decks)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        ArgumentNullException.ThrowIfNull(decks);
        Name = name;
        _calendar = calendar;
        _decks = [.. calendar.Bands.Select(band => decks[band.Deck])];
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The names of the plans that are asked, in this order, when the deck that holds does not know the destination.</summary>
    public ImmutableArray<string> Fallback { get; init; } = [];

    /// <summary>What holds at a time.</summary>
    internal InForce At(Instant instant)
    {
        var (band, until) = _calendar.At(instant);
        return new InForce(_calendar.Bands[band], _decks[band], until);
    }
}

/// <summary>What holds at a time.</summary>
/// <param name="Band">The band.</param>
/// <param name="Deck">Its deck.</param>
/// <param name="Until">Until when at least.</param>
internal readonly record struct InForce(CalendarBand Band, RateDeck Deck, Instant Until);

/// <summary>What a customer's usage is rated by: a plan, and the plans it falls back to.</summary>
/// <param name="Plan">The name of the plan.</param>
/// <param name="Plans">All plans that play a part, by their names.</param>
/// <param name="Numbers">How numbers are dialled; null to take them digit by digit as they are given.</param>
public sealed record Tariff(string Plan, IReadOnlyDictionary<string, RatePlan> Plans, NumberPlan? Numbers);
