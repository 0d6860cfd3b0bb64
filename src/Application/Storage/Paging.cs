using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Relier.Storage;

/// <summary>A part of a list, newest first, and where the next part begins.</summary>
/// <param name="Data">The items.</param>
/// <param name="Next">Behind the last item; null at the end of the list.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, Position? Next);

/// <summary>A place in a list that is ordered by time, then id, newest first: right behind this item.</summary>
/// <param name="At">The item's time.</param>
/// <param name="Id">The item's id.</param>
public sealed record Position(Instant At, string Id);

/// <summary>How much of a list, and from where.</summary>
/// <param name="After">Behind which item; null from the start.</param>
/// <param name="Limit">At most how many: 1 to <see cref="MaxLimit"/>.</param>
public sealed record PageRequest(Position? After, int Limit)
{
    /// <summary>The most that is given at once: a page stays small enough to hold in memory.</summary>
    public const int MaxLimit = 100;

    /// <summary>How many when nobody says.</summary>
    public const int DefaultLimit = 25;
}

/// <summary>
/// A <see cref="Position"/> as the opaque text that clients hand back. It remembers the filter it was made under, so that
/// a cursor used with other filters is refused instead of silently leaving items out.
/// </summary>
public static class Cursor
{
    /// <summary>The text for a position under a filter.</summary>
    public static string Encode(Position position, string filter) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        $"{position.At.ToUnixTimeTicks().ToString(CultureInfo.InvariantCulture)}|{position.Id}|{Mark(filter)}"));

    /// <summary>The position; false when the text is no cursor or belongs to another filter.</summary>
    public static bool TryDecode(string text, string filter, [NotNullWhen(true)] out Position? position)
    {
        position = null;
        if (text.Length > 256 || !Base64Url.IsValid(text)) return false;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('|');
        if (parts.Length != 3 || parts[2] != Mark(filter)) return false;
        if (!long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)) return false;
        if (ticks > Instant.MaxValue.ToUnixTimeTicks() || parts[1].Any(char.IsControl)) return false;
        position = new Position(Instant.FromUnixTimeTicks(ticks), parts[1]);
        return true;
    }

    private static string Mark(string filter) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(filter)))[..12];
}
