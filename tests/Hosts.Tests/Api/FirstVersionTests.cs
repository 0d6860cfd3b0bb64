using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;

namespace Relier.Hosts.Tests.Api;

/// <summary>The acceptance cases that are about HTTP, on the paths of the first version.</summary>
internal sealed class FirstVersionTests
{
    private const string Good = "5512345000";

    [Test]
    public async Task Case_01_a_topup_that_is_waited_for_is_delivered_and_charged()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.OldReseller.OldOrderAsync(Good, 20, "R1");

        reply.Code.Should().Be(200);
        var json = reply.Json;
        json.At("success").GetBoolean().Should().BeTrue();
        json.Text("transaction.status").Should().Be("SUCCESS");
        json.Text("transaction.id").Should().MatchRegex(@"^RLR\d{13,}$");
        json.Text("transaction.amount_mxn").Should().Be("20");
        json.Text("transaction.amount_usd").Should().Be("1.09");
        json.Text("transaction.exchange_rate").Should().Be("0.0544");
        json.Text("transaction.phone").Should().Be(Good);
        json.Text("transaction.operatorTransactionId").Should().NotBeEmpty();
        json.Text("billing.deducted_usd").Should().Be("1.09");
        json.Text("billing.balance_before_usd").Should().Be("10000");
        json.Text("billing.balance_after_usd").Should().Be("9998.91");
        json.Text("remaining_balance").Should().Be("9998.91");
        reply.Text.Should().NotContainAny("simulator", "provider", "Latcom");
        (await world.HeldAsync()).Should().Be("0.00");
        world.Provider.Deliveries.Should().ContainSingle();
    }

    [Test]
    public async Task Case_02_a_topup_that_is_not_waited_for_is_taken_and_settled_later()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.OldReseller.OldOrderAsync(Good, 20, "R1", "/api/demo/topup-async");

        reply.Code.Should().Be(202);
        reply.Json.Text("transaction.status").Should().Be("PENDING");
        reply.Json.Text("check_status_url").Should().Be("/api/transaction/" + reply.Json.Text("transaction.id"));
        var during = (await world.OldReseller.AskAsync("/api/balance")).Json;
        (during.Text("current_balance"), during.Text("held"), during.Text("available_balance")).Should().Be(("10000", "1.09", "9998.91"));
        await world.RunJobsAsync();
        (await world.OldReseller.AskAsync(reply.Json.Text("check_status_url"))).Json.Text("transaction.status").Should().Be("SUCCESS");
        (await world.PostedAsync()).Should().Be("9998.91");
    }

    [Test]
    public async Task Case_03_a_fixed_product_goes_before_the_open_range()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.OldReseller.OldOrderAsync(Good, 70, "R1");
        await world.OldReseller.OldOrderAsync(Good, 25, "R2");
        world.Provider.Submissions.Select(submission => submission.Product).Should().Equal("XOOM_70_MXN", "SIM_MXN_20_TO_2000");
    }

    [TestCase("5512345000", 200)]
    [TestCase("525512345000", 200)]
    [TestCase("+525512345000", 200)]
    [TestCase("+52 1 55 1234-5000", 200)]
    [TestCase("551234500", 400)]
    [TestCase("55123450000", 400)]
    [TestCase("5512345000123", 400)]
    [TestCase("55123abcde", 400)]
    [TestCase("", 400)]
    public async Task Case_05_a_phone_is_read_as_people_write_it_or_refused(string phone, int status)
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.OldReseller.OldOrderAsync(phone, 20, "R1");

        reply.Code.Should().Be(status);
        if (status == 200) reply.Json.Text("transaction.phone").Should().Be(Good);
        else (await world.Reseller.AskAsync("/api/v1/topups")).Json.At("data").GetArrayLength().Should().Be(0);
    }

    [TestCase("19", 400)]
    [TestCase("201", 400)]
    [TestCase("20.5", 400)]
    [TestCase("\"abc\"", 400)]
    [TestCase("-20", 400)]
    [TestCase("0", 400)]
    [TestCase("1e400", 400)]
    [TestCase("null", 400)]
    [TestCase("true", 400)]
    [TestCase("20", 200)]
    [TestCase("20.00", 200)]
    [TestCase("2e1", 200)]
    [TestCase("\"20\"", 200)]
    [TestCase("200", 200)]
    public async Task Case_06_an_amount_is_a_number_or_text_with_one_and_within_the_policy(string amount, int status)
    {
        await using var world = await ApiWorld.StartAsync();
        var program = await world.ProgramOfAsync(await world.NewCustomerAsync("Strict", "strict", new PoliciesInput { MinAmount = "20", MaxAmount = "200" }));

        var reply = await program.PostAsync("/api/strict/topup", $$"""{"phone":"{{Good}}","amount":{{amount}},"reference":"R1"}""");

        reply.Code.Should().Be(status);
        reply.Json.At("success").GetBoolean().Should().Be(status == 200);
    }

    [Test]
    public async Task Case_07_a_customer_with_fixed_amounts_is_told_which()
    {
        await using var world = await ApiWorld.StartAsync();
        string[] amounts = ["10", "20", "30", "40", "50", "60", "70", "80", "90", "100", "150", "200", "300", "500"];
        var id = await world.NewCustomerAsync("Fixed", "fixed", new PoliciesInput { FixedAmounts = amounts });
        var program = await world.ProgramOfAsync(id);

        var reply = await program.OldOrderAsync(Good, 25, "R1", "/api/fixed/topup");

        (reply.Code, reply.ErrorCode).Should().Be((400, "amount_not_allowed"));
        reply.Json.Text("error").Should().Be("Invalid product amount");
        reply.Json.At("allowed_amounts").EnumerateArray().Select(amount => amount.GetDecimal()).Should().HaveCount(14).And.StartWith(10m).And.EndWith(500m);
        reply.Json.Text("requested_amount").Should().Be("25");
        (await world.PostedAsync(id)).Should().Be("10000.00");
    }

    [Test]
    public async Task Case_09_and_14_a_reference_twice_is_one_topup_also_when_it_failed()
    {
        await using var world = await ApiWorld.StartAsync();

        var first = await world.OldReseller.OldOrderAsync(Good, 20, "R1");
        var second = await world.OldReseller.OldOrderAsync(Good, 20, "R1");
        var failed = await world.OldReseller.OldOrderAsync("5512345001", 20, "R2");
        var failedAgain = await world.OldReseller.OldOrderAsync("5512345001", 20, "R2");

        second.Json.Text("transaction.id").Should().Be(first.Json.Text("transaction.id"));
        second.Json.At("replayed").GetBoolean().Should().BeTrue();
        second.Json.Text("billing.balance_after_usd").Should().Be("9998.91");
        (failed.Code, failedAgain.Code).Should().Be((422, 422));
        failedAgain.Json.Text("transaction.id").Should().Be(failed.Json.Text("transaction.id"));
        world.Provider.Submissions.Should().HaveCount(2);
        (await world.PostedAsync()).Should().Be("9998.91");
    }

    [Test]
    public async Task Case_10_fifty_identical_requests_at_once_are_one_topup()
    {
        await using var world = await ApiWorld.StartAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => world.OldReseller.OldOrderAsync(Good, 20, "R1"))));

        replies.Select(reply => reply.Json.Text("transaction.id")).Distinct().Should().ContainSingle();
        replies.Should().OnlyContain(reply => reply.Code == 200 || reply.Code == 202);
        world.Provider.Deliveries.Should().ContainSingle();
        (await world.PostedAsync()).Should().Be("9998.91");
    }

    [Test]
    public async Task Case_11_a_reference_for_another_order_is_a_conflict()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.OldReseller.OldOrderAsync(Good, 20, "R1");

        var reply = await world.OldReseller.OldOrderAsync(Good, 50, "R1");

        (reply.Code, reply.ErrorCode).Should().Be((409, "reference_conflict"));
        (await world.PostedAsync()).Should().Be("9998.91");
    }

    [Test]
    public async Task Case_13_and_35_asking_again_while_nobody_knows_submits_once()
    {
        await using var world = await ApiWorld.StartAsync();
        var first = await world.OldReseller.OldOrderAsync("5512345004", 20, "R1");

        for (var i = 0; i < 5; i++)
        {
            var again = await world.OldReseller.OldOrderAsync("5512345004", 20, "R1");
            (again.Code, again.Json.Text("transaction.id"), again.Json.Text("transaction.status")).Should().Be((202, first.Json.Text("transaction.id"), "PROCESSING"));
            again.Json.Text("transaction.outcome").Should().Be("unknown");
        }

        world.Provider.Submissions.Should().ContainSingle();
        (await world.PostedAsync(), await world.HeldAsync()).Should().Be(("10000.00", "1.09"));
    }

    [Test]
    public async Task Case_15_the_same_phone_and_amount_within_two_minutes_is_suspected()
    {
        await using var world = await ApiWorld.StartAsync();
        var first = await world.OldReseller.OldOrderAsync(Good, 20, null);
        world.Clock.Advance(Duration.FromSeconds(60));
        var second = await world.OldReseller.OldOrderAsync(Good, 20, null);
        var meant = await world.OldReseller.PostAsync("/api/demo/topup", new { phone = Good, amount = 20, allow_duplicate = true });
        world.Clock.Advance(Duration.FromSeconds(121));
        var later = await world.OldReseller.OldOrderAsync(Good, 20, null);

        (second.Code, second.ErrorCode, second.Json.Text("id")).Should().Be((409, "duplicate_suspected", first.Json.Text("transaction.id")));
        (meant.Code, later.Code).Should().Be((200, 200));
    }

    [Test]
    public async Task Case_16_two_requests_in_one_instant_have_two_ids()
    {
        await using var world = await ApiWorld.StartAsync();
        var ids = new[] { (await world.OldReseller.OldOrderAsync(Good, 20, "R1")).Json.Text("transaction.id"), (await world.OldReseller.OldOrderAsync(Good, 20, "R2")).Json.Text("transaction.id") };
        ids.Should().OnlyHaveUniqueItems();
        ids.Select(id => id[..16]).Distinct().Should().ContainSingle();
    }

    [Test]
    public async Task Case_18_money_for_one_of_two_lets_exactly_one_through()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.NewCustomerAsync("Poor", "poor", credit: "1.09");
        var program = await world.ProgramOfAsync(id);

        var replies = await Task.WhenAll(
            Task.Run(() => program.OldOrderAsync(Good, 20, "R1", "/api/poor/topup")), Task.Run(() => program.OldOrderAsync(Good, 20, "R2", "/api/poor/topup")));

        replies.Select(reply => reply.Code).Should().BeEquivalentTo([200, 403]);
        var refused = replies.Single(reply => reply.Code == 403).Json;
        (refused.Text("error"), refused.Text("required_usd"), refused.Text("requested_mxn"), refused.Text("exchange_rate")).Should().Be(("Insufficient balance", "1.09", "20", "0.0544"));
        refused.At("current_balance_usd").GetDecimal().Should().Be(0m);
        (await world.PostedAsync(id)).Should().Be("0.00");
        world.Provider.Submissions.Should().ContainSingle();
    }

    [Test]
    public async Task Case_21_the_daily_limit_counts_what_is_held()
    {
        await using var world = await ApiWorld.StartAsync();
        var program = await world.ProgramOfAsync(await world.NewCustomerAsync("Limited", "limited", new PoliciesInput { DailyLimit = "100" }));
        await program.OldOrderAsync("5512345004", 50, "R0", "/api/limited/topup");

        var replies = await Task.WhenAll(
            Task.Run(() => program.OldOrderAsync(Good, 50, "R1", "/api/limited/topup")), Task.Run(() => program.OldOrderAsync(Good, 50, "R2", "/api/limited/topup")));

        replies.Select(reply => reply.Code).Should().BeEquivalentTo([200, 429]);
        var refused = replies.Single(reply => reply.Code == 429).Json;
        (refused.Text("daily_limit_mxn"), refused.Text("used_today_mxn"), refused.Text("requested_mxn"), refused.Text("available_mxn")).Should().Be(("100", "100", "50", "0"));
    }

    [Test]
    public async Task Case_23_a_refused_topup_failed_and_shows_everywhere()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.OldReseller.OldOrderAsync("5512345001", 20, "R1");

        (reply.Code, reply.ErrorCode, reply.Json.Text("transaction.status")).Should().Be((422, "product_unavailable", "FAILED"));
        reply.Json.At("success").GetBoolean().Should().BeFalse();
        reply.Text.Should().NotContainAny("-120054", "Product not Found");
        (await world.PostedAsync(), await world.HeldAsync()).Should().Be(("10000.00", "0.00"));
        (await world.Admin.AskAsync("/api/admin/all-transactions")).Json.At("transactions")[0].Text("status").Should().Be("FAILED");
        world.Clock.Advance(Duration.FromSeconds(1));
        (await world.Admin.AskAsync("/api/v1/topups/export.csv")).Text.Should().Contain(",FAILED,");
        (await world.Admin.AskAsync("/api/v1/topups/stats")).Json.Text("failed").Should().Be("1");
    }

    [Test]
    public async Task Case_25_a_provider_that_does_not_let_us_in_is_unavailable_and_nothing_is_charged()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.OldReseller.OldOrderAsync("5512345012", 20, "R1");

        (reply.Code, reply.ErrorCode, reply.Json.Text("transaction.status")).Should().Be((503, "provider_unavailable", "FAILED"));
        (await world.PostedAsync(), await world.HeldAsync()).Should().Be(("10000.00", "0.00"));
    }

    [Test]
    public async Task Case_51_rates_are_shown_in_both_directions_and_a_peso_wallet_has_none()
    {
        await using var world = await ApiWorld.StartAsync();
        var pesos = await world.ProgramOfAsync(await world.NewCustomerAsync("Pesos", "pesos", wallet: "MXN"));

        var dollars = (await world.OldReseller.OldOrderAsync(Good, 10, "R1")).Json;
        var peso = (await pesos.OldOrderAsync(Good, 10, "R1", "/api/pesos/topup")).Json;

        // 10.00 x 0.0544 = 0.544; 1 / 0.0544 = 18.38235294
        dollars.Text("transaction.amount_usd").Should().Be("0.54");
        dollars.Text("transaction.usd_per_mxn").Should().Be("0.0544");
        dollars.Text("transaction.mxn_per_usd").Should().Be("18.382353");
        peso.Text("billing.deducted").Should().Be("10");
        peso.At("transaction").Names().Should().NotContain(["exchange_rate", "amount_usd"]);
        peso.At("billing").Names().Should().NotContain("deducted_usd");
    }

    [Test]
    public async Task Case_53_a_provider_in_the_body_is_ignored_as_is_anything_unknown()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.OldReseller.PostAsync("/api/demo/topup", new { phone = Good, amount = 20, reference = "R1", provider = "PPN", carrier = "X" });

        reply.Code.Should().Be(200);
        (await world.Admin.AskAsync("/api/v1/topups/" + reply.Json.Text("transaction.id"))).Json.Text("provider").Should().Be("simulator");
    }

    [TestCase("other")]
    [TestCase("admin")]
    [TestCase("v1")]
    [TestCase("DEMO")]
    public async Task Another_customers_channel_is_not_found(string channel)
    {
        await using var world = await ApiWorld.StartAsync();
        await world.NewCustomerAsync("Other", "other");
        (await world.OldReseller.OldOrderAsync(Good, 20, "R1", $"/api/{channel}/topup")).Code.Should().Be(404);
        world.Provider.Submissions.Should().BeEmpty();
    }

    [Test]
    public async Task The_first_versions_paths_want_its_headers()
    {
        await using var world = await ApiWorld.StartAsync();

        foreach (var path in new[] { "/api/balance", "/api/transaction/x" })
        {
            var reply = await world.Reseller.AskAsync(path);
            (reply.Code, reply.Json.Text("error")).Should().Be((401, "Invalid API credentials"));
        }

        (await world.Client(("X-Api-Key", world.AdminKey)).AskAsync("/api/admin/customers")).Code.Should().Be(401);
        (await world.Admin.AskAsync("/api/admin/customers")).Code.Should().Be(200);
    }

    [Test]
    public async Task A_key_that_may_only_order_still_learns_what_its_order_cost()
    {
        await using var world = await ApiWorld.StartAsync();
        var key = (await world.SendAsync(new CreateKey("till") { Customer = world.CustomerId, Scopes = [Permission.OrderTopUps] })).Secret;
        var till = world.Client(("X-Api-Key", key), ("X-Customer-Id", world.CustomerId));

        (await till.OldOrderAsync(Good, 20, "R1")).Json.Text("billing.deducted_usd").Should().Be("1.09");
        (await till.AskAsync("/api/balance")).Code.Should().Be(403);
    }

    [Test]
    public async Task Credit_is_added_and_subtracted_in_the_old_shape()
    {
        await using var world = await ApiWorld.StartAsync();

        var added = await world.Admin.PostAsync("/api/admin/add-credit", new { customer_id = world.CustomerId, amount = 100, reason = "transfer" }, ("Idempotency-Key", "a1"));
        var again = await world.Admin.PostAsync("/api/admin/add-credit", new { customer_id = world.CustomerId, amount = 100, reason = "transfer" }, ("Idempotency-Key", "a1"));
        var taken = await world.Admin.PostAsync("/api/admin/add-credit", new { customer_id = world.CustomerId, amount = "-0.50" });
        var wrong = await world.Admin.PostAsync("/api/admin/add-credit", new { customer_id = world.CustomerId });
        var lines = (await world.SendAsync(new GetStatement { Customer = world.CustomerId })).Data;

        (added.Json.Text("balance_before"), added.Json.Text("balance_after")).Should().Be(("10000", "10100"));
        again.Header("Idempotency-Replayed").Should().Be("true");
        taken.Json.Text("balance_after").Should().Be("10099.5");
        (wrong.Code, wrong.ErrorCode).Should().Be((400, "validation_failed"));
        lines.Select(line => line.Reason).Should().Equal("correction", "payment: transfer", "opening_balance");
    }

    [Test]
    public async Task Case_65_the_queues_total_is_the_sum_and_a_queue_that_is_down_says_so()
    {
        await using var world = await ApiWorld.StartAsync();
        for (var i = 0; i < 3; i++) await world.OldReseller.OldOrderAsync(Good, 20, $"R{i}");
        await world.OldReseller.OldOrderAsync(Good, 20, "R9", "/api/demo/topup-async");

        var stats = (await world.OldReseller.AskAsync("/api/queue/stats")).Json;

        stats.At("success").GetBoolean().Should().BeTrue();
        (stats.Text("queue.waiting"), stats.Text("queue.completed"), stats.Text("queue.total")).Should().Be(("1", "3", "4"));
        (await world.Nobody.AskAsync("/api/queue/stats")).Code.Should().Be(401);
    }

    [Test]
    public async Task Customers_and_transactions_come_without_secrets_and_say_when_they_are_cut()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.OldReseller.OldOrderAsync(Good, 20, "R1");

        var customers = (await world.Admin.AskAsync("/api/admin/customers")).Json;
        var transactions = (await world.Admin.AskAsync("/api/admin/all-transactions")).Json;

        customers.At("customers")[0].Text("current_balance").Should().Be("9998.91");
        customers.At("customers")[0].Names().Should().NotContain(name => name.Contains("key") || name.Contains("secret"));
        (transactions.Text("truncated"), transactions.Text("count")).Should().Be(("False", "1"));
        transactions.At("transactions")[0].Text("customer_id").Should().Be(world.CustomerId);
    }
}
