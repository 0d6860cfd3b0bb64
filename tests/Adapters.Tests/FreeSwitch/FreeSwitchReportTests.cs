using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.FreeSwitch;
using Relier.Rating;

namespace Relier.Adapters.Tests.FreeSwitch;

/// <summary>What a switch reports, and what of it is a call.</summary>
[TestFixture]
internal sealed class FreeSwitchReportTests
{
    private static readonly CallRecord Answered = new()
    {
        Source = ASwitch.Name, ExternalId = ASwitch.CallId, From = "1001", To = "910000000002",
        StartedAt = Instant.FromUnixTimeTicks(17758005445343550), AnsweredAt = Instant.FromUnixTimeTicks(17758005479543730), EndedAt = Instant.FromUnixTimeTicks(17758006154942690),
        Duration = 71, Quantity = 68, Cause = "NORMAL_CLEARING",
        Lines = [new LineRef(LineKind.AccountCode, "ACC-10001"), new LineRef(LineKind.SipUser, "1001")],
    };

    private static IEnumerable<TestCaseData> Encodings()
    {
        var (json, escaped, base64) = (ASwitch.Document, Uri.EscapeDataString(ASwitch.Document), Convert.ToBase64String(Encoding.UTF8.GetBytes(ASwitch.Document)));
        foreach (var (name, type, body) in new[]
        {
            ("as it is", "application/json", json),
            ("as it is, with a charset", "application/json; charset=utf-8", json),
            ("with a mark and an end of line", "application/json", "\uFEFF" + json + "\n"),
            ("percent-encoded", "application/x-www-form-urlencoded", "cdr=" + escaped),
            ("percent-encoded, blanks as plus", "application/x-www-form-urlencoded", "cdr=" + escaped.Replace("%20", "+", StringComparison.Ordinal)),
            ("percent-encoded in small letters, with another field behind", "application/x-www-form-urlencoded", "cdr=" + escaped.Replace("%7B", "%7b", StringComparison.Ordinal) + "&x=1"),
            ("percent-encoded but for the brace", "application/x-www-form-urlencoded", "cdr={" + Uri.EscapeDataString(json[1..])),
            ("percent-encoded by a switch that leaves what is encoded already", "application/x-www-form-urlencoded", "cdr=" + escaped.Replace("%25", "%", StringComparison.Ordinal)),
            ("base64", "application/x-www-form-base64-encoded", "cdr=" + base64),
            ("base64 in lines", "application/x-www-form-base64-encoded", "cdr=" + string.Join('\n', base64.Chunk(72).Select(line => new string(line))) + "\n"),
            ("base64, encoded again on the way", "application/x-www-form-base64-encoded", "cdr=" + Uri.EscapeDataString(base64)),
            ("without a type", null, json),
            ("percent-encoded without a type", null, "cdr=" + escaped),
            ("base64 without a type", "text/plain", "cdr=" + base64),
            ("JSON called a form, as with disable-100-continue", "application/x-www-form-urlencoded", json),
            ("base64 called a form, as with disable-100-continue", "application/x-www-form-urlencoded", "cdr=" + base64),
            ("percent-encoded as in the error folder", null, escaped + "\n"),
            ("base64 as in the error folder", null, base64 + "\n"),
        })
            yield return new TestCaseData(type, body).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Encodings))]
    public void A_report_is_the_same_call_in_every_encoding(string? type, string body)
    {
        var reading = ASwitch.Source().Read(ASwitch.Origin, type, Encoding.UTF8.GetBytes(body), ASwitch.CallId);

        reading.Should().BeOfType<CallReading.Understood>().Which.Record.Should().BeEquivalentTo(Answered);
    }

    [Test]
    public void A_call_read_from_the_report_and_from_the_CSV_file_is_the_same_call()
    {
        var cells = "1001,1001,910000000002,outbound,2026-04-10 11:25:44,2026-04-10 11:25:47,2026-04-10 11:26:55,71,68,NORMAL_CLEARING,aaaaaaaa-0000-4000-8000-000000000001,,ACC-10001,PCMU,PCMU".Split(',');
        var layout = ASwitch.Source().LayoutOf(ASwitch.Origin)!;

        var record = CallRowReader.For(layout, null, ASwitch.Name, DateTimeZone.Utc).Value.Read(cells, out _)!;

        (record.Source, record.ExternalId, record.Leg).Should().Be((Answered.Source, Answered.ExternalId, Answered.Leg));
        record.Fingerprint().Should().Be(ASwitch.Understood(ASwitch.Document).Fingerprint());
        record.Fingerprint().Should().NotBe(ASwitch.Understood(ASwitch.With(("billsec", "69"))).Fingerprint());
    }

    [Test]
    public void Contexts_mean_the_same_in_the_report_and_in_the_CSV_file()
    {
        static void Rules(SwitchOptions options)
        {
            options.InboundContexts.Add("outbound");
            options.ContextStrip["outbound"] = "91";
        }

        var cells = "1001,1001,910000000002,outbound,2026-04-10 11:25:44,2026-04-10 11:25:47,2026-04-10 11:26:55,71,68,NORMAL_CLEARING,aaaaaaaa-0000-4000-8000-000000000001,,ACC-10001,PCMU,PCMU".Split(',');
        var record = CallRowReader.For(ASwitch.Source(Rules).LayoutOf(ASwitch.Origin)!, null, ASwitch.Name, DateTimeZone.Utc).Value.Read(cells, out _)!;

        record.Should().BeEquivalentTo(new { To = "0000000002", Direction = CallDirection.Inbound });
        record.Fingerprint().Should().Be(ASwitch.Understood(ASwitch.Document, Rules).Fingerprint());
    }

    // %2F is a slash; a plus is a plus; what was encoded twice is decoded once; what is no encoding stays.
    [TestCase("ACC%2F10%2B1", "ACC/10+1")]
    [TestCase("ACC+1", "ACC+1")]
    [TestCase("ACC%252F1", "ACC%2F1")]
    [TestCase("100%", "100%")]
    [TestCase("%zz%4", "%zz%4")]
    [TestCase("%C3%A9", "é")]
    public void Values_are_decoded_once(string value, string meant)
    {
        ASwitch.Understood(ASwitch.With(("accountcode", value))).Lines[0].Value.Should().Be(meant);
        ASwitch.Understood(ASwitch.With(("accountcode", value)), options => options.DecodeValues = false).Lines[0].Value.Should().Be(value);
    }

    [Test]
    public void What_stands_outside_of_the_variables_is_never_decoded()
    {
        var document = ASwitch.Changed(root => root["callflow"]![0]!["caller_profile"]!["destination_number"] = "+91%2F2");

        ASwitch.Understood(document).To.Should().Be("+91%2F2");
    }

    [Test]
    public void The_number_that_was_dialled_is_in_the_last_of_the_profiles_however_they_are_written()
    {
        const string transferred = """{"profile_index":"2","caller_profile":{"caller_id_number":"1001","destination_number":"5000","context":"default"}}""";
        const string dialled = """{"profile_index":"1","caller_profile":{"caller_id_number":"1001","destination_number":"919800000001","context":"default"}}""";
        string With(string flow) => $$"""{"variables":{"uuid":"u-1","start_epoch":"1775800544","billsec":"0"},{{flow}}}""";

        foreach (var flow in new[]
        {
            $"\"callflow\":[{transferred},{dialled}]", $"\"callflow\":[{dialled}]", $"\"callflow\":{dialled}", $"\"callflow\":{transferred},\"callflow\":{dialled}",
            $"\"callflow\":[{transferred}],\"callflow\":[{transferred},{dialled}]",
        })
            ASwitch.Understood(With(flow)).To.Should().Be("919800000001", flow);
    }

    [Test]
    public void Numbers_are_looked_for_in_the_variables_when_no_profile_has_them()
    {
        string Without(params string[] names) => ASwitch.Changed(root =>
        {
            root.Remove("callflow");
            root["variables"]!["dialed_extension"] = "1";
            root["variables"]!["sip_to_user"] = "3";
            root["variables"]!["effective_caller_id_number"] = "4";
            foreach (var name in names) root["variables"]!.AsObject().Remove(name);
        });

        ASwitch.Understood(Without()).Should().BeEquivalentTo(new { To = "1", From = "4" });
        ASwitch.Understood(Without("dialed_extension")).To.Should().Be("910000000002", "that is sip_req_user");
        ASwitch.Understood(Without("dialed_extension", "sip_req_user", "effective_caller_id_number")).Should().BeEquivalentTo(new { To = "3", From = (string?)null });
        ASwitch.Understood(ASwitch.Changed(root => root["callflow"]![0]!["caller_profile"]!["destination_number"] = "")).To.Should().Be("910000000002");
    }

    [TestCase("0", "0")]
    [TestCase(null, null)]
    [TestCase("", "")]
    public void A_call_that_was_never_answered_has_no_answer(string? seconds, string? micros)
    {
        var record = ASwitch.Understood(ASwitch.With(("answer_epoch", seconds), ("answer_uepoch", micros), ("billsec", "0"), ("hangup_cause", "NO_ANSWER")));

        record.Should().BeEquivalentTo(new { AnsweredAt = (Instant?)null, Quantity = 0, Cause = "NO_ANSWER", Duration = 71 });
        record.ChargedFrom.Should().Be(Answered.StartedAt);
    }

    [Test]
    public void What_is_charged_is_billsec_and_nothing_else()
    {
        ASwitch.Understood(ASwitch.With(("billsec", "0"))).Should().BeEquivalentTo(new { Quantity = 0, Answered.AnsweredAt }, "it was answered, for less than a second");
        ASwitch.Understood(ASwitch.With(("hangup_cause", "ORIGINATOR_CANCEL"), ("billsec", "5"))).Quantity.Should().Be(5, "a cause says nothing about an answer");
        ASwitch.Understood(ASwitch.With(("answer_epoch", "0"), ("answer_uepoch", "0"))).Should().BeEquivalentTo(new { Quantity = 68, AnsweredAt = (Instant?)null });
        ASwitch.Understood(ASwitch.With(("answer_epoch", "0"), ("answer_uepoch", "0"), ("billsec", null))).Quantity.Should().Be(0);
        ASwitch.Reason(ASwitch.With(("billsec", null))).Should().Be("quantity_invalid");
    }

    [Test]
    public void Seconds_count_when_microseconds_are_missing_and_then_for_all_times_of_the_leg()
    {
        var record = ASwitch.Understood(ASwitch.With(("answer_uepoch", null), ("answer_epoch", "1775800544")));

        record.StartedAt.Should().Be(Instant.FromUnixTimeSeconds(1775800544));
        record.AnsweredAt.Should().Be(Instant.FromUnixTimeSeconds(1775800544), "else the answer would come before the beginning");
    }

    [Test]
    public void Numbers_that_are_no_texts_are_read_as_well()
    {
        var document = ASwitch.Changed(root => (root["variables"]!["billsec"], root["variables"]!["start_uepoch"]) = (68, 1775800544534355));

        ASwitch.Understood(document).Should().BeEquivalentTo(Answered);
    }

    [Test]
    public void A_B_leg_is_kept_beside_its_A_leg_and_not_charged()
    {
        var byOriginator = ASwitch.Understood(BLeg(variable: false));
        var byVariable = ASwitch.Understood(ASwitch.With(("uuid", ASwitch.OtherLeg), ("originating_leg_uuid", ASwitch.CallId)));

        byOriginator.Should().BeEquivalentTo(new { ExternalId = ASwitch.OtherLeg, IsCharged = false, LinkedTo = ASwitch.CallId });
        byVariable.Should().BeEquivalentTo(new { ExternalId = ASwitch.OtherLeg, IsCharged = false, LinkedTo = ASwitch.CallId });
        ASwitch.Understood(ASwitch.Document).Should().BeEquivalentTo(new { IsCharged = true, LinkedTo = (string?)null });
    }

    [Test]
    public void Where_the_carriers_leg_is_charged_the_other_is_not()
    {
        static void CarrierLeg(SwitchOptions options) => options.BilledLeg = CallLeg.B;
        var passedOn = ASwitch.With(("bridge_uuid", null), ("last_bridge_to", null));
        var announcement = ASwitch.Changed(root =>
        {
            root["variables"]!.AsObject().Remove("bridge_uuid");
            root["variables"]!.AsObject().Remove("last_bridge_to");
            root["callflow"]![0]!["caller_profile"]!.AsObject().Remove("originatee");
        });

        ASwitch.Understood(BLeg(variable: true), CarrierLeg).Should().BeEquivalentTo(new { IsCharged = true, LinkedTo = ASwitch.CallId });
        ASwitch.Understood(ASwitch.Document, CarrierLeg).Should().BeEquivalentTo(new { IsCharged = false, LinkedTo = ASwitch.OtherLeg });
        ASwitch.Understood(passedOn, CarrierLeg).Should().BeEquivalentTo(new { IsCharged = false, LinkedTo = ASwitch.OtherLeg }, "its profile names the other leg");
        ASwitch.Understood(announcement, CarrierLeg).Should().BeEquivalentTo(new { IsCharged = true, LinkedTo = (string?)null }, "it has no other leg");
    }

    [Test]
    public void The_account_is_looked_for_by_the_surest_name_first()
    {
        static void Rules(SwitchOptions options) => options.AccountVariable = "billing_account";
        static void Inbound(SwitchOptions options)
        {
            options.AccountVariable = "billing_account";
            options.InboundContexts.Add("outbound");
        }

        ASwitch.Understood(ASwitch.With(("billing_account", "acc_01HX")), Rules).Lines.Should().Equal(
            new LineRef(LineKind.Account, "acc_01HX"), new LineRef(LineKind.AccountCode, "ACC-10001"), new LineRef(LineKind.SipUser, "1001"));
        ASwitch.Understood(ASwitch.With(("billing_account", "B-7"), ("accountcode", null), ("sip_from_user", null)), Rules).Lines.Should().Equal(
            new LineRef(LineKind.AccountCode, "B-7"), new LineRef(LineKind.SipUser, "1001"));
        ASwitch.Understood(ASwitch.With(("billing_account", "acc_1")), Inbound).Lines.Should().Equal(
            new LineRef(LineKind.Account, "acc_1"), new LineRef(LineKind.AccountCode, "ACC-10001"), new LineRef(LineKind.Number, "910000000002"));
    }

    [Test]
    public void The_direction_is_told_by_the_context_and_never_by_the_switch()
    {
        ASwitch.Document.Should().Contain("\"direction\": \"inbound\"");

        ASwitch.Understood(ASwitch.Document).Direction.Should().Be(CallDirection.Outbound);
        ASwitch.Understood(ASwitch.Document, options => options.InboundContexts.Add("outbound")).Direction.Should().Be(CallDirection.Inbound);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(ASwitch.CallId)]
    [TestCase("a_" + ASwitch.CallId)]
    public void The_uuid_of_the_address_is_that_of_the_document(string? id)
    {
        ASwitch.Read(ASwitch.Document, id: id).Should().BeOfType<CallReading.Understood>();
    }

    [TestCase(ASwitch.OtherLeg)]
    [TestCase("b_" + ASwitch.CallId)]
    [TestCase("a_a_" + ASwitch.CallId)]
    public void Another_uuid_in_the_address_is_a_report_gone_astray(string id)
    {
        ASwitch.Read(ASwitch.Document, id: id).Should().BeOfType<CallReading.Malformed>().Which.Reason.Should().Be("uuid_differs");
    }

    private static readonly (string Name, string Body, string Reason)[] Wrong =
    [
        ("nothing", "", "not_json"),
        ("blanks", " \r\n", "not_json"),
        ("a form of nothing", "cdr=", "not_json"),
        ("words", "hello, world", "not_json"),
        ("a list", "[]", "not_json"),
        ("half a document", ASwitch.Document[..600], "not_json"),
        ("base64 of nothing useful", "cdr=AAAA", "not_json"),
        ("too deep", string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100), "not_json"),
        ("an empty object", "{}", "uuid_missing"),
        ("variables that are none", """{"variables":[1]}""", "uuid_missing"),
        ("no beginning", """{"variables":{"uuid":"u"}}""", "times_missing"),
        ("a beginning that never was", """{"variables":{"uuid":"u","start_epoch":"0"}}""", "times_missing"),
        ("a uuid that is a list", """{"variables":{"uuid":["u"]}}""", "text_invalid"),
        ("a beginning in words", ASwitch.With(("start_uepoch", "yesterday")), "instant_invalid"),
        ("a beginning beyond all years", ASwitch.With(("start_uepoch", "9223372036854775807")), "instant_invalid"),
        ("seconds beyond all years", ASwitch.With(("start_uepoch", null), ("start_epoch", "9223372036854775807")), "instant_invalid"),
        ("a beginning after the year 2200", ASwitch.With(("start_uepoch", "7258118400000000")), "instant_invalid"),
        ("an end before the answer", ASwitch.With(("end_uepoch", "1775800547954372")), "times_crossed"),
        ("an answer before the beginning", ASwitch.With(("answer_uepoch", "1775800544534354")), "times_crossed"),
        ("seconds below zero", ASwitch.With(("billsec", "-1")), "quantity_invalid"),
        ("more seconds than there are", ASwitch.With(("billsec", "99999999999999999999")), "quantity_invalid"),
        ("a duration in words", ASwitch.With(("duration", "long")), "quantity_invalid"),
        ("a character that is none", ASwitch.With(("accountcode", "a%00b")), "text_invalid"),
        ("a code too long", ASwitch.With(("accountcode", new string('x', 129))), "text_invalid"),
        ("a code that is an object", ASwitch.Changed(root => root["variables"]!["accountcode"] = new JsonObject()), "text_invalid"),
        ("a variable twice", ASwitch.Document.Replace("\"billsec\": \"68\"", "\"billsec\": \"0\", \"billsec\": \"68\"", StringComparison.Ordinal), "variable_twice"),
        ("variables twice", ASwitch.Document.Replace("\"variables\":", "\"variables\": {\"billsec\": \"0\"}, \"variables\":", StringComparison.Ordinal), "variable_twice"),
        ("half a character", ASwitch.Document.Replace("ACC-10001", "\\ud800", StringComparison.Ordinal), "text_invalid"),
    ];

    [Test]
    public void What_cannot_be_understood_is_kept_with_its_reason([Range(0, 27)] int no)
    {
        var (name, body, reason) = Wrong[no];

        ASwitch.Reason(body).Should().Be(reason, name);
    }

    [Test]
    public void What_a_caller_calls_himself_is_no_variable()
    {
        var named = ASwitch.With(("sip_from_display", "x%22%2C%22billsec%22%3A%220"), ("sip_x%2", "1"));
        var body = "cdr=" + Uri.EscapeDataString(named).Replace("%25", "%", StringComparison.Ordinal);

        ASwitch.Understood(named).Quantity.Should().Be(68);
        ASwitch.Source().Read(ASwitch.Origin, null, Encoding.UTF8.GetBytes(body), null).Should().BeOfType<CallReading.Malformed>().Which.Reason.Should().Be("variable_twice");
    }

    [Test]
    public void A_variable_that_nobody_needs_may_be_there_twice_or_have_any_name()
    {
        var twice = ASwitch.Document.Replace("\"last_app\":", "\"\\ud800\": \"1\", \"last_app\": \"x\", \"last_app\":", StringComparison.Ordinal);

        ASwitch.Understood(twice).Should().BeEquivalentTo(Answered);
    }

    [Test]
    public void Bytes_that_are_no_text_are_kept_with_their_reason()
    {
        var broken = Encoding.Latin1.GetBytes(ASwitch.Document.Replace("ACC-10001", "Jos\u00e9", StringComparison.Ordinal));
        var harmless = Encoding.Latin1.GetBytes(ASwitch.Document.Replace("\"caller_id_name\": \"1001\"", "\"caller_id_name\": \"Jos\u00e9\"", StringComparison.Ordinal));

        ASwitch.Source().Read(ASwitch.Origin, null, broken, null).Should().BeOfType<CallReading.Malformed>().Which.Reason.Should().Be("text_invalid");
        ASwitch.Source().Read(ASwitch.Origin, null, harmless, null).Should().BeOfType<CallReading.Understood>("nobody needs that name");
    }

    [Test]
    public void A_report_of_a_switch_that_was_taken_away_is_kept_with_its_reason()
    {
        ASwitch.Source().Read(new CallOrigin("gone", null), null, Encoding.UTF8.GetBytes(ASwitch.Document), null)
            .Should().BeOfType<CallReading.Malformed>().Which.Reason.Should().Be("switch_unknown");
    }

    [Test]
    public void A_reason_shows_nothing_of_the_call()
    {
        foreach (var (_, body, _) in Wrong) ASwitch.Read(body).ToString().Should().NotContainAny("1001", "910000000002", "yesterday");
    }

    private static string BLeg(bool variable) => ASwitch.Changed(root =>
    {
        root["variables"]!["uuid"] = ASwitch.OtherLeg;
        if (variable) root["variables"]!["originating_leg_uuid"] = ASwitch.CallId;
        var profile = root["callflow"]![0]!["caller_profile"]!.AsObject();
        profile.Remove("originatee");
        profile["originator"] = JsonNode.Parse($$"""{"originator_caller_profiles":[{"uuid":"{{ASwitch.CallId}}"}]}""");
    });
}
