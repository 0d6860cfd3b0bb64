using System.Collections.Immutable;
using System.Globalization;
using NodaTime;

namespace Relier.Rating;

/// <summary>Whether a version of a deck or a plan is rated by.</summary>
public enum VersionState
{
    /// <summary>Not yet.</summary>
    Draft,

    /// <summary>From its time on.</summary>
    Active,

    /// <summary>No longer: another took its place. What was rated by it says so for ever.</summary>
    Retired,
}

/// <summary>One version of a deck; its entries are kept beside it and never change.</summary>
public sealed record DeckVersion
{
    /// <summary>The deck.</summary>
    public required Id<RateDeck> Deck { get; init; }

    /// <summary>Counts the versions, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>What the deck is called.</summary>
    public required string Name { get; init; }

    /// <summary>The currency of its prices: of all its versions the same.</summary>
    public required Currency Currency { get; init; }

    /// <summary>Whether it is rated by.</summary>
    public required VersionState State { get; init; }

    /// <summary>From when on its prices hold, until the next version's; null for a draft.</summary>
    public Instant? EffectiveFrom { get; init; }

    /// <summary>SHA-256 of its entries in the order of their prefixes.</summary>
    public required string Hash { get; init; }

    /// <summary>How many prefixes it has.</summary>
    public required long Entries { get; init; }

    /// <summary>When it was taken in.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>When it was activated; null for a draft.</summary>
    public Instant? ActivatedAt { get; init; }

    /// <summary>When another took its place.</summary>
    public Instant? RetiredAt { get; init; }
}

/// <summary>What a plan grants in each period. Subscriptions turn it into buckets.</summary>
/// <param name="Name">What it is called: <c>included minutes</c>.</param>
/// <param name="Kind">Of what.</param>
/// <param name="Amount">How much: a whole number, or an amount of money.</param>
public sealed record Allowance(string Name, BucketKind Kind, decimal Amount)
{
    /// <summary>In what pieces it pays; each increment of the rate alone when it is 1.</summary>
    public long Unit { get; init; } = 1;

    /// <summary>The larger pays first.</summary>
    public int Priority { get; init; }

    /// <summary>The numbers it is for, by their first digits; empty for all.</summary>
    public ImmutableArray<string> Prefixes { get; init; } = [];

    /// <summary>Whether those of smaller priority pay nothing for what it is for.</summary>
    public bool IsBlocker { get; init; }

    /// <summary>Equal when every part is.</summary>
    public bool Equals(Allowance? other) =>
        other is not null && Name == other.Name && Kind == other.Kind && Amount == other.Amount && Unit == other.Unit && Priority == other.Priority
        && Prefixes.SequenceEqual(other.Prefixes) && IsBlocker == other.IsBlocker;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Kind, Amount);
}

/// <summary>One version of a plan: which decks hold when, what is granted, and what it costs by itself. It is active from the start.</summary>
public sealed record PlanVersion
{
    /// <summary>The plan.</summary>
    public required Id<RatePlan> Plan { get; init; }

    /// <summary>Counts the versions, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>What the plan is called.</summary>
    public required string Name { get; init; }

    /// <summary>The currency of its decks and prices: of all its versions the same.</summary>
    public required Currency Currency { get; init; }

    /// <summary>Whether it is rated by.</summary>
    public VersionState State { get; init; } = VersionState.Active;

    /// <summary>From when on it holds, until the next version does.</summary>
    public required Instant EffectiveFrom { get; init; }

    /// <summary>The zone of its bands.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>How numbers are dialled where it is sold; null to take them digit by digit.</summary>
    public NumberPlan? Numbers { get; init; }

    /// <summary>Which deck holds when, by the id of the deck.</summary>
    public required ImmutableArray<CalendarBand> Bands { get; init; }

    /// <summary>The plans that are asked, in this order, for what its decks do not know.</summary>
    public ImmutableArray<Id<RatePlan>> Fallback { get; init; } = [];

