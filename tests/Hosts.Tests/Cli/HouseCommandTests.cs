using FluentAssertions;
using NUnit.Framework;
using Relier.Identity;
using Relier.Tenancy;

namespace Relier.Hosts.Tests.Cli;

/// <summary>Customers, keys, the ledger and rates.</summary>
internal sealed class HouseCommandTests
{
    [Test]
    public async Task A_customer_is_created_with_what_it_may_order()
    {
        using var shell = new Shell();

        var created = await shell.RunAsync(
            "customers", "create", "Tienda José", "--channel", "jose", "--currency", "MXN", "--credit-limit", "50", "--min", "20", "--max", "100", "--step", "10",
            "--fixed", "20,50", "--fixed", "100", "--daily-limit", "", "--daily-limit-per-phone", "200", "--pinned-provider", "simulator", "--allow", "203.0.113.0/24", "--json");

        created.Exit.Should().Be(0);
        created.Json.GetProperty("name").GetString().Should().Be("Tienda José");
        created.Json.GetProperty("walletCurrency").GetString().Should().Be("MXN");
        created.Json.GetProperty("creditLimit").ToString().Should().Be("""{"amount":"50.00","currency":"MXN"}""");
        created.Json.GetProperty("policies").ToString().Should().Be(
            """{"currency":"MXN","minAmount":"20.00","maxAmount":"100.00","step":"10.00","fixedAmounts":["20.00","50.00","100.00"],"dailyLimit":null,"dailyLimitPerPhone":"200.00","commission":"0","pinnedProvider":"simulator","allowedAddresses":["203.0.113.0/24"],"lateDelivery":"customer","lowBalance":"1000"}""");
    }

    [Test]
    public async Task A_channel_that_is_taken_is_a_conflict()
    {
        using var shell = new Shell();
        await shell.RunAsync("customers", "create", "One", "--channel", "shop");

        var second = await shell.RunAsync("customers", "create", "Two", "--channel", "shop");

        second.Exit.Should().Be(4);
        second.Error.Should().Contain("channel_taken");
    }

    [Test]
    public async Task Customers_are_listed_with_what_they_have()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var list = await shell.RunAsync("customers", "list");
        var document = await shell.RunAsync("customers", "list", "--json");

