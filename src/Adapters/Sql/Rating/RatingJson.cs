using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Relier.Rating;

namespace Relier.Sql;

/// <summary>What of rating is stored as JSON: written field by field, what is empty left out. Prices are numbers, exactly.</summary>
internal static class RatingJson
{
    private static readonly LocalTimePattern Time = LocalTimePattern.CreateWithInvariantCulture("HH:mm:ss.FFFFFFFFF");

    public static string Of(PlanVersion plan) => Json.Written(json =>
    {
        json.WriteString("zone", plan.Zone.Id);
        if (plan.Numbers is { } numbers) json.WriteString("country", numbers.Country);
        if (plan.Mode is { } mode) json.WriteString("mode", Words.PaymentMode.Of(mode));
        json.WriteStartArray("bands");
        foreach (var band in plan.Bands) Write(json, band);
        json.WriteEndArray();
        WriteTexts(json, "fallback", plan.Fallback.Select(next => next.Value));
        json.WriteStartArray("allowances");
        foreach (var allowance in plan.Allowances) Write(json, allowance);
        json.WriteEndArray();
        json.WriteStartObject("prices");
        foreach (var (name, price) in plan.Prices) Json.WriteMoney(json, name, price);
        json.WriteEndObject();
        json.WriteStartObject("limits");
        foreach (var (name, limit) in plan.Limits) json.WriteNumber(name, limit);
        json.WriteEndObject();
    });

