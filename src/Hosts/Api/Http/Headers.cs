using System.Globalization;
using NodaTime;

namespace Relier.Api.Http;

/// <summary>The headers that mean something to us.</summary>
internal static class Headers
{
    public const string RequestId = "Request-Id";
    public const string IdempotencyKey = "Idempotency-Key";
    public const string Replayed = "Idempotency-Replayed";
    public const string ApiKey = "X-Api-Key";
    public const string CustomerId = "X-Customer-Id";
    public const string AdminKey = "X-Admin-Key";

    private const int WaitSecondsDefault = 25;
    private const int WaitSecondsMax = 60;

    /// <summary>The key of a request, quoted (RFC 8941) or bare; null when there is none. Two of them make a key that is refused.</summary>
    public static string? KeyOf(HttpRequest request)
    {
        var values = request.Headers[IdempotencyKey];
        var text = values.Count > 1 ? string.Join(", ", values!) : values.ToString().Trim();
        if (text.Length == 0) return null;
        return text.Length >= 2 && text[0] == '"' && text[^1] == '"'
            ? text[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)
            : text;
    }

    /// <summary>How long a client wants to wait (RFC 7240): <c>respond-async</c> not at all, <c>wait=N</c> so many seconds up to 60, else 25.</summary>
    public static Duration WaitOf(HttpRequest request)
    {
        var wishes = request.Headers["Prefer"].SelectMany(value => (value ?? "").Split([',', ';'], StringSplitOptions.TrimEntries)).ToList();
        if (wishes.Contains("respond-async", StringComparer.OrdinalIgnoreCase)) return Duration.Zero;
        foreach (var wish in wishes.Where(wish => wish.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)))
            if (int.TryParse(wish.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return Duration.FromSeconds(Math.Min(seconds, WaitSecondsMax));
        return Duration.FromSeconds(WaitSecondsDefault);
    }

    /// <summary>The version in an If-Match; null when there is none, -1 when it is none of ours.</summary>
    public static long? VersionOf(HttpRequest request)
    {
        var text = request.Headers.IfMatch.ToString().Trim();
        if (text.Length == 0) return null;
        return text.Length > 3 && text.StartsWith("\"v", StringComparison.Ordinal) && text[^1] == '"'
            && long.TryParse(text.AsSpan(2, text.Length - 3), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? version
                : -1;
    }

    /// <summary>The tag of a version: <c>"v3"</c>.</summary>
    public static string TagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"v{version}\"");
}
