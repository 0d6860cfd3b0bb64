using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Ledger;

namespace Relier.Api.Endpoints;

/// <summary>Balances, statements, credit, rates of exchange, and the books themselves.</summary>
internal static class LedgerEndpoints
{
    public static void MapLedger(this IEndpointRouteBuilder api)
    {
        api.MapGet("/statement", StatementAsync).As(LedgerDocs.Statement).WithTags(Tags.Ledger);
        api.MapPost("/customers/{id}/credits", CreditAsync).As(LedgerDocs.Credit).WithTags(Tags.Ledger);
        api.MapGet("/ledger/verify", VerifyAsync).As(LedgerDocs.Verify).WithTags(Tags.Ledger);
        api.MapPost("/exchange-rates", AddRateAsync).As(LedgerDocs.AddRate).WithTags(Tags.ExchangeRates);
        api.MapGet("/exchange-rates", ListRatesAsync).As(LedgerDocs.ListRates).WithTags(Tags.ExchangeRates);
    }

    /// <summary>Only under v1: <c>/api/balance</c> is a path of the first version, with its shape.</summary>
    public static void MapBalance(this IEndpointRouteBuilder api) =>
        api.MapGet("/balance", BalanceAsync).As(LedgerDocs.Balance).WithTags(Tags.Ledger);

    private static async Task<IResult> BalanceAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetBalance(http.Request.Text("customer")), http.Caller(), http.RequestAborted))
            .ToResult(balance => BalanceResource.Of(balance.Account, balance.AsOf));

    private static async Task<IResult> StatementAsync(HttpContext http, IRelier relier)
    {
        var request = http.Request;
        var statement = new GetStatement
        {
            Customer = request.Text("customer"), From = request.Text("from"), To = request.Text("to"), Cursor = request.Text("cursor"), Limit = request.Limit(),
        };
        return (await relier.SendAsync(statement, http.Caller(), http.RequestAborted)).ToPage(http, PostingResource.Of);
    }

    private static async Task<IResult> CreditAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<CreditBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        if (Headers.KeyOf(http.Request) is not { } key) return Refusals.KeyMissing().ToResult();
        if (!Id<Customers.Customer>.TryParse(id, out _)) return Refusals.NoSuchPath().ToResult();

        var credit = new AdjustCredit(id, body.Amount!, body.Reason!) { Note = body.Note, IdempotencyKey = key };
        if ((await relier.SendAsync(credit, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var receipt)) return refusal.ToResult();
        if (receipt.Replayed) http.Response.Headers[Headers.Replayed] = "true";
        return Answers.Ok(CreditResource.Of(receipt), StatusCodes.Status201Created);
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new VerifyLedger(), http.Caller(), http.RequestAborted)).ToResult(LedgerReportResource.Of);

    private static async Task<IResult> AddRateAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<ExchangeRateBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        var rate = new AddExchangeRate(body.Base!, body.Quote!, body.Rate!, body.AsOf);
        return (await relier.SendAsync(rate, http.Caller(), http.RequestAborted)).ToResult(ExchangeRateResource.Of, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListRatesAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ListExchangeRates(), http.Caller(), http.RequestAborted)).ToPage(http, ExchangeRateResource.Of);
}

/// <summary>Credit to be added or, with a minus, subtracted.</summary>
internal sealed record CreditBody(string? Amount, string? Reason, string? Note);

/// <summary>A rate to be entered.</summary>
internal sealed record ExchangeRateBody(string? Base, string? Quote, string? Rate, string? AsOf);
