using System.Text.Json;
using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class CallDocs
{
    private const string At = "2026-11-20T10:00:00Z";
    private const string CallId = "call_01kag1v9zk3m8q0w2x4y6z8a0b";
    private const string AccountId = "acc_01kag1v9zk3m8q0w2x4y6z8a0b";

    private static readonly object Record = new
    {
        source = "pbx-1", id = "c0ffee-1", kind = "voice", direction = "outbound", from = "1001", to = "+91 80 4100 0000", startedAt = "2026-11-20T10:00:00Z", answeredAt = "2026-11-20T10:00:05Z",
        endedAt = "2026-11-20T10:01:35Z", quantity = 90, cause = "NORMAL_CLEARING", accountCode = "ACC-10001",
    };

    private static readonly CallResource Call = new(
        CallId, "pbx-1", "c0ffee-1", "", "voice", "outbound", "1001", "+91 80 4100 0000", At, "2026-11-20T10:00:05Z", "2026-11-20T10:01:35Z", 90, 90, 120, "NORMAL_CLEARING", AccountId,
        Examples.CustomerId, new("accountCode", "ACC-10001"), "rated", null, new("1.00", "INR"), new("starter", 1), new("starter", 1), "91", null,
        [new("tier", "always", 0, 2, 60, "0.5", 60, null, "1")], [], "jnl_01kag1v9zk3m8q0w2x4y6z8a0c", "2026-11-20T10:01:37Z", "2026-11-20T10:01:36Z", null, null);

    private static readonly CallResource Received = Call with { Billed = null, Status = "received", Amount = null, Plan = null, Deck = null, MatchedPrefix = null, Lines = [], Journal = null, RatedAt = null };

    private static readonly CallReportResource OneReport = new(
        "rep_01kag1v9zk3m8q0w2x4y6z8a0b", "fs-1", "freeswitch", At, "application/json", "malformed", "times_missing", "Expected variables.start_uepoch or start_epoch.", null, false, "{\"variables\":{}}");

    internal static readonly QueryParameter[] Filters =
    [
        new("accountId", "Only of this account.", AccountId),
        new("startDate", "Begun at this time or later: RFC 3339, or a date for its midnight in UTC.", "2026-11-01T00:00:00Z"),
        new("endDate", "Begun before this time.", "2026-12-01T00:00:00Z"),
        new("direction", "outbound or inbound.", "outbound"),
        new("processingStatus", "received, rated, zero, unrated or not_charged.", "rated"),
    ];

    public static readonly Operation Report = new("reportCall", "Report a call",
        """
        Keeps a record; a job rates it within moments. (source, id, leg) names it for ever: the same again changes nothing and is answered 200 with the call as it is now (or with its id, `status` archived and the `part` of the archive that it lies in); another content of a known call is refused, and kept for people.

        `kind` is voice (default), data, message or event; `quantity` (or `billsec`, not both) is what is charged for: seconds since the answer, bytes, messages, events. `duration` is what it lasted in all, for voice `quantity` when absent; an absent `endedAt` stays absent. The account is found by the first that is known of `account` (its id), `accountCode`, `number`, `sipUser`; a call of nobody is kept and waits. `charged` false keeps a leg beside the one that is charged, `linkedTo` says which.
        """)
    {
        Body = new(typeof(JsonElement), Record) { Required = [] },
        Answers = [new(200, "It was known: the call as it is now.", typeof(CallResource), Call), new(201, "It is new.", typeof(CallResource), Received)],
        Refusals = ["validation_failed", "call_conflict"],
    };

    public static readonly Operation Batch = new("reportCalls", "Report up to 1,000 calls",
        "Each has its own result, in the order of the records: created, duplicate, corrected (it says how long a session was in truth), conflict (kept for people) or invalid, with a problem for the last two. What is known and in the archive has `archived` in place of `cdr`. One wrong record keeps none of the others away. Sending it again is safe.")
    {
        Body = new(typeof(JsonElement), new { cdrs = new[] { Record } }) { Required = [] },
        Answers = [new(200, "What became of each.", typeof(ReportedCallsResource), new ReportedCallsResource([new(0, "created", Received, null, null)]))],
        Refusals = ["validation_failed"],
    };

    public static readonly Operation List = new("listCalls", "List calls", "By their beginning, newest first; a customer's own.")
    {
        Query = [.. Filters, .. QueryParameter.Paging],
        Answers = [new(200, "A part of the list.", typeof(PageResource<CallResource>), new PageResource<CallResource>([Call], false, null))],
        Refusals = ["validation_failed", "cursor_invalid", "not_found"],
    };

    public static readonly Operation Get = new("getCall", "Look up a call", "What was reported, for whom it counts, what it costs and why, line by line. Without a price there is no amount, and a reason.")
    {
        Answers = [new(200, "The call.", typeof(CallResource), Call)],
        Refusals = ["not_found", "call_archived"],
    };

    public static readonly Operation Statistics = new("getCallStatistics", "Add up calls", "Of all calls that the filters let through. Seconds, but amounts in their currencies; averageDuration to a thousandth.")
    {
        Query = Filters,
        Answers =
        [
            new(200, "The sums.", typeof(CallStatisticsResource), new CallStatisticsResource(
                2, 1, 0, 2, 95, 47.5m, 90, 120, [new("1.00", "INR")],
                [new("rated", 1, 1, 90, 90, 120, [new("1.00", "INR")]), new("zero", 1, 0, 5, 0, 0, [])])),
        ],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation Export = new("exportCalls", "Export calls as CSV",
        "At most 1,000,000 calls, newest beginning first. Times are RFC 3339 in UTC, amounts decimals with a dot. Cells that a spreadsheet would take for a formula begin with an apostrophe.")
    {
        Query = Filters,
        Answers = [new(200, "The file.", typeof(string), string.Join(',', CallCsv.Columns) + "\r\n", "text/csv")],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation Retry = new("retryCall", "Rate a call after all", "After what was missing has come: a plan, a prefix, a line. calls is 0 when still nobody is known for it.")
    {
        Answers = [new(200, "Whether it is looked at again.", typeof(RetriedCallsResource), new RetriedCallsResource(1, null))],
        Refusals = ["validation_failed", "not_found", "call_archived", "call_not_waiting"],
    };

    public static readonly Operation RetryAll = new("retryCalls", "Rate calls after all", "All that have no price, or those that have none for one reason: at most 10,000 at once, newest beginning first; as long as there is a nextCursor, ask again with it.")
    {
        Body = new(typeof(RetryCallsBody), new RetryCallsBody("no_rate", null), IsOptional: true),
        Answers = [new(200, "How many are looked at again.", typeof(RetriedCallsResource), new RetriedCallsResource(17, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Reports = new("listCallReports", "List reports", "What switches sent, and what contradicts a known call, newest first, without the bodies.")
    {
        Query = [new("status", "accepted, duplicate, conflict, malformed or discarded. conflict and malformed wait for people.", "malformed"), .. QueryParameter.Paging],
        Answers = [new(200, "A part of the list.", typeof(PageResource<CallReportResource>), new PageResource<CallReportResource>([OneReport with { Body = null }], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation GetReport = new("getCallReport", "Look up a report", "With the body as it came, in base 64 when it is no text.")
    {
        Answers = [new(200, "The report.", typeof(CallReportResource), OneReport)],
        Refusals = ["not_found"],
    };

    public static readonly Operation RetryReport = new("retryCallReport", "Read a report once more",
        "After the settings of the switch were mended. It becomes a call, is a duplicate, contradicts a call, or is still malformed: read status.")
    {
        Answers = [new(200, "The report after it.", typeof(CallReportResource), OneReport with { Status = "accepted", Reason = null, Detail = null, Call = CallId })],
        Refusals = ["not_found", "report_not_waiting", "reader_unknown"],
    };

    public static readonly Operation DiscardReport = new("discardCallReport", "Want nothing of a report", "It stays, and waits no more; the reason is in the audit log.")
    {
        Body = new(typeof(DiscardBody), new DiscardBody("a test call of the carrier")) { Required = ["reason"] },
        Answers = [new(200, "The report after it.", typeof(CallReportResource), OneReport with { Status = "discarded" })],
        Refusals = ["validation_failed", "not_found", "report_not_waiting"],
    };

    public static readonly Operation Ingest = new("ingestCall", "Take a switch's report",
        """
        For switches, with the name and password of the switch (Basic). What mod_json_cdr of FreeSWITCH posts, in each of its three encodings, at most 1 MiB. It is kept when the answer is 200, whatever it says: what is not understood waits for people, and the switch need not send it again. The same leg again changes nothing.
        """)
    {
        Query = [new("uuid", "The leg, as the switch adds it; it must be that of the document.")],
        Body = new(typeof(JsonElement), new { variables = new { uuid = "aaaaaaaa-0000-4000-8000-000000000001", start_epoch = "1775800544", billsec = "68" } }) { Required = [] },
        Answers = [new(200, "It is kept.", typeof(IngestedCallResource), new IngestedCallResource("accepted", OneReport.Id, CallId))],
        Refusals = ["unauthenticated"],
    };
}
