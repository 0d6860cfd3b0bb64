using System.Text.Json;
using Relier.Notifications;

namespace Relier.Hosting.Resources;

/// <summary>Something people were told of. The facts are text or money, by name.</summary>
internal sealed record AlertResource(string Id, string Kind, string Subject, string At, string Text, JsonElement Facts)
{
    public static AlertResource Of(Alert alert) => new(
        alert.Id.Value, AlertKinds.Word(alert.Kind), alert.Subject, alert.At.Text(), alert.Text, FactsOf(alert.Facts));

    public static JsonElement FactsOf(IReadOnlyDictionary<string, object> facts) => JsonSerializer.SerializeToElement(
        facts.ToDictionary(fact => fact.Key, fact => fact.Value is Money money ? new { amount = money.Amount, currency = money.Currency.Code } : fact.Value));
}
