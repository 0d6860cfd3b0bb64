using System.Globalization;
using System.Text.Json;
using Relier.Api.Http;

namespace Relier.Api.Endpoints.FirstVersion;

/// <summary>
/// An order of the first version: the amount a number or a text with one. Members it does not know are ignored, as they
/// were then; so is <c>provider</c>: nobody chooses who delivers.
/// </summary>
internal sealed record OrderBody(string? Phone, string? Amount, string? Reference, bool AllowDuplicate)
{
    public static Outcome<OrderBody> Read(JsonElement json)
    {
        var errors = new List<FieldError>();
        var phone = TextOf(json, "phone", "phone_invalid", errors);
        var reference = TextOf(json, "reference", "reference_invalid", errors);
        var amount = AmountOf(json, errors);
        var allowed = json.TryGetProperty("allow_duplicate", out var flag) ? flag.ValueKind : JsonValueKind.False;
        if (allowed is not (JsonValueKind.True or JsonValueKind.False)) errors.Add(new FieldError("allow_duplicate", "type_invalid", "expected true or false"));
        return errors.Count > 0 ? Refusals.Invalid(errors) : new OrderBody(phone, amount, reference, allowed == JsonValueKind.True);
    }

    /// <summary>A text; null when absent; noted as wrong when it is none.</summary>
    public static string? TextOf(JsonElement json, string name, string code, List<FieldError> errors)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        var text = value.ValueKind == JsonValueKind.String ? Members.TextOf(value) : null;
        if (text is null) errors.Add(new FieldError(name, code, "expected a string"));
        return text;
    }

    /// <summary>An amount as a plain decimal, from a number or from a text; the use case decides whether it will do.</summary>
    public static string? AmountOf(JsonElement json, List<FieldError> errors)
    {
        if (!json.TryGetProperty("amount", out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.String && Members.TextOf(value) is { } text) return text.Trim();
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)) return number.ToString("0.############################", CultureInfo.InvariantCulture);
        errors.Add(new FieldError("amount", "amount_invalid", "expected a number"));
        return null;
    }
}
