using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class LedgerDocs
{
    private static readonly QueryParameter Customer = new("customer", "Whose; for people of the house. A customer need not say.");

    public static readonly Operation Balance = new("getBalance", "Read a balance", "The wallet as it is now, never from a cache. available = posted + creditLimit - held.")
    {
        Query = [Customer],
        Answers = [new(200, "The wallet.", typeof(BalanceResource), Examples.Balance)],
        Refusals = ["not_found", "validation_failed"],
    };

    public static readonly Operation Statement = new("getStatement", "Read a statement", "The postings of a wallet with the balance after each, newest first.")
    {
        Query = [Customer, .. QueryParameter.Period, .. QueryParameter.Paging],
        Answers = [new(200, "A part of the statement.", typeof(PageResource<PostingResource>), Examples.Statement)],
        Refusals = ["not_found", "validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Credit = new("adjustCredit", "Add or subtract credit",
        "Adds to a customer's wallet, or with a minus takes from it, in the wallet's currency. The reason is payment, payout, correction, goodwill or opening_balance, and decides against which account it is booked.")
    {
        Headers = [HeaderParameter.IdempotencyKey with { IsRequired = true }],
        Body = new(typeof(CreditBody), Examples.Credit) { Required = ["amount", "reason"] },
        Answers = [new(201, "What was posted.", typeof(CreditResource), Examples.CreditDone)],
        Refusals = ["idempotency_key_missing", "idempotency_key_reused", "validation_failed", "not_found", "insufficient_credit"],
    };

    public static readonly Operation Verify = new("verifyLedger", "Verify the ledger", "Checks every rule of the books over all of the tenant's rows, and adds up every account. Takes as long as there are rows.")
    {
        Answers = [new(200, "The report, also when something does not add up.", typeof(LedgerReportResource), Examples.Report)],
    };

    public static readonly Operation AddRate = new("addExchangeRate", "Enter a rate of exchange",
        "Orders use the newest rate that is not in the future; what is already held keeps its own. Rates are never changed.")
    {
        Body = new(typeof(ExchangeRateBody), Examples.Rate) { Required = ["base", "quote", "rate"] },
        Answers = [new(201, "The rate.", typeof(ExchangeRateResource), Examples.RateEntered)],
        Refusals = ["validation_failed", "exchange_rate_exists"],
    };

    public static readonly Operation ListRates = new("listExchangeRates", "List rates of exchange", "The newest ones, at most 100.")
    {
        Answers = [new(200, "The rates.", typeof(PageResource<ExchangeRateResource>), new PageResource<ExchangeRateResource>([Examples.RateEntered], false, null))],
    };
}