    /// <summary>The parts of a plan that are in its definition; the others are given.</summary>
    public static PlanVersion ToPlan(string text, PlanVersion others)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        return others with
        {
            Zone = DateTimeZoneProviders.Tzdb[Json.Text(root, "zone")],
            Numbers = root.TryGetProperty("country", out var country) ? NumberPlan.Find(country.GetString()!) : null,
            Mode = root.TryGetProperty("mode", out var mode) ? Words.PaymentMode.Parse(mode.GetString()!) : null,
            Bands = Json.Items(root, "bands", ToBand),
            Fallback = [.. Texts(root, "fallback").Select(Id<RatePlan>.Parse)],
            Allowances = Json.Items(root, "allowances", ToAllowance),
            Prices = root.GetProperty("prices").EnumerateObject().ToImmutableSortedDictionary(price => price.Name, price => Json.ToMoney(price.Value), StringComparer.Ordinal),
            Limits = root.GetProperty("limits").EnumerateObject().ToImmutableSortedDictionary(limit => limit.Name, limit => limit.Value.GetInt64(), StringComparer.Ordinal),
        };
    }

    public static string Of(ImmutableArray<PlanAssignment> plans) => Json.Written(json =>
    {
        json.WriteStartArray("plans");
        foreach (var plan in plans)
        {
            json.WriteStartObject();
            json.WriteString("plan", plan.Plan.Value);
            json.WriteNumber("from", Micros.Of(plan.From));
            if (plan.To is { } to) json.WriteNumber("to", Micros.Of(to));
            json.WriteString("use", Words.PlanUse.Of(plan.Use));
            if (plan.Line is { } line)
            {
                json.WriteString("line_kind", Words.LineKind.Of(line.Kind));
                json.WriteString("line_value", line.Value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static ImmutableArray<PlanAssignment> ToPlans(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Json.Items(document.RootElement, "plans", plan => new PlanAssignment(Id<RatePlan>.Parse(Json.Text(plan, "plan")), Micros.ToInstant(plan.GetProperty("from").GetInt64()))
        {
            To = plan.TryGetProperty("to", out var to) ? Micros.ToInstant(to.GetInt64()) : null, Use = Words.PlanUse.Parse(Json.Text(plan, "use")),
            Line = plan.TryGetProperty("line_kind", out var kind) ? new LineRef(Words.LineKind.Parse(kind.GetString()!), Json.Text(plan, "line_value")) : null,
        });
    }

    public static string Of(ImmutableArray<LineRef> lines) => JsonSerializer.Serialize(lines.Select(line => new[] { Words.LineKind.Of(line.Kind), line.Value }));

    public static ImmutableArray<LineRef> ToLines(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Select(line => new LineRef(Words.LineKind.Parse(line[0].GetString()!), line[1].GetString()!))];
    }

    public static string Of(ImmutableArray<ChargeLine> lines)
    {
        var text = Json.Written(json =>
        {
            json.WriteStartArray("lines");
            foreach (var line in lines) Write(json, line);
            json.WriteEndArray();
        });
        return text["{\"lines\":".Length..^1];
    }

    public static ImmutableArray<ChargeLine> ToChargeLines(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Select(line => ChargeLine.Kept(Words.ChargeLineKind.Parse(Json.Text(line, "kind")), line.GetProperty("exact").GetDecimal()) with
        {
            Band = Maybe(line, "band"), From = Number(line, "from"), Increments = Number(line, "increments"), Increment = Number(line, "increment"),
            Price = line.TryGetProperty("price", out var price) ? Price(price) : UnitPrice.Free, Per = Number(line, "per"), Bucket = Maybe(line, "bucket"),
        })];
    }

    public static string Of(ImmutableArray<BucketUse> uses) => JsonSerializer.Serialize(uses.ToDictionary(use => use.Bucket.Value, use => use.Amount));

    public static ImmutableArray<BucketUse> ToBucketUses(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateObject().Select(use => new BucketUse(Id<AccountBucket>.Parse(use.Name), use.Value.GetDecimal()))];
    }

    /// <summary>What a session has of buckets: a list each, of bucket, taken, reserved and seen.</summary>
    public static string Of(ImmutableArray<SessionBucket> buckets) =>
        JsonSerializer.Serialize(buckets.Select(bucket => new object[] { bucket.Bucket.Value, bucket.Taken, bucket.Reserved, bucket.Seen }));

    public static ImmutableArray<SessionBucket> ToSessionBuckets(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Select(bucket => new SessionBucket(Id<AccountBucket>.Parse(bucket[0].GetString()!), bucket[1].GetDecimal(), bucket[2].GetDecimal(), bucket[3].GetDecimal()))];
    }

    /// <summary>What the sender of a message was told.</summary>
    public static string Of(SessionAnswer answer) => Json.Written(json =>
    {
        json.WriteNumber("sequence", answer.Sequence);
        json.WriteString("state", Words.SessionState.Of(answer.State));
        json.WriteNumber("used", answer.Used);
        json.WriteNumber("granted", answer.Granted);
        json.WriteBoolean("final", answer.IsFinal);
        if (answer.Reason is { } reason) json.WriteString("reason", reason);
        Json.WriteMoney(json, "charged", answer.Charged);
        Json.WriteMoney(json, "held", answer.Held);
        Json.WriteMoney(json, "available", answer.Available);
        json.WriteNumber("valid_until", Micros.Of(answer.ValidUntil));
        if (answer.Call is { } call) json.WriteString("call", call.Value);
        if (answer.IsExpired) json.WriteBoolean("expired", true);
    });

    public static SessionAnswer ToSessionAnswer(string text)
    {
        using var document = JsonDocument.Parse(text);
        var answer = document.RootElement;
        return new SessionAnswer
        {
            Sequence = (int)Number(answer, "sequence"), State = Words.SessionState.Parse(Json.Text(answer, "state")), Used = Number(answer, "used"), Granted = Number(answer, "granted"),
            IsFinal = answer.GetProperty("final").GetBoolean(), Reason = Maybe(answer, "reason"), Charged = Json.ToMoney(answer.GetProperty("charged")),
            Held = Json.ToMoney(answer.GetProperty("held")), Available = Json.ToMoney(answer.GetProperty("available")), ValidUntil = Micros.ToInstant(Number(answer, "valid_until")),
            Call = Maybe(answer, "call") is { } call ? Id<Call>.Parse(call) : null, IsExpired = answer.TryGetProperty("expired", out _),
        };
    }

    /// <summary>The rates of a part of a deck, by their names.</summary>
    public static string Of(IReadOnlyDictionary<string, UsageRate> rates) => Json.Written(json =>
    {
        foreach (var (name, rate) in rates)
        {
            json.WriteStartObject(name);
            Write(json, rate);
            json.WriteEndObject();
        }
    });

    public static IReadOnlyDictionary<string, UsageRate> ToRates(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.EnumerateObject().ToDictionary(rate => rate.Name, rate => ToRate(rate.Value));
    }

    /// <summary>The entries of a part of a deck: a list each, of prefix, rate, letters for what it is, and destination.</summary>
    public static string Of(IReadOnlyList<DeckEntry> entries)
    {
        var text = Json.Written(json =>
        {
            json.WriteStartArray("entries");
            foreach (var entry in entries)
            {
                json.WriteStartArray();
                json.WriteStringValue(entry.Prefix);
                json.WriteStringValue(entry.Rate);
                json.WriteStringValue((entry.IsShortCode ? "s" : "") + (entry.IsForbidden ? "f" : ""));
                if (entry.Destination is { } destination) json.WriteStringValue(destination);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        });
        return text["{\"entries\":".Length..^1];
    }

    public static IReadOnlyList<DeckEntry> ToEntries(string text)
    {
        var entries = new List<DeckEntry>();
        var names = new Dictionary<string, string>();
        using var document = JsonDocument.Parse(text);
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var flags = entry[2].GetString()!;
            entries.Add(new DeckEntry(entry[0].GetString()!, Shared(entry[1].GetString()!))
            {
                IsShortCode = flags.Contains('s'), IsForbidden = flags.Contains('f'), Destination = entry.GetArrayLength() > 3 ? Shared(entry[3].GetString()!) : null,
            });
        }

        return entries;

        // Thousands of entries name few rates and destinations.
        string Shared(string name)
        {
            if (names.TryGetValue(name, out var known)) return known;
            names.Add(name, name);
            return name;
        }
    }

    private static void Write(Utf8JsonWriter json, UsageRate rate)
    {
        if (!rate.ConnectFee.IsFree) json.WriteNumber("connect_fee", rate.ConnectFee.Value);
        json.WriteStartArray("tiers");
        foreach (var tier in rate.Tiers)
        {
            json.WriteStartObject();
            if (tier.From != 0) json.WriteNumber("from", tier.From);
            json.WriteNumber("price", tier.Price.Value);
            json.WriteNumber("per", tier.Per);
            json.WriteNumber("increment", tier.Increment);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (rate.GraceSeconds != 0) json.WriteNumber("grace_seconds", rate.GraceSeconds);
        if (rate.MinQuantity != 0) json.WriteNumber("min_quantity", rate.MinQuantity);
        if (rate.MinCharge is { } min) json.WriteNumber("min_charge", min.Value);
        if (rate.MaxCharge is { } max) json.WriteNumber("max_charge", max.Value);
        if (rate.Cap != CapStrategy.Free) json.WriteString("cap", Words.CapStrategy.Of(rate.Cap));
        if (rate.Rounding.Mode is { } mode) json.WriteString("rounding", Words.Rounding.Of(mode));
        json.WriteNumber("scale", rate.Rounding.Scale);
    }

    private static UsageRate ToRate(JsonElement rate) => new()
    {
        ConnectFee = rate.TryGetProperty("connect_fee", out var fee) ? Price(fee) : UnitPrice.Free,
        Tiers = Json.Items(rate, "tiers", tier => new Tier(Number(tier, "from"), Price(tier.GetProperty("price")), Number(tier, "per"), Number(tier, "increment"))),
        GraceSeconds = Number(rate, "grace_seconds"), MinQuantity = Number(rate, "min_quantity"),
        MinCharge = rate.TryGetProperty("min_charge", out var min) ? Price(min) : null, MaxCharge = rate.TryGetProperty("max_charge", out var max) ? Price(max) : null,
        Cap = Maybe(rate, "cap") is { } cap ? Words.CapStrategy.Parse(cap) : CapStrategy.Free,
        Rounding = new ChargeRounding(Maybe(rate, "rounding") is { } mode ? Words.Rounding.Parse(mode) : null, (int)Number(rate, "scale")),
    };

    private static void Write(Utf8JsonWriter json, CalendarBand band)
    {
        json.WriteStartObject();
        json.WriteString("name", band.Name);
        json.WriteString("deck", band.Deck);
        if (band.Priority != 0) json.WriteNumber("priority", band.Priority);
        WriteNumbers(json, "week_days", band.WeekDays.Select(day => (int)day).Order());
        WriteNumbers(json, "month_days", band.MonthDays.Order());
        WriteNumbers(json, "months", band.Months.Order());
        WriteTexts(json, "dates", band.Dates.Order().Select(LocalDatePattern.Iso.Format));
        if (band.From != LocalTime.Midnight) json.WriteString("from", Time.Format(band.From));
        if (band.To is { } to) json.WriteString("to", Time.Format(to));
        json.WriteEndObject();
    }

    private static CalendarBand ToBand(JsonElement band) => new()
    {
        Name = Json.Text(band, "name"), Deck = Json.Text(band, "deck"), Priority = (int)Number(band, "priority"),
        WeekDays = Json.Items(band, "week_days", day => (IsoDayOfWeek)day.GetInt32()).ToFrozenSet(),
        MonthDays = Json.Items(band, "month_days", day => day.GetInt32()).ToFrozenSet(), Months = Json.Items(band, "months", month => month.GetInt32()).ToFrozenSet(),
        Dates = Texts(band, "dates").Select(date => LocalDatePattern.Iso.Parse(date).Value).ToFrozenSet(),
        From = Maybe(band, "from") is { } from ? Time.Parse(from).Value : LocalTime.Midnight, To = Maybe(band, "to") is { } to ? Time.Parse(to).Value : null,
    };

    private static void Write(Utf8JsonWriter json, Allowance allowance)
    {
        json.WriteStartObject();
        json.WriteString("name", allowance.Name);
        json.WriteString("kind", Words.BucketKind.Of(allowance.Kind));
        json.WriteNumber("amount", allowance.Amount);
        json.WriteNumber("unit", allowance.Unit);
        if (allowance.Priority != 0) json.WriteNumber("priority", allowance.Priority);
        WriteTexts(json, "prefixes", allowance.Prefixes);
        if (allowance.IsBlocker) json.WriteBoolean("blocker", true);
        json.WriteEndObject();
    }

    private static Allowance ToAllowance(JsonElement allowance) =>
        new(Json.Text(allowance, "name"), Words.BucketKind.Parse(Json.Text(allowance, "kind")), allowance.GetProperty("amount").GetDecimal())
        {
            Unit = Number(allowance, "unit"), Priority = (int)Number(allowance, "priority"), Prefixes = [.. Texts(allowance, "prefixes")],
            IsBlocker = allowance.TryGetProperty("blocker", out _),
        };

    private static void Write(Utf8JsonWriter json, ChargeLine line)
    {
        json.WriteStartObject();
        json.WriteString("kind", Words.ChargeLineKind.Of(line.Kind));
        if (line.Band is { } band) json.WriteString("band", band);
        if (line.From != 0) json.WriteNumber("from", line.From);
        if (line.Increments != 0) json.WriteNumber("increments", line.Increments);
        if (line.Increment != 0) json.WriteNumber("increment", line.Increment);
        if (line.Per != 0)
        {
            json.WriteNumber("price", line.Price.Value);
            json.WriteNumber("per", line.Per);
        }

        if (line.Bucket is { } bucket) json.WriteString("bucket", bucket);
        json.WriteNumber("exact", line.Exact);
        json.WriteEndObject();
    }

    private static UnitPrice Price(JsonElement number) =>
        UnitPrice.TryOf(number.GetDecimal(), out var price) ? price : throw new FormatException($"'{number}' is no price.");

    private static long Number(JsonElement parent, string name) => parent.TryGetProperty(name, out var number) ? number.GetInt64() : 0;

    private static string? Maybe(JsonElement parent, string name) => parent.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement parent, string name) => Json.Items(parent, name, text => text.GetString()!);

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
