using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Relier.TopUps;

namespace Relier.Importing;

/// <summary>
/// What must be known of a whole file before its first line is taken: that it can be read to its end, which lines repeat
/// another one, and which of several with one reference keeps it. Holds some hundred bytes for each line, never the lines.
/// </summary>
internal sealed class ImportSurvey
{
    private readonly Dictionary<UInt128, long> _lines = [];
    private readonly Dictionary<UInt128, Claim> _references = [];

    /// <summary>Reads the transactions to their end. Throws <see cref="UnreadableExportException"/>.</summary>
    public static async Task<ImportSurvey> OfAsync(ExportTable transactions, DateTimeZone zone, Instant now, CancellationToken cancellationToken)
    {
        var survey = new ImportSurvey();
        var remarks = new List<ImportRemark>();
        await foreach (var line in transactions.ReadAsync(cancellationToken))
        {
            remarks.Clear();
            if (FirstVersionTopUp.Parse(line, zone, now, remarks) is { } topUp) survey.Add(topUp);
        }

        return survey;
    }

    /// <summary>The first line with this transaction.</summary>
    public long FirstLineOf(FirstVersionTopUp topUp) => _lines[Hash(topUp.OldId)];

    /// <summary>
    /// Whether this line keeps the reference that it carries. Whoever asks again with it must hear of the one that was, or
    /// may have been, delivered: so a delivered one before an undecided one before a failed one, then the earliest.
    /// </summary>
    public bool KeepsReference(FirstVersionTopUp topUp) => topUp.Reference is { } reference && _references[Hash($"{topUp.Customer}\n{reference}")].Line == topUp.Line.Line;

    private void Add(FirstVersionTopUp topUp)
    {
        if (!_lines.TryAdd(Hash(topUp.OldId), topUp.Line.Line) || topUp.Reference is not { } reference) return;
        var claim = new Claim(topUp.State switch { TopUpState.Succeeded => 0, TopUpState.InReview => 1, _ => 2 }, topUp.CreatedAt, topUp.Line.Line);
        var key = Hash($"{topUp.Customer}\n{reference}");
        if (!_references.TryGetValue(key, out var first) || claim.CompareTo(first) < 0) _references[key] = claim;
    }

    private static UInt128 Hash(string text) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private readonly record struct Claim(int Rank, Instant At, long Line) : IComparable<Claim>
    {
        public int CompareTo(Claim other) => (Rank, At, Line).CompareTo((other.Rank, other.At, other.Line));
    }
}
