using System.Text.Json.Nodes;
using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

/// <summary>The examples in the document: one reseller, one top-up of 20.00 MXN at 0.0544, charged 1.09 USD.</summary>
internal static class Examples
{
    internal const string CustomerId = "cus_01kag1v9zk3m8q0w2x4y6z8a0b";
    private const string TopUpId = "RLR176359680012300417265";
    private const string At = "2026-11-20T12:00:00.123Z";

    public static readonly TopUpBody Order = new("5512345000", "20", null, null, "ORDER-1001", null, null);

    public static readonly TopUpResource TopUp = new(
        TopUpId, "ORDER-1001", CustomerId, "+525512345000", null, new("20.00", "MXN"), new("1.09", "USD"), new("USD/MXN", "18.3824", "2026-11-20T06:00:00Z"),
        "succeeded", true, null, "OP0000000001", At, "2026-11-20T12:00:06.401Z", null);

    public static readonly TopUpResource Unknown = TopUp with
    {
        Status = "unknown", Final = false, OperatorReference = null, DecidedAt = null, NextCheckAt = "2026-11-20T12:00:36.401Z",
    };

    public static readonly PageResource<TopUpResource> TopUps = new([TopUp], false, null);

    public static readonly TopUpStatsResource Stats = new(
        1234, 11, 1, 0.9912m, [new("1.09", "USD")], [new("succeeded", 1234, new("24680.00", "MXN"), new("1345.06", "USD"))]);

    public static readonly EvidenceBody Evidence = new("delivered", "statement 2026-11-20 line 17", "confirmed by the operator");

    public static readonly BalanceResource Balance = new(new("9998.91", "USD"), new("0.00", "USD"), new("9998.91", "USD"), new("0.00", "USD"), At);

    public static readonly PostingResource Posting = new("jnl_01kag1v9zk3m8q0w2x4y6z8a0c", At, "topup_captured", new("-1.09", "USD"), new("9998.91", "USD"), TopUpId, null);

    public static readonly PageResource<PostingResource> Statement = new([Posting], false, null);

    public static readonly CreditBody Credit = new("-50.00", "correction", "charged twice in October");

    public static readonly CreditResource CreditDone = new(
        new("jnl_01kag1v9zk3m8q0w2x4y6z8a0d", At, "credit_subtracted", new("-50.00", "USD"), new("9948.91", "USD"), null, "correction: charged twice in October"),
        new("9998.91", "USD"), new("9948.91", "USD"));

    public static readonly LedgerReportResource Report = new(true, [], [new("fx_position", new("1.09", "USD")), new("topup_revenue", new("1.00", "MXN"))]);

    public static readonly ExchangeRateBody Rate = new("MXN", "USD", "0.0544", null);

    public static readonly ExchangeRateResource RateEntered = new("MXN/USD", "MXN", "USD", "0.0544", At, "admin:maria");

    public static readonly CustomerBody NewCustomer = new("Demo Reseller", "demo", "USD", "0", new Customers.PoliciesInput { MinAmount = "10", MaxAmount = "500", DailyLimit = "200000" });

    public static readonly CustomerResource Customer = new(
        CustomerId, "Demo Reseller", "demo", "active", "USD", new("0.00", "USD"),
        new("MXN", "10.00", "500.00", "1.00", null, "200000.00", null, "0", null, [], "customer", "1000"), Balance, At, 1);

    public static readonly JsonObject CustomerPatch = new() { ["status"] = "suspended", ["policies"] = new JsonObject { ["dailyLimit"] = null } };

    public static readonly KeyBody NewKey = new("maria", ["topups:read", "audit:read"], null);

    public static readonly KeyResource Key = new("key_01kag1v9zk3m8q0w2x4y6z8a0e", "maria", null, "ra_xxxxxxxxxxxxx", ["topups:read", "audit:read"], At, null, null, null);

    public static readonly AuditResource Audit = new("aud_01kag1v9zk3m8q0w2x4y6z8a0f", At, "admin:maria", "customer.created", CustomerId, null, null);

    public static readonly QueueResource Queue = new(2, 5, 0, 1234, 5, 1246);

    /// <summary>A problem document with this code.</summary>
    public static JsonObject Problem(string code) => new()
    {
        ["type"] = Problems.TypeOf(code), ["title"] = Problems.TitleOf(code), ["status"] = Problems.StatusOf(code), ["detail"] = "What was expected and what was found.",
        ["instance"] = "/api/v1/topups", ["code"] = code, ["requestId"] = "req_01kag1v9zk3m8q0w2x4y6z8a0g", ["retryable"] = Problems.IsRetryable(code),
    };

    /// <summary>A refusal in the shape of the first version.</summary>
    public static JsonObject NoOfFirstVersion(string code) => new()
    {
        ["success"] = false, ["code"] = code, ["error"] = Problems.TitleOf(code), ["message"] = "What was expected and what was found.",
    };
}
