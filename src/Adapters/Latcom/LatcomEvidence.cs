using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relier.Latcom;

/// <summary>Makes what Latcom says fit to be kept and shown to people of the house: no secrets, no full phone numbers, bounded.</summary>
internal sealed partial class LatcomEvidence(LatcomOptions options)
{
    public const int LengthMax = 2_000;
    private const int MessageLengthMax = 200;
    private const int SecretLengthMin = 4; // shorter ones would tear words apart and are no secrets
    private const string Removed = "[removed]";

    private readonly string[] _secrets = WithEscaped(options.Password, options.DistributorKey, options.Username, options.UserUid);

    /// <summary>A whole answer, in front of it its HTTP status.</summary>
    public string Of(int status, string body, string? token) =>
        Bounded(Clean(string.Create(CultureInfo.InvariantCulture, $"HTTP {status} {body}"), token), LengthMax);

    /// <summary>A sentence.</summary>
    public string Clean(string text) => Bounded(Clean(text, token: null), MessageLengthMax);

    /// <summary>A value out of an answer, without control characters (some databases take no NUL) and with phone numbers masked; null when nothing is left.</summary>
    public static string? Message(string? text) => text is null ? null : NullIfEmpty(Bounded(MaskNumbers(WithoutControls(text)).Trim(), MessageLengthMax));

    private string Clean(string text, string? token)
    {
        foreach (var secret in _secrets) text = text.Replace(secret, Removed, StringComparison.OrdinalIgnoreCase);
        if (token is not null) text = text.Replace(token, Removed, StringComparison.Ordinal);
        return MaskNumbers(TokenLike().Replace(WithoutControls(text), Removed));
    }

    private static string MaskNumbers(string text) =>
        PhoneLike().Replace(text, number => new string('*', number.Length - 4) + number.Value[^4..]);

    private static string WithoutControls(string text) => Controls().Replace(text, " ");

    private static string Bounded(string text, int length)
    {
        if (text.Length <= length) return text;
        var end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return text[..end] + "…";
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static string[] WithEscaped(params string[] secrets) =>
        [.. secrets.Where(secret => secret.Length >= SecretLengthMin).SelectMany(secret => new[] { secret, JsonEncodedText.Encode(secret).ToString() }).Distinct()];

    // Keys and tokens; an id of ours has 24 characters and a UUID 36.
    [GeneratedRegex(@"[A-Za-z0-9+/_=.\-]{40,}")]
    private static partial Regex TokenLike();

    // Ten digits, also behind the country's or the old domestic prefixes, that are not part of a longer number: a reference of
    // ours has twenty-one digits, an operator's id mostly twelve, a fraction of a second nine.
    [GeneratedRegex("(?<![0-9])(?:(?:00)?521?|04[45]|01)?[0-9]{10}(?![0-9])")]
    private static partial Regex PhoneLike();

    [GeneratedRegex(@"\p{Cc}")]
    private static partial Regex Controls();
}
