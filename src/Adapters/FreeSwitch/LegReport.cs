using System.Globalization;
using System.Text.Json;
using NodaTime;
using Relier.Rating;

namespace Relier.FreeSwitch;

/// <summary>How the reports of a switch are read.</summary>
internal sealed record LegRules(bool DecodeValues, CallLeg BilledLeg, string? AccountVariable, CallContexts Contexts);

/// <summary>The report of one leg: what stands in <c>variables</c>, and in the first of the profiles that the call went through.</summary>
internal sealed class LegReport(JsonElement root, LegRules rules)
{
    private const long SecondsMax = 253_402_300_799; // the end of the year 9999
    private const long MicrosOfSecond = 1_000_000;

    // Callers choose some of these texts, and with percent-encoding older switches let one with quotes in it pass for variables of
    // its own (see the README): what is said twice is said by nobody.
    private readonly Dictionary<string, JsonElement?> _variables = VariablesOf(root);
    private readonly JsonElement _profile = Member(FirstLeg(root), "caller_profile");
    private CallReading.Malformed? _problem;

    public CallReading Read(string source, string? id)
    {
        if (Variable("uuid") is not { } uuid) return _problem ?? new CallReading.Malformed("uuid_missing", "Expected variables.uuid.");
        if (!string.IsNullOrEmpty(id) && id != uuid && id != "a_" + uuid) return new CallReading.Malformed("uuid_differs", "The address or the file names another uuid than the document.");
        if (Stamp("start") is not { } started) return _problem ?? new CallReading.Malformed("times_missing", "Expected variables.start_uepoch or start_epoch.");
        var (answered, ended) = (Stamp("answer"), Stamp("end"));
        var isFine = started.IsFine && answered?.IsFine != false && ended?.IsFine != false;

        var (otherLeg, isB) = OtherLeg();
        var isCharged = rules.BilledLeg == CallLeg.A ? !isB : isB || otherLeg is null;
        var context = ProfileText("context");
        var direction = rules.Contexts.DirectionOf(context);
        var to = rules.Contexts.NumberOf(context, ProfileText("destination_number") ?? Variable("dialed_extension") ?? Variable("sip_req_user") ?? Variable("sip_to_user"));
        var record = new CallRecord
        {
            Source = source,
            ExternalId = uuid,
            Direction = direction,
            From = ProfileText("caller_id_number") ?? Variable("effective_caller_id_number"),
            To = to,
            StartedAt = started.At(isFine),
            AnsweredAt = answered?.At(isFine),
            EndedAt = ended?.At(isFine),
            Duration = Whole("duration") ?? 0,
            Quantity = Whole("billsec") ?? QuantityWithout(answered),
            Cause = Variable("hangup_cause"),
            Lines = CallContexts.LinesOf(direction, rules.AccountVariable is { } account ? Variable(account) : null, Variable("accountcode"), to, Variable("sip_from_user") ?? ProfileText("username")),
            IsCharged = isCharged,
            LinkedTo = isB || !isCharged ? otherLeg : null,
        };

        if (_problem is not null) return _problem;
        return record.Check().FirstOrDefault() is { } fault ? new CallReading.Malformed(fault.Code, $"{fault.Field}: {fault.Message}.") : new CallReading.Understood(record);
    }

    /// <summary>The variables by their names; without a value what is there twice.</summary>
    private static Dictionary<string, JsonElement?> VariablesOf(JsonElement root)
    {
        var variables = new Dictionary<string, JsonElement?>();
        foreach (var all in root.EnumerateObject().Where(member => member.NameEquals("variables") && member.Value.ValueKind == JsonValueKind.Object))
            foreach (var variable in all.Value.EnumerateObject())
                if (NameOf(variable) is { } name && !variables.TryAdd(name, variable.Value))
                    variables[name] = null;
        return variables;
    }

    private static string? NameOf(JsonProperty variable)
    {
        try
        {
            return variable.Name;
        }
        catch (InvalidOperationException) // no Unicode, so none that is asked for
        {
            return null;
        }
    }

