using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>A version of a deck; its prices are kept beside it.</summary>
internal sealed record DeckResource(
    string Deck, int Version, string Name, string Currency, string Status, string? EffectiveFrom, long Entries, string Hash, string CreatedAt, string? ActivatedAt, string? RetiredAt)
{
    public static DeckResource Of(DeckVersion deck) => new(
        deck.Deck.Value, deck.Version, deck.Name, deck.Currency.Code, Words.Of(deck.State), deck.EffectiveFrom.Text(), deck.Entries, deck.Hash, deck.CreatedAt.Text(),
        deck.ActivatedAt.Text(), deck.RetiredAt.Text());
}

/// <summary>When a deck of a plan holds.</summary>
internal sealed record BandResource(
    string Name, int Priority, IReadOnlyList<string> WeekDays, IReadOnlyList<int> MonthDays, IReadOnlyList<int> Months, IReadOnlyList<string> Dates, string From, string? To, string Deck)
{
    public static BandResource Of(CalendarBand band) => new(
        band.Name, band.Priority, [.. RatingQuoteReader.WeekDays.Where(day => band.WeekDays.Contains(day.Value)).OrderBy(day => day.Value).Select(day => day.Key)], [.. band.MonthDays.Order()],
        [.. band.Months.Order()], [.. band.Dates.Order().Select(LocalDatePattern.Iso.Format)], LocalTimePattern.ExtendedIso.Format(band.From),
        band.To is { } to ? LocalTimePattern.ExtendedIso.Format(to) : null, band.Deck);
}

/// <summary>What a plan grants in each period.</summary>
internal sealed record AllowanceResource(string Name, string Kind, string Amount, long Unit, int Priority, IReadOnlyList<string> Prefixes, bool Blocker)
{
    public static AllowanceResource Of(Allowance allowance) => new(
        allowance.Name, Words.Of(allowance.Kind), RatedUsageResource.Shown(allowance.Amount), allowance.Unit, allowance.Priority, allowance.Prefixes, allowance.IsBlocker);
}

/// <summary>A version of a plan. What is given to make one has the same members.</summary>
internal sealed record PlanResource(
    string Plan, int Version, string Name, string Currency, string Status, string EffectiveFrom, string Zone, string? Country, string? Mode, IReadOnlyList<BandResource> Bands,
    IReadOnlyList<string> Fallback, IReadOnlyList<AllowanceResource> Allowances, IReadOnlyDictionary<string, string> Prices, IReadOnlyDictionary<string, long> Limits, string CreatedAt,
    string? RetiredAt)
{
    public static PlanResource Of(PlanVersion plan) => new(
        plan.Plan.Value, plan.Version, plan.Name, plan.Currency.Code, Words.Of(plan.State), plan.EffectiveFrom.Text(), plan.Zone.Id, plan.Numbers?.Country,
        plan.Mode is { } mode ? Words.Of(mode) : null, [.. plan.Bands.Select(BandResource.Of)], [.. plan.Fallback.Select(id => id.Value)], [.. plan.Allowances.Select(AllowanceResource.Of)],
        plan.Prices.ToDictionary(price => price.Key, price => price.Value.Amount), plan.Limits, plan.CreatedAt.Text(), plan.RetiredAt.Text());
}

/// <summary>A plan that was read, and from when on it is to hold.</summary>
internal sealed record PlanInput(PlanVersion Definition, string? EffectiveFrom);

/// <summary>Reads a plan, and what it grants. Refusal <c>validation_failed</c> with every member that does not fit.</summary>
internal static class PlanReader
{
    private const int NameMax = 64;

    private static readonly Dictionary<string, PaymentMode> Modes = Enum.GetValues<PaymentMode>().ToDictionary(Words.Of);

    public static Outcome<PlanInput> Read(string plan, JsonElement json)
    {
        var errors = new List<FieldError>();
        var reader = new JsonObjectReader(json, "", errors);
        var currency = CurrencyOf(reader);
        var definition = new PlanVersion
        {
            // An id that is none is refused with the others of the order.
            Plan = Id<RatePlan>.TryParse(plan, out var id) ? id : Id<RatePlan>.Parse("none"), Version = 1, Name = reader.Text("name", isRequired: true) ?? "", Currency = currency,
            EffectiveFrom = default, CreatedAt = default, Zone = RatingQuoteReader.Zone(reader), Numbers = RatingQuoteReader.Numbers(reader), Mode = reader.Word("mode", Modes),
            Bands = Bands(reader), Fallback = Fallback(reader), Allowances = [.. reader.List("allowances").Select(one => Allowance(new JsonObjectReader(one.Item, one.Path, errors)))],
            Prices = Prices(reader, currency), Limits = Limits(reader),
        };
        var from = reader.Text("effectiveFrom");
        reader.End();
        return errors.Count > 0 ? Unread("plan", errors) : new PlanInput(definition, from);
    }

