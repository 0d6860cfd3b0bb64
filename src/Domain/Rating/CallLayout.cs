using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;

namespace Relier.Rating;

/// <summary>
/// Which column of a file of calls says what. Two are ready made, <see cref="Generic"/> and <see cref="FreeSwitch"/>; others
/// are written as text: <c>id=UUID; start=START; quantity=BILLSEC; from=A; to=B; …</c>. A column is named by its header, or,
/// with <c>header=no</c>, by its place from 1 on. Several names with <c>|</c> between them: the first that is there. With
/// <c>?</c> behind, the column may be missing.
/// </summary>
public sealed record CallLayout
{
    /// <summary>The longest text of a map.</summary>
    public const int TextMax = 2000;

    /// <summary>Most cells that a line may have.</summary>
    public const int CellsMax = 500;

    private const string Roles = "id, leg, kind, direction, account, accountCode, number, sipUser, from, to, context, start, answer, end, duration, quantity, cause";
    private const string Settings = "header, cells, zone, delimiter, inbound, outbound, inboundContexts, strip";

    internal static readonly string[] KnownRoles = Roles.Split(", ");
    private static readonly string[] KnownSettings = Settings.Split(", ");
    private static readonly string[] Needed = ["id", "start", "quantity"];

    /// <summary>What it is called: a ready-made name, or the text of the map.</summary>
    public required string Name { get; init; }

    /// <summary>The column of each part that is read, by what it says: <c>start_stamp</c>, <c>id|uuid?</c>, <c>5</c>.</summary>
    public required ImmutableDictionary<string, string> Columns { get; init; }

    /// <summary>Whether the first line has the names of the columns.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>How many cells each line has; null for as many as the header, or enough for every column that is read.</summary>
    public int? Cells { get; init; }

    /// <summary>The zone of times that are written without one; null when the map leaves it to who reads the file.</summary>
    public DateTimeZone? Zone { get; init; }

    /// <summary>What stands between cells.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>What the words of the direction column mean, in upper case.</summary>
    public ImmutableDictionary<string, CallDirection> Directions { get; init; } =
        ImmutableDictionary<string, CallDirection>.Empty.Add("INBOUND", CallDirection.Inbound).Add("OUTBOUND", CallDirection.Outbound);

    /// <summary>What the words of the context column mean.</summary>
    public CallContexts Contexts { get; init; } = CallContexts.None;

    /// <summary>A header, and columns by the names that are used most. Only id, start and seconds must be there.</summary>
    public static CallLayout Generic { get; } = Made(
        "generic",
        "id=id|uuid; leg=leg?; kind=kind?; direction=direction?; account=account|account_id?; accountCode=account_code|accountcode?; number=number?; sipUser=sip_user?; "
        + "from=from|calling_number|caller_id_number?; to=to|called_number|destination_number?; start=start|start_time|start_stamp; answer=answer|answer_time|answer_stamp?; "
        + "end=end|end_time|end_stamp?; duration=duration?; quantity=quantity|seconds|billsec; cause=cause|hangup_cause?");

    /// <summary>What FreeSWITCH's <c>mod_cdr_csv</c> writes with the template it comes with: no header, local times, no answer for a call that had none.</summary>
    public static CallLayout FreeSwitch { get; } = Made(
        "freeswitch", "header=no; cells=15; from=2; to=3; context=4; start=5; answer=6; end=7; duration=8; quantity=9; cause=10; id=11; accountCode=13");

    /// <summary>The layout with this ready-made name, or the one that the text describes. False, with what is wrong, for anything else.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CallLayout? layout, out string problem)
    {
        (layout, problem) = (null, "");
        if (text is "generic" or "freeswitch")
        {
            layout = text == "generic" ? Generic : FreeSwitch;
            return true;
        }

        if (string.IsNullOrWhiteSpace(text) || text.Length > TextMax) return No("expected generic, freeswitch, or a map such as id=UUID; start=START; quantity=SECONDS; to=NUMBER", out problem);
        var parts = new Dictionary<string, string>();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.IndexOf('=') is var at and > 0 ? (part[..at].Trim(), part[(at + 1)..].Trim()) : (part, "");
            if (!KnownRoles.Contains(name) && !KnownSettings.Contains(name)) return No($"'{name}' is nothing a map can say; it can say {Roles}, {Settings}", out problem);
            if (value.Length == 0 || !parts.TryAdd(name, value)) return No($"'{name}' must be there once, with a value", out problem);
        }

