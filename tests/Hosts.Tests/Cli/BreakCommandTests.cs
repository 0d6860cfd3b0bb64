using NodaTime;

namespace Relier.Hosts.Tests.Cli;

/// <summary><c>relier topup breaks</c>.</summary>
internal sealed class BreakCommandTests
{
    private const string ByReference = "time=T; ourReference=R; phone=M; amount=A; currency=MXN; status=S; delivered=OK; failed=NO";
    private const string ByPhone = "time=T; phone=M; amount=A; currency=MXN; status=S; delivered=OK; failed=NO";

    [Test]
    public async Task A_break_is_listed_with_its_age_given_to_somebody_and_ended_once()
    {
        using var shell = new Shell();
        await shell.ResellerAsync();
        var (run, one) = await BreakAsync(shell, "5512345000", "19.99", ByReference);
        shell.Clock.Advance(Duration.FromHours(50));

        var listed = await shell.RunAsync("topup", "breaks", "list", "--status", "open", "--owner", "", "--reconciliation", run);
        var assigned = await shell.RunAsync("topup", "breaks", "assign", one, "jorge");
        var nobodys = await shell.RunAsync("topup", "breaks", "list", "--owner", "");
        var applied = await shell.RunAsync("topup", "breaks", "close", one, "--outcome", "applied", "--note", "move");
        var closed = await shell.RunAsync("topup", "breaks", "close", one, "--outcome", "accepted", "--note", "one centavo");
        var again = await shell.RunAsync("topup", "breaks", "close", one, "--outcome", "claimed", "--note", "again");
        var late = await shell.RunAsync("topup", "breaks", "assign", one, "--nobody");

        listed.Out.Should().StartWith("ID\tCLASS\tSTATUS\tAGE (DAYS)\tOWNER").And.Contain($"{one}\tmatched_amount_diff\topen\t2\t\t\t19.99 MXN\t20.00 MXN\t");
        assigned.Out.Should().MatchRegex("Owner: +jorge");
        nobodys.Error.Should().Contain("None.");
        (applied.Exit, applied.Error).Should().Match<(int Exit, string Error)>(ran => ran.Exit == 4 && ran.Error.Contains("nothing_to_apply"));
        closed.Out.Should().MatchRegex("Outcome: +accepted").And.MatchRegex("Closed by: +system:cli:maria").And.MatchRegex("Note: +one centavo");
        (again.Exit, late.Exit).Should().Be((4, 4));
        again.Error.Should().Contain("break_closed");
        (await shell.RunAsync("topup", "breaks", "show", one, "--json")).Json.GetProperty("outcome").GetString().Should().Be("accepted");
        (await shell.RunAsync("topup", "breaks", "list", "--status", "closed", "--json")).Json.GetProperty("data").GetArrayLength().Should().Be(1);
    }

    [Test]
    public async Task A_break_is_taken_from_whoever_has_it()
    {
        using var shell = new Shell();
        await shell.ResellerAsync();
        var (_, one) = await BreakAsync(shell, "5512345000", "19.99", ByReference);
        await shell.RunAsync("topup", "breaks", "assign", one, "jorge");

        (await shell.RunAsync("topup", "breaks", "assign", one, "--nobody", "--json")).Json.GetProperty("owner").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
    }

    [Test]
    public async Task What_only_looks_alike_stays_open_after_the_word_of_one_person()
    {
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();
        var (_, one) = await BreakAsync(shell, "5512345001", "20.00", ByPhone);
        (await shell.RunAsync("topup", "breaks", "show", one)).Out.Should().MatchRegex("If applied: +delivered, by the word of two persons");

        var first = await shell.RunAsync("topup", "breaks", "close", one, "--outcome", "applied", "--note", "the operator says so");
        var same = await shell.RunAsync("topup", "breaks", "close", one, "--outcome", "applied", "--note", "the operator says so");

        first.Exit.Should().Be(0);
        first.Error.Should().Contain("It stays open until a second person says the same.");
        first.Out.Should().MatchRegex("Status: +open");
        (same.Exit, same.Error).Should().Match<(int Exit, string Error)>(ran => ran.Exit == 4 && ran.Error.Contains("second_person_required"));
        (await shell.RunAsync("ledger", "statement", "--customer", customer, "--json")).Json.GetProperty("data").GetArrayLength().Should().Be(1, "only the first credit was posted");
    }

    [Test]
    public async Task What_is_not_there_or_not_said_right_ends_with_its_own_code()
    {
        using var shell = new Shell();

        (await shell.RunAsync("topup", "breaks", "show", "brk_none")).Exit.Should().Be(3);
        (await shell.RunAsync("topup", "breaks", "assign", "brk_none", "jorge")).Exit.Should().Be(3);
        (await shell.RunAsync("topup", "breaks", "assign", "brk_none")).Error.Should().Contain("Say either an OWNER or --nobody.");
        (await shell.RunAsync("topup", "breaks", "close", "brk_none", "--outcome", "won", "--note", "x")).Exit.Should().Be(2);
        (await shell.RunAsync("topup", "breaks", "close", "brk_none", "--outcome", "claimed")).Exit.Should().Be(2, "it needs a note");
        (await shell.RunAsync("topup", "breaks", "list", "--status", "asleep")).Exit.Should().Be(2);
    }

    /// <summary>An order, and a statement that says otherwise about it.</summary>
    private static async Task<(string Run, string Break)> BreakAsync(Shell shell, string phone, string amount, string map)
    {
        var id = (await shell.RunAsync("topup", "send", phone, "20", "--reference", "R1", "-q")).Out.Trim();
        var file = Path.Combine(Path.GetTempPath(), $"{id}-{Guid.NewGuid():N}.csv");
        await File.WriteAllTextAsync(file, $"T,R,M,A,S\n{NodaTime.Text.InstantPattern.ExtendedIso.Format(shell.Clock.Now())},{id},{phone},{amount},OK\n");
        var ran = await shell.RunAsync("topup", "reconcile", file, "--provider", "simulator", "--map", map);
        File.Delete(file);
        ran.Error.Should().Contain("relier topup breaks list --reconciliation rec_");
        var one = (await shell.RunAsync("topup", "breaks", "list", "--json")).Json.GetProperty("data")[0];
        return (one.GetProperty("reconciliation").GetString()!, one.GetProperty("id").GetString()!);
    }
}
