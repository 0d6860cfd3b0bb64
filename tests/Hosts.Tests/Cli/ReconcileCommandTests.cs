namespace Relier.Hosts.Tests.Cli;

internal sealed class ReconcileCommandTests
{
    private const string Map = "time=T; ourReference=R; phone=M; amount=A; currency=MXN; status=S; delivered=OK; failed=NO";

    [Test]
    public async Task A_statement_that_agrees_ends_with_0_and_says_what_was_found()
    {
        using var shell = new Shell();
        var file = await StatementAsync(shell, "20.00");

        var trial = await shell.RunAsync("topup", "reconcile", file, "--provider", "simulator", "--map", Map, "--dry-run");
        var ran = await shell.RunAsync("topup", "reconcile", file, "--provider", "simulator", "--map", Map, "--rows", "1", "--total", "MXN=20.00");
        var again = await shell.RunAsync("topup", "reconcile", file, "--provider", "simulator", "--map", Map);

        (trial.Exit, ran.Exit, again.Exit).Should().Be((0, 0, 4));
        trial.Out.Should().Contain("a trial; nothing was kept");
        ran.Out.Should().Contain("matched:").And.Contain("1, 20.00 MXN");
        again.Error.Should().Contain("statement_already_imported");
    }

    [Test]
    public async Task One_that_differs_ends_with_1_and_json_has_the_shape_of_the_api()
    {
        using var shell = new Shell();
        var file = await StatementAsync(shell, "19.99");

        var ran = await shell.RunAsync("topup", "reconcile", file, "--provider", "simulator", "--map", Map, "--json");

        ran.Exit.Should().Be(1);
        ran.Json.GetProperty("status").GetString().Should().Be("done");
        ran.Json.GetProperty("classes")[0].GetProperty("class").GetString().Should().Be("matched_amount_diff");
        ran.Error.Should().BeEmpty("a program is not shown how far it is");
    }

    [Test]
    public async Task A_terminal_gets_the_summary_after_the_bar()
    {
        using var shell = new Shell { IsTerminal = true };
        var file = await StatementAsync(shell, "20.00");

        var ran = await shell.RunAsync("topup", "reconcile", file, "--provider", "simulator", "--map", Map);

        ran.Exit.Should().Be(0);
        ran.Out.Should().Contain("matched:");
    }

    [Test]
    public async Task A_wrong_file_map_or_total_is_refused_with_its_code()
    {
        using var shell = new Shell();
        var file = await StatementAsync(shell, "20.00");

        (await shell.RunAsync("topup", "reconcile", file + ".gone", "--provider", "simulator", "--map", Map)).Exit.Should().Be(2);
        (await shell.RunAsync("topup", "reconcile", file, "--provider", "simulator", "--map", "nonsense")).Exit.Should().Be(2);
        var total = await shell.RunAsync("topup", "reconcile", file, "--provider", "simulator", "--map", Map, "--total", "MXN=1.00", "--json");
        total.Exit.Should().Be(1);
        total.Problem.GetProperty("code").GetString().Should().Be("control_total_mismatch");
    }

    private static async Task<string> StatementAsync(Shell shell, string amount)
    {
        var customer = await shell.ResellerAsync();
        var id = (await shell.RunAsync("topup", "send", "5512345000", "20", "--customer", customer, "-q")).Out.Trim();
        var file = Path.Combine(Path.GetTempPath(), $"{id}-{Guid.NewGuid():N}.csv");
        var time = NodaTime.Text.InstantPattern.ExtendedIso.Format(shell.Clock.Now());
        await File.WriteAllTextAsync(file, $"T,R,M,A,S\n{time},{id},5512345000,{amount},OK\n");
        return file;
    }
}