        foreach (var role in Needed)
            if (!parts.TryGetValue(role, out var column) || column.EndsWith('?')) return No($"the map must say which column is the {role}", out problem);
        if (parts.GetValueOrDefault("header", "yes") is not ("yes" or "no")) return No("header is yes or no", out problem);
        if (parts.GetValueOrDefault("delimiter", "comma") is not ("comma" or "semicolon" or "tab" or "pipe")) return No("delimiter is comma, semicolon, tab or pipe", out problem);
        if (parts.GetValueOrDefault("zone") is { } zone && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null) return No($"'{zone}' is no time zone", out problem);
        if (parts.TryGetValue("cells", out var cells) && (PlaceOf(cells) is null || parts.GetValueOrDefault("header") != "no")) return No($"cells is how many a line has, from 1 to {CellsMax}, and goes with header=no", out problem);
        if (parts.GetValueOrDefault("header") == "no" && parts.FirstOrDefault(part => KnownRoles.Contains(part.Key) && PlaceOf(part.Value) is null) is { Key: { } lost })
            return No($"'{lost}' must be the place of a column, from 1 to {CellsMax}: the file has no header", out problem);
        if (PlaceOf(cells) is { } count && parts.Any(part => KnownRoles.Contains(part.Key) && PlaceOf(part.Value) > count)) return No($"a column is behind the last of {count} cells", out problem);
        if (!parts.ContainsKey("context") && (parts.ContainsKey("inboundContexts") || parts.ContainsKey("strip"))) return No("inboundContexts and strip need a column for the context", out problem);
        if (parts.ContainsKey("direction") && parts.ContainsKey("inboundContexts")) return No("the direction is told by a column or by inboundContexts, not by both", out problem);
        if (!TryDirections(parts, out var directions, out problem) || !TryStrip(parts, out var strip, out problem)) return false;

        layout = new CallLayout
        {
            Name = text.Trim(),
            Columns = parts.Where(part => KnownRoles.Contains(part.Key)).ToImmutableDictionary(),
            HasHeader = parts.GetValueOrDefault("header") != "no",
            Cells = PlaceOf(cells),
            Zone = parts.TryGetValue("zone", out var zoneName) ? DateTimeZoneProviders.Tzdb[zoneName] : null,
            Delimiter = parts.GetValueOrDefault("delimiter") switch { "semicolon" => ';', "tab" => '\t', "pipe" => '|', _ => ',' },
            Directions = directions,
            Contexts = new CallContexts { Inbound = [.. Words(parts, "inboundContexts")], Strip = strip },
        };
        return true;
    }

    /// <summary>The place that a text names, from 1 on; null when it names none.</summary>
    internal static int? PlaceOf(string? text) =>
        text is { Length: <= 3 } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place is >= 1 and <= CellsMax ? place : null;

    private static bool TryDirections(Dictionary<string, string> parts, out ImmutableDictionary<string, CallDirection> directions, out string problem)
    {
        var words = ImmutableDictionary.CreateBuilder<string, CallDirection>();
        (directions, problem) = (words.ToImmutable(), "");
        if (!parts.ContainsKey("direction") && (parts.ContainsKey("inbound") || parts.ContainsKey("outbound"))) return No("inbound and outbound are words of a column for the direction", out problem);
        foreach (var (name, direction) in new[] { ("inbound", CallDirection.Inbound), ("outbound", CallDirection.Outbound) })
            foreach (var word in parts.ContainsKey(name) ? Words(parts, name) : [name])
                if (!words.TryAdd(word.ToUpperInvariant(), direction)) return No($"the word '{word}' of the direction means two things", out problem);
        directions = words.ToImmutable();
        return true;
    }

    private static bool TryStrip(Dictionary<string, string> parts, out ImmutableDictionary<string, string> strip, out string problem)
    {
        var fronts = ImmutableDictionary.CreateBuilder<string, string>();
        (strip, problem) = (fronts.ToImmutable(), "");
        foreach (var word in Words(parts, "strip"))
            if (word.IndexOf(':') is not (var at and > 0) || !CallContexts.CanBeDialled(word[(at + 1)..]) || !fronts.TryAdd(word[..at], word[(at + 1)..]))
                return No($"'{word}' of strip must be CONTEXT:DIGITS, once for each context", out problem);
        strip = fronts.ToImmutable();
        return true;
    }

    private static string[] Words(Dictionary<string, string> parts, string name) =>
        parts.GetValueOrDefault(name, "").Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool No(string why, out string problem)
    {
        problem = why;
        return false;
    }

    private static CallLayout Made(string name, string text) =>
        TryParse(text, out var layout, out var problem) ? layout with { Name = name } : throw new InvalidOperationException($"The layout {name} is wrong: {problem}.");
}
