using System.Text;
using Relier.Rating;

namespace Relier.Api.Http;

/// <summary>A switch that was let in.</summary>
/// <param name="Reader">The kind of switch.</param>
/// <param name="Origin">Which one, and whose.</param>
internal sealed record SwitchLogin(string Reader, CallOrigin Origin)
{
    private const string Scheme = "Basic ";
    private const int LongestHeader = 1024;

    /// <summary>The switch whose name and password the request carries (RFC 7617); null for nobody's, and for a kind of switch that is none.</summary>
    public static SwitchLogin? Of(HttpContext http, IEnumerable<ICallSource> sources)
    {
        if (http.GetRouteValue("reader") is not string reader || sources.FirstOrDefault(source => source.Name == reader) is not { } source) return null;
        if (http.Request.Headers.Authorization is not [{ Length: <= LongestHeader } text] || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[Scheme.Length..].Trim(), bytes, out var length)) return null;
        var credentials = Encoding.UTF8.GetString(bytes, 0, length);
        return credentials.IndexOf(':') is var end and > 0 && source.Authenticate(credentials[..end], credentials[(end + 1)..], http.Connection.RemoteIpAddress) is { } origin
            ? new SwitchLogin(reader, origin)
            : null;
    }
}
