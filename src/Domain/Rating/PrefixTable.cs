using System.Numerics;

namespace Relier.Rating;

/// <summary>
/// Finds the entry with the longest prefix of a number, among millions. Immutable, so that it is shared without a lock and
/// replaced by another as a whole. A prefix is up to 17 digits; the empty one matches every number.
/// </summary>
public sealed class PrefixTable
{
    /// <summary>The longest prefix.</summary>
    public const int LongestPrefix = 17;

    /// <summary>Of ten places at most seven are taken, so that a search ends soon.</summary>
    private const int PlacesPerTenEntries = 14;

    private const int LengthShift = 58;

    // Length and digits of a prefix, one more than that so that 0 is an empty place; beside it the entry.
    private readonly ulong[] _keys;
    private readonly int[] _entries;
    private readonly uint _lengths;

    private PrefixTable(ulong[] keys, int[] entries, uint lengths, int count)
    {
        _keys = keys;
        _entries = entries;
        _lengths = lengths;
        Count = count;
    }

    /// <summary>How many prefixes there are.</summary>
    public int Count { get; }

    /// <summary>Bytes that the table takes.</summary>
    public long Bytes => (_keys.LongLength * sizeof(ulong)) + (_entries.LongLength * sizeof(int));

    /// <summary>
    /// The table of these prefixes; the entry of each is its place in the list. What the order of the list is changes
    /// nothing but these places. Throws <see cref="ArgumentException"/> for what is no prefix, or there twice: see <see cref="Check"/>.
    /// </summary>
    public static PrefixTable Of(IReadOnlyList<string> prefixes)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        var places = Math.Max(1, (int)((long)prefixes.Count * PlacesPerTenEntries / 10) + 1);
        var (keys, entries, lengths) = (new ulong[places], new int[places], 0u);
        for (var i = 0; i < prefixes.Count; i++)
        {
            if (!TryKey(prefixes[i], out var key)) throw new ArgumentException($"'{prefixes[i]}' is no prefix; expected up to {LongestPrefix} digits.", nameof(prefixes));
            var place = PlaceOf(key, places);
            while (keys[place] != 0)
            {
                if (keys[place] == key) throw new ArgumentException($"The prefix '{prefixes[i]}' is there twice.", nameof(prefixes));
                if (++place == places) place = 0;
            }

            (keys[place], entries[place]) = (key, i);
            lengths |= 1u << prefixes[i].Length;
        }

        return new PrefixTable(keys, entries, lengths, prefixes.Count);
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

    /// <summary>The entry with the longest prefix of the number, or -1. The number is digits; what lies beyond the longest prefix plays no part.</summary>
    public int Find(ReadOnlySpan<char> number, out int length)
    {
        // From the longest on, the value of each shorter prefix is that of the longer one without its last digit.
        length = Math.Min(number.Length, LongestPrefix);
        var digits = 0UL;
        for (var i = 0; i < length; i++) digits = (digits * 10) + (uint)(number[i] - '0');

        for (; length >= 0; length--, digits /= 10)
        {
            if ((_lengths & (1u << length)) == 0) continue;
            var key = KeyOf(length, digits);
            var place = PlaceOf(key, _keys.Length);
            for (var found = _keys[place]; found != 0; found = _keys[place])
            {
                if (found == key) return _entries[place];
                if (++place == _keys.Length) place = 0;
            }
        }

        return -1;
    }

    private static bool TryKey(string prefix, out ulong key)
    {
        key = 0;
        if (prefix is null || prefix.Length > LongestPrefix || prefix.AsSpan().ContainsAnyExceptInRange('0', '9')) return false;
        var digits = 0UL;
        foreach (var digit in prefix) digits = (digits * 10) + (uint)(digit - '0');
        key = KeyOf(prefix.Length, digits);
        return true;
    }

    private static ulong KeyOf(int length, ulong digits) => (((ulong)length << LengthShift) | digits) + 1;

    private static int PlaceOf(ulong key, int places)
    {
        // Neighbours in the numbering plan are spread over the table.
        var spread = unchecked(BitOperations.RotateLeft(key * 0x9E3779B97F4A7C15, 32) * 0xD6E8FEB86659FD93);
        return (int)Math.BigMul(spread, (ulong)places, out _);
    }
}
