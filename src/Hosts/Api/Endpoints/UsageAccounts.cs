using System.Text.Json;
using System.Text.Json.Nodes;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Ledger;
using Relier.Rating;

namespace Relier.Api.Endpoints;

/// <summary>Accounts that usage is charged to.</summary>
internal static class UsageAccountEndpoints
{
    private const string Never = "none";

    public static void MapUsageAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/accounts").WithTags(Tags.Accounts);
        accounts.MapPost("", OpenAsync).As(UsageAccountDocs.Open);
        accounts.MapGet("", ListAsync).As(UsageAccountDocs.List);
        accounts.MapGet("/{id}", GetAsync).As(UsageAccountDocs.Get);
        accounts.MapPatch("/{id}", ChangeAsync).As(UsageAccountDocs.Change);
        accounts.MapPost("/{id}/plans", AssignAsync).As(UsageAccountDocs.Assign);
        accounts.MapPost("/{id}/lines", AddLineAsync).As(UsageAccountDocs.AddLine);
        accounts.MapDelete("/{id}/lines", RemoveLineAsync).As(UsageAccountDocs.RemoveLine);
        accounts.MapPost("/{id}/buckets", GrantAsync).As(UsageAccountDocs.Grant);
        accounts.MapGet("/{id}/usage", UsageAsync).As(UsageAccountDocs.Usage);
        accounts.MapPost("/{id}/credits", CreditAsync).As(UsageAccountDocs.Credit);
        accounts.MapGet("/{id}/statement", StatementAsync).As(UsageAccountDocs.Statement);
    }

    private static async Task<IResult> OpenAsync(HttpContext http, IRelier relier, IClock clock)
    {
        if ((await http.Request.ReadAsync<AccountBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        var account = new OpenUsageAccount(body.Customer!, body.Mode!)
        {
            Name = body.Name, Currency = body.Currency, Zone = body.Zone, UseWallet = body.UseWallet ?? false, CreditLimit = body.CreditLimit, LowBalance = body.LowBalance,
            CriticalBalance = body.CriticalBalance,
        };
        if ((await relier.SendAsync(account, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var opened)) return refusal.ToResult();
        http.Response.Headers.Location = $"/api/v1/accounts/{opened.Account.Id}";
        return Answers.Ok(UsageAccountResource.Of(opened, clock.Now()), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier)
    {
        var list = new ListUsageAccounts { Customer = http.Request.Text("customer"), Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, ListedAccountResource.Of);
    }

    private static Task<IResult> GetAsync(string id, HttpContext http, IRelier relier, IClock clock) => AskAsync(new GetUsageAccount(id), http, relier, clock);

    private static async Task<IResult> ChangeAsync(string id, HttpContext http, IRelier relier, IClock clock)
    {
        if ((await http.Request.ReadPatchAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (Patch(json).IsRefused(out var wrong, out var patch)) return wrong.ToResult();
        return await AskAsync(
            new ChangeUsageAccount(id) { Name = patch.Name, Status = patch.Status, LowBalance = patch.LowBalance, CriticalBalance = patch.CriticalBalance }, http, relier, clock);
    }

    /// <summary>A merge patch (RFC 7396): null takes a level away, and nothing else can be taken away.</summary>
    private static Outcome<AccountPatchBody> Patch(JsonElement json)
    {
        var errors = Members.Check(json, typeof(AccountPatchBody));
        if (errors.Count > 0) return Refusals.Invalid(errors);
        var patch = JsonObject.Create(json)!;
        foreach (var name in patch.Where(member => member.Value is null).Select(member => member.Key).ToList())
        {
            if (name is "lowBalance" or "criticalBalance") patch[name] = Never;
            else errors.Add(new FieldError(name, "required", "cannot be taken away"));
        }

        return errors.Count > 0 ? Refusals.Invalid(errors) : patch.Deserialize<AccountPatchBody>(Json.Options)!;
    }

    private static async Task<IResult> AssignAsync(string id, HttpContext http, IRelier relier, IClock clock)
    {
        if ((await http.Request.ReadAsync<AssignmentBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        var line = (LineRef?)null;
        if (body.Line is { } named)
        {
            if (LineOf(named, "line.").IsRefused(out var wrong, out var read)) return wrong.ToResult();
            line = read;
        }

        return await AskAsync(new AssignPlan(id, body.Plan!) { From = body.From, Use = body.Use, Line = line }, http, relier, clock);
    }

    private static async Task<IResult> AddLineAsync(string id, HttpContext http, IRelier relier, IClock clock)
    {
        if ((await http.Request.ReadAsync<LineBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        if (LineOf(body).IsRefused(out var wrong, out var line)) return wrong.ToResult();
        return await AskAsync(new AddLine(id, line), http, relier, clock);
    }

    /// <summary>The line stands behind the question mark: a slash in it would be lost in a path, and two dots would be a path.</summary>
    private static async Task<IResult> RemoveLineAsync(string id, HttpContext http, IRelier relier)
    {
        if (LineOf(new LineBody(http.Request.Text("kind"), http.Request.Text("value"))).IsRefused(out var wrong, out var line)) return wrong.ToResult();
        return (await relier.SendAsync(new RemoveLine(id, line), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out _) ? refusal.ToResult() : Results.NoContent();
    }

    private static async Task<IResult> GrantAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (BucketReader.Read(id, json).IsRefused(out var wrong, out var grant)) return wrong.ToResult();
        var key = Headers.KeyOf(http.Request);
        if (key is null && grant.Id is null) return Refusals.KeyMissing().ToResult();
        if ((await relier.SendAsync(grant with { IdempotencyKey = key }, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var granted)) return refusal.ToResult();
        if (granted.Replayed) http.Response.Headers[Headers.Replayed] = "true";
        return Answers.Ok(AccountBucketResource.Of(granted.Bucket), StatusCodes.Status201Created);
    }

    private static async Task<IResult> UsageAsync(string id, HttpContext http, IRelier relier)
    {
        var usage = new ListUsage(id) { FromMonth = http.Request.Text("from"), ToMonth = http.Request.Text("to") };
        return (await relier.SendAsync(usage, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var used)
            ? refusal.Named(("fromMonth", "from"), ("toMonth", "to")).ToResult()
            : Answers.Ok(new PageResource<UsageResource>([.. used.Select(UsageResource.Of)], false, null));
    }

    private static async Task<IResult> CreditAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<CreditBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        if (Headers.KeyOf(http.Request) is not { } key) return Refusals.KeyMissing().ToResult();
        if ((await relier.SendAsync(new GetUsageAccount(id), http.Caller(), http.RequestAborted)).IsRefused(out var unknown, out var details)) return unknown.ToResult();
        var credit = new AdjustCredit(details.Account.Customer.Value, body.Amount!, body.Reason!) { Account = details.Account.Id.Value, Note = body.Note, IdempotencyKey = key };
        if ((await relier.SendAsync(credit, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var receipt)) return refusal.ToResult();
        if (receipt.Replayed) http.Response.Headers[Headers.Replayed] = "true";
        return Answers.Ok(CreditResource.Of(receipt), StatusCodes.Status201Created);
    }

    private static async Task<IResult> StatementAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await relier.SendAsync(new GetUsageAccount(id), http.Caller(), http.RequestAborted)).IsRefused(out var unknown, out var details)) return unknown.ToResult();
        var request = http.Request;
        var statement = new GetStatement
        {
            Customer = details.Account.Customer.Value, Account = details.Account.Id.Value, From = request.Text("from"), To = request.Text("to"), Cursor = request.Text("cursor"),
            Limit = request.Limit(),
        };
        return (await relier.SendAsync(statement, http.Caller(), http.RequestAborted)).ToPage(http, PostingResource.Of);
    }

    private static async Task<IResult> AskAsync(IUseCase<UsageAccountDetails> useCase, HttpContext http, IRelier relier, IClock clock) =>
        (await relier.SendAsync(useCase, http.Caller(), http.RequestAborted)).ToResult(details => UsageAccountResource.Of(details, clock.Now()));

    private static Outcome<LineRef> LineOf(LineBody body, string path = "") =>
        body.Kind is null || !CallWords.Lines.TryGetValue(body.Kind, out var kind) || kind == LineKind.Account ? Refusals.Invalid(path + "kind", "line_invalid", "expected accountCode, number or sipUser")
        : string.IsNullOrEmpty(body.Value) || body.Value.Length > CallRecord.TextMax || body.Value.Any(char.IsControl) ? Refusals.Invalid(path + "value", "line_invalid", $"expected 1 to {CallRecord.TextMax} printable characters")
        : new LineRef(kind, body.Value);
}

/// <summary>An account to be opened.</summary>
internal sealed record AccountBody(
    string? Customer, string? Mode, string? Name, string? Currency, string? Zone, bool? UseWallet, string? CreditLimit, string? LowBalance, string? CriticalBalance);

/// <summary>What of an account is to be changed: what is absent stays.</summary>
internal sealed record AccountPatchBody(string? Name, string? Status, string? LowBalance, string? CriticalBalance);

/// <summary>A plan that is to hold for an account.</summary>
internal sealed record AssignmentBody(string? Plan, string? From, string? Use, LineBody? Line);

/// <summary>A line.</summary>
internal sealed record LineBody(string? Kind, string? Value);
