using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using Relier.Rating;
using Relier.Tenancy;

namespace Relier.FreeSwitch;

/// <summary>Reads what FreeSWITCH's <c>mod_json_cdr</c> reports of a leg, in each of its three encodings.</summary>
public sealed class FreeSwitchSource : ICallSource
{
    // Compared for a name that nobody has, so that it takes as long as a wrong password.
    private static readonly byte[] NoPassword = new byte[SHA256.HashSizeInBytes];

    private readonly FrozenDictionary<string, Switch> _switches;

    /// <summary>For these switches. Throws <see cref="ArgumentException"/> with everything that is wrong.</summary>
    public FreeSwitchSource(FreeSwitchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ListProblems() is { Count: > 0 } problems) throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        SweepInterval = options.SweepInterval;
        ErrorFolders = [.. options.Switches.Where(one => one.ErrorFolder is not null).Select(one => (new CallOrigin(one.Name, one.Tenant is null ? null : TenantId.Parse(one.Tenant)), one.ErrorFolder!))];
        _switches = options.Switches.Select(one => new Switch(one)).ToFrozenDictionary(one => one.Origin.Switch);
    }

    /// <inheritdoc/>
    public string Name => "freeswitch";

    /// <summary>The switches there are.</summary>
    public IEnumerable<CallOrigin> Origins => _switches.Values.Select(one => one.Origin);

    /// <summary>The switches that have an error folder, and where it is.</summary>
    internal ImmutableArray<(CallOrigin Origin, string Path)> ErrorFolders { get; }

    internal TimeSpan SweepInterval { get; }

    /// <inheritdoc/>
    public CallOrigin? Authenticate(string user, string password, IPAddress? from)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(password);
        var known = _switches.GetValueOrDefault(user);
        var isRight = CryptographicOperations.FixedTimeEquals(HashOf(password), known?.PasswordHash ?? NoPassword);
        return known is not null && isRight && known.Allows(from) ? known.Origin : null;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// What the body begins with tells how it is encoded, whatever <paramref name="contentType"/> says: with
    /// <c>disable-100-continue</c> the switch calls everything a form, and what it leaves in its error folder has no type at all.
    /// </remarks>
    public CallReading Read(CallOrigin origin, string? contentType, ReadOnlyMemory<byte> body, string? id)
    {
        ArgumentNullException.ThrowIfNull(origin);
        if (!_switches.TryGetValue(origin.Switch, out var known)) return new CallReading.Malformed("switch_unknown", $"No switch '{origin.Switch}' is set up any more.");
        if (ReportBody.ToJson(body) is not { } json) return NotJson;
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? new LegReport(document.RootElement, known.Rules).Read(origin.Switch, id) : NotJson;
        }
        catch (JsonException)
        {
            return NotJson;
        }
        catch (InvalidOperationException) // text that is no Unicode
        {
            return new CallReading.Malformed("text_invalid", "Expected UTF-8.");
        }
    }

    /// <inheritdoc/>
    /// <remarks>With the template that <c>mod_cdr_csv</c> comes with.</remarks>
    public CallLayout? LayoutOf(CallOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        return _switches.GetValueOrDefault(origin.Switch) is { } known && (known.Origin.Tenant ?? origin.Tenant) == origin.Tenant ? known.Layout : null;
    }

    private static CallReading.Malformed NotJson { get; } = new("not_json", "Expected a JSON object, or cdr= and one, percent-encoded or in base64.");

    private static byte[] HashOf(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));

    private sealed class Switch(SwitchOptions options)
    {
        private readonly ImmutableArray<IPNetwork> _networks = [.. options.AllowedAddresses.Select(text => SwitchOptions.NetworkOf(text)!.Value)];

        public CallOrigin Origin { get; } = new(options.Name, options.Tenant is null ? null : TenantId.Parse(options.Tenant));

        public byte[] PasswordHash { get; } = HashOf(options.Password);

        public LegRules Rules { get; } = new(options.DecodeValues, options.BilledLeg, options.AccountVariable, options.ToContexts());

        public CallLayout Layout { get; } = CallLayout.FreeSwitch with { Zone = DateTimeZoneProviders.Tzdb[options.Zone], Contexts = options.ToContexts() };

        public bool Allows(IPAddress? from) => _networks.IsEmpty || (from is not null && _networks.Any(network => network.Contains(SwitchOptions.Plain(from))));
    }
}
