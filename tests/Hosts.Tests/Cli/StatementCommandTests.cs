namespace Relier.Hosts.Tests.Cli;

internal sealed class StatementCommandTests
{
    [Test]
    public async Task A_statement_is_written_in_the_format_that_is_asked_for()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync("<Corner> Shop");
        await shell.RunAsync("topup", "send", "5512345000", "20", "--customer", customer, "--reference", "R1");

        var page = await shell.RunAsync("customers", "statement", customer, "--month", "2026-11");
        var csv = await shell.RunAsync("customers", "statement", customer, "--month", "2026-11", "--format", "csv");
        var json = await shell.RunAsync("customers", "statement", customer, "--from", "2026-11-20", "--to", "2026-11-21", "--json");

        (page.Exit, csv.Exit, json.Exit).Should().Be((0, 0, 0));
        page.Out.Should().StartWith("<!DOCTYPE html>").And.Contain("&lt;Corner&gt; Shop").And.EndWith("</html>\n");
        csv.Out.Should().Contain(",Top-up,RLR").And.Contain(",-1.09,98.91,USD,").And.Contain("Balance until now");
        json.Json.GetProperty("closing").GetProperty("amount").GetString().Should().Be("98.91");
        json.Json.GetProperty("lines").GetArrayLength().Should().Be(2);
    }

    [Test]
    public async Task A_wrong_format_month_or_customer_ends_with_its_own_code_and_writes_nothing()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var format = await shell.RunAsync("customers", "statement", customer, "--month", "2026-11", "--format", "pdf");
        var month = await shell.RunAsync("customers", "statement", customer, "--month", "November");
        var nobody = await shell.RunAsync("customers", "statement", "cus_nobody", "--month", "2026-11");
        var nothing = await shell.RunAsync("customers", "statement", customer);

        (format.Exit, month.Exit, nobody.Exit, nothing.Exit).Should().Be((2, 2, 3, 2));
        month.Error.Should().Contain("month: expected a month, as in 2026-11 (month_invalid)");
        format.Error.Should().Contain("expected one of html, csv, json");
        (format.Out + month.Out + nobody.Out + nothing.Out).Should().BeEmpty();
    }
}
