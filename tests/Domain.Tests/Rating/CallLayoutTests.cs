using Relier.Rating;

namespace Relier.Domain.Tests.Rating;

/// <summary>What the columns of a file of calls say.</summary>
internal sealed class CallLayoutTests
{
    private static readonly DateTimeZone Kolkata = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly DateTimeZone NewYork = DateTimeZoneProviders.Tzdb["America/New_York"];

    private static readonly string[] FreeSwitchLine =
    [
        "1001", "1001", "910000000002", "outbound", "2026-04-10 11:25:44", "2026-04-10 11:25:47", "2026-04-10 11:26:55", "71", "68", "NORMAL_CLEARING",
        "aaaaaaaa-0000-4000-8000-000000000001", "", "ACC-10001", "PCMU", "PCMU",
    ];

    [Test]
    public void A_line_of_FreeSwitch_is_read_as_it_is()
    {
        var record = Read(CallLayout.FreeSwitch, null, FreeSwitchLine);

        record.Should().BeEquivalentTo(new CallRecord
        {
            Source = "fs-1", ExternalId = "aaaaaaaa-0000-4000-8000-000000000001", From = "1001", To = "910000000002",
            StartedAt = Instant.FromUtc(2026, 4, 10, 5, 55, 44), AnsweredAt = Instant.FromUtc(2026, 4, 10, 5, 55, 47), EndedAt = Instant.FromUtc(2026, 4, 10, 5, 56, 55),
            Duration = 71, Quantity = 68, Cause = "NORMAL_CLEARING", Lines = [new LineRef(LineKind.AccountCode, "ACC-10001")],
        });
    }

    [TestCase("")]
    [TestCase("0")]
    public void A_call_that_was_not_answered_has_no_answer_and_nothing_to_charge(string answer)
    {
        var record = Read(CallLayout.FreeSwitch, null, Changed((5, answer), (8, "0"), (9, "NO_ANSWER")));

        record!.AnsweredAt.Should().BeNull();
        record.Quantity.Should().Be(0);
        record.ChargedFrom.Should().Be(record.StartedAt);
        record.Cause.Should().Be("NO_ANSWER");
    }

    [Test]
    public void The_columns_of_the_seed_are_known_by_their_names()
    {
        var record = Read(
            CallLayout.Generic,
            "id,leg,kind,direction,account,account_code,from,to,start,answer,end,duration,quantity,cause,comment".Split(','),
            "c-1,b,sms,inbound,acc_01,ACC-1,+15550001111,+918012345678,2026-04-10T11:25:44+05:30,,2026-04-10T05:55:50Z,6,2,OK,hello".Split(','));

        record.Should().BeEquivalentTo(new CallRecord
        {
            Source = "fs-1", ExternalId = "c-1", Leg = "b", Kind = UsageKind.Message, Direction = CallDirection.Inbound, From = "+15550001111", To = "+918012345678",
            StartedAt = Instant.FromUtc(2026, 4, 10, 5, 55, 44), EndedAt = Instant.FromUtc(2026, 4, 10, 5, 55, 50), Duration = 6, Quantity = 2, Cause = "OK",
            Lines = [new LineRef(LineKind.Account, "acc_01"), new LineRef(LineKind.AccountCode, "ACC-1"), new LineRef(LineKind.Number, "918012345678")],
        });
    }

    [TestCase("uuid,destination_number,start_stamp,billsec")]
    [TestCase("id,called_number,start_time,seconds")]
    [TestCase("ID, TO ,START,QUANTITY")]
    public void The_other_names_that_are_in_use_are_known_too(string header)
    {
        var record = Read(CallLayout.Generic, header.Split(','), ["c-1", "919800000000", "2026-04-10 11:25:44", "60"]);

        record.Should().BeEquivalentTo(new CallRecord { Source = "fs-1", ExternalId = "c-1", To = "919800000000", StartedAt = Instant.FromUtc(2026, 4, 10, 5, 55, 44), Quantity = 60 });
    }

