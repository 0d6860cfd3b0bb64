using System.Collections.Immutable;
using System.Net;
using NodaTime;
using Relier.Rating;
using Relier.Tenancy;

namespace Relier.FreeSwitch;

/// <summary>The switches that report their calls. <see cref="ListProblems"/> says what is missing or out of range. Not thread-safe; the source reads it once, when it is made.</summary>
public sealed class FreeSwitchOptions
{
    private static readonly TimeSpan SweepIntervalMin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepIntervalMax = TimeSpan.FromDays(1);

    /// <summary>The switches. No default; at least one, each name once in the whole installation, also where switches belong to different tenants.</summary>
    public IList<SwitchOptions> Switches { get; } = [];

    /// <summary>How long after a sweep of a switch's <see cref="SwitchOptions.ErrorFolder"/> the next one begins. Default five minutes; 10 seconds to a day. Ignored where nothing is swept.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Everything that is wrong, one sentence each, beginning with the name of the option; empty when the options can be used. Shows no secret.</summary>
    public IReadOnlyList<string> ListProblems()
    {
        var problems = new List<string>();
        if (Switches.Count == 0) problems.Add($"{nameof(FreeSwitchOptions)}.{nameof(Switches)} names no switch.");
        for (var at = 0; at < Switches.Count; at++) Switches[at].AddProblems($"{nameof(FreeSwitchOptions)}.{nameof(Switches)}[{at}]", problems);
        foreach (var same in Switches.GroupBy(one => one.Name).Where(same => same.Count() > 1))
            problems.Add($"{nameof(FreeSwitchOptions)}.{nameof(Switches)} has the name '{same.Key}' {same.Count()} times.");
        if (SweepInterval < SweepIntervalMin || SweepInterval > SweepIntervalMax) problems.Add($"{nameof(FreeSwitchOptions)}.{nameof(SweepInterval)} is {SweepInterval}; it must be {SweepIntervalMin} to {SweepIntervalMax}.");
        foreach (var (at, folder) in Folders())
            if (Folders().Any(other => other.At != at && IsIn(folder, other.Folder)))
                problems.Add($"{nameof(FreeSwitchOptions)}.{nameof(Switches)}[{at}].{nameof(SwitchOptions.ErrorFolder)} is '{folder}', which is the folder of another switch or lies in it; a report would be taken for either's.");
        return problems;
    }

    /// <summary>The error folders that are not there, one sentence each. For processes that sweep: others need not see them.</summary>
    internal IEnumerable<string> ListMissingFolders() =>
        from folder in Folders()
        where !Directory.Exists(folder.Folder)
        select $"{nameof(FreeSwitchOptions)}.{nameof(Switches)}[{folder.At}].{nameof(SwitchOptions.ErrorFolder)} is '{folder.Folder}', and there is no such folder.";

    private IEnumerable<(int At, string Folder)> Folders() =>
        Switches.Select((one, at) => (at, one.ErrorFolder)).Where(one => Path.IsPathFullyQualified(one.ErrorFolder ?? "")).Select(one => (one.at, Path.TrimEndingDirectorySeparator(Path.GetFullPath(one.ErrorFolder!))));

    private static bool IsIn(string folder, string other) => (folder + Path.DirectorySeparatorChar).StartsWith(Path.TrimEndingDirectorySeparator(other) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}

/// <summary>Which of the two legs of a bridged call is charged.</summary>
public enum CallLeg
{
    /// <summary>The one that came to the switch.</summary>
    A,

    /// <summary>The one that the switch made, to a carrier.</summary>
    B,
}

/// <summary>A switch. What has no default must be set.</summary>
public sealed class SwitchOptions
{
    /// <summary>The shortest password.</summary>
    public const int PasswordLengthMin = 16;

    private const int NameLengthMax = 64;

    /// <summary>
    /// Its name: the user of its credentials, and the source of its records for ever. No default; at most 64 letters, digits,
    /// dots, hyphens and underscores. A new name makes the calls of the old one new calls.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>Its password. No default; a secret, at least 16 characters.</summary>
    public string Password { get; set; } = "";

    /// <summary>The tenant whose calls these are. Default null: that of the installation.</summary>
    public string? Tenant { get; set; }

