using System.Text.Json;
using System.Text.Json.Nodes;
using Relier.Api.Http;

namespace Relier.Api.Endpoints;

/// <summary>
/// A merge patch (RFC 7396) of a customer. Null takes a limit, a pin or a list away; what cannot be without a value
/// refuses it.
/// </summary>
internal static class CustomerPatch
{
    private static readonly Dictionary<string, Func<JsonNode>> Removable = new()
    {
        ["dailyLimit"] = () => JsonValue.Create(""),
        ["dailyLimitPerPhone"] = () => JsonValue.Create(""),
        ["pinnedProvider"] = () => JsonValue.Create(""),
        ["lowBalance"] = () => JsonValue.Create(""),
        ["fixedAmounts"] = () => new JsonArray(),
        ["allowedAddresses"] = () => new JsonArray(),
    };

    public static Outcome<CustomerPatchBody> Read(JsonElement json)
    {
        var errors = Members.Check(json, typeof(CustomerPatchBody));
        if (errors.Count > 0) return Refusals.Invalid(errors);

        var patch = JsonObject.Create(json)!;
        errors.AddRange(Nulls(patch).Select(name => Required(name)));
        if (patch["policies"] is JsonObject policies)
        {
            foreach (var name in Nulls(policies))
            {
                if (Removable.TryGetValue(name, out var nothing)) policies[name] = nothing();
                else errors.Add(Required("policies." + name));
            }
        }

        return errors.Count > 0 ? Refusals.Invalid(errors) : patch.Deserialize<CustomerPatchBody>(Json.Options)!;
    }

    private static List<string> Nulls(JsonObject json) => [.. json.Where(member => member.Value is null).Select(member => member.Key)];

    private static FieldError Required(string field) => new(field, "required", "cannot be taken away");
}
