using FluentAssertions;
using NodaTime;
using NUnit.Framework;

namespace Relier.Hosts.Tests.Cli;

internal sealed class TopUpCommandTests
{
    private const string Delivers = "5512345678";

    [Test]
    public async Task A_delivered_topup_ends_with_0_and_says_what_it_cost()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var sent = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer);

        // 20.00 x 0.0544 = 1.088, half-up 1.09
        sent.Exit.Should().Be(0);
        sent.Out.Should().Contain("succeeded").And.Contain("20.00 MXN").And.Contain("1.09 USD").And.Contain("+525512345678");
        sent.Error.Should().BeEmpty();
    }

    [Test]
    public async Task The_document_of_a_topup_has_the_shape_of_the_resource()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var sent = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--reference", "order-1", "--json");

        sent.Json.GetProperty("faceAmount").ToString().Should().Be("""{"amount":"20.00","currency":"MXN"}""");
        sent.Json.GetProperty("charge").ToString().Should().Be("""{"amount":"1.09","currency":"USD"}""");
        // 1 / 0.0544 = 18.38235…
        sent.Json.GetProperty("fxRate").ToString().Should().Be("""{"pair":"USD/MXN","rate":"18.3824","asOf":"2026-11-20T12:00:00Z"}""");
        // The simulator takes 95 % of the face value.
        sent.Json.GetProperty("cost").ToString().Should().Be("""{"amount":"19.00","currency":"MXN"}""");
        sent.Json.GetProperty("margin").ToString().Should().Be("""{"amount":"1.00","currency":"MXN"}""");
        sent.Json.GetProperty("status").GetString().Should().Be("succeeded");
        sent.Json.GetProperty("final").GetBoolean().Should().BeTrue();
        sent.Json.TryGetProperty("replayed", out _).Should().BeFalse();
        sent.Json.GetProperty("reference").GetString().Should().Be("order-1");
        sent.Json.GetProperty("attempts")[0].GetProperty("status").GetString().Should().Be("delivered");
    }

    [Test]
    public async Task A_topup_that_failed_ends_with_1_and_its_state()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var sent = await shell.RunAsync("topup", "send", "5512345001", "20", "--customer", customer);

        sent.Exit.Should().Be(1);
        sent.Out.Should().Contain("failed (product_unavailable)");
    }

    [Test]
    public async Task An_unknown_outcome_ends_with_8_and_says_how_to_follow_it()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var sent = await shell.RunAsync("topup", "send", "5512345004", "20", "--customer", customer);

        sent.Exit.Should().Be(8);
        sent.Error.Should().Contain("relier topup show RLR");
    }

    [Test]
    public async Task What_is_only_ordered_is_undecided()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var sent = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--no-wait", "--json");

        sent.Exit.Should().Be(8);
        sent.Json.GetProperty("status").GetString().Should().Be("held");
        sent.Error.Should().BeEmpty();
    }

    [Test]
    public async Task The_only_customer_need_not_be_named()
    {
        using var shell = new Shell();
        await shell.ResellerAsync();

        (await shell.RunAsync("topup", "send", Delivers, "20")).Exit.Should().Be(0);
    }

    [Test]
    public async Task Among_several_customers_one_must_be_named()
    {
        using var shell = new Shell();
        await shell.ResellerAsync();
        await shell.RunAsync("customers", "create", "Another");

        var sent = await shell.RunAsync("topup", "send", Delivers, "20");

        sent.Exit.Should().Be(2);
        sent.Error.Should().Contain("--customer");
    }

    [Test]
    public async Task A_second_send_with_one_reference_orders_nothing()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        var first = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--reference", "order-1", "-q");

        var second = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--reference", "order-1", "-q");

        second.Exit.Should().Be(0);
        second.Out.Should().Be(first.Out);
        (await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--reference", "order-1", "--json")).Json.GetProperty("replayed").GetBoolean().Should().BeTrue();
        (await shell.RunAsync("topup", "list", "--json")).Json.GetProperty("data").GetArrayLength().Should().Be(1);
    }

    [Test]
    public async Task The_same_again_is_suspected_unless_it_is_meant()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer);

        var suspected = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer);
        var meant = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--allow-duplicate");

        suspected.Exit.Should().Be(4);
        suspected.Error.Should().Contain("duplicate_suspected").And.Contain("--allow-duplicate");
        meant.Exit.Should().Be(0);
    }

    [Test]
    public async Task Without_a_rate_it_can_be_tried_again_and_ends_with_7()
    {
        using var shell = new Shell();
        var customer = (await shell.RunAsync("customers", "create", "Shop", "-q")).Out.Trim();

        var sent = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--json");

        sent.Exit.Should().Be(7);
        sent.Out.Should().BeEmpty();
        sent.Problem.GetProperty("code").GetString().Should().Be("fx_unavailable");
    }

    [Test]
    public async Task Too_little_credit_ends_with_1_and_says_how_much_there_is()
    {
        using var shell = new Shell();
        var customer = (await shell.RunAsync("customers", "create", "Shop", "-q")).Out.Trim();
        await shell.RunAsync("rates", "add", "MXN", "USD", "0.0544");

        var sent = await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--json");

        sent.Exit.Should().Be(1);
        sent.Problem.GetProperty("code").GetString().Should().Be("insufficient_credit");
        sent.Problem.GetProperty("facts").GetProperty("available").ToString().Should().Be("""{"amount":"0.00","currency":"USD"}""");
    }

    [Test]
    public async Task A_wrong_phone_is_a_wrong_usage_and_the_field_is_named()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var sent = await shell.RunAsync("topup", "send", "123", "20", "--customer", customer, "--json");

        sent.Exit.Should().Be(2);
        sent.Problem.GetProperty("fields")[0].GetProperty("field").GetString().Should().Be("phone");
        sent.Problem.GetProperty("fields")[0].GetProperty("code").GetString().Should().Be("phone_invalid");
    }

    [Test]
    public async Task An_answer_that_comes_after_the_wait_is_not_lost()
    {
        var provider = new PatientProvider();
        using var shell = new Shell { Provider = provider };
        var customer = await shell.ResellerAsync();

        var sending = shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--wait", "5");
        await provider.Asked;
        shell.Clock.Advance(Duration.FromSeconds(6));
        await shell.Spoken;
        var stayed = await Shell.StaysAsync(sending);
        provider.Deliver();
        var sent = await sending;

        stayed.Should().BeTrue();
        sent.Exit.Should().Be(0);
        sent.Out.Should().Contain("succeeded");
    }

    [Test]
    public async Task Interrupted_it_ends_with_130_and_still_writes_down_the_answer()
    {
        var provider = new PatientProvider();
        using var shell = new Shell { Provider = provider };
        using var interrupt = new CancellationTokenSource();
        var customer = await shell.ResellerAsync();

        var sending = shell.RunAsync(interrupt.Token, "topup", "send", Delivers, "20", "--customer", customer);
        await provider.Asked;
        await interrupt.CancelAsync();
        await shell.Spoken;
        var stayed = await Shell.StaysAsync(sending);
        provider.Deliver();
        var sent = await sending;

        stayed.Should().BeTrue();
        sent.Exit.Should().Be(130);
        sent.Error.Should().Contain("interrupted").And.NotContain("   at ");
        (await shell.RunAsync("topup", "list", "--json")).Json.GetProperty("data")[0].GetProperty("status").GetString().Should().Be("succeeded");
    }

    [Test]
    public async Task One_topup_is_shown_and_another_is_not_found()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        var id = (await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "-q")).Out.Trim();

        var shown = await shell.RunAsync("topup", "show", id);
        var document = await shell.RunAsync("topup", "show", id, "--json");
        var missing = await shell.RunAsync("topup", "show", "RLR0", "--json");

        shown.Out.Should().Contain(id).And.Contain("Attempt 1");
        document.Json.GetProperty("id").GetString().Should().Be(id);
        missing.Exit.Should().Be(3);
        missing.Problem.GetProperty("code").GetString().Should().Be("not_found");
    }

    [Test]
    public async Task A_list_is_filtered_and_paged()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        foreach (var phone in new[] { Delivers, "5512345001", "5512345679" })
        {
            await shell.RunAsync("topup", "send", phone, "20", "--customer", customer);
            shell.Clock.Advance(Duration.FromSeconds(1));
        }

        var first = await shell.RunAsync("topup", "list", "--limit", "2", "--json");
        var rest = await shell.RunAsync("topup", "list", "--limit", "2", "--cursor", first.Json.GetProperty("next_cursor").GetString()!, "--json");
        var failed = await shell.RunAsync("topup", "list", "--status", "failed", "--customer", customer, "--from", "2026-11-20", "--to", "2026-11-21");

        first.Json.GetProperty("data").GetArrayLength().Should().Be(2);
        first.Json.GetProperty("has_more").GetBoolean().Should().BeTrue();
        rest.Json.GetProperty("data")[0].GetProperty("phone").GetString().Should().Be("+525512345678");
        rest.Json.GetProperty("has_more").GetBoolean().Should().BeFalse();
        failed.Out.TrimEnd().Split('\n').Should().HaveCount(2).And.Subject.Last().Should().Contain("+525512345001").And.Contain("product_unavailable");
    }

    [Test]
    public async Task All_pages_are_one_document_and_one_list()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        for (var i = 0; i < 3; i++) await shell.RunAsync("topup", "send", Delivers, "20", "--customer", customer, "--reference", $"order-{i}");

        var document = await shell.RunAsync("topup", "list", "--all", "--json");
        var list = await shell.RunAsync("topup", "list", "--all");

        document.Json.GetProperty("data").GetArrayLength().Should().Be(3);
        document.Json.GetProperty("has_more").GetBoolean().Should().BeFalse();
        list.Out.TrimEnd().Split('\n').Should().HaveCount(4);
    }

    [Test]
    public async Task People_at_a_terminal_get_a_table()
    {
        using var shell = new Shell { IsTerminal = true };
        await shell.ResellerAsync();
        await shell.RunAsync("topup", "send", Delivers, "20");

        var list = await shell.RunAsync("topup", "list");

        list.Out.Should().Contain("│ ID").And.Contain("+525512345678").And.NotContain("\t").And.NotContain("\u001b");
    }
}