    /// <summary>What it grants in each period.</summary>
    public ImmutableArray<Allowance> Allowances { get; init; } = [];

    /// <summary>How its usage is meant to be paid for; null for either way.</summary>
    public PaymentMode? Mode { get; init; }

    /// <summary>What it costs by itself, by name: <c>monthly</c>, <c>annual</c>, <c>setup</c>, <c>extra_number</c>.</summary>
    public ImmutableSortedDictionary<string, Money> Prices { get; init; } = ImmutableSortedDictionary<string, Money>.Empty;

    /// <summary>What it includes, by name: <c>numbers</c>, <c>concurrent_calls</c>, <c>trial_days</c>.</summary>
    public ImmutableSortedDictionary<string, long> Limits { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>When it was taken in.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>When another version of the same time took its place.</summary>
    public Instant? RetiredAt { get; init; }
}

/// <summary>All versions of a tenant's plans and decks, without their entries: which of them hold when.</summary>
public sealed class TariffBook
{
    private readonly ILookup<Id<RatePlan>, PlanVersion> _plans;
    private readonly ILookup<Id<RateDeck>, DeckVersion> _decks;
    private readonly ImmutableArray<Instant> _turns;
    private readonly Dictionary<(Id<RatePlan> Plan, int Version), PlanVersion> _allPlans;
    private readonly Dictionary<(Id<RateDeck> Deck, int Version), DeckVersion> _allDecks;

    /// <summary>A book of these versions; those that are not active play no part, except where they are asked for by their numbers.</summary>
    public TariffBook(long revision, IReadOnlyCollection<PlanVersion> plans, IReadOnlyCollection<DeckVersion> decks)
    {
        Revision = revision;
        _allPlans = plans.ToDictionary(plan => (plan.Plan, plan.Version));
        _allDecks = decks.ToDictionary(deck => (deck.Deck, deck.Version));
        _plans = plans.Where(plan => plan.State == VersionState.Active).OrderByDescending(plan => plan.EffectiveFrom).ThenByDescending(plan => plan.Version).ToLookup(plan => plan.Plan);
        _decks = decks.Where(deck => deck.State == VersionState.Active).OrderByDescending(deck => deck.EffectiveFrom).ThenByDescending(deck => deck.Version).ToLookup(deck => deck.Deck);
        _turns = [.. _plans.SelectMany(all => all).Select(plan => plan.EffectiveFrom).Concat(_decks.SelectMany(all => all).Select(deck => deck.EffectiveFrom!.Value)).Distinct().Order()];
    }

    /// <summary>Counts the changes of the tenant's plans and decks.</summary>
    public long Revision { get; }

    /// <summary>The version of a plan that holds at a time; null when none does.</summary>
    public PlanVersion? PlanAt(Id<RatePlan> plan, Instant at) => _plans[plan].FirstOrDefault(version => version.EffectiveFrom <= at);

    /// <summary>The version of a deck that holds at a time; null when none does.</summary>
    public DeckVersion? DeckAt(Id<RateDeck> deck, Instant at) => _decks[deck].FirstOrDefault(version => version.EffectiveFrom <= at);

    /// <summary>A number that is the same for two times between which nothing changes.</summary>
    public int TurnAt(Instant at)
    {
        var place = _turns.BinarySearch(at);
        return place >= 0 ? place + 1 : ~place;
    }

    /// <summary>The versions that were written down, whatever became of them. Throws <see cref="InvalidOperationException"/> for one that is not there.</summary>
    public TariffParts PartsOf(PinnedTariff pinned)
    {
        ArgumentNullException.ThrowIfNull(pinned);
        return new TariffParts(
            pinned.Plans.ToDictionary(plan => plan.Key, plan => _allPlans.GetValueOrDefault((plan.Key, plan.Value)) ?? throw new InvalidOperationException($"Version {plan.Value} of plan {plan.Key} is not there.")),
            pinned.Decks.ToDictionary(deck => deck.Key, deck => _allDecks.GetValueOrDefault((deck.Key, deck.Value)) ?? throw new InvalidOperationException($"Version {deck.Value} of deck {deck.Key} is not there.")));
    }

