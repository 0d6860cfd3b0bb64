using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>Reads a rating quote. Refusal <c>validation_failed</c> with every member that does not fit.</summary>
internal static class RatingQuoteReader
{
    private static readonly FrozenDictionary<string, QuoteMode> Modes = new Dictionary<string, QuoteMode>
    {
        ["price"] = QuoteMode.Price, ["authorize"] = QuoteMode.Authorise, ["consume"] = QuoteMode.Consume,
    }.ToFrozenDictionary();

    internal static readonly FrozenDictionary<string, UsageKind> Kinds = new Dictionary<string, UsageKind>
    {
        ["voice"] = UsageKind.Voice, ["data"] = UsageKind.Data, ["message"] = UsageKind.Message, ["event"] = UsageKind.Event,
    }.ToFrozenDictionary();

    internal static readonly FrozenDictionary<string, BucketKind> BucketKinds = new Dictionary<string, BucketKind>
    {
        ["seconds"] = BucketKind.Seconds, ["messages"] = BucketKind.Messages, ["bytes"] = BucketKind.Bytes, ["money"] = BucketKind.Money,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, CapStrategy> Caps = new Dictionary<string, CapStrategy>
    {
        ["free"] = CapStrategy.Free, ["disconnect"] = CapStrategy.Disconnect,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ChargeRounding> Roundings = new Dictionary<string, ChargeRounding>
    {
        ["halfUp"] = Standard(Rounding.HalfUp), ["halfEven"] = Standard(Rounding.HalfEven), ["up"] = Standard(Rounding.Up), ["down"] = Standard(Rounding.Down), ["none"] = Standard(null),
    }.ToFrozenDictionary();

    internal static readonly FrozenDictionary<string, IsoDayOfWeek> WeekDays = new Dictionary<string, IsoDayOfWeek>
    {
        ["Mon"] = IsoDayOfWeek.Monday, ["Tue"] = IsoDayOfWeek.Tuesday, ["Wed"] = IsoDayOfWeek.Wednesday, ["Thu"] = IsoDayOfWeek.Thursday,
        ["Fri"] = IsoDayOfWeek.Friday, ["Sat"] = IsoDayOfWeek.Saturday, ["Sun"] = IsoDayOfWeek.Sunday,
    }.ToFrozenDictionary();

    public static Outcome<RatingQuote> Read(JsonElement json)
    {
        var errors = new List<FieldError>();
        var reader = new JsonObjectReader(json, "", errors);
        var quote = new RatingQuote
        {
            Plan = reader.Inside("plan", isRequired: true) is { } plan ? Plan(plan) : new QuotedPlan(),
            Plans = reader.Named("plans").ToDictionary(one => one.Name, one => Plan(new JsonObjectReader(one.Value, one.Path, errors))),
            Decks = reader.Named("decks").ToDictionary(one => one.Name, one => Deck(new JsonObjectReader(one.Value, one.Path, errors), errors)),
            Buckets = [.. reader.List("buckets").Select(one => Bucket(new JsonObjectReader(one.Item, one.Path, errors)))],
            Balance = reader.Number("balance"),
            Numbers = Numbers(reader),
            Call = reader.Inside("call", isRequired: true) is { } call ? Call(call) : new Usage(UsageKind.Voice, null, default, 0),
            Mode = reader.Word("mode", Modes) ?? QuoteMode.Price,
        };
        reader.End();
        if (quote.Decks.Count == 0) reader.Wrong("decks", "required", "expected at least one deck");
        if (quote.Buckets.Select(bucket => bucket.Id).Distinct().Count() < quote.Buckets.Count) reader.Wrong("buckets", "bucket_duplicate", "expected each id once");
        if (errors.Count == 0) return quote;
        return new Refusal("validation_failed", $"The quote cannot be read: {string.Join(", ", errors.Select(error => error.Field).Distinct())}.") { Fields = errors };
    }

    private static QuotedPlan Plan(JsonObjectReader reader)
    {
        var plan = new QuotedPlan
        {
            Zone = Zone(reader), Fallback = [.. reader.Texts("fallback")], Bands = [.. reader.List("bands").Select((one, place) => Band(new JsonObjectReader(one.Item, one.Path, reader.Errors), place))],
        };
        reader.End();
        return plan;
    }

    internal static CalendarBand Band(JsonObjectReader reader, int place)
    {
        var days = new HashSet<IsoDayOfWeek>();
        foreach (var day in reader.Texts("weekDays"))
            if (WeekDays.TryGetValue(day, out var weekDay)) days.Add(weekDay);
            else reader.Wrong("weekDays", "value_invalid", $"expected some of {string.Join(", ", WeekDays.Keys)}");
        var dates = new HashSet<LocalDate>();
        foreach (var date in reader.Texts("dates"))
            if (LocalDatePattern.Iso.Parse(date) is { Success: true, Value: var read }) dates.Add(read);
            else reader.Wrong("dates", "date_invalid", "expected days as in 2026-08-15");

        var band = new CalendarBand
        {
            Name = reader.Text("name") ?? $"band {place + 1}", Priority = reader.Small("priority") ?? 0, WeekDays = days, Dates = dates,
            Months = reader.Wholes("months", 1, 12).ToFrozenSet(), MonthDays = reader.Wholes("monthDays", 1, 31).ToFrozenSet(),
            From = Time(reader, "from") ?? LocalTime.Midnight, To = Time(reader, "to"), Deck = reader.Text("deck", isRequired: true) ?? "",
        };
        reader.End();
        return band;
    }

    private static QuotedDeck Deck(JsonObjectReader reader, List<FieldError> errors)
    {
        var deck = new QuotedDeck(
            [.. reader.List("entries").Select(one => Entry(new JsonObjectReader(one.Item, one.Path, errors)))],
            reader.Named("rates").ToDictionary(one => one.Name, one => Rate(new JsonObjectReader(one.Value, one.Path, errors))));
        reader.End();
        return deck;
    }

    private static DeckEntry Entry(JsonObjectReader reader)
    {
        // An empty prefix is no way to write the catch-all: it stays as wrong as it is.
        var prefix = reader.Text("prefix", isRequired: true) switch { "*" => "", null or "" => "?", var digits => digits };
        var isForbidden = reader.Flag("forbidden");
        var entry = new DeckEntry(prefix, reader.Text("rate", isRequired: !isForbidden) ?? "")
        {
            IsShortCode = reader.Flag("shortCode"), IsForbidden = isForbidden, Destination = reader.Text("destination"),
        };
        reader.End();
        return entry;
    }

    private static UsageRate Rate(JsonObjectReader reader)
    {
        var rounding = reader.Word("rounding", Roundings) ?? ChargeRounding.Standard;
        var rate = new UsageRate
        {
            ConnectFee = Price(reader, "connectFee") ?? UnitPrice.Free, Tiers = [.. reader.List("tiers").Select(one => Tier(new JsonObjectReader(one.Item, one.Path, reader.Errors)))],
            GraceSeconds = reader.Whole("graceSeconds") ?? 0, MinCharge = Price(reader, "minCharge"), MaxCharge = Price(reader, "maxCharge"),
            Cap = reader.Word("capStrategy", Caps) ?? CapStrategy.Free,
            Rounding = rounding with { Scale = reader.Small("scale") ?? rounding.Scale },
        };
        reader.End();
        return rate;
    }

    private static ChargeRounding Standard(Rounding? mode) => ChargeRounding.Standard with { Mode = mode };

    private static Tier Tier(JsonObjectReader reader)
    {
        var tier = new Tier(reader.Whole("from") ?? 0, Price(reader, "price", isRequired: true) ?? UnitPrice.Free, reader.Whole("per") ?? 60, reader.Whole("increment") ?? 60);
        reader.End();
        return tier;
    }

    private static Bucket Bucket(JsonObjectReader reader)
    {
        var kind = reader.Word("kind", BucketKinds) ?? BucketKind.Seconds;
        var bucket = new Bucket
        {
            Id = reader.Text("id", isRequired: true) ?? "", Kind = kind, Left = reader.Number("left", isRequired: true) ?? 0, Unit = reader.Whole("unit") ?? 1,
            Priority = reader.Small("priority") ?? 0, Expires = Time(reader, "expires", isRequired: false),
            Prefixes = [.. reader.Texts("prefixes")], IsBlocker = reader.Flag("blocker"),
        };
        if (bucket.Left < 0 || (kind != BucketKind.Money && decimal.Truncate(bucket.Left) != bucket.Left)) reader.Wrong("left", "quantity_invalid", "expected a whole number from 0, or an amount of money");
        if (bucket.Unit is < 1 or > UsageRate.QuantityMax) reader.Wrong("unit", "quantity_invalid", "expected a whole number from 1");
        reader.End();
        return bucket;
    }

    private static Usage Call(JsonObjectReader reader)
    {
        var call = new Usage(
            reader.Word("kind", Kinds) ?? UsageKind.Voice, reader.Text("to"), Time(reader, "start", isRequired: true) ?? default, reader.Whole("quantity", isRequired: true) ?? 0)
        {
            IsContinuation = reader.Flag("continuation"),
        };
        reader.End();
        return call;
    }

    private static UnitPrice? Price(JsonObjectReader reader, string name, bool isRequired = false)
    {
        if (reader.Number(name, isRequired) is not { } number) return null;
        if (UnitPrice.TryOf(number, out var price)) return price;
        reader.Wrong(name, "price_invalid", $"expected a decimal from 0 to {UnitPrice.Max} with at most nine decimals");
        return null;
    }

    internal static NumberPlan? Numbers(JsonObjectReader reader)
    {
        if (reader.Text("country") is not { } country) return null;
        if (NumberPlan.Find(country) is { } plan) return plan;
        reader.Wrong("country", "country_unknown", $"expected one of {string.Join(", ", NumberPlan.All.Select(known => known.Country))}, or nothing");
        return null;
    }

    internal static DateTimeZone Zone(JsonObjectReader reader)
    {
        if (reader.Text("zone") is not { } name) return DateTimeZone.Utc;
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is { } zone) return zone;
        reader.Wrong("zone", "zone_unknown", "expected a zone of the tz database, as in Asia/Kolkata");
        return DateTimeZone.Utc;
    }

    private static LocalTime? Time(JsonObjectReader reader, string name)
    {
        if (reader.Text(name) is not { } text) return null;
        foreach (var pattern in new[] { LocalTimePattern.CreateWithInvariantCulture("HH:mm"), LocalTimePattern.ExtendedIso })
            if (pattern.Parse(text) is { Success: true, Value: var time })
                return time;
        reader.Wrong(name, "time_invalid", "expected a time of day, as in 09:00");
        return null;
    }

    internal static Instant? Time(JsonObjectReader reader, string name, bool isRequired)
    {
        if (reader.Text(name, isRequired) is not { } text) return null;
        // The last hours of the year 9999 are beyond all instants in some zones, so that year is nobody's.
        if (OffsetDateTimePattern.Rfc3339.Parse(text) is { Success: true, Value: { Year: > 0 and < 9999 } time }) return time.ToInstant();
        reader.Wrong(name, "instant_invalid", "expected a time with its offset, as in 2026-11-20T10:00:00Z");
        return null;
    }
}

/// <summary>A step of a charge.</summary>
internal sealed record ChargeLineResource(
    string Kind, string? Band, long From, long Increments, long Increment, string? Price, long? Per, string? Bucket, string Exact)
{
    public static ChargeLineResource Of(ChargeLine line) => new(
        JsonNamingPolicy.CamelCase.ConvertName($"{line.Kind}"), line.Band, line.From, line.Increments, line.Increment, line.Per == 0 ? null : $"{line.Price}", line.Per == 0 ? null : line.Per,
        line.Bucket, RatedUsageResource.Shown(line.Exact));
}

/// <summary>How much was used, charged, granted.</summary>
internal sealed record QuantityResource(long Actual, long Billed, long? Granted, bool? Final);

/// <summary>What is left in a bucket.</summary>
internal sealed record BucketLeftResource(string Id, decimal Left);

/// <summary>A price, and why it is this one.</summary>
internal sealed record RatedUsageResource(
    string Status, string? Reason, string? Amount, string? Exact, string? MatchedPrefix, string? Plan, QuantityResource Quantity,
    IReadOnlyList<ChargeLineResource> Lines, IReadOnlyList<BucketLeftResource> Buckets, string? Balance)
{
    public static RatedUsageResource Of(QuotedUsage quoted)
    {
        var rated = quoted.Rated;
        return new(
            Words.Of(rated.Status), rated.Reason is { } reason ? Words.Of(reason) : null, rated.Amount is { } amount ? Rounded(amount, rated.Scale) : null,
            rated.Exact is { } exact ? Shown(exact) : null, rated.MatchedPrefix, rated.Plan, new(rated.Actual, rated.Billed, rated.Granted, rated.IsFinal),
            [.. rated.Lines.Select(ChargeLineResource.Of)], [.. rated.Buckets.Select(bucket => new BucketLeftResource(bucket.Id, bucket.Left))],
            quoted.Balance is { } balance ? Shown(balance) : null);
    }

    internal static string Shown(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);

    private static string Rounded(decimal amount, int? scale) => scale is >= 0 ? amount.ToString($"F{scale}", CultureInfo.InvariantCulture) : Shown(amount);
}
