using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Relier.Api.Http;

/// <summary>
/// Reads a request's JSON. Refusals, in the order in which they win: <c>unsupported_media_type</c>,
/// <c>payload_too_large</c>, <c>malformed_request</c> for what is no JSON object, <c>validation_failed</c> with every
/// member that is unknown or of the wrong type.
/// </summary>
internal static class Body
{
    /// <summary>The largest body, in bytes: thousands of times what a request of ours needs.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly string[] JsonTypes = ["application/json"];
    private static readonly string[] PatchTypes = ["application/json", "application/merge-patch+json"];

    /// <summary>The body as a <typeparamref name="T"/>. An absent body counts as an empty object where <paramref name="optional"/>.</summary>
    public static async Task<Outcome<T>> ReadAsync<T>(this HttpRequest request, bool optional = false)
        where T : class
    {
        if ((await request.ReadDocumentAsync(JsonTypes, optional)).IsRefused(out var refusal, out var bytes)) return refusal;
        if (Fitting<T>(bytes) is { } body) return body;

        // What does not fit is looked at again, to say all of it.
        if (Parse(bytes).IsRefused(out var malformed, out var json)) return malformed;
        var errors = Members.Check(json, typeof(T));
        return errors.Count > 0 ? Refusals.Invalid(errors) : json.Deserialize<T>(Json.Options)!;
    }

    /// <summary>The body as a <typeparamref name="T"/>; null when it is none.</summary>
    private static T? Fitting<T>(byte[] bytes)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Json.Options);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The body as it is, for a merge patch (RFC 7396), where null means something else than absent.</summary>
    public static Task<Outcome<JsonElement>> ReadPatchAsync(this HttpRequest request) => request.ReadObjectAsync(PatchTypes);

    /// <summary>The body as it is, for clients of the first version, which ignored what it did not know.</summary>
    public static Task<Outcome<JsonElement>> ReadLooseAsync(this HttpRequest request) => request.ReadObjectAsync(JsonTypes);

    /// <summary>The body as it is: one object, or a list of them.</summary>
    public static async Task<Outcome<JsonElement>> ReadOneOrManyAsync(this HttpRequest request) =>
        (await request.ReadDocumentAsync(JsonTypes, optional: false)).IsRefused(out var refusal, out var bytes) ? refusal : Parse(bytes, mayBeList: true);

    private static async Task<Outcome<JsonElement>> ReadObjectAsync(this HttpRequest request, string[] types) =>
        (await request.ReadDocumentAsync(types, optional: false)).IsRefused(out var refusal, out var bytes) ? refusal : Parse(bytes);

    private static async Task<Outcome<byte[]>> ReadDocumentAsync(this HttpRequest request, string[] types, bool optional)
    {
        if ((await ReadRawAsync(request)).IsRefused(out var tooLarge, out var bytes)) return tooLarge;
        if (bytes.Length == 0 && optional) return "{}"u8.ToArray();
        if (!HasType(request, types))
            return new Refusal("unsupported_media_type", $"The body must be sent as {types[^1]}.").With("supported", types);
        return bytes.Length == 0 ? Refusals.Malformed("The body is empty; expected a JSON object.") : bytes;
    }

    private static Outcome<JsonElement> Parse(byte[] bytes, bool mayBeList = false)
    {
        if (!Utf8.IsValid(bytes)) return Refusals.Malformed("The body is not valid UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(bytes, Json.Document);
            return document.RootElement.ValueKind == JsonValueKind.Object || (mayBeList && document.RootElement.ValueKind == JsonValueKind.Array)
                ? document.RootElement.Clone()
                : Refusals.Malformed(mayBeList ? "The body is neither a JSON object nor a list of them." : "The body is not a JSON object.");
        }
        catch (JsonException error)
        {
            return Refusals.Malformed(Where(error));
        }
        catch (InvalidOperationException)
        {
            return Refusals.Malformed("The name of a member is broken text.");
        }
    }

    private static string Where(JsonException error) =>
        error.Message.Contains("uplicate", StringComparison.Ordinal) ? $"A member is there twice. {error.Message}"
        : error.LineNumber is { } line ? $"The body is not valid JSON: line {line + 1}, byte {error.BytePositionInLine + 1}."
        : "The body is not valid JSON.";

    /// <summary>The body as it is, whatever it is. Refusal <c>payload_too_large</c>.</summary>
    public static async Task<Outcome<byte[]>> ReadRawAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxBytes) return Refusals.TooLarge();
        var buffer = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 1024) + 1);
        while (await request.Body.ReadAsync(buffer.GetMemory(), request.HttpContext.RequestAborted) is var read and > 0)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxBytes) return Refusals.TooLarge();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static bool HasType(HttpRequest request, string[] types) =>
        Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && types.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}
