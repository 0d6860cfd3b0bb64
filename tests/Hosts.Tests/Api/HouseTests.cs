namespace Relier.Hosts.Tests.Api;

/// <summary>Customers, keys, credit, statements, rates, audit: what people of the house do.</summary>
internal sealed class HouseTests
{
    [Test]
    public async Task A_customer_is_created_read_and_listed_in_one_shape()
    {
        await using var world = await ApiWorld.StartAsync();

        var created = await world.Admin.PostAsync("/api/v1/customers", """{"name":"Tienda","channel":"tienda","creditLimit":"50.00","policies":{"maxAmount":"200","fixedAmounts":["20","50"]}}""");
        var read = await world.Admin.AskAsync(created.Header("Location")!);
        var list = await world.Admin.AskAsync("/api/v1/customers");

        created.Code.Should().Be(201);
        created.Json.Names().Should().Equal("id", "name", "channel", "status", "walletCurrency", "creditLimit", "policies", "balance", "createdAt", "version");
        created.Json.Text("creditLimit.amount").Should().Be("50.00");
        created.Json.Text("policies.maxAmount").Should().Be("200.00");
        created.Json.At("policies.fixedAmounts").GetRawText().Should().Be("""["20.00","50.00"]""");
        created.Json.Text("balance.available.amount").Should().Be("50.00");
        read.Text.Should().Be(created.Text);
        read.Header("ETag").Should().Be("\"v1\"");
        list.Json.At("data").GetArrayLength().Should().Be(2);
    }

    [Test]
    public async Task A_customer_that_did_not_change_is_304()
    {
        await using var world = await ApiWorld.StartAsync();
        var path = $"/api/v1/customers/{world.CustomerId}";

        (await world.Admin.AskAsync(path, ("If-None-Match", "\"v1\""))).Code.Should().Be(304);
        (await world.Admin.AskAsync(path, ("If-None-Match", "\"v2\""))).Code.Should().Be(200);
    }

    [Test]
    public async Task A_change_names_the_version_it_was_made_from()
    {
        await using var world = await ApiWorld.StartAsync();
        var path = $"/api/v1/customers/{world.CustomerId}";
        Task<Reply> PatchAsync(string body, params (string, string)[] headers) => world.Admin.AskAsync(HttpMethod.Patch, path, body, headers);

        var blind = await PatchAsync("""{"name":"New"}""");
        var first = await PatchAsync("""{"name":"New","policies":{"dailyLimit":null,"fixedAmounts":["20"]}}""", ("If-Match", "\"v1\""));
        var stale = await PatchAsync("""{"name":"Old"}""", ("If-Match", "\"v1\""));
        var strange = await PatchAsync("""{"name":"Old"}""", ("If-Match", "*"));
        var nameless = await PatchAsync("""{"name":null}""", ("If-Match", "\"v2\""));
        var unknown = await PatchAsync("""{"policies":{"maxAmonut":"5"}}""", ("If-Match", "\"v2\""));
        var cleared = await PatchAsync("""{"policies":{"fixedAmounts":null}}""", ("If-Match", "\"v2\""));

        (blind.Code, blind.ErrorCode).Should().Be((428, "precondition_required"));
        (first.Code, first.Header("ETag"), first.Json.Text("name"), first.Json.Text("policies.dailyLimit")).Should().Be((200, "\"v2\"", "New", ""));
        (stale.Code, stale.ErrorCode).Should().Be((412, "stale_version"));
        (strange.Code, strange.ErrorCode).Should().Be((412, "stale_version"));
        strange.Json.Text("detail").Should().Contain("\"v1\"");
        (nameless.Code, nameless.Json.At("errors")[0].Text("field")).Should().Be((422, "name"));
        (unknown.Code, unknown.Json.At("errors")[0].Text("pointer")).Should().Be((422, "/policies/maxAmonut"));
        cleared.Json.Text("policies.fixedAmounts").Should().Be("");
    }

    [Test]
    public async Task Credit_needs_a_key_and_moves_once()
    {
        await using var world = await ApiWorld.StartAsync();
        var path = $"/api/v1/customers/{world.CustomerId}/credits";
        var body = new { amount = "-50.00", reason = "correction", note = "October" };

        var keyless = await world.Admin.PostAsync(path, body);
        var first = await world.Admin.PostAsync(path, body, ("Idempotency-Key", "c1"));
        var second = await world.Admin.PostAsync(path, body, ("Idempotency-Key", "c1"));
        var other = await world.Admin.PostAsync(path, new { amount = "-60.00", reason = "correction" }, ("Idempotency-Key", "c1"));
        var tooMuch = await world.Admin.PostAsync(path, new { amount = "-99999.00", reason = "correction" }, ("Idempotency-Key", "c2"));
        var again = await world.Admin.PostAsync(path, new { amount = "-99999.00", reason = "correction" }, ("Idempotency-Key", "c2"));

        (keyless.Code, keyless.ErrorCode).Should().Be((400, "idempotency_key_missing"));
        first.Code.Should().Be(201);
        (first.Json.Text("before.amount"), first.Json.Text("after.amount"), first.Json.Text("posting.amount.amount")).Should().Be(("10000.00", "9950.00", "-50.00"));
        (second.Code, second.Header("Idempotency-Replayed"), second.Json.Text("posting.id")).Should().Be((201, "true", first.Json.Text("posting.id")));
        (other.Code, other.ErrorCode).Should().Be((422, "idempotency_key_reused"));
        (tooMuch.Code, tooMuch.ErrorCode, tooMuch.Header("Idempotency-Replayed")).Should().Be((402, "insufficient_credit", null));
        again.Header("Idempotency-Replayed").Should().Be("true");
        (await world.PostedAsync()).Should().Be("9950.00");
    }

