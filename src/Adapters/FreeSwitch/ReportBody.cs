using System.Buffers.Text;
using System.Text;

namespace Relier.FreeSwitch;

/// <summary>Gets the JSON out of what was posted, or found in the error folder: as it is, percent-encoded, or in base64; with <c>cdr=</c> in front or without.</summary>
internal static class ReportBody
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    /// <summary>The JSON, if it is any; null for what is neither of the three.</summary>
    public static ReadOnlyMemory<byte>? ToJson(ReadOnlyMemory<byte> body)
    {
        var text = Trim(body);
        if (text.Span.StartsWith("cdr="u8)) text = Trim(text[4..]);
        if (text.IsEmpty) return null;
        if (text.Span[0] == '%' || text.Span.StartsWith("{%"u8)) return FromForm(text.Span);
        return text.Span[0] == '{' ? text : FromBase64(text.Span);
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith(Mark)) body = body[Mark.Length..];
        return body.Trim(" \t\r\n\0"u8);
    }

    /// <summary>The value of a form's field. The switch itself writes %20 and %2B; a blank as a plus is what forms allow besides.</summary>
    private static byte[] FromForm(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)'&') is var end and >= 0) text = text[..end];
        var decoded = new byte[text.Length];
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var isEncoded = text[at] == '%' && at + 2 < text.Length && char.IsAsciiHexDigit((char)text[at + 1]) && char.IsAsciiHexDigit((char)text[at + 2]);
            decoded[length++] = isEncoded ? (byte)(HexOf(text[at + 1]) * 16 + HexOf(text[at + 2])) : text[at] == '+' ? (byte)' ' : text[at];
            if (isEncoded) at += 2;
        }

        return decoded[..length];
    }

    private static int HexOf(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static ReadOnlyMemory<byte>? FromBase64(ReadOnlySpan<byte> text)
    {
        // The plus, the slash and the equals sign may have been encoded on the way.
        var plain = text.Contains((byte)'%') ? Encoding.UTF8.GetBytes(Uri.UnescapeDataString(Encoding.UTF8.GetString(text))) : text;
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(plain.Length)];
        return Base64.DecodeFromUtf8(plain, decoded, out _, out var length) == System.Buffers.OperationStatus.Done ? Trim(decoded.AsMemory(0, length)) : null;
    }
}
