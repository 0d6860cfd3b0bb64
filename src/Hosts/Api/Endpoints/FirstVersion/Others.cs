using System.Text.Json;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Customers;
using Relier.Hosting.Resources;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Api.Endpoints.FirstVersion;

/// <summary>The other paths of the first version: balance, queue, and what its admins had.</summary>
internal static class OtherEndpoints
{
    private const int MostRows = 1000;

    public static void MapFirstVersion(this IEndpointRouteBuilder app)
    {
        var tagged = app.MapGroup("").WithTags(Tags.FirstVersion);
        var customers = tagged.MapGroup("").WithMetadata(new Access(AccessKind.CustomerKeyAndId, IsOfFirstVersion: true));
        customers.MapGet("/api/balance", BalanceAsync).As(FirstVersionDocs.Balance);
        customers.MapFirstVersionTopUps();

        tagged.MapGet("/api/queue/stats", QueueAsync).As(FirstVersionDocs.Queue).WithMetadata(new Access(AccessKind.AnyKey, IsOfFirstVersion: true));

        var admins = tagged.MapGroup("/api/admin").WithMetadata(new Access(AccessKind.AdminKey, IsOfFirstVersion: true));
        admins.MapPost("/add-credit", AddCreditAsync).As(FirstVersionDocs.AddCredit);
        admins.MapGet("/customers", CustomersAsync).As(FirstVersionDocs.Customers);
        admins.MapGet("/all-transactions", TransactionsAsync).As(FirstVersionDocs.AllTransactions);
    }

    private static async Task<IResult> BalanceAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetBalance(), http.Caller(), http.RequestAborted)).ToResult(balance => new Dictionary<string, object?>
        {
            ["success"] = true,
            ["customer_id"] = balance.Customer.Id.Value,
            ["company_name"] = balance.Customer.Name,
            ["current_balance"] = Numbers.Of(balance.Account.Posted),
            ["held"] = Numbers.Of(balance.Account.Held),
            ["available_balance"] = Numbers.Of(balance.Account.Available),
            ["credit_limit"] = Numbers.Of(balance.Account.CreditLimit),
            ["currency"] = balance.Account.Currency.Code,
        });

    private static async Task<IResult> QueueAsync(HttpContext http, IRelier relier)
    {
        try
        {
            // "redis" once said whether what holds the queue answers; the database holds it now, and just did.
            return (await relier.SendAsync(new GetQueueStats(), http.Caller(), http.RequestAborted)).ToResult(stats => new Dictionary<string, object?>
            {
                ["success"] = true,
                ["queue"] = QueueResource.Of(stats),
                ["redis"] = true,
            });
        }
        catch (StorageUnavailableException)
        {
            return new Refusal("queue_unavailable", "Queue system not available").ToResult();
        }
    }

    /// <summary>The free text that was the reason is kept as the note; what was added is a payment, what was taken a correction.</summary>
    private static async Task<IResult> AddCreditAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        var errors = new List<FieldError>();
        var customer = OrderBody.TextOf(json, "customer_id", "id_invalid", errors);
        var reason = OrderBody.TextOf(json, "reason", "text_invalid", errors);
        var amount = OrderBody.AmountOf(json, errors);
        if (errors.Count > 0) return Refusals.Invalid(errors).ToResult();

        var credit = new AdjustCredit(customer!, amount!, amount?.StartsWith('-') == true ? "correction" : "payment") { Note = reason, IdempotencyKey = Headers.KeyOf(http.Request) };
        if ((await relier.SendAsync(credit, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var receipt)) return refusal.ToResult();
        if (receipt.Replayed) http.Response.Headers[Headers.Replayed] = "true";
        return Answers.Ok(new Dictionary<string, object?>
        {
            ["success"] = true,
            ["message"] = $"{(receipt.Posting.Amount.IsNegative ? "Subtracted" : "Added")} {receipt.Posting.Amount.Abs()}.",
            ["balance_before"] = Numbers.Of(receipt.Before),
            ["balance_after"] = Numbers.Of(receipt.After),
            ["currency"] = receipt.After.Currency.Code,
        });
    }

    private static async Task<IResult> CustomersAsync(HttpContext http, IRelier relier)
    {
        var read = await ReadAllAsync(cursor => relier.SendAsync(new ListCustomers { Cursor = cursor, Limit = PageRequest.MaxLimit }, http.Caller(), http.RequestAborted));
        return read.ToResult(all => new Dictionary<string, object?>
        {
            ["success"] = true,
            ["count"] = all.Rows.Count,
            ["truncated"] = all.IsTruncated,
            ["customers"] = all.Rows.Select(Show).ToList(),
        });
    }

    private static Dictionary<string, object?> Show(CustomerDetails details) => new()
    {
        ["customer_id"] = details.Customer.Id.Value,
        ["company_name"] = details.Customer.Name,
        ["channel"] = details.Customer.Channel,
        ["current_balance"] = Numbers.Of(details.Wallet.Posted),
        ["held"] = Numbers.Of(details.Wallet.Held),
        ["credit_limit"] = Numbers.Of(details.Wallet.CreditLimit),
        ["currency"] = details.Wallet.Currency.Code,
        ["is_active"] = details.Customer.Status == CustomerStatus.Active,
        ["created_at"] = details.Customer.CreatedAt.Text(),
    };

    private static async Task<IResult> TransactionsAsync(HttpContext http, IRelier relier)
    {
        var read = await ReadAllAsync(cursor => relier.SendAsync(new ListTopUps { Cursor = cursor, Limit = PageRequest.MaxLimit }, http.Caller(), http.RequestAborted));
        return read.ToResult(all => new Dictionary<string, object?>
        {
            ["success"] = true,
            ["count"] = all.Rows.Count,
            ["truncated"] = all.IsTruncated,
            ["transactions"] = all.Rows.Select(topUp => Transaction.Of(topUp) with { CustomerId = topUp.Customer.Value }).ToList(),
        });
    }

    /// <summary>The newest rows, at most a thousand, and whether there are more: the first version stopped there and did not say.</summary>
    private static async Task<Outcome<AllRows<T>>> ReadAllAsync<T>(Func<string?, Task<Outcome<Listing<T>>>> read)
    {
        var rows = new List<T>();
        string? cursor = null;
        do
        {
            if ((await read(cursor)).IsRefused(out var refusal, out var page)) return refusal;
            rows.AddRange(page.Data);
            cursor = page.NextCursor;
        }
        while (cursor is not null && rows.Count < MostRows);
        return new AllRows<T>(rows, cursor is not null);
    }

    private sealed record AllRows<T>(IReadOnlyList<T> Rows, bool IsTruncated);
}
