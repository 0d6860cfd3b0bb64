using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Relier.Api.Http;

/// <summary>JSON as this API reads and writes it: one meaning per document, nothing ignored, nothing guessed.</summary>
internal static class Json
{
    /// <summary>Objects in objects: deeper than any request of ours, shallower than any attack.</summary>
    public const int MaxDepth = 32;

    public static JsonSerializerOptions Options { get; } =
        Strict(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() });

    public static JsonDocumentOptions Document { get; } = new()
    {
        MaxDepth = MaxDepth, AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow, AllowDuplicateProperties = false,
    };

    public static JsonSerializerOptions Strict(JsonSerializerOptions options)
    {
        options.MaxDepth = MaxDepth;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        // Answers are never embedded in HTML: their content type says so, and nosniff holds browsers to it.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return options;
    }
}
