using System.Text.Json;
using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

internal sealed class UsageAccountTests
{
    [Test]
    public async Task An_account_is_opened_looked_up_and_listed()
    {
        await using var world = await ApiWorld.StartAsync();

        var opened = await world.Admin.PostAsync("/api/v1/accounts", new { customer = world.CustomerId, mode = "postpaid", name = "Head office", currency = "INR", zone = "Asia/Kolkata", creditLimit = "500", lowBalance = "none", criticalBalance = "20" });
        var id = opened.Json.Text("id");
        var wallet = await world.Admin.PostAsync("/api/accounts", new { customer = world.CustomerId, mode = "prepaid", useWallet = true });

        (opened.Code, opened.Header("Location")).Should().Be((201, $"/api/v1/accounts/{id}"));
        opened.Json.Names().Should().Equal(
            "id", "customer", "name", "mode", "status", "currency", "zone", "balance", "lowBalance", "criticalBalance", "plans", "lines", "buckets", "createdAt", "version");
        (opened.Json.Text("name"), opened.Json.Text("mode"), opened.Json.Text("status"), opened.Json.Text("zone")).Should().Be(("Head office", "postpaid", "active", "Asia/Kolkata"));
        (opened.Json.Text("balance.creditLimit.amount"), opened.Json.Text("lowBalance"), opened.Json.Text("criticalBalance.amount")).Should().Be(("500.00", "", "20.00"));
        (wallet.Json.Text("name"), wallet.Json.Text("currency"), wallet.Json.Text("balance.posted.amount"), wallet.Json.Text("lowBalance.amount")).Should().Be(("Demo Reseller", "USD", "10000.00", "100.00"));
        (await world.Admin.AskAsync($"/api/v1/accounts/{id}")).Json.GetRawText().Should().Be(opened.Json.GetRawText());
        var list = (await world.Admin.AskAsync($"/api/v1/accounts?customer={world.CustomerId}&limit=1")).Json;
        (list.Text("has_more"), list.At("data")[0].TryGetProperty("balance", out _)).Should().Be(("True", false));
        (await world.Admin.AskAsync($"/api/v1/accounts?customer={world.CustomerId}&limit=1&cursor={list.Text("next_cursor")}")).Json.At("data").GetArrayLength().Should().Be(1);
    }

    [TestCase("""{"mode":"prepaid"}""", "validation_failed", 422)]
    [TestCase("""{"customer":"CUS","mode":"later"}""", "validation_failed", 422)]
    [TestCase("""{"customer":"CUS","mode":"prepaid","zone":"India"}""", "validation_failed", 422)]
    [TestCase("""{"customer":"CUS","mode":"prepaid","creditLimit":"x"}""", "validation_failed", 422)]
    [TestCase("""{"customer":"CUS","mode":"prepaid","useWallet":"yes"}""", "validation_failed", 422)]
    [TestCase("""{"customer":"CUS","mode":"prepaid","balance":"1000"}""", "validation_failed", 422)]
    [TestCase("""{"customer":"CUS","mode":"prepaid","useWallet":true,"currency":"INR"}""", "currency_differs", 409)]
    [TestCase("""{"customer":"CUS","mode":"prepaid","useWallet":true}""", "account_taken", 409)]
    [TestCase("""{"customer":"cus_nobody","mode":"prepaid"}""", "not_found", 404)]
    public async Task What_cannot_be_opened_is_refused(string body, string code, int status)
    {
        await using var world = await ApiWorld.StartAsync();
        if (code == "account_taken") await world.Admin.PostAsync("/api/v1/accounts", new { customer = world.CustomerId, mode = "prepaid", useWallet = true });

        var reply = await world.Admin.PostAsync("/api/v1/accounts", body.Replace("CUS", world.CustomerId, StringComparison.Ordinal));

        (reply.Code, reply.ErrorCode).Should().Be((status, code));
    }

    [Test]
    public async Task An_account_is_changed_by_a_patch_until_it_is_closed()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.StarterAsync();
        Task<Reply> PatchAsync(string body) => world.Admin.AskAsync(HttpMethod.Patch, $"/api/v1/accounts/{id}", body);