    /// <summary>
    /// Where the call began. The switch lists the newest first, so what was dialled is in the last; older versions write the
    /// same name again and again instead of a list, and there the last one counts too.
    /// </summary>
    private static JsonElement FirstLeg(JsonElement root)
    {
        var flow = Member(root, "callflow");
        return flow.ValueKind == JsonValueKind.Array ? flow.EnumerateArray().LastOrDefault() : flow;
    }

    /// <summary>The uuid of the leg it is bridged with, if any, and whether this one is the B leg. A B leg has an originator; the switch itself tells it by that.</summary>
    private (string? Uuid, bool IsB) OtherLeg()
    {
        var originator = Member(_profile, "originator");
        var originating = Variable("originating_leg_uuid");
        if (originating is not null || originator.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
            return (originating ?? UuidIn(originator, "originator_caller_profiles"), true);

        // A call that was passed on has its first B leg here and later ones in the variables; any of them says that there is one.
        return (Variable("bridge_uuid") ?? Variable("last_bridge_to") ?? Variable("bleg_uuid") ?? UuidIn(Member(_profile, "originatee"), "originatee_caller_profiles"), false);
    }

    private string? UuidIn(JsonElement other, string profiles)
    {
        var list = Member(other, profiles);
        return list.ValueKind == JsonValueKind.Array ? TextOf(Member(list.EnumerateArray().FirstOrDefault(), "uuid"), profiles) : null;
    }

    /// <summary>When it happened; null when it never did: the switch writes 0, or nothing.</summary>
    private When? Stamp(string what)
    {
        if (Whole($"{what}_uepoch") is > 0 and var micros)
        {
            if (micros / MicrosOfSecond <= SecondsMax) return new When(micros, IsFine: true);
        }
        else
        {
            if (Whole($"{what}_epoch") is not (> 0 and var seconds)) return null;
            if (seconds <= SecondsMax) return new When(seconds * MicrosOfSecond, IsFine: false);
        }

        Wrong("instant_invalid", $"variables.{what}_epoch: expected a time before 2200");
        return null;
    }

    private long QuantityWithout(When? answered)
    {
        if (answered is not null) Wrong("quantity_invalid", "variables.billsec: is required for a call that was answered");
        return 0;
    }

    private long? Whole(string name)
    {
        if (Variable(name) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        Wrong(name.EndsWith("epoch", StringComparison.Ordinal) ? "instant_invalid" : "quantity_invalid", $"variables.{name}: expected a whole number from 0");
        return null;
    }

    private string? Variable(string name)
    {
        if (!_variables.TryGetValue(name, out var value)) return null;
        if (value is null) Wrong("variable_twice", $"variables.{name} is there twice");
        return value is null || TextOf(value.Value, name) is not { } text ? null : rules.DecodeValues ? Uri.UnescapeDataString(text) : text;
    }

    private string? ProfileText(string name) => TextOf(Member(_profile, name), name);

    private string? TextOf(JsonElement value, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String: return value.GetString() is { Length: > 0 } text ? text : null;
            case JsonValueKind.Number: return value.GetRawText();
            case JsonValueKind.Undefined or JsonValueKind.Null: return null;
            default:
                Wrong("text_invalid", $"{name}: expected a text");
                return null;
        }
    }

    private void Wrong(string reason, string detail) => _problem ??= new CallReading.Malformed(reason, detail + ".");

    /// <summary>Of members with the same name, the last.</summary>
    private static JsonElement Member(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;

    /// <summary>A time in microseconds. Where one of a leg's is known to the second only, none is taken finer: an answer must not seem to come before the beginning of its own second.</summary>
    private readonly record struct When(long Micros, bool IsFine)
    {
        public Instant At(bool isFine) => Instant.FromUnixTimeTicks((isFine ? Micros : Micros - Micros % MicrosOfSecond) * 10);
    }
}
