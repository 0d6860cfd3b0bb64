using NodaTime;

namespace Relier.Hosts.Tests.Api;

internal sealed class TopUpTests
{
    private const string Good = "5512345000";
    private const string Refused = "5512345001";
    private const string Hangs = "5512345004";

    [Test]
    public async Task A_delivered_topup_is_201_with_its_resource_and_its_address()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.OrderAsync(Good, "20", "R1");

        reply.Code.Should().Be(201);
        reply.Json.Names().Should().Equal(
            "id", "reference", "customer", "phone", "product", "faceAmount", "charge", "fxRate", "status", "final", "code", "operatorReference", "createdAt", "decidedAt", "nextCheckAt");
        reply.Json.Text("id").Should().MatchRegex(@"^RLR\d{21}$");
        reply.Json.Text("phone").Should().Be("+525512345000");
        reply.Json.At("faceAmount").GetRawText().Should().Be("""{"amount":"20.00","currency":"MXN"}""");
        // 20.00 x 0.0544 = 1.088, half-up
        reply.Json.At("charge").GetRawText().Should().Be("""{"amount":"1.09","currency":"USD"}""");
        // 1 / 0.0544 = 18.38235…
        reply.Json.At("fxRate").GetRawText().Should().Be("""{"pair":"USD/MXN","rate":"18.3824","asOf":"2026-11-20T12:00:00Z"}""");
        reply.Json.Text("status").Should().Be("succeeded");
        reply.Json.At("final").GetBoolean().Should().BeTrue();
        reply.Header("Location").Should().Be("/api/v1/topups/" + reply.Json.Text("id"));
        reply.Text.Should().NotContain("simulator");
        (await world.PostedAsync()).Should().Be("9998.91");
    }

    [Test]
    public async Task A_topup_that_definitely_failed_is_201_too_and_says_why()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.OrderAsync(Refused, "20", "R1");

        reply.Code.Should().Be(201);
        reply.Json.Text("status").Should().Be("failed");
        reply.Json.Text("code").Should().Be("product_unavailable");
        (await world.PostedAsync()).Should().Be("10000.00");
    }

    [Test]
    public async Task A_topup_nobody_can_answer_for_is_202_and_its_money_stays_held()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.OrderAsync(Hangs, "20", "R1");

        reply.Code.Should().Be(202);
        reply.Json.Text("status").Should().Be("unknown");
        reply.Json.At("final").GetBoolean().Should().BeFalse();
        reply.Json.Text("nextCheckAt").Should().Be("2026-11-20T12:00:05Z");
        reply.Header("Location").Should().EndWith(reply.Json.Text("id"));
        (await world.HeldAsync()).Should().Be("1.09");
    }

    [Test]
    public async Task Who_prefers_not_to_wait_is_answered_before_anything_is_sent()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.OrderAsync(Good, "20", "R1", ("Prefer", "respond-async"));

        reply.Code.Should().Be(202);
        reply.Json.Text("status").Should().Be("held");
        world.Provider.Submissions.Should().BeEmpty();
        await world.RunJobsAsync();
        (await world.Reseller.AskAsync(reply.Header("Location")!)).Json.Text("status").Should().Be("succeeded");
    }

    [Test]
    public async Task The_second_request_with_a_reference_gets_the_first_topup_as_it_is_now()
    {
        await using var world = await ApiWorld.StartAsync();
        var first = await world.Reseller.OrderAsync(Good, "20", "R1", ("Prefer", "respond-async"));
        await world.RunJobsAsync();

        var second = await world.Reseller.OrderAsync(Good, "20", "R1");

        second.Code.Should().Be(201);
        second.Header("Idempotency-Replayed").Should().Be("true");
        second.Json.At("replayed").GetBoolean().Should().BeTrue();
        second.Json.Text("id").Should().Be(first.Json.Text("id"));
        second.Json.Text("status").Should().Be("succeeded");
        world.Provider.Submissions.Should().HaveCount(1);
    }

    [TestCase("\"order-7\"", "order-7")]
    [TestCase("order-7", "\"order-7\"")]
    public async Task An_idempotency_key_is_the_same_quoted_and_bare(string firstKey, string secondKey)
    {
        await using var world = await ApiWorld.StartAsync();

        var first = await world.Reseller.OrderAsync(Good, "20", null, ("Idempotency-Key", firstKey));
        var second = await world.Reseller.OrderAsync(Good, "20", null, ("Idempotency-Key", secondKey));

        second.Json.Text("id").Should().Be(first.Json.Text("id"));
        second.Header("Idempotency-Replayed").Should().Be("true");
        world.Provider.Deliveries.Should().HaveCount(1);
    }

    [Test]
    public async Task A_key_used_for_another_order_is_refused_and_so_is_a_reference()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync(Good, "20", null, ("Idempotency-Key", "k1"));
        await world.Reseller.OrderAsync(Good, "20", "R1");

        var key = await world.Reseller.OrderAsync(Good, "50", null, ("Idempotency-Key", "k1"));
        var reference = await world.Reseller.OrderAsync(Good, "50", "R1");

        (key.Code, key.ErrorCode).Should().Be((422, "idempotency_key_reused"));
        (reference.Code, reference.ErrorCode).Should().Be((409, "reference_conflict"));
        // two charges of 1.09
        (await world.PostedAsync()).Should().Be("9997.82");
    }

    [Test]
    public async Task Without_reference_and_key_nothing_is_ordered()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.OrderAsync(Good, "20", null);

        (reply.Code, reply.ErrorCode).Should().Be((400, "idempotency_key_missing"));
        world.Provider.Submissions.Should().BeEmpty();
    }

    [Test]
    public async Task A_final_no_is_given_again_and_says_that_it_is_the_first_one()
    {
        await using var world = await ApiWorld.StartAsync();
        var first = await world.Reseller.OrderAsync(Good, "501", "R1");

        var second = await world.Reseller.OrderAsync(Good, "501", "R1");

        (first.Code, first.ErrorCode, first.Header("Idempotency-Replayed")).Should().Be((422, "amount_out_of_range", null));
        (second.Code, second.ErrorCode, second.Header("Idempotency-Replayed")).Should().Be((422, "amount_out_of_range", "true"));
        second.Json.At("max_amount").GetRawText().Should().Be("""{"amount":"500.00","currency":"MXN"}""");
    }

    [Test]
    public async Task An_admin_sees_attempts_provider_cost_and_margin_and_a_customer_does_not()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = (await world.Reseller.OrderAsync(Refused, "20", "R1")).Json.Text("id");

        var admin = await world.Admin.AskAsync($"/api/v1/topups/{id}");
        var customer = await world.Reseller.AskAsync($"/api/v1/topups/{id}");

        admin.Json.Text("provider").Should().Be("simulator");
        admin.Json.Text("cost.amount").Should().Be("19.00");
        admin.Json.Text("margin.amount").Should().Be("1.00");
        admin.Json.At("attempts")[0].Text("code").Should().Be("-120054");
        admin.Json.At("attempts")[0].Text("status").Should().Be("refused");
        customer.Text.Should().NotContainAny("simulator", "-120054", "Product not Found", "attempts", "margin");
    }

    [Test]
    public async Task Evidence_of_two_people_settles_what_nobody_could_answer_for()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = (await world.Reseller.OrderAsync(Hangs, "20", "R1")).Json.Text("id");
        var second = world.Client(("Authorization", "Bearer " + (await world.SendAsync(new Relier.Identity.CreateKey("jose"))).Secret));
        var word = new { verdict = "delivered", reference = "statement line 17" };

        var first = await world.Admin.PostAsync($"/api/v1/topups/{id}/evidence", word);
        var again = await world.Admin.PostAsync($"/api/v1/topups/{id}/evidence", word);
        var other = await second.PostAsync($"/api/v1/topups/{id}/evidence", word);
        var late = await second.PostAsync($"/api/v1/topups/{id}/evidence", new { verdict = "not_delivered", reference = "x" });
        var customer = await world.Reseller.PostAsync($"/api/v1/topups/{id}/evidence", word);

        (first.Code, first.Json.Text("status")).Should().Be((200, "unknown"));
        (again.Code, again.ErrorCode).Should().Be((403, "second_person_required"));
        (other.Code, other.Json.Text("status")).Should().Be((200, "succeeded"));
        (late.Code, late.ErrorCode).Should().Be((409, "invalid_state_transition"));
        (customer.Code, customer.ErrorCode).Should().Be((403, "forbidden"));
        (await world.PostedAsync()).Should().Be("9998.91");
    }

    [Test]
    public async Task An_admin_orders_for_a_customer_by_name_and_a_customer_only_for_itself()
    {
        await using var world = await ApiWorld.StartAsync();
        var other = await world.NewCustomerAsync("Other", "other");

        var admin = await world.Admin.PostAsync("/api/v1/topups", new { phone = Good, amount = "20", reference = "A1", customer = world.CustomerId });
        var nameless = await world.Admin.OrderAsync(Good, "20", "A2");
        var stranger = await world.Reseller.PostAsync("/api/v1/topups", new { phone = Good, amount = "20", reference = "R1", customer = other });

        admin.Json.Text("customer").Should().Be(world.CustomerId);
        (nameless.Code, nameless.ErrorCode).Should().Be((422, "validation_failed"));
        (stranger.Code, stranger.ErrorCode).Should().Be((404, "not_found"));
    }

    [Test]
    public async Task Every_path_of_v1_also_answers_without_the_version()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.PostAsync("/api/topups", new { phone = Good, amount = "20", reference = "R1" });

        reply.Code.Should().Be(201);
        (await world.Reseller.AskAsync("/api/topups")).Json.At("data").GetArrayLength().Should().Be(1);
        (await world.Admin.AskAsync($"/api/customers/{world.CustomerId}")).Code.Should().Be(200);
    }

    [Test]
    public async Task Case_66_statistics_leave_the_undecided_out_of_the_success_rate()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync(Good, "20", "R1");
        await world.Reseller.OrderAsync(Good, "20", "R2");
        await world.Reseller.OrderAsync(Refused, "20", "R3");
        await world.Reseller.OrderAsync(Hangs, "20", "R4");

        var stats = (await world.Reseller.AskAsync("/api/v1/topups/stats")).Json;

        // 2 of 3
        stats.Text("successRate").Should().Be("0.6667");
        stats.Text("undecided").Should().Be("1");
        stats.At("held")[0].Text("amount").Should().Be("1.09");
    }

    [Test]
    public async Task A_list_is_read_part_by_part_without_leaving_out_or_repeating()
    {
        await using var world = await ApiWorld.StartAsync();
        for (var i = 0; i < 7; i++)
        {
            await world.Reseller.OrderAsync(Good, "20", $"R{i}");
            if (i % 2 == 0) world.Clock.Advance(Duration.FromSeconds(1));
        }

        var seen = new List<string>();
        var path = "/api/v1/topups?limit=3&status=succeeded";
        for (string? next = path; next is not null;)
        {
            var page = await world.Reseller.AskAsync(next);
            seen.AddRange(page.Json.At("data").EnumerateArray().Select(topUp => topUp.Text("reference")));
            page.Json.At("has_more").GetBoolean().Should().Be(page.Json.Text("next_cursor").Length > 0);
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>')] : null;
        }

        seen.Should().HaveCount(7).And.OnlyHaveUniqueItems();
        // Ordered in one instant, so by their ids, which are partly random.
        seen[..2].Should().BeEquivalentTo("R5", "R6");
        seen[^1].Should().Be("R0");
    }

    [Test]
    public async Task A_cursor_under_other_filters_is_refused()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync(Good, "20", "R1");
        await world.Reseller.OrderAsync(Good, "20", "R2");
        var cursor = (await world.Reseller.AskAsync("/api/v1/topups?limit=1")).Json.Text("next_cursor");

        var reply = await world.Reseller.AskAsync($"/api/v1/topups?limit=1&status=failed&cursor={cursor}");

        (reply.Code, reply.ErrorCode).Should().Be((400, "cursor_invalid"));
    }

    [TestCase("/api/v1/topups?statsu=failed", 400, "unknown_parameter")]
    [TestCase("/api/v1/topups?status=failed&status=held", 400, "unknown_parameter")]
    [TestCase("/api/v1/balance?x=1", 400, "unknown_parameter")]
    [TestCase("/api/v1/topups?status=lost", 422, "validation_failed")]
    [TestCase("/api/v1/topups?limit=ten", 422, "validation_failed")]
    [TestCase("/api/v1/topups?limit=101", 422, "validation_failed")]
    [TestCase("/api/v1/topups?from=yesterday", 422, "validation_failed")]
    [TestCase("/api/v1/topups?from=9999-12-31T23:59:59-18:00", 422, "validation_failed")]
    [TestCase("/api/v1/topups?phone=%00", 422, "validation_failed")]
    [TestCase("/api/v1/topups?cursor=abc", 400, "cursor_invalid")]
    public async Task A_wrong_parameter_is_refused_by_name(string path, int status, string code)
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.AskAsync(path);

        (reply.Code, reply.ErrorCode).Should().Be((status, code));
    }
}