        var changed = await PatchAsync("""{"name":"Shop","status":"suspended","lowBalance":null,"criticalBalance":"10.00"}""");
        var nameless = await PatchAsync("""{"name":null}""");
        var wrong = await PatchAsync("""{"status":"asleep"}""");
        var mass = await PatchAsync("""{"balance":"1000"}""");
        var closed = await PatchAsync("""{"status":"closed"}""");
        var after = await PatchAsync("""{"status":"active"}""");

        (changed.Code, changed.Json.Text("name"), changed.Json.Text("status"), changed.Json.Text("lowBalance"), changed.Json.Text("criticalBalance.amount")).Should().Be((200, "Shop", "suspended", "", "10.00"));
        new[] { nameless, wrong, mass }.Should().OnlyContain(reply => reply.Code == 422 && reply.ErrorCode == "validation_failed");
        (closed.Code, after.Code, after.ErrorCode).Should().Be((200, 409, "account_closed"));
        (await world.Admin.PostAsync($"/api/v1/accounts/{id}/plans", new { plan = "starter" })).ErrorCode.Should().Be("account_closed");
        (await world.Admin.AskAsync(HttpMethod.Patch, "/api/v1/accounts/acc_x", """{"name":"x"}""")).Code.Should().Be(404);
    }

    [Test]
    public async Task A_plan_holds_from_a_time_on_for_a_use_and_a_line()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.StarterAsync();
        Task<Reply> AssignAsync(object body, string? account = null) => world.Admin.PostAsync($"/api/v1/accounts/{account ?? id}/plans", body);

        var next = await AssignAsync(new { plan = "starter", from = "2026-12-01T00:00:00Z" });
        var special = await AssignAsync(new { plan = "starter", from = Since, use = "calls", line = new { kind = "number", value = "+918041000001" } });

        next.Json.At("plans").EnumerateArray().Select(plan => $"{plan.Text("from")} {plan.Text("to")}").Should().Equal($"{Since} 2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z ");
        var line = special.Json.At("plans").EnumerateArray().Last();
        (line.Text("use"), line.Text("line.kind"), line.Text("line.value")).Should().Be(("calls", "number", "918041000001"));
        (await AssignAsync(new { plan = "none" })).Should().Match<Reply>(reply => reply.Code == 422 && reply.ErrorCode == "plan_unknown");
        (await AssignAsync(new { plan = "starter", use = "dreams" })).ErrorCode.Should().Be("validation_failed");
        (await AssignAsync(new { plan = "starter", line = new { kind = "number" } })).Json.At("errors")[0].Text("field").Should().Be("line.value");
        (await AssignAsync(new { })).ErrorCode.Should().Be("validation_failed");
        (await AssignAsync(new { plan = "starter" }, "acc_x")).Code.Should().Be(404);
        await world.PutAsync("later", new { name = "later", currency = "INR", deck = "starter", mode = "postpaid" });
        (await AssignAsync(new { plan = "later" })).Should().Match<Reply>(reply => reply.Code == 409 && reply.ErrorCode == "mode_differs");
        var dollars = (await world.Admin.PostAsync("/api/v1/accounts", new { customer = world.CustomerId, mode = "prepaid" })).Json.Text("id");
        (await AssignAsync(new { plan = "starter" }, dollars)).Should().Match<Reply>(reply => reply.Code == 409 && reply.ErrorCode == "currency_differs");
    }

    [Test]
    public async Task A_line_belongs_to_one_account_at_a_time()
    {
        await using var world = await ApiWorld.StartAsync();
        var first = await world.StarterAsync();
        var second = await world.AccountAsync(code: "ACC-2");
        Task<Reply> AddAsync(string account, string kind, string value) => world.Admin.PostAsync($"/api/v1/accounts/{account}/lines", new { kind, value });
        Task<Reply> RemoveAsync(string account, string kind, string value) => world.Admin.AskAsync(HttpMethod.Delete, $"/api/v1/accounts/{account}/lines?kind={kind}&value={Uri.EscapeDataString(value)}", null);

        var added = await AddAsync(first, "number", "+91 80 4100 0001");
        var again = await AddAsync(first, "number", "918041000001");
        var taken = await AddAsync(second, "number", "918041000001");
        var removed = await RemoveAsync(first, "number", "+918041000001");
        var moved = await AddAsync(second, "number", "918041000001");

        added.Json.At("lines").EnumerateArray().Select(line => $"{line.Text("kind")} {line.Text("value")}").Should().BeEquivalentTo("accountCode ACC-1", "number 918041000001");
        (again.Code, again.Json.At("lines").GetArrayLength()).Should().Be((200, 2));
        (taken.Code, taken.ErrorCode, removed.Code, moved.Code).Should().Be((409, "line_taken", 204, 200));
        (await RemoveAsync(first, "number", "918041000001")).Code.Should().Be(404);
        (await RemoveAsync(first, "account", first)).ErrorCode.Should().Be("validation_failed");
        (await AddAsync(first, "account", second)).ErrorCode.Should().Be("validation_failed");
        (await AddAsync(first, "sipUser", "")).ErrorCode.Should().Be("validation_failed");
        (await AddAsync("acc_x", "sipUser", "1001")).Code.Should().Be(404);
        (await world.Admin.PostAsync($"/api/v1/accounts/{first}/lines", new { })).ErrorCode.Should().Be("validation_failed");
    }

    [TestCase("ACC/2026/7")]
    [TestCase("ACC%2F7")]
    [TestCase("..")]
    [TestCase("a b?c&d=e#f+g")]
    [TestCase("अ/ब")]
    public async Task A_line_is_taken_away_whatever_its_text_is(string value)
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.StarterAsync();
        var added = await world.Admin.PostAsync($"/api/v1/accounts/{id}/lines", new { kind = "accountCode", value });

        var removed = await world.Admin.AskAsync(HttpMethod.Delete, $"/api/v1/accounts/{id}/lines?kind=accountCode&value={Uri.EscapeDataString(value)}", null);

        added.Json.At("lines").EnumerateArray().Select(line => line.Text("value")).Should().BeEquivalentTo("ACC-1", value);
        removed.Code.Should().Be(204, removed.Text);
        (await world.Admin.AskAsync($"/api/v1/accounts/{id}")).Json.At("lines").EnumerateArray().Single().Text("value").Should().Be("ACC-1");
        var vague = await world.Admin.AskAsync(HttpMethod.Delete, $"/api/v1/accounts/{id}/lines?kind=accountCode", null);
        (vague.Code, vague.Json.At("errors")[0].Text("field")).Should().Be((422, "value"));
    }

    [Test]
    public async Task A_bucket_without_an_id_needs_a_key_and_is_granted_once_for_it()
    {
        await using var world = await ApiWorld.StartAsync();
        var (id, second) = (await world.StarterAsync(), await world.AccountAsync(money: "0", code: "B"));
        var body = new Dictionary<string, object> { ["name"] = "included minutes", ["kind"] = "seconds", ["amount"] = 120 };
        Task<Reply> GrantAsync(string key, string account, params (string Name, object Value)[] changes)
        {
            var changed = changes.Aggregate(body.ToDictionary(), (all, change) => { all[change.Name] = change.Value; return all; });
            return world.Admin.PostAsync($"/api/v1/accounts/{account}/buckets", changed, key.Length == 0 ? [] : [("Idempotency-Key", key)]);
        }

        var without = await GrantAsync("", id);
        var first = await GrantAsync("k1", id);
        var again = await GrantAsync("k1", id);
        var others = new List<(string?, string)>();
        foreach (var (name, value) in new (string, object)[]
        {
            ("name", "x"), ("kind", "bytes"), ("amount", 121), ("unit", 60), ("prefixes", new[] { "91" }), ("priority", 1), ("blocker", true), ("expires", "2027-01-01T00:00:00Z"), ("from", "2026-01-01T00:00:00Z"),
        })
            others.Add(((await GrantAsync("k1", id, (name, value))).ErrorCode, name));

        (without.Code, without.ErrorCode).Should().Be((400, "idempotency_key_missing"));
        (first.Code, first.Header("Idempotency-Replayed"), again.Code, again.Header("Idempotency-Replayed"), again.Text).Should().Be((201, null, 201, "true", first.Text));
        others.Should().OnlyContain(other => other.Item1 == "bucket_taken");
        (await GrantAsync("k1", second)).ErrorCode.Should().Be("bucket_taken", "a key is for one request");
        (await GrantAsync("k 1", id)).ErrorCode.Should().Be("validation_failed");
        (await GrantAsync("k2", second)).Code.Should().Be(201);
        (await world.Admin.AskAsync($"/api/v1/accounts/{id}")).Json.At("buckets").GetArrayLength().Should().Be(1);
        (await world.Admin.AskAsync($"/api/v1/accounts/{second}")).Json.At("buckets").GetArrayLength().Should().Be(1);
    }

    [Test]
    public async Task A_bucket_pays_first_and_is_granted_once()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.StarterAsync();
        var body = new { id = "nov", name = "included minutes", kind = "seconds", amount = 120, unit = 60, prefixes = new[] { "91" }, from = "2026-11-01T00:00:00Z", expires = "2026-12-01T00:00:00Z", priority = 5 };
        Task<Reply> GrantAsync(object grant, string? account = null) => world.Admin.PostAsync($"/api/v1/accounts/{account ?? id}/buckets", grant);

        var first = await GrantAsync(body);
        var again = await GrantAsync(body);
        var other = await GrantAsync(body with { amount = 180 });
        var call = await world.RatedAsync(Call("1", 180));

        (first.Code, again.Code, again.Json.Text("id")).Should().Be((201, 201, "nov"));
        first.Json.GetRawText().Should().Be(
            $$"""{"id":"nov","account":"{{id}}","name":"included minutes","kind":"seconds","granted":"120","left":"120","reserved":"0","unit":60,"priority":5,"prefixes":["91"],"blocker":false,"validFrom":"2026-11-01T00:00:00Z","expires":"2026-12-01T00:00:00Z"}""");
        (other.Code, other.ErrorCode).Should().Be((409, "bucket_taken"));
        // Three minutes: two of the bucket, one at 0.50.
        (call.Text("amount.amount"), call.Text("billed"), call.At("buckets")[0].Text("id"), call.At("buckets")[0].Text("amount")).Should().Be(("0.50", "180", "nov", "120"));
        var account = (await world.Admin.AskAsync($"/api/v1/accounts/{id}")).Json;
        (account.At("buckets").GetArrayLength() == 0 ? "0" : account.At("buckets")[0].Text("left")).Should().Be("0");
        (await GrantAsync(new { id = "money", name = "money", kind = "money", amount = "1.5" })).Json.Text("granted").Should().Be("1.5");
        (await GrantAsync(new { id = "x", name = "x", kind = "seconds", amount = 0 })).Json.At("errors")[0].Text("field").Should().Be("amount");
        (await GrantAsync(new { id = "x", name = "x", kind = "dreams", amount = 1 })).Json.At("errors")[0].Text("field").Should().Be("kind");
        (await GrantAsync(new { id = "x", name = "x", kind = "seconds", amount = 1, left = 9 })).ErrorCode.Should().Be("validation_failed");
        (await GrantAsync(new { id = "x", name = "x", kind = "seconds", amount = 1, from = "x" })).ErrorCode.Should().Be("validation_failed");
        (await GrantAsync(body with { id = "other" }, "acc_x")).Code.Should().Be(404);
    }

    [Test]
    public async Task Usage_is_counted_by_months_of_the_accounts_zone()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.StarterAsync();
        await world.RatedAsync(Call("1", 90, startedAt: "2026-10-31T23:59:59+05:30"));
        await world.RatedAsync(Call("2", 60, startedAt: "2026-11-01T00:00:00+05:30"));
        await world.RatedAsync(Call("3", 61, startedAt: "2026-11-02T00:00:00+05:30"));

        var both = (await world.Admin.AskAsync($"/api/v1/accounts/{id}/usage?from=2026-10&to=2026-11")).Json.At("data").EnumerateArray().ToList();
        var current = (await world.Admin.AskAsync($"/api/v1/accounts/{id}/usage")).Json.At("data");

        both.Select(month => $"{month.Text("month")} {month.Text("calls")} {month.Text("quantity")} {month.Text("billed")} {month.Text("amount.amount")}").Should().Equal("2026-10 1 90 120 1.00", "2026-11 2 121 180 1.50");
        (both[0].Text("line.kind"), both[0].Text("kind"), both[0].Text("direction")).Should().Be(("accountCode", "voice", "outbound"));
        current.GetArrayLength().Should().Be(1);
        (await world.Admin.AskAsync($"/api/v1/accounts/{id}/usage?from=November")).Json.At("errors")[0].Text("field").Should().Be("from");
        (await world.Admin.AskAsync("/api/v1/accounts/acc_x/usage")).Code.Should().Be(404);
    }

    [Test]
    public async Task Credit_of_an_account_needs_a_key_and_moves_once()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.StarterAsync();
        var path = $"/api/v1/accounts/{id}/credits";
        var body = new { amount = "50.00", reason = "payment", note = "cash" };

        var keyless = await world.Admin.PostAsync(path, body);
        var first = await world.Admin.PostAsync(path, body, ("Idempotency-Key", "c1"));
        var second = await world.Admin.PostAsync(path, body, ("Idempotency-Key", "c1"));
        var other = await world.Admin.PostAsync(path, body with { amount = "60.00" }, ("Idempotency-Key", "c1"));
        var tooMuch = await world.Admin.PostAsync(path, body with { amount = "-999.00", reason = "correction" }, ("Idempotency-Key", "c2"));

        (keyless.Code, keyless.ErrorCode).Should().Be((400, "idempotency_key_missing"));
        (first.Code, first.Json.Text("after.amount"), first.Json.Text("after.currency")).Should().Be((201, "150.00", "INR"));
        (second.Code, second.Header("Idempotency-Replayed"), other.ErrorCode).Should().Be((201, "true", "idempotency_key_reused"));
        (tooMuch.Code, tooMuch.ErrorCode).Should().Be((402, "insufficient_credit"));
        (await world.Admin.PostAsync(path, new { amount = "1", reason = "mood" }, ("Idempotency-Key", "c3"))).ErrorCode.Should().Be("validation_failed");
        (await world.Admin.PostAsync("/api/v1/accounts/acc_x/credits", body, ("Idempotency-Key", "c4"))).Code.Should().Be(404);
        (await world.BalanceAsync(id)).Should().Be("150.00");
        (await world.PostedAsync()).Should().Be("10000.00", "the customer's wallet is another");
        var statement = (await world.Admin.AskAsync($"/api/v1/accounts/{id}/statement?limit=1")).Json;
        (statement.At("data")[0].Text("amount.amount"), statement.Text("has_more")).Should().Be(("50.00", "True"));
        (await world.Admin.AskAsync($"/api/v1/accounts/{id}/statement?from=x")).ErrorCode.Should().Be("validation_failed");
    }

    [Test]
    public async Task A_customer_sees_its_own_accounts_and_changes_none()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.StarterAsync();
        var stranger = await world.NewCustomerAsync("Other", "other");
        var other = await world.ProgramOfAsync(stranger);

        foreach (var path in new[] { "", "/usage", "/statement" })
        {
            (await world.Reseller.AskAsync($"/api/v1/accounts/{id}{path}")).Code.Should().Be(200, path);
            var reply = await other.AskAsync($"/api/v1/accounts/{id}{path}");
            (reply.Code, reply.ErrorCode).Should().Be((404, "not_found"), path);
        }

        (await world.Reseller.AskAsync("/api/v1/accounts")).Json.At("data").GetArrayLength().Should().Be(1);
        (await other.AskAsync("/api/v1/accounts")).Json.At("data").GetArrayLength().Should().Be(0);
        (await other.AskAsync($"/api/v1/accounts?customer={world.CustomerId}")).Code.Should().Be(404);
        (await world.Reseller.PostAsync("/api/v1/accounts", new { customer = world.CustomerId, mode = "prepaid" })).Code.Should().Be(403);
        (await world.Reseller.AskAsync(HttpMethod.Patch, $"/api/v1/accounts/{id}", """{"name":"x"}""")).Code.Should().Be(403);
        (await world.Reseller.PostAsync($"/api/v1/accounts/{id}/plans", new { plan = "starter" })).Code.Should().Be(403);
        (await world.Reseller.PostAsync($"/api/v1/accounts/{id}/lines", new { kind = "sipUser", value = "1" })).Code.Should().Be(403);
        (await world.Reseller.AskAsync(HttpMethod.Delete, $"/api/v1/accounts/{id}/lines?kind=accountCode&value=ACC-1", null)).Code.Should().Be(403);
        (await world.Reseller.PostAsync($"/api/v1/accounts/{id}/buckets", new { id = "x", name = "x", kind = "seconds", amount = 1 })).Code.Should().Be(403);
        (await world.Reseller.PostAsync($"/api/v1/accounts/{id}/credits", new { amount = "1", reason = "payment" }, ("Idempotency-Key", "c1"))).Code.Should().Be(403);
    }
}
