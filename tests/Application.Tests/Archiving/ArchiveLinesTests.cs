using System.Buffers;
using System.Text;
using NodaTime;
using Relier.Archiving;
using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;

namespace Relier.Application.Tests.Archiving;

/// <summary>What stands in a file of the archive, to the letter: it is read years later, by other programs.</summary>
internal sealed class ArchiveLinesTests
{
    private static readonly Instant Begin = Instant.FromUtc(2026, 8, 3, 10, 0) + Duration.FromMilliseconds(250);

    [Test]
    public void A_call_has_all_its_prices_and_why_they_are_these()
    {
        var rating = new CallRating
        {
            Version = 2, RatedAt = Begin + Duration.FromHours(2), Plan = Id<RatePlan>.Parse("starter"), PlanVersion = 3, Deck = Id<RateDeck>.Parse("in"), DeckVersion = 4, Prefix = "918041", Destination = "Bengalūru",
            Billed = 120, Amount = Money.Of(1.2345m, Currency.INR),
            Lines = [ChargeLine.Kept(ChargeLineKind.Tier, 1.2345m) with { Band = "day", Increments = 2, Increment = 60, Price = UnitPrice.Of(0.61725m), Per = 60 }, ChargeLine.Kept(ChargeLineKind.Bucket, 0m) with { Bucket = "bkt_1" }],
            Buckets = [new BucketUse(Id<AccountBucket>.Parse("bkt_1"), -60m)], Journal = Id<Journal>.Parse("jnl_2"),
        };
        var call = new Call
        {
            Id = Id<Call>.Parse("call_1"), Account = Id<Account>.Parse("acc_1"), Customer = Id<Customer>.Parse("cus_1"), Line = new LineRef(LineKind.AccountCode, "ACC-1"), State = CallState.Rated, Rating = rating,
            PricedTo = 60, Dispute = Id<CallDispute>.Parse("dsp_1"), ReceivedAt = Begin + Duration.FromHours(1), Batch = "imp_1", Version = 5,
            Record = new CallRecord
            {
                Source = "fs-1", ExternalId = "a\"b", Leg = "A", From = "1001", To = "+91 80 41", StartedAt = Begin, AnsweredAt = Begin + Duration.FromSeconds(5), EndedAt = Begin + Duration.FromSeconds(95), Duration = 95,
                Quantity = 90, Cause = "NORMAL_CLEARING", Lines = [new LineRef(LineKind.SipUser, "1001")], LinkedTo = "b",
            },
        };
        var old = rating with { Version = 1, Amount = Money.Of(0.5m, Currency.INR), Lines = [], Buckets = [], Journal = null };

        Line(to => ArchiveLines.Write(to, new FinishedCall(call, [old]))).Should().Be(Joined(
            """
            {"id":"call_1","source":"fs-1","externalId":"a\"b","leg":"A","kind":"voice","direction":"outbound","from":"1001","to":"+91 80 41","startedAt":"2026-08-03T10:00:00.25Z",
            "answeredAt":"2026-08-03T10:00:05.25Z","endedAt":"2026-08-03T10:01:35.25Z","duration":95,"quantity":90,"cause":"NORMAL_CLEARING","references":[{"kind":"sipUser","value":"1001"}],"isCharged":true,
            "linkedTo":"b","account":"acc_1","customer":"cus_1","line":{"kind":"accountCode","value":"ACC-1"},"status":"rated",
            "ratingVersion":2,"ratedAt":"2026-08-03T12:00:00.25Z","plan":{"id":"starter","version":3},"deck":{"id":"in","version":4},"matchedPrefix":"918041","destination":"Bengalūru","billed":120,
            "amount":{"amount":"1.2345","currency":"INR"},"lines":[{"kind":"tier","band":"day","from":0,"increments":2,"increment":60,"price":"0.61725","per":60,"exact":"1.2345"},
            {"kind":"bucket","from":0,"increments":0,"increment":0,"bucket":"bkt_1","exact":"0"}],"buckets":[{"id":"bkt_1","amount":"-60"}],"journal":"jnl_2",
            "pricedTo":60,"dispute":"dsp_1","receivedAt":"2026-08-03T11:00:00.25Z","batch":"imp_1","version":5,
            "superseded":[{"ratingVersion":1,"ratedAt":"2026-08-03T12:00:00.25Z","plan":{"id":"starter","version":3},"deck":{"id":"in","version":4},"matchedPrefix":"918041","destination":"Bengalūru","billed":120,
            "amount":{"amount":"0.50","currency":"INR"}}]}
            """));
    }

    [Test]
    public void What_is_missing_is_left_out()
    {
        var call = new Call
        {
            Id = Id<Call>.Parse("call_1"), State = CallState.NotCharged, ReceivedAt = Begin, Version = 1,
            Record = new CallRecord { Source = "fs-1", ExternalId = "1", Kind = UsageKind.Data, Direction = CallDirection.Inbound, StartedAt = Begin, Quantity = 0, IsCharged = false },
        };

        Line(to => ArchiveLines.Write(to, new FinishedCall(call, []))).Should().Be(Joined(
            """
            {"id":"call_1","source":"fs-1","externalId":"1","leg":"","kind":"data","direction":"inbound","startedAt":"2026-08-03T10:00:00.25Z","duration":0,"quantity":0,"isCharged":false,
            "status":"not_charged","receivedAt":"2026-08-03T10:00:00.25Z","version":1}
            """));
    }

    [Test]
    public void A_report_is_one_line_whatever_it_says()
    {
        var report = new CallReport
        {
            Id = Id<CallReport>.Parse("rep_1"), Source = "fs-1", Reader = "freeswitch", At = Begin, ContentType = "text/plain", Body = "one\r\ntwo\u2028🙂", State = CallReportState.Discarded, Reason = "not_json",
            Detail = "expected JSON", Call = Id<Call>.Parse("call_1"), Version = 2,
        };

        Line(to => ArchiveLines.Write(to, report)).Should().Be(Joined(
            """
            {"id":"rep_1","source":"fs-1","reader":"freeswitch","at":"2026-08-03T10:00:00.25Z","contentType":"text/plain","status":"discarded","reason":"not_json","detail":"expected JSON","call":"call_1",
            "base64":false,"body":"one\r\ntwo\u2028\uD83D\uDE42","version":2}
            """));
    }

    private static string Joined(string text) => text.ReplaceLineEndings("") + "\n";

    private static string Line(Action<ArrayBufferWriter<byte>> write)
    {
        var line = new ArrayBufferWriter<byte>();
        write(line);
        return Encoding.UTF8.GetString(line.WrittenSpan);
    }
}
