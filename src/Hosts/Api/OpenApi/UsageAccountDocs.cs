using System.Text.Json;
using System.Text.Json.Nodes;
using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class UsageAccountDocs
{
    private const string AccountId = "acc_01kag1v9zk3m8q0w2x4y6z8a0b";
    private const string At = "2026-11-20T12:00:00Z";

    private static readonly LineResource Line = new("accountCode", "ACC-10001");
    private static readonly PlanAssignmentResource Plan = new("starter", "2026-11-01T00:00:00Z", null, "usage", null);

    private static readonly AccountBucketResource Bucket = new(
        "bkt_01kag1v9zk3m8q0w2x4y6z8a0b", AccountId, "included minutes", "seconds", "30000", "29880", "0", 60, 0, ["91"], false, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");

    private static readonly UsageAccountResource Account = new(
        AccountId, Examples.CustomerId, "Head office", "prepaid", "active", "INR", "Asia/Kolkata", new(new("500.00", "INR"), new("0.00", "INR"), new("500.00", "INR"), new("0.00", "INR"), At),
        new("100.00", "INR"), new("50.00", "INR"), [Plan], [Line], [Bucket], At, 3);

    private static readonly ListedAccountResource Listed = new(
        AccountId, Examples.CustomerId, "Head office", "prepaid", "active", "INR", "Asia/Kolkata", new("100.00", "INR"), new("50.00", "INR"), [Plan], At, 3);

    private static readonly AnswerDescription After = new(200, "The account after it.", typeof(UsageAccountResource), Account);

    public static readonly Operation Open = new("openAccount", "Open an account that usage is charged to",
        "Prepaid: each call is taken from the balance. Postpaid: calls are collected, and the balance is not touched. Its money is its own, or with useWallet the customer's wallet. lowBalance (default 100) and criticalBalance (default 50) are where people are told; none for never.")
    {
        Body = new(typeof(AccountBody), new AccountBody(Examples.CustomerId, "prepaid", "Head office", "INR", "Asia/Kolkata", null, null, null, null)) { Required = ["customer", "mode"] },
        Answers = [new(201, "The account.", typeof(UsageAccountResource), Account with { Plans = [], Lines = [], Buckets = [], Version = 1 })],
        Refusals = ["validation_failed", "not_found", "account_taken", "currency_differs"],
    };

    public static readonly Operation List = new("listAccounts", "List accounts", "Newest first; a customer's own.")
    {
        Query = [new("customer", "Only this customer's.", Examples.CustomerId), .. QueryParameter.Paging],
        Answers = [new(200, "A part of the list.", typeof(PageResource<ListedAccountResource>), new PageResource<ListedAccountResource>([Listed], false, null))],
        Refusals = ["validation_failed", "not_found", "cursor_invalid"],
    };

    public static readonly Operation Get = new("getAccount", "Look up an account", "With its money, lines and buckets.")
    {
        Answers = [new(200, "The account.", typeof(UsageAccountResource), Account)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Change = new("changeAccount", "Change an account",
        "A merge patch (RFC 7396): what is absent stays; null for a level means never. status is active, suspended or, for good, closed.")
    {
        Body = new(typeof(AccountPatchBody), new JsonObject { ["status"] = "suspended", ["lowBalance"] = null }, "application/merge-patch+json"),
        Answers = [After],
        Refusals = ["validation_failed", "not_found", "account_closed"],
    };

    public static readonly Operation Assign = new("assignPlan", "Have a plan hold for an account",
        "From a time on, which may lie in the past; now when absent. The plan that held for the same use and line before ends there. use is usage (default: everything but being called), inbound, calls, messages, data or events.")
    {
        Body = new(typeof(AssignmentBody), new AssignmentBody("starter", "2026-11-01T00:00:00Z", null, null)) { Required = ["plan"] },
        Answers = [After],
        Refusals = ["validation_failed", "not_found", "account_closed", "plan_unknown", "currency_differs", "mode_differs"],
    };

    public static readonly Operation AddLine = new("addLine", "Give an account a line", "By which its calls are found. A line belongs to one account; giving it again changes nothing. Numbers are kept as digits with the country.")
    {
        Body = new(typeof(LineBody), new LineBody("accountCode", "ACC-10001")) { Required = ["kind", "value"] },
        Answers = [After],
        Refusals = ["validation_failed", "not_found", "line_taken"],
    };

    public static readonly Operation RemoveLine = new("removeLine", "Take a line away from an account", "Calls that were charged stay.")
    {
        Query = [new("kind", "accountCode, number or sipUser.", "number"), new("value", "The text of the line, percent-encoded.", "918041000001")],
        Answers = [new(204, "It is gone.", null, null)],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation Grant = new("grantBucket", "Give an account usage that is paid for",
        "kind is seconds, messages, bytes or money; unit is in what pieces it pays (60 for whole minutes). With an id, or an Idempotency-Key, asking again grants nothing again and tells the bucket as it is now; one of them is needed. Anything else under the same id or key is bucket_taken.")
    {
        Headers = [HeaderParameter.IdempotencyKey],
        Body = new(typeof(JsonElement), new { id = "starter-2026-11", name = "included minutes", kind = "seconds", amount = 30_000, unit = 60, prefixes = new[] { "91" }, from = "2026-11-01T00:00:00Z", expires = "2026-12-01T00:00:00Z" }) { Required = [] },
        Answers = [new(201, "The bucket.", typeof(AccountBucketResource), Bucket)],
        Refusals = ["idempotency_key_missing", "validation_failed", "not_found", "bucket_taken"],
    };

    public static readonly Operation Usage = new("listUsage", "What an account used", "By months of the account's zone, by the time of each call, for each line, kind and direction.")
    {
        Query = [new("from", "The first month. Default: the current one.", "2026-11"), new("to", "The last month. Default: the first.", "2026-11")],
        Answers = [new(200, "The months.", typeof(PageResource<UsageResource>), new PageResource<UsageResource>([new("2026-11", Line, "voice", "outbound", 3, 190, 300, new("2.50", "INR"))], false, null))],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation Credit = new("creditAccount", "Add or subtract an account's credit", "As with a customer's wallet, in the account's currency.")
    {
        Headers = [HeaderParameter.IdempotencyKey with { IsRequired = true }],
        Body = new(typeof(CreditBody), Examples.Credit) { Required = ["amount", "reason"] },
        Answers = [new(201, "What was posted.", typeof(CreditResource), Examples.CreditDone)],
        Refusals = ["idempotency_key_missing", "idempotency_key_reused", "validation_failed", "not_found", "insufficient_credit"],
    };

    public static readonly Operation Statement = new("getAccountStatement", "Read an account's statement", "Its postings with the balance after each, newest first. Calls that were charged together are one posting, under the first of them.")
    {
        Query = [.. QueryParameter.Period, .. QueryParameter.Paging],
        Answers = [new(200, "A part of the statement.", typeof(PageResource<PostingResource>), Examples.Statement)],
        Refusals = ["not_found", "validation_failed", "cursor_invalid"],
    };
}
