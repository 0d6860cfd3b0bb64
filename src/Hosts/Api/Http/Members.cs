using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Relier.Api.Http;

/// <summary>Compares a JSON object with the type it is meant for, and names every member that does not fit, not only the first.</summary>
internal static class Members
{
    /// <summary>What does not fit; empty when <paramref name="json"/> can be read as <paramref name="type"/>.</summary>
    public static List<FieldError> Check(JsonElement json, Type type)
    {
        var errors = new List<FieldError>();
        CheckObject(json, type, "", errors);
        return errors;
    }

    /// <summary>The code for a member of the wrong type: that of its wrong values, where there is one.</summary>
    public static string CodeOf(string field) => field[(field.LastIndexOf('.') + 1)..] switch
    {
        "amount" or "creditLimit" or "minAmount" or "maxAmount" or "step" or "fixedAmounts" or "dailyLimit" or "dailyLimitPerPhone" => "amount_invalid",
        "phone" => "phone_invalid",
        "currency" or "walletCurrency" or "base" or "quote" => "currency_invalid",
        "reference" => "reference_invalid",
        "rate" => "rate_invalid",
        _ => "type_invalid",
    };

    /// <summary>The text of a string; null when it is broken, as with half a surrogate pair.</summary>
    public static string? TextOf(JsonElement json)
    {
        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void CheckObject(JsonElement json, Type type, string path, List<FieldError> errors)
    {
        var known = Json.Options.GetTypeInfo(type).Properties;
        foreach (var member in json.EnumerateObject())
        {
            var field = path + member.Name;
            if (known.FirstOrDefault(property => property.Name == member.Name) is { } property)
                CheckValue(member.Value, property.PropertyType, field, errors);
            else
                errors.Add(new FieldError(Shortened(field), "unknown_member", $"is not a member of this request; expected {string.Join(", ", known.Select(one => one.Name))}"));
        }
    }

    private static void CheckValue(JsonElement value, Type type, string field, List<FieldError> errors)
    {
        if (value.ValueKind == JsonValueKind.Null || type == typeof(JsonElement?)) return;
        if (type == typeof(string)) Expect(value.ValueKind == JsonValueKind.String && TextOf(value) is not null, "a string");
        else if (type == typeof(bool?)) Expect(value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false");
        else if (type == typeof(int?)) Expect(value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _), "a whole number");
        else if (type == typeof(IReadOnlyList<string>)) Expect(value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsText), "a list of strings");
        else if (value.ValueKind == JsonValueKind.Object) CheckObject(value, type, field + ".", errors);
        else Expect(false, "an object");

        void Expect(bool fits, string expected)
        {
            if (!fits) errors.Add(new FieldError(field, CodeOf(field), $"expected {expected}"));
        }
    }

    private static bool IsText(JsonElement item) => item.ValueKind == JsonValueKind.String && TextOf(item) is not null;

    private static string Shortened(string field) => field.Length <= 100 ? field : field[..100] + "…";
}
