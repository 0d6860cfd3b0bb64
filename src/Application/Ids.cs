using NodaTime;
using Relier.TopUps;

namespace Relier;

/// <summary>
/// Makes ids: a prefix and 26 letters that sort by time (48 bits of milliseconds, 80 random bits, in Crockford's base 32).
/// Unique without asking anybody; not secret.
/// </summary>
public static class Ids
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>A new id of this kind.</summary>
    public static Id<T> New<T>(string prefix, Instant now)
    {
        Span<byte> bytes = stackalloc byte[16];
        Chance.Fill(bytes[6..]);
        var milliseconds = now.ToUnixTimeMilliseconds();
        for (var i = 5; i >= 0; i--, milliseconds >>= 8) bytes[i] = (byte)(milliseconds & 0xFF);

        var number = new UInt128(BitConverter.ToUInt64(Reversed(bytes[..8])), BitConverter.ToUInt64(Reversed(bytes[8..])));
        Span<char> letters = stackalloc char[26];
        for (var i = 25; i >= 0; i--, number >>= 5) letters[i] = Alphabet[(int)(number & 31)];
        return Id<T>.Parse($"{prefix}_{letters}");

        static byte[] Reversed(Span<byte> part)
        {
            var copy = part.ToArray();
            Array.Reverse(copy);
            return copy;
        }
    }

    /// <summary>A new top-up id: <c>RLR</c>, 13 digits of milliseconds, 8 random digits, so that one millisecond holds many.</summary>
    public static Id<TopUp> NewTopUp(Instant now) =>
        Id<TopUp>.Parse($"RLR{now.ToUnixTimeMilliseconds():D13}{Chance.Below(100_000_000):D8}");
}
