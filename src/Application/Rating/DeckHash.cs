using System.Security.Cryptography;
using System.Text;

namespace Relier.Rating;

/// <summary>What a deck says, as one hash: the same for decks that charge alike, whatever their rates are called.</summary>
internal sealed class DeckHash
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Dictionary<string, string> _canonical = [];
    private readonly StringBuilder _text = new();

    /// <summary>Adds entries, in the order of their prefixes.</summary>
    public void Add(IEnumerable<DeckEntry> entries, IReadOnlyDictionary<string, UsageRate> rates)
    {
        _text.Clear();
        foreach (var entry in entries)
        {
            _text.Append(entry.Prefix).Append(entry.IsShortCode ? 's' : 'n').Append(entry.IsForbidden ? "forbidden" : CanonicalOf(entry.Rate, rates)).Append('|').Append(entry.Destination).Append('\n');
        }

        _hash.AppendData(Encoding.UTF8.GetBytes(_text.ToString()));
    }

    public string End() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    private string CanonicalOf(string name, IReadOnlyDictionary<string, UsageRate> rates)
    {
        if (!_canonical.TryGetValue(name, out var text)) _canonical.Add(name, text = rates[name].Canonical());
        return text;
    }
}
