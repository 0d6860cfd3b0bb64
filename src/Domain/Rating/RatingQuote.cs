using System.Collections.Frozen;
using System.Collections.Immutable;
using NodaTime;

namespace Relier.Rating;

/// <summary>What is asked about a call.</summary>
public enum QuoteMode
{
    /// <summary>What it costs.</summary>
    Price,

    /// <summary>How much of it buckets and balance pay for.</summary>
    Authorise,

    /// <summary>What it costs, and what is left afterwards.</summary>
    Consume,
}

/// <summary>A plan of a quote.</summary>
public sealed record QuotedPlan
{
    /// <summary>The zone of its bands.</summary>
    public DateTimeZone Zone { get; init; } = DateTimeZone.Utc;

    /// <summary>The plans it falls back to.</summary>
    public ImmutableArray<string> Fallback { get; init; } = [];

    /// <summary>Its bands; none for one band that always holds, with the only deck there is.</summary>
    public IReadOnlyList<CalendarBand> Bands { get; init; } = [];
}

/// <summary>A deck of a quote.</summary>
/// <param name="Entries">Its prefixes.</param>
/// <param name="Rates">Its rates, by their names.</param>
public sealed record QuotedDeck(IReadOnlyList<DeckEntry> Entries, IReadOnlyDictionary<string, UsageRate> Rates);

/// <summary>A question about one call, with all that is needed to answer it.</summary>
public sealed record RatingQuote
{
    /// <summary>The most bands that a call may pass through, so that its lines can be held.</summary>
    private const int PiecesMax = 50_000;

    /// <summary>How the plan of the question is called.</summary>
    public const string MainPlan = "plan";

    /// <summary>The plan.</summary>
    public required QuotedPlan Plan { get; init; }

    /// <summary>Other plans, which it may fall back to.</summary>
    public IReadOnlyDictionary<string, QuotedPlan> Plans { get; init; } = FrozenDictionary<string, QuotedPlan>.Empty;

    /// <summary>The decks.</summary>
    public required IReadOnlyDictionary<string, QuotedDeck> Decks { get; init; }

    /// <summary>What is paid for already.</summary>
    public IReadOnlyList<Bucket> Buckets { get; init; } = [];

    /// <summary>What there is to spend; null for as much as it takes.</summary>
    public decimal? Balance { get; init; }

    /// <summary>How numbers are dialled; null to take them digit by digit.</summary>
    public NumberPlan? Numbers { get; init; }

    /// <summary>The call.</summary>
    public required Usage Call { get; init; }

    /// <summary>What is asked.</summary>
    public QuoteMode Mode { get; init; }

    /// <summary>
    /// The answer. A tariff that cannot be rated by is refused with the code of its first fault (<c>plan_not_continuous</c>,
    /// <c>bands_overlap</c>, <c>prefix_duplicate</c>, <c>tier_unreachable</c>, <c>deck_unknown</c>, <c>plan_duplicate</c> and the others of
    /// <see cref="UsageRate.Check"/>, <see cref="RateDeck.Check"/> and <see cref="BandCalendar.Check"/>), and all of them as its fields.
    /// </summary>
    public Outcome<QuotedUsage> Answer()
    {
        var plans = Plans.Prepend(new(MainPlan, Plan)).ToList();
        if (Faults(plans).ToList() is [var first, ..] faults)
            return new Refusal(first.Code, $"{first.Field}: {first.Message}") { Fields = faults };

        var decks = Decks.ToFrozenDictionary(deck => deck.Key, deck => new RateDeck(deck.Value.Entries, deck.Value.Rates));
        var tariff = new Tariff(MainPlan, plans.ToFrozenDictionary(plan => plan.Key, plan => Made(plan.Key, plan.Value, decks)), Numbers);
        return Mode switch
        {
            QuoteMode.Price => new QuotedUsage(Rater.Price(tariff, Call, Buckets) with { Buckets = [.. Buckets] }, Balance),
            QuoteMode.Authorise => new QuotedUsage(Rater.Authorise(tariff, Call, Buckets, Balance) with { Buckets = [.. Buckets] }, Balance),
            QuoteMode.Consume => Consumed(Rater.Price(tariff, Call, Buckets)),
            _ => throw new InvalidOperationException($"{Mode} is no mode this version knows."),
        };
    }

    private QuotedUsage Consumed(RatedUsage rated) => new(rated, Balance - (rated.Amount ?? 0m));

    private IEnumerable<FieldError> Faults(IReadOnlyList<KeyValuePair<string, QuotedPlan>> plans)
    {
        foreach (var (name, deck) in Decks)
            foreach (var fault in RateDeck.Check(deck.Entries, deck.Rates, $"decks.{name}", forQuote: true))
                yield return fault;
        foreach (var fault in RateDeck.CheckUnits(Decks.Values.SelectMany(deck => deck.Rates.Values), "decks")) yield return fault;
        foreach (var fault in Call.Check("call")) yield return fault;
        if (Call.Kind == UsageKind.Voice && ((Call.Quantity / NodaConstants.SecondsPerDay) + 1) * plans.Max(plan => plan.Value.Bands.Count) > PiecesMax)
            yield return new("call.quantity", "quantity_invalid", "expected a shorter call, or fewer bands");
        if (Plans.ContainsKey(MainPlan)) yield return new($"plans.{MainPlan}", "plan_duplicate", $"expected another name; {MainPlan} is the plan of the question");
        foreach (var (name, plan) in plans)
            foreach (var fault in Faults(plan, name == MainPlan ? name : $"plans.{name}", Decks))
                yield return fault;
    }

    private static IEnumerable<FieldError> Faults(QuotedPlan plan, string at, IReadOnlyDictionary<string, QuotedDeck> decks)
    {
        if (plan.Bands.Count > BandCalendar.BandsMax)
        {
            yield return new($"{at}.bands", "too_many", $"expected at most {BandCalendar.BandsMax}");
            yield break;
        }

        if (plan.Bands.Count == 0)
        {
            if (decks.Count != 1) yield return new($"{at}.bands", "deck_unknown", "expected bands, because there is not exactly one deck");
            yield break;
        }

        for (var i = 0; i < plan.Bands.Count; i++)
            if (!decks.ContainsKey(plan.Bands[i].Deck))
                yield return new($"{at}.bands[{i}].deck", "deck_unknown", $"expected one of {string.Join(", ", decks.Keys)}");
        foreach (var fault in BandCalendar.Check(plan.Bands, $"{at}.bands")) yield return fault;
    }

    private static RatePlan Made(string name, QuotedPlan plan, FrozenDictionary<string, RateDeck> decks)
    {
        var bands = plan.Bands.Count > 0 ? plan.Bands : [new CalendarBand { Name = "always", Deck = decks.Keys.Single() }];
        return new RatePlan(name, new BandCalendar(plan.Zone, bands), decks) { Fallback = plan.Fallback };
    }
}

/// <summary>The answer to a quote.</summary>
/// <param name="Rated">What came of it. Its buckets are as they are afterwards when the question was to consume, else as they were.</param>
/// <param name="Balance">What is left to spend then; below zero when the call costs more.</param>
public sealed record QuotedUsage(RatedUsage Rated, decimal? Balance);