    /// <summary>The versions that play a part in a plan at a time: the plan, those it falls back to, theirs, and all their decks.</summary>
    public TariffParts PartsOf(Id<RatePlan> plan, Instant at)
    {
        var (plans, decks) = (new Dictionary<Id<RatePlan>, PlanVersion>(), new Dictionary<Id<RateDeck>, DeckVersion>());
        Add(plan);
        return new TariffParts(plans, decks);

        void Add(Id<RatePlan> id)
        {
            if (plans.ContainsKey(id) || PlanAt(id, at) is not { } version) return;
            plans.Add(id, version);
            foreach (var band in version.Bands)
                if (Id<RateDeck>.TryParse(band.Deck, out var deck) && DeckAt(deck, at) is { } held)
                    decks[deck] = held;
            foreach (var next in version.Fallback) Add(next);
        }
    }
}

/// <summary>The versions that play a part in a plan at a time.</summary>
/// <param name="Plans">Of plans.</param>
/// <param name="Decks">Of decks; one that holds not yet is missing.</param>
public sealed record TariffParts(IReadOnlyDictionary<Id<RatePlan>, PlanVersion> Plans, IReadOnlyDictionary<Id<RateDeck>, DeckVersion> Decks)
{
    /// <summary>What is rated by: a deck that holds not yet knows no number.</summary>
    public Tariff ToTariff(Id<RatePlan> plan, Func<DeckVersion, RateDeck> deckOf)
    {
        ArgumentNullException.ThrowIfNull(deckOf);
        var decks = Decks.ToDictionary(deck => deck.Key.Value, deck => deckOf(deck.Value));
        foreach (var band in Plans.Values.SelectMany(version => version.Bands)) decks.TryAdd(band.Deck, RateDeck.Empty);
        var plans = Plans.ToDictionary(
            version => version.Key.Value,
            version => new RatePlan(version.Key.Value, new BandCalendar(version.Value.Zone, version.Value.Bands), decks) { Fallback = [.. version.Value.Fallback.Select(next => next.Value)] });
        return new Tariff(plan.Value, plans, Plans.GetValueOrDefault(plan)?.Numbers);
    }
}

/// <summary>A plan, and the versions that played a part in it at a time: written down, so that what is under way is rated by them to its end.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Versions">The versions as text: plans, a bar, decks; each as <c>id:version</c>, by id, between semicolons.</param>
public sealed record PinnedTariff(Id<RatePlan> Plan, string Versions)
{
    /// <summary>The plans and their versions.</summary>
    public IEnumerable<KeyValuePair<Id<RatePlan>, int>> Plans => Read<RatePlan>(0);

    /// <summary>The decks and their versions.</summary>
    public IEnumerable<KeyValuePair<Id<RateDeck>, int>> Decks => Read<RateDeck>(1);

    /// <summary>These versions.</summary>
    public static PinnedTariff Of(Id<RatePlan> plan, TariffParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new PinnedTariff(plan, $"{Text(parts.Plans.Select(one => (one.Key.Value, one.Value.Version)))}|{Text(parts.Decks.Select(one => (one.Key.Value, one.Value.Version)))}");

        static string Text(IEnumerable<(string Id, int Version)> versions) =>
            string.Join(';', versions.OrderBy(one => one.Id, StringComparer.Ordinal).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Id}:{one.Version}")));
    }

    private IEnumerable<KeyValuePair<Id<T>, int>> Read<T>(int place) =>
        from one in Versions.Split('|')[place].Split(';', StringSplitOptions.RemoveEmptyEntries)
        let parts = one.Split(':')
        select new KeyValuePair<Id<T>, int>(Id<T>.Parse(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture));
}
