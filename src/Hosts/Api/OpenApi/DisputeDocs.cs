using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class DisputeDocs
{
    private static readonly DisputeResource Opened = new(
        "dsp_01kag1v9zk3m8q0w2x4y6z8a0b", "call_01kag1v9zk3m8q0w2x4y6z8a0b", "acc_01kag1v9zk3m8q0w2x4y6z8a0b", "cus_01kag1v9zk3m8q0w2x4y6z8a0b", new("1.80", "INR"), "open", "never called",
        "customer:cus_01kag1v9zk3m8q0w2x4y6z8a0b", "2026-11-20T12:00:00Z", null, null, null, null);

    private static readonly DisputeResource Ended = Opened with
    {
        Status = "credited", Credit = new("1.80", "INR"), ClosedBy = "admin:maria", ClosedAt = "2026-11-21T09:00:00Z", Note = "a test line",
    };

    public static readonly Operation Open = new("openDispute", "Dispute a charge", "Holds the charge of the call: until the dispute ends it is neither charged again nor invoiced. A customer disputes their own calls.")
    {
        Body = new(typeof(DisputeBody), new { reason = "never called" }) { Required = ["reason"] },
        Answers = [new(201, "The dispute.", typeof(DisputeResource), Opened)],
        Refusals = ["validation_failed", "not_found", "call_archived", "call_disputed", "call_not_charged"],
    };

    public static readonly Operation List = new("listDisputes", "List disputes", "Newest first; a customer's own.")
    {
        Query = [new("status", "open, credited or rejected.", "open"), .. QueryParameter.Paging],
        Answers = [new(200, "A part of the list.", typeof(PageResource<DisputeResource>), new PageResource<DisputeResource>([Opened], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Get = new("getDispute", "Look up a dispute", "Where it stands.")
    {
        Answers = [new(200, "The dispute.", typeof(DisputeResource), Opened)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Close = new("closeDispute", "End a dispute", "With accept the call costs less by credit (all of it when absent), and a prepaid balance gets it back; without, the charge stays. It ends once.")
    {
        Body = new(typeof(DisputeEndBody), new { accept = true, credit = "1.80", note = "a test line" }) { Required = ["accept", "note"] },
        Answers = [new(200, "The dispute.", typeof(DisputeResource), Ended)],
        Refusals = ["validation_failed", "not_found", "dispute_closed", "credit_too_large"],
    };
}
