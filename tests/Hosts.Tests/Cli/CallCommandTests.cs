namespace Relier.Hosts.Tests.Cli;

internal sealed class CallCommandTests
{
    private const string Deck = """
        prefix,price,first,next,connect_fee,destination,short_code,forbidden
        91,1.00,60,60,,India,,
        918041,0.60,60,1,0.10,Bengaluru,,
        112,0,,,,Emergency,1,
        44900,,,,,Premium,,1
        """;

    // 90 s to Bengaluru: 0.10, a minute at 0.60, 30 s at 0.01. 61 s to India: two minutes. 90 + 61 + 3 x 30 = 241 s; 90 + 120 + 60 billed.
    private const string Calls = """
        uuid,destination_number,start_stamp,billsec,note
        a,+91 80 4100 0000,2026-11-20 10:00:00,90,"one, two"
        b,09845012345,2026-11-20T10:00:00+05:30,61,
        c,112,2026-11-20 10:00:00,30,
        d,0044 900 1234,2026-11-20 10:00:00,30,
        e,0033 123456789,2026-11-20 10:00:00,30,
        f,09845012345,yesterday,30,
        g,09845012345,2026-11-20 10:00:00,0,
        """;

    [Test]
    public async Task A_file_of_calls_is_priced_by_a_deck_without_any_configuration()
    {
        using var files = new Files(("calls.csv", Calls), ("deck.csv", Deck));
        using var shell = new Shell { Environment = "Production", Settings = [] };

        var priced = await shell.RunAsync("cdr", "rate", files["calls.csv"], "--deck", files["deck.csv"], "--country", "IN", "--zone", "Asia/Kolkata");

        priced.Exit.Should().Be(1, "three of them have no price");
        priced.Out.ReplaceLineEndings("\n").Should().Be("""
            line,id,to,start,seconds,billed,prefix,destination,status,reason,amount
            2,a,'+91 80 4100 0000,2026-11-20 10:00:00,90,90,918041,Bengaluru,rated,,1.0000
            3,b,09845012345,2026-11-20T10:00:00+05:30,61,120,91,India,rated,,2.0000
            4,c,112,2026-11-20 10:00:00,30,60,112,Emergency,rated,,0.0000
            5,d,0044 900 1234,2026-11-20 10:00:00,30,0,44900,Premium,unrated,forbidden,
            6,e,0033 123456789,2026-11-20 10:00:00,30,0,,,unrated,no_rate,
            7,f,09845012345,yesterday,,,,,unreadable,instant_invalid,
            8,g,09845012345,2026-11-20 10:00:00,0,0,91,India,zero,,0.0000

            """.ReplaceLineEndings("\n"));
        priced.Error.Should().Contain("7 calls, 3 rated, 1 with nothing to charge; 241 s, 270 s billed, 3.0000 in all").And.Contain("1 without a price: no_rate");
    }

    [Test]
    public async Task The_summary_is_a_document_and_the_calls_go_to_a_file()
    {
        using var files = new Files(("calls.csv", Calls), ("deck.csv", Deck));
        using var shell = new Shell();
        var priced = files["priced.csv"];

        var summary = await shell.RunAsync("cdr", "rate", files["calls.csv"], "--deck", files["deck.csv"], "--country", "IN", "--out", priced, "--json");

        summary.Json.GetProperty("amount").GetString().Should().Be("3.0000");
        summary.Json.GetProperty("without").ToString().Should().Be("""{"forbidden":1,"instant_invalid":1,"no_rate":1}""");
        (await File.ReadAllLinesAsync(priced)).Should().HaveCount(8);
    }

    [TestCase("calls.csv")]
    [TestCase("deck.csv")]
    public async Task What_is_read_is_never_written_over(string name)
    {
        using var files = new Files(("calls.csv", Calls), ("deck.csv", Deck));
        using var shell = new Shell();
        File.CreateSymbolicLink(files["link.csv"], files[name]);
        var sideways = Path.Combine(Path.GetDirectoryName(files[name])!, ".", name);

        foreach (var target in new[] { files[name], sideways, files["link.csv"] })
        {
            var refused = await shell.RunAsync("cdr", "rate", files["calls.csv"], "--deck", files["deck.csv"], "--country", "IN", "--out", target, "--json");

            (refused.Exit, refused.Problem.GetProperty("fields")[0].GetProperty("field").GetString()).Should().Be((2, "out"), target);
        }

        (await File.ReadAllTextAsync(files["calls.csv"])).Should().Be(Calls);
        (await File.ReadAllTextAsync(files["deck.csv"])).Should().Be(Deck);
    }

    [Test]
    public async Task A_file_that_cannot_be_made_is_refused_in_words()
    {
        using var files = new Files(("calls.csv", Calls), ("deck.csv", Deck));
        using var shell = new Shell();

        foreach (var target in new[] { Path.GetDirectoryName(files["calls.csv"])!, Path.Combine(files["nowhere"], "priced.csv") })
        {
            var refused = await shell.RunAsync("cdr", "rate", files["calls.csv"], "--deck", files["deck.csv"], "--country", "IN", "--out", target, "--json");

            refused.Exit.Should().Be(2);
            (refused.Problem.GetProperty("code").GetString(), refused.Problem.GetProperty("fields")[0].GetProperty("field").GetString()).Should().Be(("validation_failed", "out"));
        }
    }

    [TestCase("prefix,price\n91,1\n9x,1\n91,2\n", "line 3, prefix: expected up to 17 digits, or * (prefix_invalid)", "line 4, prefix: expected each prefix once")]
    [TestCase("prefix,price,per\n91,-1,60\n92,,60\n93,1,0\n", "line 2, price: expected a decimal from 0", "line 4, tiers[0].per: expected a whole number from 1 (per_invalid)")]
    [TestCase("prefix,price,first,next\n91,1,x,6\n92,1.0000000001,60,1\n", "line 2, first: expected a whole number (number_invalid)", "line 3, price: expected a decimal")]
    [TestCase("prefix,amount\n91,1\n", "column price: this column is missing", "import_unreadable")]
    public async Task A_deck_that_cannot_be_rated_by_is_refused_with_the_line(string deck, string first, string second)
    {
        using var files = new Files(("calls.csv", Calls), ("deck.csv", deck));
        using var shell = new Shell();

        var refused = await shell.RunAsync("cdr", "rate", files["calls.csv"], "--deck", files["deck.csv"]);

        refused.Exit.Should().Be(2);
        refused.Error.Should().Contain(first).And.Contain(second);
        refused.Out.Should().BeEmpty();
    }

    [TestCase("--zone", "Mars/Olympus")]
    [TestCase("--country", "XX")]
    [TestCase("--deck", "/nowhere.csv")]
    public async Task A_wrong_option_is_refused(string option, string value)
    {
        using var files = new Files(("calls.csv", Calls), ("deck.csv", Deck));
        using var shell = new Shell();
        string[] deck = option == "--deck" ? [] : ["--deck", files["deck.csv"]];

        (await shell.RunAsync(["cdr", "rate", files["calls.csv"], .. deck, option, value])).Exit.Should().Be(2);
    }

    /// <summary>A directory with files, gone afterwards.</summary>
}
