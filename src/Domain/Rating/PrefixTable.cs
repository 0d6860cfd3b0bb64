using System.Runtime.InteropServices;

namespace Relier.Rating;

/// <summary>
/// Finds the entry with the longest prefix of a number, among millions. Immutable, so that it is shared without a lock and
/// replaced by another as a whole. A prefix is up to 17 digits; the empty one matches every number.
/// </summary>
/// <remarks>
/// A prefix stands for all numbers that begin with it: a range, and two ranges are apart or one lies within the other. So
/// the prefixes are kept in the order in which their ranges begin, each with the next larger one around it: the last one
/// that begins before the number, or one of those around it, is the longest that matches. The range that they cover is cut
/// into equal parts, and where the prefixes of each part are is known; the search begins as far into them as the number is
/// into the part: a few places off where prefixes are spread evenly, and halved from there where they crowd.
/// </remarks>
public sealed class PrefixTable
{
    /// <summary>The longest prefix.</summary>
    public const int LongestPrefix = 17;

    private const int LengthBits = 5;

    /// <summary>At most so many parts: a megabyte, which stays near the processor, so that only the way to the prefixes is long.</summary>
    private const int PartsMax = 1 << 18;

    private const int PlacesPerPart = 8;

    /// <summary>How far to walk from where the search begins: what lies that close came along from memory. Beyond it, halving takes fewer steps.</summary>
    private const int WalkMax = 16;

    /// <summary>How many numbers of the longest length begin with a prefix, by the length of that.</summary>
    private static readonly ulong[] Widths = [.. Enumerable.Range(0, LongestPrefix + 1).Select(WidthOf)];

    private readonly Place[] _places;

    // Where the places of each equal part of the range that they cover begin: where to look is known after one step.
    private readonly int[] _parts;
    private readonly ulong _first;
    private readonly ulong _last;
    private readonly int _partBits;

    private PrefixTable(Place[] places)
    {
        _places = places;
        if (places.Length > 0) (_first, _last) = (places[0].Key, places[^1].Key);
        var parts = (ulong)Math.Clamp(places.Length / PlacesPerPart, 1, PartsMax);
        while ((_last - _first) >> _partBits >= parts) _partBits++;
        _parts = new int[PartOf(_last) + 2];
        foreach (var place in places) _parts[PartOf(place.Key) + 1]++;
        for (var part = 1; part < _parts.Length; part++) _parts[part] += _parts[part - 1];
    }

    /// <summary>How many prefixes there are.</summary>
    public int Count => _places.Length;

    /// <summary>Bytes that the table takes.</summary>
    public long Bytes => (_places.LongLength * Place.Bytes) + (_parts.LongLength * sizeof(int));

