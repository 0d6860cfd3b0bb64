using System.Security.Cryptography;
using System.Text;

namespace Relier.Identity;

/// <summary>The secret of a key: made, shown once, and from then on only recognised.</summary>
internal static class Secret
{
    /// <summary>Letters of the secret that are kept in the clear, to find the key and to recognise it by.</summary>
    public const int PrefixLength = 16;

    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private const int RandomLetters = 52;

    /// <summary>A new one: <c>rk_</c> for customers, <c>ra_</c> for people of the house, and 52 random letters (over 256 bits even without those of the prefix).</summary>
    public static string New(bool forCustomer) =>
        (forCustomer ? "rk_" : "ra_") + RandomNumberGenerator.GetString(Alphabet, RandomLetters + PrefixLength - 3);

    public static string PrefixOf(string secret) => secret[..PrefixLength];

    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Compares without telling by its time how much was right.</summary>
    public static bool Matches(string secret, string hash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(HashOf(secret)), Encoding.ASCII.GetBytes(hash));
}
