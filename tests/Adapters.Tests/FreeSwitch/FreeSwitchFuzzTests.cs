using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using NUnit.Framework;
using Relier.FreeSwitch;
using Relier.Rating;

namespace Relier.Adapters.Tests.FreeSwitch;

/// <summary>Twenty thousand documents as no switch would write them, from a fixed seed.</summary>
[TestFixture]
internal sealed class FreeSwitchFuzzTests
{
    private const int Seed = 20260410;
    private const int Documents = 20_000;

    private static readonly string[] Odd =
    [
        "null", "true", "[]", "{}", "-1", "1e999", "0.5", "\"\"", "\"0\"", "\"-1\"", "9223372036854775808", "\"9223372036854775807\"", "\"253402300800\"", "\"7258118399999999\"",
        "\"\\u0000\"", "\"\\ud800\"", "\"%00\"", "\"%\"", "\"%ff%fe\"", "\"1775800544\"", "\"1775800544534355\"", "\"\\ud83d\\ude00\"", "[[[[]]]]", "{\"uuid\":\"x\"}",
    ];

    [Test]
    public void Every_document_is_answered_and_what_is_understood_can_be_kept()
    {
        var random = new Random(Seed);
        var sources = new[]
        {
            ASwitch.Source(),
            ASwitch.Source(options =>
            {
                (options.BilledLeg, options.AccountVariable, options.DecodeValues) = (CallLeg.B, "sip_call_id", false);
                options.InboundContexts.Add("outbound");
                options.ContextStrip["outbound"] = "91";
            }),
        };
        var (understood, reasons) = (0, new HashSet<string>());

        for (var no = 0; no < Documents; no++)
        {
            var body = Body(random);
            var id = random.Next(4) == 0 ? ASwitch.CallId : null;

            var reading = sources[no % 2].Read(ASwitch.Origin, null, body, id);

            if (reading is CallReading.Malformed malformed)
            {
                reasons.Add(malformed.Reason);
                malformed.Detail.Should().NotBeNullOrEmpty();
                continue;
            }

            var record = ((CallReading.Understood)reading).Record;
            understood++;
            record.Check().Should().BeEmpty($"document {no} was understood: {Encoding.UTF8.GetString(body)}");
            record.Fingerprint().Should().HaveLength(32);
        }

        understood.Should().BeGreaterThan(Documents / 10, "else nothing but the first look was tried");
        reasons.Should().Contain(["not_json", "uuid_missing", "uuid_differs", "times_missing", "text_invalid", "quantity_invalid", "instant_invalid", "times_crossed"]);
    }

    private static byte[] Body(Random random)
    {
        var text = random.Next(3) == 0 ? ASwitch.Document : Restructured(random);
        var bytes = Encoding.UTF8.GetBytes(random.Next(4) switch
        {
            0 => "cdr=" + Uri.EscapeDataString(text),
            1 => "cdr=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
            _ => text,
        });

        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length + 1)];
            case 1:
                for (var times = random.Next(1, 6); times > 0; times--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 2 when random.Next(10) == 0:
                random.NextBytes(bytes);
                return bytes;
            default:
                return bytes;
        }
    }

    /// <summary>Values of other types and sizes in other places, names twice, and depths.</summary>
    private static string Restructured(Random random)
    {
        var root = JsonNode.Parse(ASwitch.Document)!.AsObject();
        var marks = new Dictionary<string, string>();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var places = new[] { root, root["variables"] as JsonObject, (root["callflow"] as JsonArray)?[0] as JsonObject, ((root["callflow"] as JsonArray)?[0] as JsonObject)?["caller_profile"] as JsonObject };
            var place = places[random.Next(8) is var which and < 4 ? which : 1] ?? root;
            if (place.Count == 0) continue;
            var name = random.Next(2) == 0 && ReferenceEquals(place, root["variables"]) ? Charged[random.Next(Charged.Length)] : place.ElementAt(random.Next(place.Count)).Key;
            if (random.Next(5) == 0)
            {
                place.Remove(name);
                continue;
            }

            var mark = $"@{marks.Count}@";
            marks[mark] = random.Next(12) switch
            {
                0 => string.Concat(Enumerable.Repeat("[", random.Next(1, 90))) + "1" + new string(']', random.Next(1, 90)),
                1 => $"\"{new string('9', random.Next(1, 200))}\"",
                2 => $"\"{random.NextInt64(1, 2_000_000_000_000_000)}\"",
                3 => $"\"x\",\"{name}\":\"{random.Next(100)}\"",
                _ => Odd[random.Next(Odd.Length)],
            };
            place[name] = mark;
        }

        var text = root.ToJsonString();
        foreach (var (mark, value) in marks) text = text.Replace($"\"{mark}\"", value, StringComparison.Ordinal);
        return text;
    }

    private static readonly string[] Charged = ["uuid", "start_epoch", "start_uepoch", "answer_epoch", "answer_uepoch", "end_epoch", "end_uepoch", "billsec", "duration", "hangup_cause", "accountcode", "originating_leg_uuid"];
}