    /// <summary>
    /// The table of these prefixes, each with its value; the order of the list changes nothing. Throws <see cref="ArgumentException"/> for what is no prefix, or there twice: see <see cref="Check"/>.
    /// </summary>
    public static PrefixTable Of(IReadOnlyList<string> prefixes, IReadOnlyList<int> values)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Count, prefixes.Count);
        var (keys, rows) = (new ulong[prefixes.Count], new int[prefixes.Count]);
        for (var i = 0; i < keys.Length; i++)
        {
            if (!TryKey(prefixes[i], out keys[i])) throw new ArgumentException($"'{prefixes[i]}' is no prefix; expected up to {LongestPrefix} digits.", nameof(prefixes));
            rows[i] = i;
        }

        Array.Sort(keys, rows);
        var places = new Place[keys.Length];
        for (var i = 0; i < places.Length; i++)
        {
            if (i > 0 && keys[i] == keys[i - 1]) throw new ArgumentException($"The prefix '{prefixes[rows[i]]}' is there twice.", nameof(prefixes));
            var around = i - 1;
            while (around >= 0 && !places[around].Matches(keys[i])) around = places[around].Around;
            places[i] = new Place(keys[i], values[rows[i]], around);
        }

        return new PrefixTable(places);
    }

    /// <summary>What is wrong with a list of prefixes: <c>prefix_invalid</c>, <c>prefix_duplicate</c>, each at its place in the list.</summary>
    public static IEnumerable<(int Place, string Code)> Check(IReadOnlyList<string> prefixes)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        var seen = new HashSet<ulong>(prefixes.Count);
        for (var i = 0; i < prefixes.Count; i++)
        {
            if (!TryKey(prefixes[i], out var key)) yield return (i, "prefix_invalid");
            else if (!seen.Add(key)) yield return (i, "prefix_duplicate");
        }
    }

    /// <summary>The value of the longest prefix of the number, or null. The number is digits; what lies beyond the longest prefix plays no part.</summary>
    public int? Find(ReadOnlySpan<char> number, out int length)
    {
        var key = KeyOf(number.Length > LongestPrefix ? number[..LongestPrefix] : number);
        for (var i = LastUpTo(key); i >= 0; i = _places[i].Around)
        {
            ref readonly var place = ref _places[i];
            length = place.Length;
            if (place.Matches(key)) return place.Value;
        }

        length = 0;
        return null;
    }

    /// <summary>The last place whose key is not larger, or -1.</summary>
    private int LastUpTo(ulong key)
    {
        if (key < _first) return -1;
        var at = Math.Min(key, _last) - _first;
        var part = (int)(at >> _partBits);
        var (from, to) = (_parts[part], _parts[part + 1]);
        if (from == to) return from - 1;
        var guess = from + ShareOf(at, to - from);
        if (_places[guess].Key <= key)
        {
            from = guess + 1;
            for (var end = Math.Min(to, from + WalkMax); from < end; from++)
                if (_places[from].Key > key) return from - 1;
        }
        else
        {
            to = guess;
            for (var end = Math.Max(from, to - WalkMax); to > end; to--)
                if (_places[to - 1].Key <= key) return to - 1;
        }

        while (from < to)
        {
            var middle = from + ((to - from) / 2);
            if (_places[middle].Key <= key) from = middle + 1;
            else to = middle;
        }

        return from - 1;
    }

    /// <summary>Of so many places, the one that is as far into them as this is into its part: what is left of it, as a fraction of 2^64, times their number.</summary>
    private int ShareOf(ulong at, int places) => (int)Math.BigMul(at << (64 - _partBits), (ulong)places, out _);

    private int PartOf(ulong key) => (int)((key - _first) >> _partBits);

    private static bool TryKey(string prefix, out ulong key)
    {
        key = 0;
        if (prefix is null || prefix.Length > LongestPrefix || prefix.AsSpan().ContainsAnyExceptInRange('0', '9')) return false;
        key = KeyOf(prefix);
        return true;
    }

    /// <summary>The first number of the longest length that begins so, and how long the beginning is: what is around something comes before it.</summary>
    private static ulong KeyOf(ReadOnlySpan<char> digits)
    {
        var number = 0UL;
        foreach (var digit in digits) number = (number * 10) + (uint)(digit - '0');
        return ((number * Widths[digits.Length]) << LengthBits) | (uint)digits.Length;
    }

    private static ulong WidthOf(int length) => length == LongestPrefix ? 1 : 10 * WidthOf(length + 1);

    /// <summary>A prefix.</summary>
    /// <param name="Key">Where its range begins, and its length.</param>
    /// <param name="Value">Its value, beside it: in a table larger than the processor's memory a look-up is as long as the ways there.</param>
    /// <param name="Around">The place of the longest shorter prefix that it begins with, or -1.</param>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Place(ulong Key, int Value, int Around)
    {
        public const int Bytes = sizeof(ulong) + (2 * sizeof(int));

        public int Length => (int)(Key & ((1 << LengthBits) - 1));

        /// <summary>Whether it is a prefix of what comes behind it.</summary>
        public bool Matches(ulong key) => (key >> LengthBits) - (Key >> LengthBits) < Widths[Length];
    }
}