    [Test]
    public async Task A_statement_and_a_balance_say_the_same()
    {
        await using var world = await ApiWorld.StartAsync();
        var topUp = (await world.Reseller.OrderAsync("5512345000", "20", "R1")).Json.Text("id");

        var statement = (await world.Reseller.AskAsync("/api/v1/statement")).Json.At("data");
        var balance = (await world.Reseller.AskAsync("/api/v1/balance")).Json;

        statement[0].Names().Should().Equal("id", "at", "kind", "amount", "balance", "topUp", "reason", "call", "session");
        (statement[0].Text("kind"), statement[0].Text("amount.amount"), statement[0].Text("balance.amount"), statement[0].Text("topUp")).Should().Be(("topup_captured", "-1.09", "9998.91", topUp));
        (statement[1].Text("kind"), statement[1].Text("topUp"), statement[1].Text("reason")).Should().Be(("credit_added", "", "opening_balance"));
        balance.Names().Should().Equal("posted", "held", "available", "creditLimit", "asOf");
        balance.Text("posted.amount").Should().Be("9998.91");
        (await world.Admin.AskAsync($"/api/v1/balance?customer={world.CustomerId}")).Json.Text("posted.amount").Should().Be("9998.91");
        (await world.Admin.AskAsync("/api/v1/balance")).Code.Should().Be(422);
    }

    [Test]
    public async Task A_keys_secret_is_shown_once_and_rotation_and_revocation_end_the_old_one()
    {
        await using var world = await ApiWorld.StartAsync();

        var issued = await world.Admin.PostAsync($"/api/v1/customers/{world.CustomerId}/keys", new { name = "second" });
        var secret = issued.Json.Text("secret");
        var list = await world.Admin.AskAsync($"/api/v1/customers/{world.CustomerId}/keys");
        var rotated = await world.Admin.AskAsync(HttpMethod.Post, $"/api/v1/keys/{issued.Json.Text("id")}/rotate", null);
        async Task<int> TryAsync(string key) => (await world.Nobody.AskAsync("/api/v1/balance", ("X-Api-Key", key))).Code;

        issued.Code.Should().Be(201);
        secret.Should().StartWith("rk_");
        list.Text.Should().NotContain("secret").And.Contain(issued.Json.Text("prefix"));
        (await TryAsync(secret)).Should().Be(401);
        (await TryAsync(rotated.Json.Text("secret"))).Should().Be(200);
        (await world.Admin.AskAsync(HttpMethod.Delete, $"/api/v1/keys/{rotated.Json.Text("id")}", null)).Code.Should().Be(204);
        (await TryAsync(rotated.Json.Text("secret"))).Should().Be(401);
        (await world.Admin.AskAsync(HttpMethod.Post, $"/api/v1/keys/{rotated.Json.Text("id")}/rotate", null)).ErrorCode.Should().Be("key_revoked");
    }

    [Test]
    public async Task Nobody_gives_what_they_may_not_do_themselves()
    {
        await using var world = await ApiWorld.StartAsync();
        var issued = await world.Admin.PostAsync("/api/v1/keys", new { name = "clerk", scopes = new[] { "keys:write", "topups:read" } });
        var clerk = world.Client(("X-Admin-Key", issued.Json.Text("secret")));

        (await clerk.PostAsync("/api/v1/keys", new { name = "boss", scopes = new[] { "credits:write" } })).Code.Should().Be(403);
        (await clerk.AskAsync("/api/v1/audit")).Code.Should().Be(403);
        (await world.Admin.PostAsync("/api/v1/keys", new { scopes = new[] { "keys:write" } })).Code.Should().Be(422);
    }

    [Test]
    public async Task Rates_are_entered_once_listed_and_audited()
    {
        await using var world = await ApiWorld.StartAsync();
        var rate = new { @base = "MXN", quote = "USD", rate = "0.0600", asOf = "2026-11-20T11:00:00Z" };

        var entered = await world.Admin.PostAsync("/api/v1/exchange-rates", rate);
        var twice = await world.Admin.PostAsync("/api/v1/exchange-rates", rate);
        var list = await world.Admin.AskAsync("/api/v1/exchange-rates");
        var audit = await world.Admin.AskAsync("/api/v1/audit?limit=1");

        entered.Code.Should().Be(201);
        entered.Json.GetRawText().Should().Be("""{"pair":"MXN/USD","base":"MXN","quote":"USD","rate":"0.06","asOf":"2026-11-20T11:00:00Z","source":"admin:maria"}""");
        (twice.Code, twice.ErrorCode).Should().Be((409, "exchange_rate_exists"));
        list.Json.At("data").GetArrayLength().Should().Be(2);
        audit.Json.At("data")[0].Text("action").Should().NotBeEmpty();
        audit.Json.At("data")[0].At("after").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Object);
    }

    [Test]
    public async Task The_books_are_sound_and_say_so()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync("5512345000", "20", "R1");
        await world.Reseller.OrderAsync("5512345004", "20", "R2");

        var report = (await world.Admin.AskAsync("/api/v1/ledger/verify")).Json;

        report.At("sound").GetBoolean().Should().BeTrue();
        report.At("findings").GetArrayLength().Should().Be(0);
        report.At("balances").EnumerateArray().Select(balance => balance.Text("account")).Should().Contain(["fx_position", "topup_revenue", "provider_payable:simulator"]);
    }
}
