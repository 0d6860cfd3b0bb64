using System.Numerics;
using System.Runtime.InteropServices;

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

    private readonly Place[] _places;
    private readonly uint _lengths;

    private PrefixTable(Place[] places, uint lengths, int count)
    {
        _places = places;
        _lengths = lengths;
        Count = count;
    }

    /// <summary>How many prefixes there are.</summary>
    public int Count { get; }

    /// <summary>Bytes that the table takes.</summary>
    public long Bytes => _places.LongLength * Place.Bytes;

    /// <summary>
    /// The table of these prefixes, each with its value; the order of the list changes nothing. Throws <see cref="ArgumentException"/> for what is no prefix, or there twice: see <see cref="Check"/>.
    /// </summary>
    public static PrefixTable Of(IReadOnlyList<string> prefixes, IReadOnlyList<int> values)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Count, prefixes.Count);
        var places = Math.Max(1, (int)((long)prefixes.Count * PlacesPerTenEntries / 10) + 1);
        var (table, lengths) = (new Place[places], 0u);
        for (var i = 0; i < prefixes.Count; i++)
        {
            if (!TryKey(prefixes[i], out var key)) throw new ArgumentException($"'{prefixes[i]}' is no prefix; expected up to {LongestPrefix} digits.", nameof(prefixes));
            var place = PlaceOf(key, places);
            while (table[place].Key != 0)
            {
                if (table[place].Key == key) throw new ArgumentException($"The prefix '{prefixes[i]}' is there twice.", nameof(prefixes));
                if (++place == places) place = 0;
            }

            table[place] = new Place(key, values[i]);
            lengths |= 1u << prefixes[i].Length;
        }

        return new PrefixTable(table, lengths, prefixes.Count);
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
        // From the longest on, the value of each shorter prefix is that of the longer one without its last digit.
        length = Math.Min(number.Length, LongestPrefix);
        var digits = 0UL;
        for (var i = 0; i < length; i++) digits = (digits * 10) + (uint)(number[i] - '0');

        for (; length >= 0; length--, digits /= 10)
        {
            if ((_lengths & (1u << length)) == 0) continue;
            var key = KeyOf(length, digits);
            var place = PlaceOf(key, _places.Length);
            for (var found = _places[place]; found.Key != 0; found = _places[place])
            {
                if (found.Key == key) return found.Value;
                if (++place == _places.Length) place = 0;
            }
        }

        return null;
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

    /// <summary>
    /// Length and digits of a prefix, one more than that so that 0 is an empty place, and its value beside it: a look-up in a
    /// table that is larger than the processor's memory is as long as the way there.
    /// </summary>
    [StructLayout(LayoutKind.Sequential, Pack = sizeof(int))]
    private readonly record struct Place(ulong Key, int Value)
    {
        public const int Bytes = sizeof(ulong) + sizeof(int);
    }
}
