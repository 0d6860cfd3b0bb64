using System.Collections.Frozen;
using System.Collections.Immutable;
using Relier.Rating;

namespace Relier.Domain.Tests.Rating;

/// <summary>The plainest tariffs: a test says what is particular about its own.</summary>
internal static class ATariff
{
    public static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    public static readonly Instant Noon = Instant.FromUtc(2025, 1, 15, 6, 30);

    /// <summary>Half-up to four decimals: what the cases say unless they say otherwise.</summary>
    public static UsageRate Rate(decimal price, long per, long increment) => new() { Tiers = [Tier(0, price, per, increment)] };

    /// <summary>A price per minute, charged in such increments.</summary>
    public static UsageRate PerMinute(decimal price, long increment) => Rate(price, 60, increment);

    public static Tier Tier(long from, decimal price, long per, long increment) => new(from, UnitPrice.Of(price), per, increment);

    /// <summary>One rate for every number.</summary>
    public static Tariff Of(UsageRate rate) => Of(Deck(("", rate)));

    public static Tariff Of(RateDeck deck, NumberPlan? numbers = null) => Of(numbers, new RatePlan("plan", new BandCalendar(India, [Always("deck")]), Decks(("deck", deck))));

    public static Tariff Of(NumberPlan? numbers, params RatePlan[] plans) => new(plans[0].Name, plans.ToFrozenDictionary(plan => plan.Name), numbers);

    public static RateDeck Deck(params (string Prefix, UsageRate Rate)[] prices) =>
        new(prices.Select(price => new DeckEntry(price.Prefix, price.Prefix)), prices.ToFrozenDictionary(price => price.Prefix, price => price.Rate));

    public static RatePlan Plan(string name, RateDeck deck, params string[] fallback) =>
        new(name, new BandCalendar(India, [Always("deck")]), Decks(("deck", deck))) { Fallback = [.. fallback] };

    /// <summary>Two decks by the hours of a zone: the first in the band, the second in the rest.</summary>
    public static Tariff InBand(DateTimeZone zone, CalendarBand band, UsageRate inside, UsageRate outside) =>
        Of(null, new RatePlan("plan", new BandCalendar(zone, [band, Always("outside")]), Decks((band.Deck, Deck(("", inside))), ("outside", Deck(("", outside))))));

    public static CalendarBand Always(string deck) => new() { Name = "rest", Priority = -1, Deck = deck };

    public static FrozenDictionary<string, RateDeck> Decks(params (string Name, RateDeck Deck)[] decks) => decks.ToFrozenDictionary(deck => deck.Name, deck => deck.Deck);

    public static Usage Call(string to, long seconds) => new(UsageKind.Voice, to, Noon, seconds);

    public static Usage Call(long seconds) => Call("918041000000", seconds);

    public static Usage Call(Instant start, long seconds) => Call(seconds) with { Start = start };

    public static RatedUsage Priced(this Tariff tariff, Usage usage, params Bucket[] buckets) => Rater.Price(tariff, usage, buckets);

    public static RatedUsage Asked(this Tariff tariff, Usage usage, decimal? balance, params Bucket[] buckets) => Rater.Authorise(tariff, usage, buckets, balance);

    public static Bucket Seconds(string id, long left) => new() { Id = id, Kind = BucketKind.Seconds, Left = left };
}