    [Test]
    public void A_map_names_columns_by_their_header_or_by_their_place()
    {
        var named = Map("id=NO; start=WHEN; quantity=SECS; to=B; account=CUST?; direction=DIR; inbound=MT|IN; outbound=MO; zone=America/New_York; delimiter=semicolon");
        var placed = Map("header=no; id=1; start=2; quantity=3; to=4; context=5; inboundContexts=public|did; strip=outbound:9|public:00");

        Read(named, ["no", "when", "secs", "b", "dir"], ["1", "2026-07-01 08:00:00", "5", "55", "mt"])!
            .Should().BeEquivalentTo(new { Direction = CallDirection.Inbound, StartedAt = Instant.FromUtc(2026, 7, 1, 12, 0) });
        named.Delimiter.Should().Be(';');
        Read(placed, null, ["1", "1775800544", "5", "9911", "outbound"])!.Should().BeEquivalentTo(new { Direction = CallDirection.Outbound, To = "911" });
        Read(placed, null, ["1", "1775800544534355", "5", "0044", "public"])!.Should().BeEquivalentTo(new
        {
            Direction = CallDirection.Inbound, To = "44", StartedAt = Instant.FromUnixTimeTicks(17758005445343550),
        });
        Read(placed, null, ["1", "1775800544", "5", "9", "outbound"])!.To.Should().Be("9", "what is dialled in front of nothing is the number");
    }

    [Test]
    public void A_call_that_comes_in_is_its_numbers_and_never_that_of_the_user_who_calls_from_outside()
    {
        CallContexts.LinesOf(CallDirection.Inbound, null, null, "+918012345678", "1001").Should().Equal(new LineRef(LineKind.Number, "918012345678"));
        CallContexts.LinesOf(CallDirection.Outbound, "ACC-1", " ", "+918012345678", "1001").Should().Equal(new LineRef(LineKind.AccountCode, "ACC-1"), new LineRef(LineKind.SipUser, "1001"));
        CallContexts.LinesOf(CallDirection.Inbound, "acc_01", "X", "reception", null).Should().Equal(new LineRef(LineKind.Account, "acc_01"), new LineRef(LineKind.AccountCode, "X"));
    }

    [TestCase("2026-03-08 02:30:00", "2026-03-08T07:30:00Z", Description = "never shown: an hour behind the jump")]
    [TestCase("2026-11-01 01:30:00", "2026-11-01T05:30:00Z", Description = "shown twice: the earlier")]
    [TestCase("2026-03-08 01:59:59", "2026-03-08T06:59:59Z")]
    [TestCase("2026-03-08 03:00:00", "2026-03-08T07:00:00Z")]
    [TestCase("2026-07-01 00:00:00", "2026-07-01T04:00:00Z")]
    [TestCase("2026-12-31T23:59:59.999999", "2027-01-01T04:59:59.999999Z")]
    [TestCase("2028-02-29 12:00:00", "2028-02-29T17:00:00Z")]
    [TestCase("2026-04-10T11:25:44.5Z", "2026-04-10T11:25:44.5Z")]
    [TestCase("2026-04-10T11:25:44.123456789-0430", "2026-04-10T15:55:44.123456Z")]
    [TestCase("2026-04-10 11:25:44+05", "2026-04-10T06:25:44Z")]
    [TestCase("1775800544", "2026-04-10T05:55:44Z")]
    [TestCase("1775800544534355", "2026-04-10T05:55:44.534355Z")]
    public void A_time_is_read_by_its_offset_or_by_the_wall_clock(string text, string instant)
    {
        var layout = CallLayout.FreeSwitch with { Zone = NewYork };
        var expected = NodaTime.Text.InstantPattern.ExtendedIso.Parse(instant).Value;
        var reader = CallRowReader.For(layout, null, "fs-1", Kolkata).Value;

        // Once by itself, and once after another time of the same half year has been read.
        foreach (var before in new[] { text, "2026-06-01 00:00:00", "2026-01-05 00:00:00" })
        {
            reader.Read(Changed((4, before), (5, ""), (6, "")), out _);
            reader.Read(Changed((4, text), (5, ""), (6, "")), out _)!.StartedAt.Should().Be(expected);
        }
    }

