using System.Globalization;
using NodaTime;
using Relier.Hosting.Resources;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Hosts.Tests.Api;

internal sealed class ExportTests
{
    private const string Good = "5512345000";

    [Test]
    public async Task Case_67_five_thousand_rows_are_complete_and_come_to_what_the_ledger_says()
    {
        await using var world = await ApiWorld.StartAsync();
        for (var i = 0; i < 5000; i++) await world.SendAsync(new RequestTopUp("55" + (10_000_000 + i) .ToString(CultureInfo.InvariantCulture)[..5] + "500", "20") { Customer = world.CustomerId, Reference = $"R{i}" });
        world.Clock.Advance(Duration.FromSeconds(1));

        var reply = await world.Admin.AskAsync($"/api/v1/topups/export.csv?customer={world.CustomerId}");

        var lines = reply.Text.Split("\r\n");
        lines[0].Should().Be("Date,Customer,Phone,Amount (MXN),Cost (USD),Exchange Rate,Status,Transaction ID,Reference,Operator TX ID");
        lines[^1].Should().BeEmpty();
        var rows = lines[1..^1].Select(line => line.Split(',')).ToList();
        rows.Should().HaveCount(5000);
        rows.Select(row => row[8]).Should().OnlyHaveUniqueItems();
        var cost = rows.Sum(row => decimal.Parse(row[4], CultureInfo.InvariantCulture));
        // 5,000 x 1.09 = 5,450.00
        cost.Should().Be(5450.00m);
        (await world.PostedAsync()).Should().Be("4550.00");
        reply.ContentHeaders.ContentDisposition!.FileName.Should().Be("relier_transactions_filtered_2026-11-20.csv");
    }

    [TestCase("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [TestCase("+52", "'+52")]
    [TestCase("-1", "'-1")]
    [TestCase("@x", "'@x")]
    [TestCase("\tx", "'\tx")]
    [TestCase("\rx", "\"'\rx\"")]
    [TestCase("a,b", "\"a,b\"")]
    [TestCase("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [TestCase("two\nlines", "\"two\nlines\"")]
    [TestCase("plain", "plain")]
    [TestCase(null, "")]
    public void A_cell_is_text_whatever_is_in_it(string? text, string cell) => Csv.Cell(text).Should().Be(cell);

    [Test]
    public async Task References_are_made_harmless_and_the_file_is_named_after_its_filter()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync(Good, "20", "=cmd,\"x\"");
        world.Clock.Advance(Duration.FromSeconds(1));

        var all = await world.Reseller.AskAsync("/api/v1/topups/export.csv");
        var success = await world.Reseller.AskAsync("/api/v1/topups/export.csv?status=succeeded");
        var failed = await world.Reseller.AskAsync("/api/v1/topups/export.csv?status=failed");

        all.Text.Should().Contain(",\"'=cmd,\"\"x\"\"\",");
        all.ContentHeaders.ContentType!.MediaType.Should().Be("text/csv");
        all.ContentHeaders.ContentDisposition!.FileName.Should().Contain("_all_");
        success.ContentHeaders.ContentDisposition!.FileName.Should().Contain("_success_");
        failed.Text.Should().EndWith("Operator TX ID\r\n");
    }

    [Test]
    public async Task The_reconciliation_layout_is_for_people_of_the_house()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync("5512345001", "20", "R1");

        var admin = await world.Admin.AskAsync("/api/v1/topups/export.csv?layout=reconciliation&from=2026-11-01&to=2026-12-01");
        var customer = await world.Reseller.AskAsync("/api/v1/topups/export.csv?layout=reconciliation");
        var strange = await world.Admin.AskAsync("/api/v1/topups/export.csv?layout=xml");

        admin.Text.Should().StartWith("Transaction ID,Customer ID,Company,Phone,Amount MXN,Status,Date,Response Time (ms),Latcom Code,Latcom Message,Operator TX ID\r\n");
        admin.Text.Should().Contain(",'-120054,Product not Found,");
        admin.ContentHeaders.ContentDisposition!.FileName.Should().Be("reconciliation_2026-11-01_to_2026-12-01.csv");
        (customer.Code, strange.Code).Should().Be((403, 422));
    }

    [Test]
    public async Task An_export_that_cannot_begin_is_an_answer_of_its_own()
    {
        await using var world = await ApiWorld.StartAsync();
        var program = world.Reseller;
        (await program.AskAsync("/api/v1/topups/export.csv")).Code.Should().Be(200);
        world.Storage.Failure = new StorageUnavailableException("down");
        (await program.AskAsync("/api/v1/topups/export.csv")).Code.Should().Be(503);
    }
}