    /// <summary>What is wrong, as a refusal.</summary>
    public static Refusal Unread(string what, IReadOnlyList<FieldError> errors) =>
        new("validation_failed", $"The {what} cannot be read: {string.Join(", ", errors.Select(error => error.Field).Distinct())}.") { Fields = errors };

    /// <summary>What is granted, without the end of its members.</summary>
    public static Allowance AllowanceOf(JsonObjectReader reader) =>
        new(reader.Text("name", isRequired: true) ?? "", reader.Word("kind", RatingQuoteReader.BucketKinds) ?? Missing(reader), reader.Number("amount", isRequired: true) ?? 0)
        {
            Unit = reader.Whole("unit") ?? 1, Priority = reader.Small("priority") ?? 0, Prefixes = [.. reader.Texts("prefixes")], IsBlocker = reader.Flag("blocker"),
        };

    private static Allowance Allowance(JsonObjectReader reader)
    {
        var allowance = AllowanceOf(reader);
        reader.End();
        return allowance;
    }

    private static BucketKind Missing(JsonObjectReader reader)
    {
        if (!reader.Errors.Any(error => error.Field == reader.At("kind"))) reader.Wrong("kind", "required", "is required");
        return BucketKind.Seconds;
    }

    private static Currency CurrencyOf(JsonObjectReader reader)
    {
        if (reader.Text("currency", isRequired: true) is not { } code) return Currency.USD;
        if (Currency.TryParse(code, out var currency)) return currency;
        reader.Wrong("currency", "currency_invalid", $"expected one of {string.Join(", ", Currency.All)}");
        return Currency.USD;
    }

    private static ImmutableArray<CalendarBand> Bands(JsonObjectReader reader)
    {
        ImmutableArray<CalendarBand> bands = [.. reader.List("bands").Select((one, place) => RatingQuoteReader.Band(new JsonObjectReader(one.Item, one.Path, reader.Errors), place))];
        var deck = reader.Text("deck");
        if (deck is null == bands.IsEmpty && !reader.Errors.Any(error => error.Field is "deck" or "bands")) reader.Wrong("deck", "required", "expected a deck that always holds, or bands");
        if (bands.Any(band => !IsName(band.Name))) reader.Wrong("bands", "text_invalid", $"expected names of 1 to {NameMax} printable characters");
        return deck is null ? bands : [new CalendarBand { Name = "always", Deck = deck }];
    }

    private static ImmutableArray<Id<RatePlan>> Fallback(JsonObjectReader reader)
    {
        var plans = new List<Id<RatePlan>>();
        foreach (var text in reader.Texts("fallback"))
            if (Id<RatePlan>.TryParse(text, out var id)) plans.Add(id);
            else reader.Wrong("fallback", "id_invalid", "expected 1 to 64 letters, digits, _ or -");
        return [.. plans];
    }

    private static ImmutableSortedDictionary<string, Money> Prices(JsonObjectReader reader, Currency currency)
    {
        var prices = new Dictionary<string, Money>();
        foreach (var (name, value, path) in Named(reader, "prices"))
        {
            var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : JsonObjectReader.TextOf(value);
            if (Money.TryParse(text, currency, out var price)) prices[name] = price;
            else reader.Errors.Add(new FieldError(path, "amount_invalid", $"expected an amount of {currency}, as in \"349.00\""));
        }

        return prices.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    private static ImmutableSortedDictionary<string, long> Limits(JsonObjectReader reader)
    {
        var limits = new Dictionary<string, long>();
        foreach (var (name, value, path) in Named(reader, "limits"))
        {
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var limit)) limits[name] = limit;
            else reader.Errors.Add(new FieldError(path, "number_invalid", "expected a whole number from 0"));
        }

        return limits.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>Members whose names are free, but are names.</summary>
    private static IEnumerable<(string Name, JsonElement Value, string Path)> Named(JsonObjectReader reader, string name)
    {
        foreach (var member in reader.Named(name))
            if (member.Name.Length is > 0 and <= NameMax && member.Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')) yield return member;
            else reader.Wrong(name, "name_invalid", $"expected names of 1 to {NameMax} letters, digits, _ or -");
    }

    private static bool IsName(string text) => text.Length is > 0 and <= NameMax && !text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter));
}
