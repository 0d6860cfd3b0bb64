using System.Text.Json;
using NodaTime;
using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>Reads a call record. Refusal <c>validation_failed</c> with every member that does not fit; what its values may be is the use case's to say.</summary>
internal static class CallReader
{
    /// <summary>Who reports, unless the record says it.</summary>
    public const string SourceStandard = "api";

    public static Outcome<CallRecord> Read(JsonElement json)
    {
        var errors = new List<FieldError>();
        var reader = new JsonObjectReader(json, "", errors);
        var kind = reader.Word("kind", RatingQuoteReader.Kinds) ?? UsageKind.Voice;
        var quantity = Quantity(reader);
        var record = new CallRecord
        {
            Source = reader.Text("source") ?? SourceStandard, ExternalId = reader.Text("id", isRequired: true) ?? "", Leg = reader.Text("leg") ?? "", Kind = kind,
            Direction = reader.Word("direction", CallWords.Directions) ?? CallDirection.Outbound, From = reader.Text("from"), To = reader.Text("to"),
            StartedAt = Time(reader, "startedAt", isRequired: true) ?? default, AnsweredAt = Time(reader, "answeredAt"), EndedAt = Time(reader, "endedAt"),
            Duration = reader.Whole("duration") ?? (kind == UsageKind.Voice && quantity is >= 0 and <= Usage.SecondsMax ? quantity : 0), Quantity = quantity, Cause = reader.Text("cause"),
            Lines = [.. Lines(reader)], IsCharged = reader.Flag("charged", standard: true), LinkedTo = reader.Text("linkedTo"),
        };
        reader.End();
        if (errors.Count == 0) return record;
        return new Refusal("validation_failed", $"The record cannot be read: {string.Join(", ", errors.Select(error => error.Field).Distinct())}.") { Fields = errors };
    }

    private static long Quantity(JsonObjectReader reader)
    {
        var (quantity, seconds) = (reader.Whole("quantity"), reader.Whole("billsec"));
        if (quantity is not null && seconds is not null) reader.Wrong("billsec", "value_invalid", "expected quantity or billsec, not both");
        if (quantity is null && seconds is null && !reader.Errors.Any(error => error.Field is "quantity" or "billsec")) reader.Wrong("quantity", "required", "is required");
        return quantity ?? seconds ?? 0;
    }

    /// <summary>By what the account is to be found: the first that is known counts.</summary>
    internal static IEnumerable<LineRef> Lines(JsonObjectReader reader)
    {
        foreach (var (word, kind) in CallWords.Lines)
            if (reader.Text(word) is { } value)
                yield return new LineRef(kind, kind == LineKind.Number ? NumberPlan.AsGiven(value.TrimStart('+'))?.Digits ?? value : value);
    }

    // What every engine can keep: whole microseconds.
    internal static Instant? Time(JsonObjectReader reader, string name, bool isRequired = false) =>
        RatingQuoteReader.Time(reader, name, isRequired) is { } time ? Instant.FromUnixTimeTicks(time.ToUnixTimeTicks() / 10 * 10) : null;
}
