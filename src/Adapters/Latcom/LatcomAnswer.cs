using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Relier.TopUps;

namespace Relier.Latcom;

/// <summary>What <c>tn/fast</c> and <c>transaction/{id}</c> answer, as far as anything is decided by it. What is absent or of another type is null.</summary>
internal sealed record LatcomAnswer
{
    private const int IdLengthMax = 64;

    // A document that says a thing twice says nothing.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Trimmed, in lower case.</summary>
    public string? Status { get; private init; }

    public string? Reference { get; private init; }

    public decimal? Amount { get; private init; }

    public string? Product { get; private init; }

    /// <summary>The number, should one be echoed: none was on record.</summary>
    public string? Number { get; private init; }

    public string? TransactionId { get; private init; }

    public string? Uid { get; private init; }

    public string? OperatorReference { get; private init; }

    /// <summary>The text that counts: the vendor's before Latcom's own.</summary>
    public string? Text => Texts.FirstOrDefault();

    /// <summary>All texts there are, the one that counts first.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>The code that counts: the vendor's before Latcom's own.</summary>
    public string? Code { get; private init; }

    /// <summary>When Latcom opened the transaction; null also when it is written in a way we cannot read, which decides nothing.</summary>
    public Instant? CreatedAt { get; private init; }

    /// <summary>The answer; null when it is no JSON object, or a broken one.</summary>
    public static LatcomAnswer? TryRead(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException) // the second: text that is no Unicode
        {
            return null;
        }
    }

    /// <summary>
    /// Which part of the order it does not echo, or null. Our reference is always asked for; amount and product may be absent
    /// from a row that is looked up (nobody has recorded one), not from the answer to the order.
    /// </summary>
    public string? MismatchWith(Submission submission, bool absentIsMismatch)
    {
        if (Reference != submission.Reference) return "reference";
        if (Amount is null ? absentIsMismatch : Amount != submission.Send.ToDecimal()) return "amount";
        if (Product is null ? absentIsMismatch : Product != submission.Product) return "product";
        if (Number is not null && !(Msisdn.TryParse(Number, out var number) && number == submission.Phone)) return "number";
        return null;
    }

    /// <summary>For people of the house, who will look for it at Latcom.</summary>
    public string Describe()
    {
        var opened = CreatedAt is { } at ? $" of {InstantPattern.General.Format(at)}" : "";
        return $"Latcom says '{LatcomEvidence.Message(Status)}': {Text ?? "no text"}, code {Code ?? "none"}. Its transaction: {TransactionId ?? "none"}{opened}.";
    }

    private static LatcomAnswer Read(JsonElement root) => new()
    {
        Status = TextOf(root, "status")?.Trim().ToLowerInvariant(),
        Reference = TextOf(root, "distTransid"),
        Amount = NumberOf(root, "amount"),
        Product = TextOf(root, "productId"),
        Number = TextOf(root, "targetMSISDN") ?? TextOf(root, "msisdn"),
        TransactionId = IdOf(root, "transId"),
        Uid = IdOf(root, "uid"),
        OperatorReference = IdOf(root, "venTransid"),
        Texts = [.. new[] { TextOf(root, "vendorResponseMsg"), TextOf(root, "responseMessage"), TextOf(root, "message") }.Select(LatcomEvidence.Message).OfType<string>()],
        Code = IdOf(root, "vendorResponseCode") ?? IdOf(root, "responseCode"),
        CreatedAt = TimeOf(root, "createdAt"),
    };

    private static string? TextOf(JsonElement root, string name) => root.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(), // ids and codes have been seen written both ways
            _ => null,
        }
        : null;

    private static decimal? NumberOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number : null;

    // Kept in columns and shown to people, so printable and short, or not an id.
    private static string? IdOf(JsonElement root, string name) =>
        TextOf(root, name)?.Trim() is { Length: > 0 and <= IdLengthMax } id && !id.Any(char.IsControl) ? id : null;

    // As recorded: with an offset and nine decimals of a second, which DateTimeOffset would not read.
    private static Instant? TimeOf(JsonElement root, string name) =>
        TextOf(root, name) is { } text && OffsetDateTimePattern.Rfc3339.Parse(text).TryGetValue(default, out var time) ? time.ToInstant() : null;
}

/// <summary>What carries a 4xx, as recorded for a refused login.</summary>
internal sealed record LatcomError(string? Error, string? Message, int? Status)
{
    /// <summary>The error; null when the body is none.</summary>
    public static LatcomError? TryRead(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<LatcomError>(body, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether that is its message.</summary>
    public bool Says(string message) => string.Equals(Message?.Trim(), message, StringComparison.OrdinalIgnoreCase);
}