    /// <summary>The addresses and networks (<c>192.0.2.0/24</c>) it reports from. Default none: from everywhere.</summary>
    public IList<string> AllowedAddresses { get; } = [];

    /// <summary>Whether the values of channel variables come percent-encoded: <c>encode-values</c> of <c>mod_json_cdr</c>. Default true, as there. They are decoded once.</summary>
    public bool DecodeValues { get; set; } = true;

    /// <summary>
    /// Which leg of a bridged call is charged; the other is kept beside it. Default <see cref="CallLeg.A"/>. With
    /// <see cref="CallLeg.B"/> a call that was never sent on is charged by its A leg, since it has no other; the switch must
    /// then report B legs (<c>log-b-leg</c>), or what was sent on is charged by none.
    /// </summary>
    public CallLeg BilledLeg { get; set; }

    /// <summary>The channel variable that names the account, by its id or its account code. Default null: none.</summary>
    public string? AccountVariable { get; set; }

    /// <summary>The contexts whose calls come in to an account. Default none: every call is outbound. What the switch calls a direction is its own, and never used.</summary>
    public IList<string> InboundContexts { get; } = [];

    /// <summary>By context: what is dialled in front of the number there, and is taken off. Default none.</summary>
    public IDictionary<string, string> ContextStrip { get; } = new Dictionary<string, string>();

    /// <summary>The zone of the switch's clock, for the times of its CSV files: they are written without one. Default UTC.</summary>
    public string Zone { get; set; } = "UTC";

    /// <summary>
    /// Where it leaves what it could not deliver: <c>err-log-dir</c> of <c>mod_json_cdr</c>, as this machine sees it, an absolute path. Swept by processes that
    /// do so, which must be able to move files there. Default null: none.
    /// </summary>
    public string? ErrorFolder { get; set; }

    /// <summary>The name; never the password.</summary>
    public override string ToString() => Name;

    internal void AddProblems(string at, List<string> problems)
    {
        void Require(bool holds, string option, string expected)
        {
            if (!holds) problems.Add($"{at}.{option} {expected}.");
        }

        Require(Name is { Length: > 0 and <= NameLengthMax } && Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'), nameof(Name), $"must be 1 to {NameLengthMax} letters, digits, dots, hyphens and underscores");
        Require(Password is { Length: >= PasswordLengthMin }, nameof(Password), $"must have at least {PasswordLengthMin} characters; it has {Password?.Length ?? 0}");
        Require(Tenant is null || TenantId.TryParse(Tenant, out _), nameof(Tenant), $"is '{Tenant}', which is no tenant id");
        foreach (var address in AllowedAddresses) Require(NetworkOf(address) is not null, nameof(AllowedAddresses), $"has '{address}', which is neither an address nor a network");
        Require(Enum.IsDefined(BilledLeg), nameof(BilledLeg), $"is {BilledLeg}, which is none");
        Require(AccountVariable is null || !string.IsNullOrWhiteSpace(AccountVariable), nameof(AccountVariable), "must name a variable, or be left out");
        Require(InboundContexts.All(context => !string.IsNullOrWhiteSpace(context)), nameof(InboundContexts), "has an empty name");
        foreach (var (context, front) in ContextStrip)
            Require(CallContexts.CanBeDialled(front), nameof(ContextStrip), $"must have 1 to 16 digits for '{context}'");
        Require(ErrorFolder is null || Path.IsPathFullyQualified(ErrorFolder), nameof(ErrorFolder), $"is '{ErrorFolder}', which is no absolute path");
        Require(Zone is not null && DateTimeZoneProviders.Tzdb.GetZoneOrNull(Zone) is not null, nameof(Zone), $"is '{Zone}', which is no time zone");
    }

    internal CallContexts ToContexts() => new() { Inbound = [.. InboundContexts], Strip = ContextStrip.ToImmutableDictionary() };

    /// <summary>A network, or one address as a network of its own; null for neither.</summary>
    internal static IPNetwork? NetworkOf(string? text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        if (!IPAddress.TryParse(text, out var address) || (address.ToString() != text && !text!.Contains(':'))) return null;
        var plain = Plain(address);
        return new IPNetwork(plain, plain.GetAddressBytes().Length * 8);
    }

    /// <summary>An IPv4 address inside IPv6 counts as the IPv4 address.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