    [Test]
    public void Every_hour_of_two_years_is_what_the_calendar_says_it_is()
    {
        var reader = CallRowReader.For(CallLayout.FreeSwitch, null, "fs-1", NewYork).Value;
        var pattern = NodaTime.Text.LocalDateTimePattern.CreateWithInvariantCulture("yyyy'-'MM'-'dd' 'HH':'mm':'ss");
        var end = new LocalDateTime(2029, 1, 1, 0, 0);

        for (var local = new LocalDateTime(2027, 1, 1, 0, 0); local < end; local = local.PlusMinutes(30))
            reader.Read(Changed((4, pattern.Format(local)), (5, ""), (6, "")), out _)!.StartedAt.Should().Be(local.InZoneLeniently(NewYork).ToInstant());
    }

    [TestCase("2026-02-29 00:00:00")]
    [TestCase("2026-13-01 00:00:00")]
    [TestCase("2026-00-01 00:00:00")]
    [TestCase("2026-01-00 00:00:00")]
    [TestCase("2026-01-01 24:00:00")]
    [TestCase("2026-01-01 00:60:00")]
    [TestCase("2026-01-01 00:00:60")]
    [TestCase("2026-01-01 00:00:0x")]
    [TestCase("2026/01/01 00:00:00")]
    [TestCase("2026-01-01 00:00:00.")]
    [TestCase("2026-01-01 00:00:00+19:00")]
    [TestCase("2026-01-01 00:00:00+1")]
    [TestCase("2026-01-01 00:00:00 Z")]
    [TestCase("2026-01-01")]
    [TestCase("12345678")]
    [TestCase("99999999999999999999")]
    [TestCase("1950-01-01 00:00:00")]
    [TestCase("2250-01-01 00:00:00")]
    [TestCase("９999-01-01 00:00:00")]
    public void A_time_that_cannot_be_read_exactly_is_none(string text)
    {
        Faults(CallLayout.FreeSwitch, null, Changed((4, text), (5, ""), (6, ""))).Should().Contain(fault => fault.Field == "column 5" && fault.Code == "instant_invalid");
    }

    [Test]
    public void Everything_that_is_wrong_is_named_by_its_column_at_once()
    {
        var header = "id,direction,kind,from,start,answer,billsec,duration,cause".Split(',');

        Faults(CallLayout.Generic, header, "1,up,fax,1,soon,later,-1,1.5,x".Split(',')).Select(fault => (fault.Field, fault.Code)).Should().BeEquivalentTo(
        [
            ("direction", "direction_invalid"), ("kind", "kind_invalid"), ("start", "instant_invalid"), ("answer", "instant_invalid"),
            ("billsec", "quantity_invalid"), ("duration", "quantity_invalid"),
        ]);
        Faults(CallLayout.Generic, header, ",,,\u0007,2026-04-10 11:25:44,2026-04-10 11:25:43,5,1,a\uFFFD".Split(',')).Select(fault => (fault.Field, fault.Code)).Should().Equal(("cause", "text_invalid"));
        Faults(CallLayout.Generic, header, ",,,\u0007,2026-04-10 11:25:44,2026-04-10 11:25:43,5,1,a".Split(',')).Select(fault => (fault.Field, fault.Code))
            .Should().Equal(("id", "required"), ("from", "text_invalid"), ("answer", "times_crossed"));
        Faults(CallLayout.Generic, header, "1,,,1,,,,,".Split(',')).Select(fault => (fault.Field, fault.Code)).Should().Equal(("start", "required"), ("billsec", "required"));
    }

