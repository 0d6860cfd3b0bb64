using System.Text;
using System.Text.Json;

namespace Relier.Hosts.Tests.Api;

/// <summary>A seller of calls, set up through the API: a deck and a plan <c>starter</c> at 0.50 INR a minute, and accounts.</summary>
internal static class RatingApi
{
    public const string Since = "2020-01-01T00:00:00Z";

    public static async Task<Reply> ImportAsync(this ApiWorld world, string deck, string csv, string query = "?currency=INR") =>
        await world.Admin.ReadAsync(new HttpRequestMessage(HttpMethod.Post, $"/api/v1/decks/{deck}/versions{query}") { Content = new StringContent(csv, Encoding.UTF8, "text/csv") });

    public static async Task DeckAsync(this ApiWorld world, string deck = "starter", string csv = "prefix,price\n91,0.50\n")
    {
        var draft = await world.ImportAsync(deck, csv);
        var active = await world.Admin.PostAsync($"/api/v1/decks/{deck}/versions/{draft.Json.Text("version")}/activate", new { effectiveFrom = Since });
        (draft.Code, active.Code).Should().Be((201, 200), active.Text);
    }

    public static Task<Reply> PutAsync(this ApiWorld world, string plan, object body) =>
        world.Admin.AskAsync(HttpMethod.Put, $"/api/v1/plans/{plan}", body as string ?? JsonSerializer.Serialize(body));

    public static async Task PlanAsync(this ApiWorld world, string plan = "starter") =>
        (await world.PutAsync(plan, new { name = plan, currency = "INR", zone = "Asia/Kolkata", country = "IN", deck = plan })).Code.Should().Be(200);

    /// <summary>An account with the plan, the account code and so much money.</summary>
    public static async Task<string> AccountAsync(this ApiWorld world, string mode = "prepaid", string code = "ACC-1", string money = "100.00", string? customer = null, string plan = "starter")
    {
        var opened = await world.Admin.PostAsync("/api/v1/accounts", new { customer = customer ?? world.CustomerId, mode, currency = "INR", zone = "Asia/Kolkata" });
        opened.Code.Should().Be(201, opened.Text);
        var id = opened.Json.Text("id");
        (await world.Admin.PostAsync($"/api/v1/accounts/{id}/plans", new { plan, from = Since })).Code.Should().Be(200);
        (await world.Admin.PostAsync($"/api/v1/accounts/{id}/lines", new { kind = "accountCode", value = code })).Code.Should().Be(200);
        if (money != "0") (await world.Admin.PostAsync($"/api/v1/accounts/{id}/credits", new { amount = money, reason = "payment" }, ("Idempotency-Key", "first-" + id))).Code.Should().Be(201);
        return id;
    }

    public static async Task<string> StarterAsync(this ApiWorld world)
    {
        await world.DeckAsync();
        await world.PlanAsync();
        return await world.AccountAsync();
    }

    public static object Call(string id, long seconds, string to = "918041000000", string code = "ACC-1", string startedAt = "2026-11-20T10:00:00+05:30", string from = "1001") =>
        new { id, from, to, startedAt, answeredAt = startedAt, quantity = seconds, cause = "NORMAL_CLEARING", accountCode = code };

    public static async Task<JsonElement> CallAsync(this ApiWorld world, string id) => (await world.Admin.AskAsync($"/api/v1/cdrs/{id}")).Json;

    /// <summary>Reports a call and has it rated; the call then.</summary>
    public static async Task<JsonElement> RatedAsync(this ApiWorld world, object call)
    {
        var reported = await world.Admin.PostAsync("/api/v1/cdrs", call);
        reported.Code.Should().Be(201, reported.Text);
        await world.RunJobsAsync();
        return await world.CallAsync(reported.Json.Text("id"));
    }

    public static async Task<string> BalanceAsync(this ApiWorld world, string account) => (await world.Admin.AskAsync($"/api/v1/accounts/{account}")).Json.Text("balance.posted.amount");
}
