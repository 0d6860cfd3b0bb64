using NodaTime;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Identity;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Api.Endpoints.FirstVersion;

/// <summary>Ordering and following top-ups on the paths of the first version.</summary>
internal static class TopUpEndpoints
{
    private static readonly Duration Wait = Duration.FromSeconds(25);

    public static void MapFirstVersionTopUps(this IEndpointRouteBuilder customers)
    {
        customers.MapPost("/api/{channel}/topup", (string channel, HttpContext http, IRelier relier) => RequestAsync(channel, http, relier, Wait)).As(FirstVersionDocs.TopUp);
        customers.MapPost("/api/{channel}/topup-async", (string channel, HttpContext http, IRelier relier) => RequestAsync(channel, http, relier, Duration.Zero)).As(FirstVersionDocs.TopUpAsync);
        customers.MapGet("/api/transaction/{id}", GetAsync).As(FirstVersionDocs.GetTransaction);
    }

    private static async Task<IResult> RequestAsync(string channel, HttpContext http, IRelier relier, Duration wait)
    {
        var caller = http.Caller();
        if (!await IsOwnChannelAsync(channel, caller, relier, http.RequestAborted)) return Refusals.NoSuchPath().ToResult();
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (OrderBody.Read(json).IsRefused(out var wrong, out var body)) return wrong.ToResult();

        var order = new RequestTopUp(body.Phone!, body.Amount)
        {
            Reference = body.Reference, AllowDuplicate = body.AllowDuplicate, IdempotencyKey = Headers.KeyOf(http.Request), Wait = wait,
        };
        if ((await relier.SendAsync(order, caller, http.RequestAborted)).IsRefused(out var refusal, out var receipt))
            return (await WithRateAsync(refusal, body, caller, relier, http.RequestAborted)).ToResult();
        if (receipt.Replayed) http.Response.Headers[Headers.Replayed] = "true";
        return await ShowAsync(receipt, caller, relier, http.RequestAborted);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetTopUp(id), http.Caller(), http.RequestAborted))
            .ToResult(topUp => new Dictionary<string, object?> { ["success"] = true, ["transaction"] = Transaction.Of(topUp) });

    private static async Task<IResult> ShowAsync(TopUpReceipt receipt, Caller caller, IRelier relier, CancellationToken cancellationToken)
    {
        var topUp = receipt.TopUp;
        var status = PublicStatus.Of(topUp.State);
        var body = new Dictionary<string, object?> { ["success"] = status is not ("FAILED" or "REVERSED") };
        if (topUp.Code is { } code && topUp.IsFinal) (body["code"], body["error"]) = (code, Problems.TitleOf(code));
        else body["code"] = status.ToLowerInvariant();
        body["transaction"] = Transaction.Of(topUp);
        body["message"] = MessageOf(topUp, status);
        if (receipt.Replayed) body["replayed"] = true;
        if (!topUp.IsFinal) body["check_status_url"] = $"/api/transaction/{topUp.Id}";
        if (status == "SUCCESS" && await FindPostingAsync(topUp, caller, relier, cancellationToken) is { } posting)
        {
            body["billing"] = Billing.Of(posting, topUp.Rate);
            body["remaining_balance"] = Numbers.Of(posting.Balance);
        }

        return Answers.Ok(body, StatusOf(topUp));
    }

    private static int StatusOf(TopUp topUp) => topUp switch
    {
        { IsFinal: false } => StatusCodes.Status202Accepted,
        { State: TopUpState.Failed, Code: TopUp.ProviderUnavailable } => StatusCodes.Status503ServiceUnavailable,
        { State: TopUpState.Failed or TopUpState.Rejected } => StatusCodes.Status422UnprocessableEntity,
        _ => StatusCodes.Status200OK,
    };

    private static string MessageOf(TopUp topUp, string status) => status switch
    {
        "PENDING" => "Transaction queued for processing",
        "PROCESSING" => "The outcome is not known yet. The amount stays held; ask again at check_status_url.",
        "SUCCESS" => $"Top-up of {topUp.Face.Amount} {topUp.Face.Currency} processed successfully. {topUp.Charge} deducted from balance.",
        "REVERSED" => "The top-up was taken back and its charge refunded.",
        _ => "The top-up was not delivered and nothing was charged.",
    };

    /// <summary>
    /// The posting that charged the top-up, found in the statement: the balances shown are those of the books at that
    /// very event. Reads the customer's own statement also for a key that may only order: its charge is part of its order.
    /// </summary>
    private static async Task<StatementLine?> FindPostingAsync(TopUp topUp, Caller caller, IRelier relier, CancellationToken cancellationToken)
    {
        // Written in the transaction that decided it, a moment later at most.
        var decided = topUp.DecidedAt!.Value;
        var statement = new GetStatement { From = decided.Text(), To = (decided + Duration.FromMinutes(1)).Text(), Limit = Storage.PageRequest.MaxLimit };
        while (true)
        {
            if ((await relier.SendAsync(statement, Reading(caller), cancellationToken)).IsRefused(out _, out var page)) return null;
            var found = page.Data.FirstOrDefault(line => line.Subject == topUp.Id.Value && line.Kind is (JournalKind.TopUpCaptured or JournalKind.LateDelivery));
            if (found is not null) return found;
            if (page.NextCursor is null) return null;
            statement = statement with { Cursor = page.NextCursor };
        }
    }

    private static async Task<bool> IsOwnChannelAsync(string channel, Caller caller, IRelier relier, CancellationToken cancellationToken) =>
        !(await relier.SendAsync(new GetBalance(), Reading(caller), cancellationToken)).IsRefused(out _, out var balance) && balance.Customer.Channel == channel;

    /// <summary>The first version told with an insufficient balance what was asked for and at which rate.</summary>
    private static async Task<Refusal> WithRateAsync(Refusal refusal, OrderBody body, Caller caller, IRelier relier, CancellationToken cancellationToken)
    {
        if (refusal.Code != "insufficient_credit") return refusal;
        var last = new ListTopUps { Phone = body.Phone, Reference = body.Reference, Status = "rejected", Limit = 1 };
        var rejected = (await relier.SendAsync(last, Reading(caller), cancellationToken)).Then(list => list.Data.Select(topUp => topUp.Rate).ToList());
        var asked = refusal.With("requested_mxn", decimal.Parse(body.Amount!, System.Globalization.CultureInfo.InvariantCulture));
        return !rejected.IsRefused(out _, out var rates) && Rates.UsdPerMxn(rates.FirstOrDefault()) is { } rate ? asked.With("exchange_rate", rate) : asked;
    }

    private static Caller Reading(Caller caller) => Caller.OfCustomer(caller.Tenant, caller.Customer!.Value, [Permission.ReadBalance, Permission.ReadTopUps]);
}