    [TestCase(14)]
    [TestCase(16)]
    public void A_line_with_another_number_of_cells_is_torn(int count)
    {
        var cells = FreeSwitchLine.Concat(["x"]).Take(count).ToList();

        Faults(CallLayout.FreeSwitch, null, cells).Should().ContainSingle().Which.Code.Should().Be("line_torn");
    }

    [TestCase("uuid,start_stamp", "quantity|seconds|billsec")]
    [TestCase("start,billsec", "id|uuid")]
    [TestCase("id,start,billsec,start", "start")]
    public void A_header_without_a_column_or_with_one_twice_is_refused(string header, string column)
    {
        var refused = CallRowReader.For(CallLayout.Generic, header.Split(','), "fs-1", Kolkata).Refusal;

        refused!.Code.Should().Be("calls_unreadable");
        refused.Facts["column"].Should().Be(column);
    }

    [TestCase("nonsense", "*'nonsense' is nothing a map can say*")]
    [TestCase("id=A; start=B", "*which column is the quantity*")]
    [TestCase("id=A?; start=B; quantity=C", "*which column is the id*")]
    [TestCase("id=A; id=A; start=B; quantity=C", "*'id' must be there once*")]
    [TestCase("id=A; start=B; quantity=C; zone=Mars/Olympus", "*no time zone*")]
    [TestCase("id=A; start=B; quantity=C; delimiter=.", "*delimiter is*")]
    [TestCase("id=A; start=B; quantity=C; header=maybe", "*header is yes or no*")]
    [TestCase("id=A; start=B; quantity=C; header=no", "*must be the place of a column*")]
    [TestCase("id=0; start=1; quantity=2; header=no", "*must be the place of a column*")]
    [TestCase("id=1; start=2; quantity=3; header=no; cells=2", "*behind the last of 2 cells*")]
    [TestCase("id=A; start=B; quantity=C; cells=3", "*goes with header=no*")]
    [TestCase("id=A; start=B; quantity=C; strip=x:9", "*need a column for the context*")]
    [TestCase("id=A; start=B; quantity=C; context=D; strip=x", "*CONTEXT:DIGITS*")]
    [TestCase("id=A; start=B; quantity=C; context=D; strip=x:9|x:8", "*once for each context*")]
    [TestCase("id=A; start=B; quantity=C; context=D; direction=E; inboundContexts=x", "*not by both*")]
    [TestCase("id=A; start=B; quantity=C; inbound=MT", "*words of a column for the direction*")]
    [TestCase("id=A; start=B; quantity=C; direction=D; inbound=X; outbound=x", "*means two things*")]
    [TestCase("", "*expected generic, freeswitch*")]
    public void A_map_that_says_too_little_or_too_much_is_refused_with_the_reason(string text, string reason)
    {
        CallLayout.TryParse(text, out _, out var problem).Should().BeFalse();

        problem.Should().Match(reason);
    }

    [TestCase("generic")]
    [TestCase("freeswitch")]
    public void What_is_ready_made_has_a_name(string name)
    {
        CallLayout.TryParse(name, out var layout, out _).Should().BeTrue();

        layout!.Name.Should().Be(name);
    }

    private static CallLayout Map(string text) => CallLayout.TryParse(text, out var layout, out var problem) ? layout : throw new InvalidOperationException(problem);

    private static CallRecord? Read(CallLayout layout, string[]? header, IReadOnlyList<string> cells) => CallRowReader.For(layout, header, "fs-1", Kolkata).Value.Read(cells, out _);

    private static IEnumerable<FieldError> Faults(CallLayout layout, string[]? header, IReadOnlyList<string> cells)
    {
        CallRowReader.For(layout, header, "fs-1", Kolkata).Value.Read(cells, out var faults).Should().BeNull();
        return faults;
    }

    private static string[] Changed(params (int Place, string Text)[] changes)
    {
        var cells = FreeSwitchLine.ToArray();
        foreach (var (place, text) in changes) cells[place] = text;
        return cells;
    }
}
