using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Customers;
using Relier.Hosting.Resources;

namespace Relier.Api.Endpoints;

/// <summary>Customers.</summary>
internal static class CustomerEndpoints
{
    public static void MapCustomers(this IEndpointRouteBuilder api)
    {
        var customers = api.MapGroup("/customers").WithTags(Tags.Customers);
        customers.MapPost("", CreateAsync).As(CustomerDocs.Create);
        customers.MapGet("", ListAsync).As(CustomerDocs.List);
        customers.MapGet("/{id}", GetAsync).As(CustomerDocs.Get);
        customers.MapPatch("/{id}", UpdateAsync).As(CustomerDocs.Update);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, IRelier relier, IClock clock)
    {
        if ((await http.Request.ReadAsync<CustomerBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        var customer = new CreateCustomer(body.Name!)
        {
            Channel = body.Channel, WalletCurrency = body.WalletCurrency, CreditLimit = body.CreditLimit, Policies = body.Policies,
        };
        if ((await relier.SendAsync(customer, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var created)) return refusal.ToResult();
        http.Response.Headers.Location = $"/api/v1/customers/{created.Customer.Id}";
        return Show(http, created, clock, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier, IClock clock)
    {
        var list = new ListCustomers { Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, details => CustomerResource.Of(details, clock.Now()));
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier, IClock clock)
    {
        if ((await relier.SendAsync(new GetCustomer(id), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var details)) return refusal.ToResult();
        var tag = Headers.TagOf(details.Customer.Version);
        if (!http.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Contains(tag)) return Show(http, details, clock);
        http.Response.Headers.ETag = tag;
        return Results.StatusCode(StatusCodes.Status304NotModified);
    }

    private static async Task<IResult> UpdateAsync(string id, HttpContext http, IRelier relier, IClock clock)
    {
        if ((await http.Request.ReadPatchAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (CustomerPatch.Read(json).IsRefused(out var wrong, out var patch)) return wrong.ToResult();
        if (Headers.VersionOf(http.Request) is not { } version)
            return new Refusal("precondition_required", "Send If-Match with the ETag that was read, so that nobody's change is lost.").ToResult();
        if (version < 0) return new Refusal("stale_version", "If-Match is no ETag of a customer; expected the one that was read, as in \"v1\".").ToResult();

        var change = new UpdateCustomer(id, version)
        {
            Name = patch.Name, Channel = patch.Channel, Status = patch.Status, CreditLimit = patch.CreditLimit, Policies = patch.Policies,
        };
        var outcome = await relier.SendAsync(change, http.Caller(), http.RequestAborted);
        return outcome.IsRefused(out var refusal, out var changed) ? refusal.ToResult() : Show(http, changed, clock);
    }

    private static IResult Show(HttpContext http, CustomerDetails details, IClock clock, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.ETag = Headers.TagOf(details.Customer.Version);
        return Answers.Ok(CustomerResource.Of(details, clock.Now()), status);
    }
}

/// <summary>A customer to be taken on.</summary>
internal sealed record CustomerBody(string? Name, string? Channel, string? WalletCurrency, string? CreditLimit, PoliciesInput? Policies);

/// <summary>What of a customer is to be changed: what is absent stays.</summary>
internal sealed record CustomerPatchBody(string? Name, string? Channel, string? Status, string? CreditLimit, PoliciesInput? Policies);
