using System.Net;
using Relier.Tenancy;

namespace Relier.Rating;

/// <summary>A kind of switch that reports its calls unasked.</summary>
public interface ICallSource
{
    /// <summary>Its name, a segment of its path: <c>freeswitch</c>.</summary>
    string Name { get; }

    /// <summary>Whose switch calls with these credentials from this address; null for nobody's. Takes the same time for a wrong name as for a wrong password.</summary>
    CallOrigin? Authenticate(string user, string password, IPAddress? from);

    /// <summary>Reads one report. Whatever it is given, it answers, and never throws.</summary>
    /// <param name="origin">Whose it is.</param>
    /// <param name="contentType">As the switch said.</param>
    /// <param name="body">As received.</param>
    /// <param name="id">The id that stood in the address, if any.</param>
    CallReading Read(CallOrigin origin, string? contentType, ReadOnlyMemory<byte> body, string? id);

    /// <summary>
    /// How the CSV files of this switch are read: with its clock and its contexts, so that a call of a file is the call that was reported.
    /// Null for a switch that is not set up, for one of another tenant, and for a kind of switch without files.
    /// </summary>
    /// <param name="origin">Whose it is.</param>
    CallLayout? LayoutOf(CallOrigin origin);
}

/// <summary>A switch that was let in.</summary>
/// <param name="Switch">Its name: the <see cref="CallRecord.Source"/> of its records.</param>
/// <param name="Tenant">Whose it is; null for the tenant of the installation.</param>
public sealed record CallOrigin(string Switch, TenantId? Tenant);

/// <summary>What a report said: a closed set.</summary>
public abstract record CallReading
{
    private CallReading()
    {
    }

    /// <summary>A record.</summary>
    /// <param name="Record">What it says.</param>
    public sealed record Understood(CallRecord Record) : CallReading;

    /// <summary>Not understood: kept for people, who may mend it or the settings and try again.</summary>
    /// <param name="Reason">A stable code: <c>not_json</c>, <c>uuid_missing</c>, <c>uuid_differs</c>, <c>times_missing</c>, and those of <see cref="CallRecord.Check"/>.</param>
    /// <param name="Detail">What was expected, for people.</param>
    public sealed record Malformed(string Reason, string Detail) : CallReading;
}