        list.Out.Should().StartWith("ID\tNAME").And.Contain(customer).And.Contain("100.00 USD");
        document.Json.GetProperty("data")[0].GetProperty("balance").GetProperty("available").ToString().Should().Be("""{"amount":"100.00","currency":"USD"}""");
    }

    [Test]
    public async Task Credit_is_added_once_for_one_key()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var first = await shell.RunAsync("customers", "credit", customer, "25.50", "--reason", "payment", "--note", "cash", "--idempotency-key", "k1", "--json");
        var second = await shell.RunAsync("customers", "credit", customer, "25.50", "--reason", "payment", "--note", "cash", "--idempotency-key", "k1");

        // 100.00 + 25.50
        first.Json.GetProperty("before").ToString().Should().Be("""{"amount":"100.00","currency":"USD"}""");
        first.Json.GetProperty("after").ToString().Should().Be("""{"amount":"125.50","currency":"USD"}""");
        second.Exit.Should().Be(0);
        second.Out.Should().Contain("125.50 USD");
        second.Error.Should().Contain("nothing was changed again");
    }

    [TestCase("y", 0, "90.00 USD")]
    [TestCase("n", 1, "100.00 USD")]
    [TestCase("", 1, "100.00 USD")]
    public async Task A_person_is_asked_before_something_is_subtracted(string typed, int exit, string left)
    {
        using var shell = new Shell { IsTerminal = true, Typed = typed };
        var customer = await shell.ResellerAsync();

        var subtracted = await shell.RunAsync("customers", "credit", customer, "-10.00", "--reason", "correction");

        subtracted.Exit.Should().Be(exit);
        subtracted.Error.Should().Contain("Subtract 10.00 USD from Corner Shop, which has 100.00 USD?");
        (await shell.RunAsync("customers", "list")).Out.Should().Contain(left);
    }

    [Test]
    public async Task Who_may_not_be_asked_must_force_a_subtraction()
    {
        using var shell = new Shell { IsTerminal = true };
        var customer = await shell.ResellerAsync();

        var unasked = await shell.RunAsync("customers", "credit", customer, "-10.00", "--reason", "correction", "--no-input");
        var forced = await shell.RunAsync("customers", "credit", customer, "-10.00", "--reason", "correction", "--no-input", "--force");

        unasked.Exit.Should().Be(2);
        forced.Exit.Should().Be(0);
    }

    [Test]
    public async Task A_script_subtracts_without_being_asked()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        (await shell.RunAsync("customers", "credit", customer, "-10.00", "--reason", "correction")).Exit.Should().Be(0);
    }

    [Test]
    public async Task An_admin_gets_a_key_also_with_the_option_first()
    {
        using var shell = new Shell();

        var issued = await shell.RunAsync("keys", "create", "--admin", "maria", "--json");

        issued.Exit.Should().Be(0);
        issued.Json.GetProperty("name").GetString().Should().Be("maria");
        issued.Json.GetProperty("secret").GetString().Should().StartWith("ra_");
        issued.Json.GetProperty("scopes").GetArrayLength().Should().Be(Permission.OfAdmins.Count);
    }

    [Test]
    public async Task Whose_key_it_is_must_be_said_and_cannot_be_both()
    {
        using var shell = new Shell();

        (await shell.RunAsync("keys", "create", "maria")).Exit.Should().Be(2);
        (await shell.RunAsync("keys", "create", "maria", "--admin", "--customer", "cus_1")).Exit.Should().Be(2);
    }

    [Test]
    public async Task A_key_is_rotated_and_revoked()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        var key = (await shell.RunAsync("keys", "create", "shop", "--customer", customer, "--json")).Json.GetProperty("id").GetString()!;

        var rotated = await shell.RunAsync("keys", "rotate", key, "--grace-hours", "2", "--json");
        var revoked = await shell.RunAsync("keys", "revoke", key);
        var again = await shell.RunAsync("keys", "rotate", key);

        rotated.Json.GetProperty("secret").GetString().Should().StartWith("rk_");
        revoked.Out.Should().Contain("Revoked");
        again.Exit.Should().Be(4);
        again.Error.Should().Contain("key_revoked");
    }

    [Test]
    public async Task A_secret_is_shown_where_it_is_issued_and_nowhere_else()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        var issued = (await shell.RunAsync("keys", "create", "shop", "--customer", customer, "--json")).Json;
        var (id, secret) = (issued.GetProperty("id").GetString()!, issued.GetProperty("secret").GetString()!);

        string[][] others =
        [
            ["keys", "list", "--customer", customer, "--json"], ["keys", "list", "--customer", customer], ["keys", "rotate", id, "--json"], ["keys", "revoke", id, "--json", "-v"],
            ["customers", "list", "--json"], ["ledger", "verify", "--json"],
        ];
        foreach (var command in others)
        {
            var ran = await shell.RunAsync(command);
            ran.Exit.Should().Be(0);
            (ran.Out + ran.Error).Should().NotContain(secret).And.NotContain("secretHash");
        }
    }

    [Test]
    public async Task The_quiet_answer_to_a_new_key_is_its_secret_alone()
    {
        using var shell = new Shell();

        var issued = await shell.RunAsync("keys", "create", "--admin", "maria", "-q");

        issued.Out.Trim().Should().MatchRegex("^ra_[A-Za-z0-9]{65}$");
        issued.Error.Should().BeEmpty();
    }

    [Test]
    public async Task Books_that_add_up_end_with_0()
    {
        using var shell = new Shell();
        await shell.ResellerAsync();
        await shell.RunAsync("topup", "send", "5512345678", "20");

        var people = await shell.RunAsync("ledger", "verify");
        var document = await shell.RunAsync("ledger", "verify", "--json");

        people.Exit.Should().Be(0);
        people.Error.Should().Contain("Everything adds up");
        // 20.00 MXN sold, 19.00 owed to the simulator
        people.Out.Should().Contain("topup_revenue\t1.00 MXN").And.Contain("provider_payable:simulator\t19.00 MXN");
        document.Json.GetProperty("sound").GetBoolean().Should().BeTrue();
    }

    [Test]
    public async Task Books_that_do_not_add_up_end_with_1_and_the_findings()
    {
        using var shell = new Shell();
        await shell.ResellerAsync();
        await shell.Storage.RunAsync(
            TenantId.Parse("main"),
            async session =>
            {
                var customer = (await session.Customers.ListAsync(new Storage.PageRequest(null, 1), default)).Data[0];
                var account = (await session.Ledger.LockAsync(customer.Wallet, default))!;
                return await session.Ledger.UpdateAsync(account with { Posted = account.Posted + Money.Of(1, Currency.USD) }, default);
            },
            default);

        var people = await shell.RunAsync("ledger", "verify");
        var document = await shell.RunAsync("ledger", "verify", "--json");

        people.Exit.Should().Be(1);
        people.Out.Should().Contain("posted_is_sum_of_postings").And.Contain("100.00 USD").And.Contain("101.00 USD");
        document.Exit.Should().Be(1);
        document.Json.GetProperty("findings")[0].GetProperty("rule").GetString().Should().Be("posted_is_sum_of_postings");
    }

    [Test]
    public async Task A_statement_shows_the_balance_after_each_posting()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        await shell.RunAsync("topup", "send", "5512345678", "20");

        var lines = await shell.RunAsync("ledger", "statement", "--customer", customer, "--from", "2026-11-20", "--limit", "10");
        var document = await shell.RunAsync("ledger", "statement", "--customer", customer, "--json");

        // 100.00 - 1.09
        lines.Out.Should().Contain("-1.09 USD\t98.91 USD");
        document.Json.GetProperty("data")[0].GetProperty("kind").GetString().Should().Be("topup_captured");
        document.Json.GetProperty("data")[0].GetProperty("topUp").GetString().Should().StartWith("RLR");
        document.Json.GetProperty("data")[1].GetProperty("reason").GetString().Should().Be("payment");
    }

    [Test]
    public async Task Rates_are_entered_once_and_listed_with_who_entered_them()
    {
        using var shell = new Shell();
        var added = await shell.RunAsync("rates", "add", "MXN", "USD", "0.0544", "--json");

        var again = await shell.RunAsync("rates", "add", "MXN", "USD", "0.0545");
        var list = await shell.RunAsync("rates", "list");

        added.Json.GetProperty("rate").GetString().Should().Be("0.0544");
        again.Exit.Should().Be(4);
        list.Out.Should().Contain("MXN/USD\t0.0544").And.Contain("system:cli:maria");
        (await shell.RunAsync("rates", "list", "--json")).Json.GetProperty("data").GetArrayLength().Should().Be(1);
    }
}
