using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using Relier.Customers;

namespace Relier.Sql;

/// <summary>
/// What is stored as JSON: written field by field, so that a renamed property changes no stored row. Money is
/// <c>{"amount":"1.09","currency":"USD"}</c>; what is null or empty is left out.
/// </summary>
internal static class Json
{
    /// <summary>A refusal. Its facts are text, money, or lists of text.</summary>
    public static string Of(Refusal refusal) => Written(json =>
    {
        json.WriteString("code", refusal.Code);
        json.WriteString("message", refusal.Message);
        if (refusal.Facts.Count > 0)
        {
            json.WriteStartObject("facts");
            foreach (var (name, fact) in refusal.Facts)
            {
                json.WritePropertyName(name);
                WriteFact(json, name, fact);
            }

            json.WriteEndObject();
        }

        if (refusal.Fields.Count == 0) return;
        json.WriteStartArray("fields");
        foreach (var field in refusal.Fields)
        {
            json.WriteStartObject();
            json.WriteString("field", field.Field);
            json.WriteString("code", field.Code);
            json.WriteString("message", field.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static Refusal ToRefusal(string text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        return new Refusal(Text(root, "code"), Text(root, "message"))
        {
            Facts = root.TryGetProperty("facts", out var facts)
                ? facts.EnumerateObject().ToDictionary(fact => fact.Name, fact => ToFact(fact.Value))
                : [],
            Fields = root.TryGetProperty("fields", out var fields)
                ? fields.EnumerateArray().Select(field => new FieldError(Text(field, "field"), Text(field, "code"), Text(field, "message"))).ToList()
                : [],
        };
    }

    /// <summary>What a customer may order.</summary>
    public static string Of(CustomerPolicies policies) => Written(json =>
    {
        json.WriteString("currency", policies.Currency.Code);
        WriteMoney(json, "min_amount", policies.MinAmount);
        WriteMoney(json, "max_amount", policies.MaxAmount);
        WriteMoney(json, "step", policies.Step);
        if (!policies.FixedAmounts.IsEmpty)
        {
            json.WriteStartArray("fixed_amounts");
            foreach (var amount in policies.FixedAmounts) WriteMoney(json, amount);
            json.WriteEndArray();
        }

        if (policies.DailyLimit is { } perDay) WriteMoney(json, "daily_limit", perDay);
        if (policies.DailyLimitPerPhone is { } perPhone) WriteMoney(json, "daily_limit_per_phone", perPhone);
        if (policies.Commission > Ratio.Zero) json.WriteNumber("commission", policies.Commission.Value);
        if (policies.PinnedProvider is { } provider) json.WriteString("pinned_provider", provider);
        if (!policies.AllowedAddresses.IsEmpty)
        {
            json.WriteStartArray("allowed_addresses");
            foreach (var network in policies.AllowedAddresses) json.WriteStringValue(network.ToString());
            json.WriteEndArray();
        }

        json.WriteString("late_delivery", Words.LateDeliveryPolicy.Of(policies.LateDelivery));
        json.WritePropertyName("low_balance_units");
        if (policies.LowBalanceUnits is { } low) json.WriteNumberValue(low);
        else json.WriteNullValue();
    });

    public static CustomerPolicies ToPolicies(string text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        return new CustomerPolicies
        {
            Currency = Currency.Parse(Text(root, "currency")),
            MinAmount = ToMoney(root.GetProperty("min_amount")),
            MaxAmount = ToMoney(root.GetProperty("max_amount")),
            Step = ToMoney(root.GetProperty("step")),
            FixedAmounts = Items(root, "fixed_amounts", ToMoney),
            DailyLimit = root.TryGetProperty("daily_limit", out var perDay) ? ToMoney(perDay) : null,
            DailyLimitPerPhone = root.TryGetProperty("daily_limit_per_phone", out var perPhone) ? ToMoney(perPhone) : null,
            Commission = root.TryGetProperty("commission", out var commission) ? Ratio.Of(commission.GetDecimal()) : Ratio.Zero,
            PinnedProvider = root.TryGetProperty("pinned_provider", out var provider) ? provider.GetString() : null,
            AllowedAddresses = Items(root, "allowed_addresses", network => IPNetwork.Parse(network.GetString()!)),
            LateDelivery = Words.LateDeliveryPolicy.Parse(Text(root, "late_delivery")),
            // Null is an answer here: nobody wants to be told. Absent, as in rows that were written before there was one, is not.
            LowBalanceUnits = root.TryGetProperty("low_balance_units", out var low)
                ? low.ValueKind == JsonValueKind.Null ? null : low.GetInt64()
                : CustomerPolicies.Default(Currency.Parse(Text(root, "currency"))).LowBalanceUnits,
        };
    }

    /// <summary>Facts: text, money, or lists of text, by name.</summary>
    public static string Of(IReadOnlyDictionary<string, object> facts) => Written(json =>
    {
        foreach (var (name, fact) in facts)
        {
            json.WritePropertyName(name);
            WriteFact(json, name, fact);
        }
    });

    public static IReadOnlyDictionary<string, object> ToFacts(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.EnumerateObject().ToDictionary(fact => fact.Name, fact => ToFact(fact.Value));
    }

    /// <summary>A list of text.</summary>
    public static string Of(IEnumerable<string> texts) => JsonSerializer.Serialize(texts);

    /// <summary>A list of pairs of text, for <see cref="SqlDialect.ForEach"/>.</summary>
    public static string Of(IEnumerable<(string One, string Other)> pairs)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var (one, other) in pairs)
            {
                json.WriteStartArray();
                json.WriteStringValue(one);
                json.WriteStringValue(other);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static IReadOnlyList<string> ToTexts(string text) => JsonSerializer.Deserialize<string[]>(text)!;

    private static void WriteFact(Utf8JsonWriter json, string name, object fact)
    {
        switch (fact)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case Money money:
                WriteMoney(json, money);
                break;
            case IEnumerable<string> texts:
                json.WriteStartArray();
                foreach (var text in texts) json.WriteStringValue(text);
                json.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"The fact {name} is a {fact.GetType().Name}; expected text, Money or a list of text.", nameof(fact));
        }
    }

    private static object ToFact(JsonElement fact) => fact.ValueKind switch
    {
        JsonValueKind.Object => ToMoney(fact),
        JsonValueKind.Array => fact.EnumerateArray().Select(text => text.GetString()!).ToList(),
        _ => fact.GetString()!,
    };

    internal static void WriteMoney(Utf8JsonWriter json, string name, Money money)
    {
        json.WritePropertyName(name);
        WriteMoney(json, money);
    }

    private static void WriteMoney(Utf8JsonWriter json, Money money)
    {
        json.WriteStartObject();
        json.WriteString("amount", money.Amount);
        json.WriteString("currency", money.Currency.Code);
        json.WriteEndObject();
    }

    internal static Money ToMoney(JsonElement money) => Money.Parse(Text(money, "amount"), Currency.Parse(Text(money, "currency")));

    internal static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString()!;

    internal static ImmutableArray<T> Items<T>(JsonElement parent, string name, Func<JsonElement, T> read) =>
        parent.TryGetProperty(name, out var items) ? [.. items.EnumerateArray().Select(read)] : [];

    internal static string Written(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
