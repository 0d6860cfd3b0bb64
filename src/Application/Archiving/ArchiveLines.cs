using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Relier.Rating;

namespace Relier.Archiving;

/// <summary>
/// Rows as they stand in the archive, a JSON object on one line each, field by field, so that a renamed property changes no file. The names are those
/// of the API; what is missing is left out; amounts are text.
/// </summary>
internal static class ArchiveLines
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A call with all its prices.</summary>
    public static void Write(IBufferWriter<byte> to, FinishedCall finished) => Write(to, json =>
    {
        var (call, record) = (finished.Call, finished.Call.Record);
        json.WriteString("id", call.Id.Value);
        json.WriteString("source", record.Source);
        json.WriteString("externalId", record.ExternalId);
        json.WriteString("leg", record.Leg);
        json.WriteString("kind", CallWords.Word(record.Kind));
        json.WriteString("direction", CallWords.Word(record.Direction));
        Text(json, "from", record.From);
        Text(json, "to", record.To);
        json.WriteString("startedAt", Text(record.StartedAt));
        Time(json, "answeredAt", record.AnsweredAt);
        Time(json, "endedAt", record.EndedAt);
        json.WriteNumber("duration", record.Duration);
        json.WriteNumber("quantity", record.Quantity);
        Text(json, "cause", record.Cause);
        List(json, "references", record.Lines, line => Line(json, line));
        json.WriteBoolean("isCharged", record.IsCharged);
        Text(json, "linkedTo", record.LinkedTo);
        Text(json, "account", call.Account?.Value);
        Text(json, "customer", call.Customer?.Value);
        if (call.Line is { } line)
        {
            json.WritePropertyName("line");
            Line(json, line);
        }

        json.WriteString("status", CallWords.Word(call.State));
        if (call.Rating is { } rating) Rating(json, rating);
        if (call.PricedTo is { } part) json.WriteNumber("pricedTo", part);
        Text(json, "dispute", call.Dispute?.Value);
        json.WriteString("receivedAt", Text(call.ReceivedAt));
        Text(json, "batch", call.Batch);
        json.WriteNumber("version", call.Version);
        List(json, "superseded", finished.Superseded, old =>
        {
            json.WriteStartObject();
            Rating(json, old);
            json.WriteEndObject();
        });
    });

    /// <summary>A report as it came.</summary>
    public static void Write(IBufferWriter<byte> to, CallReport report) => Write(to, json =>
    {
        json.WriteString("id", report.Id.Value);
        json.WriteString("source", report.Source);
        Text(json, "reader", report.Reader);
        json.WriteString("at", Text(report.At));
        Text(json, "contentType", report.ContentType);
        json.WriteString("status", CallWords.Word(report.State));
        Text(json, "reason", report.Reason);
        Text(json, "detail", report.Detail);
        Text(json, "call", report.Call?.Value);
        json.WriteBoolean("base64", report.IsBase64);
        json.WriteString("body", report.Body);
        json.WriteNumber("version", report.Version);
    });

    /// <summary>An instant as it stands in the archive: RFC 3339 in UTC.</summary>
    public static string Text(Instant at) => InstantPattern.ExtendedIso.Format(at);

    private static void Write(IBufferWriter<byte> to, Action<Utf8JsonWriter> members)
    {
        using (var json = new Utf8JsonWriter(to, Format))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        to.Write("\n"u8);
    }

    private static void Rating(Utf8JsonWriter json, CallRating rating)
    {
        json.WriteNumber("ratingVersion", rating.Version);
        json.WriteString("ratedAt", Text(rating.RatedAt));
        Version(json, "plan", rating.Plan.Value, rating.PlanVersion);
        Version(json, "deck", rating.Deck.Value, rating.DeckVersion);
        json.WriteString("matchedPrefix", rating.Prefix);
        json.WriteString("destination", rating.Destination);
        json.WriteNumber("billed", rating.Billed);
        json.WriteStartObject("amount");
        json.WriteString("amount", rating.Amount.Amount);
        json.WriteString("currency", rating.Amount.Currency.Code);
        json.WriteEndObject();
        List(json, "lines", rating.Lines, line => Charge(json, line));
        List(json, "buckets", rating.Buckets, use =>
        {
            json.WriteStartObject();
            json.WriteString("id", use.Bucket.Value);
            json.WriteString("amount", Text(use.Amount));
            json.WriteEndObject();
        });
        Text(json, "journal", rating.Journal?.Value);
    }

    private static void Charge(Utf8JsonWriter json, ChargeLine line)
    {
        json.WriteStartObject();
        json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName($"{line.Kind}"));
        Text(json, "band", line.Band);
        json.WriteNumber("from", line.From);
        json.WriteNumber("increments", line.Increments);
        json.WriteNumber("increment", line.Increment);
        if (line.Per != 0)
        {
            json.WriteString("price", $"{line.Price}");
            json.WriteNumber("per", line.Per);
        }

        Text(json, "bucket", line.Bucket);
        json.WriteString("exact", Text(line.Exact));
        json.WriteEndObject();
    }

    private static void Line(Utf8JsonWriter json, LineRef line)
    {
        json.WriteStartObject();
        json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName($"{line.Kind}"));
        json.WriteString("value", line.Value);
        json.WriteEndObject();
    }

    private static void Version(Utf8JsonWriter json, string name, string id, int version)
    {
        json.WriteStartObject(name);
        json.WriteString("id", id);
        json.WriteNumber("version", version);
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, IReadOnlyCollection<T> items, Action<T> write)
    {
        if (items.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var item in items) write(item);
        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null) json.WriteString(name, text);
    }

    private static void Time(Utf8JsonWriter json, string name, Instant? at)
    {
        if (at is { } known) json.WriteString(name, Text(known));
    }

    private static string Text(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);
}
