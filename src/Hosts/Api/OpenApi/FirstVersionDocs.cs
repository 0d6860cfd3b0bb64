using System.Text.Json.Nodes;
using Relier.Api.Endpoints.FirstVersion;
using Relier.Api.Http;

namespace Relier.Api.OpenApi;

internal static class FirstVersionDocs
{
    private static readonly JsonObject Order = new() { ["phone"] = "5512345000", ["amount"] = 20, ["reference"] = "ORDER-1001" };

    private static readonly JsonObject Charged = new()
    {
        ["success"] = true, ["transaction"] = Transaction("SUCCESS"),
        ["billing"] = new JsonObject { ["deducted_usd"] = 1.09, ["balance_before_usd"] = 10000, ["balance_after_usd"] = 9998.91, ["exchange_rate"] = 0.0544 },
        ["message"] = "Top-up of 20.00 MXN processed successfully. 1.09 USD deducted from balance.", ["remaining_balance"] = 9998.91,
    };

    private static readonly JsonObject Queued = new()
    {
        ["success"] = true, ["transaction"] = Transaction("PENDING"), ["message"] = "Transaction queued for processing", ["check_status_url"] = "/api/transaction/RLR176359680012300417265",
    };

    private static readonly string[] Noes =
    [
        "validation_failed", "not_found", "reference_conflict", "duplicate_suspected", "amount_out_of_range", "amount_not_allowed", "amount_not_deliverable",
        "daily_limit_exceeded", "fx_unavailable", "provider_unavailable", "insufficient_credit", "idempotency_key_reused",
    ];

    public static readonly Operation TopUp = new("firstVersionTopUp", "Order a top-up and wait",
        "The channel is the customer's own. The amount is a number, or text with one. Waits up to 25 s; then 202 with PROCESSING, never a failure that is none. A provider in the body is ignored.")
    {
        Headers = [HeaderParameter.IdempotencyKey],
        Body = new(typeof(JsonObject), Order),
        Answers = [new(200, "Delivered and charged.", typeof(JsonObject), Charged), new(202, "Not decided yet.", typeof(JsonObject), Queued)],
        Refusals = Noes,
    };

    public static readonly Operation TopUpAsync = new("firstVersionTopUpAsync", "Order a top-up and do not wait", "Answers as soon as the money is set aside; ask again at check_status_url.")
    {
        Headers = [HeaderParameter.IdempotencyKey],
        Body = new(typeof(JsonObject), Order),
        Answers = [new(202, "Taken.", typeof(JsonObject), Queued), new(200, "Ordered before, delivered and charged.", typeof(JsonObject), Charged)],
        Refusals = Noes,
    };

    public static readonly Operation GetTransaction = new("firstVersionTransaction", "Look up a top-up", "Statuses: PENDING, PROCESSING, SUCCESS, FAILED, REVERSED.")
    {
        Answers = [new(200, "The top-up.", typeof(JsonObject), new JsonObject { ["success"] = true, ["transaction"] = Transaction("SUCCESS") })],
        Refusals = ["not_found"],
    };

    public static readonly Operation Balance = new("firstVersionBalance", "Read the balance", "As numbers, in the wallet's currency, never from a cache.")
    {
        Answers =
        [
            new(200, "The balance.", typeof(JsonObject), new JsonObject
            {
                ["success"] = true, ["customer_id"] = "cus_01kag1v9zk3m8q0w2x4y6z8a0b", ["company_name"] = "Demo Reseller", ["current_balance"] = 9998.91, ["held"] = 0,
                ["available_balance"] = 9998.91, ["credit_limit"] = 0, ["currency"] = "USD",
            }),
        ],
    };

    public static readonly Operation Queue = new("firstVersionQueue", "Read the counters of the queue", "total is the sum of the five; completed and failed count for life.")
    {
        Answers =
        [
            new(200, "The counters.", typeof(JsonObject), new JsonObject
            {
                ["success"] = true, ["redis"] = true,
                ["queue"] = new JsonObject { ["waiting"] = 2, ["active"] = 5, ["completed"] = 1234, ["failed"] = 5, ["delayed"] = 0, ["total"] = 1246 },
            }),
        ],
        Refusals = ["queue_unavailable"],
    };

    public static readonly Operation AddCredit = new("firstVersionAddCredit", "Add or subtract credit", "What is added is booked as a payment, what is subtracted as a correction; the reason is kept as a note.")
    {
        Headers = [HeaderParameter.IdempotencyKey],
        Body = new(typeof(JsonObject), new JsonObject { ["customer_id"] = "cus_01kag1v9zk3m8q0w2x4y6z8a0b", ["amount"] = 100, ["reason"] = "transfer of 20 November" }),
        Answers = [new(200, "Done.", typeof(JsonObject), new JsonObject { ["success"] = true, ["message"] = "Added 100.00 USD.", ["balance_before"] = 9998.91, ["balance_after"] = 10098.91 })],
        Refusals = ["validation_failed", "not_found", "insufficient_credit", "idempotency_key_reused"],
    };

    public static readonly Operation Customers = new("firstVersionCustomers", "List customers", "The newest thousand, without secrets; truncated says whether there are more.")
    {
        Answers = [new(200, "The customers.", typeof(JsonObject), new JsonObject { ["success"] = true, ["count"] = 0, ["truncated"] = false, ["customers"] = new JsonArray() })],
    };

    public static readonly Operation AllTransactions = new("firstVersionAllTransactions", "List top-ups", "The newest thousand of all customers; truncated says whether there are more.")
    {
        Answers = [new(200, "The top-ups.", typeof(JsonObject), new JsonObject { ["success"] = true, ["count"] = 1, ["truncated"] = false, ["transactions"] = new JsonArray(Transaction("SUCCESS")) })],
    };

    private static JsonObject Transaction(string status) => new()
    {
        ["id"] = "RLR176359680012300417265", ["status"] = status, ["amount"] = 20, ["amount_mxn"] = 20, ["amount_usd"] = 1.09, ["exchange_rate"] = 0.0544,
        ["usd_per_mxn"] = 0.0544, ["mxn_per_usd"] = 18.382353, ["phone"] = "5512345000", ["reference"] = "ORDER-1001",
        ["operatorTransactionId"] = status == "SUCCESS" ? "OP0000000001" : null, ["currency"] = "MXN", ["queuedAt"] = "2026-11-20T12:00:00.123Z",
        ["processedAt"] = status == "SUCCESS" ? "2026-11-20T12:00:06.401Z" : null, ["final"] = status == "SUCCESS",
    };
}
