using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;

namespace Relier.Archiving;

/// <summary>What is not as it should be in the archive.</summary>
public enum ArchiveFindingKind
{
    /// <summary>The file is not there.</summary>
    Missing,

    /// <summary>The file is there and is another one: its SHA-256 differs.</summary>
    Changed,

    /// <summary>The file has another number of lines than it should.</summary>
    Rows,

    /// <summary>The manifest in the archive does not say what the storage says.</summary>
    Manifest,
}

/// <summary>Something that is not as it should be.</summary>
/// <param name="Kind">What.</param>
/// <param name="Name">The file.</param>
/// <param name="Expected">What it should be.</param>
/// <param name="Found">What it is.</param>
public sealed record ArchiveFinding(ArchiveFindingKind Kind, string Name, string Expected, string Found);

/// <summary>Reads files of the archive, and says what they should be.</summary>
internal static class ArchiveReading
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is wrong with the file of a part, read from its beginning to its end; null when nothing is.</summary>
    public static async Task<ArchiveFinding?> CheckAsync(IArchive archive, ArchivePart part, CancellationToken cancellationToken)
    {
        await using (var file = await archive.OpenAsync(part.Name, cancellationToken))
        {
            if (file is null) return new ArchiveFinding(ArchiveFindingKind.Missing, part.Name, $"{part.Bytes} bytes", "nothing");
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            if (sha256 != part.Sha256) return new ArchiveFinding(ArchiveFindingKind.Changed, part.Name, part.Sha256, sha256);
        }

        var rows = await CountAsync(archive, part.Name, cancellationToken);
        return rows == part.Rows ? null : new ArchiveFinding(ArchiveFindingKind.Rows, part.Name, $"{part.Rows}", $"{rows}");
    }

    /// <summary>Where the manifest of a month lies.</summary>
    public static string ManifestNameOf(string tenant, ArchiveKind kind, YearMonth month) => $"{ArchivePart.FolderOf(tenant, kind, month)}/manifest.json";

    /// <summary>What it says: the same for the same parts, to the letter.</summary>
    public static byte[] ManifestOf(string tenant, ArchiveKind kind, YearMonth month, IEnumerable<ArchivePart> parts)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, Format))
        {
            json.WriteStartObject();
            json.WriteString("tenant", tenant);
            json.WriteString("kind", ArchivePart.Word(kind));
            json.WriteString("month", ArchivePart.MonthText(month));
            json.WriteStartArray("parts");
            foreach (var part in parts)
            {
                json.WriteStartObject();
                json.WriteString("id", part.Id.Value);
                json.WriteString("name", part.Name[(part.Name.LastIndexOf('/') + 1)..]);
                json.WriteNumber("rows", part.Rows);
                json.WriteString("sha256", part.Sha256);
                json.WriteNumber("bytes", part.Bytes);
                json.WriteString("firstAt", ArchiveLines.Text(part.FirstAt));
                json.WriteString("lastAt", ArchiveLines.Text(part.LastAt));
                json.WriteString("keepUntil", ArchiveLines.Text(part.KeepUntil));
                json.WriteString("writtenAt", ArchiveLines.Text(part.WrittenAt));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        text.WriteByte((byte)'\n');
        return text.ToArray();
    }

    /// <summary>Whether the manifest of the archive says this.</summary>
    public static async Task<bool> IsManifestAsync(IArchive archive, string name, byte[] expected, CancellationToken cancellationToken)
    {
        await using var file = await archive.OpenAsync(name, cancellationToken);
        if (file is null) return false;
        return (await SHA256.HashDataAsync(file, cancellationToken)).AsSpan().SequenceEqual(SHA256.HashData(expected));
    }

    private static async Task<long> CountAsync(IArchive archive, string name, CancellationToken cancellationToken)
    {
        await using var file = await archive.OpenAsync(name, cancellationToken);
        if (file is null) return 0;
        await using var lines = new GZipStream(file, CompressionMode.Decompress);
        var (buffer, rows) = (new byte[64 * 1024], 0L);
        for (int read; (read = await lines.ReadAsync(buffer, cancellationToken)) > 0;) rows += buffer.AsSpan(0, read).Count((byte)'\n');
        return rows;
    }
}
