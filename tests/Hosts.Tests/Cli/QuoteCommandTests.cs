namespace Relier.Hosts.Tests.Cli;

internal sealed class QuoteCommandTests
{
    private const string Question = """
        { "plan": {}, "decks": { "A": { "entries": [ { "prefix": "91", "rate": "r" } ], "rates": { "r": { "tiers": [ { "price": "1.99", "increment": 1 } ] } } } },
          "call": { "to": "918041000000", "start": "2026-11-20T10:00:00Z", "quantity": 37 } }
        """;

    [Test]
    public async Task A_call_is_priced_without_any_configuration()
    {
        using var shell = new Shell { Environment = "Production", Settings = [] };
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Question);

        var people = await shell.RunAsync("quote", "rating", file);
        var program = await shell.RunAsync("quote", "rating", file, "--json");
        File.Delete(file);

        (people.Exit, program.Exit).Should().Be((0, 0));
        people.Out.Should().Contain("1.2272").And.Contain("1.227166666667");
        program.Json.GetProperty("amount").GetString().Should().Be("1.2272");
    }

    [Test]
    public async Task What_cannot_be_read_or_rated_ends_with_its_code()
    {
        using var shell = new Shell();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Question.Replace("\"plan\": {}", "\"plan\": { \"bands\": [ { \"deck\": \"A\", \"from\": \"09:00\" } ] }"));

        var gone = await shell.RunAsync("quote", "rating", "/nowhere.json");
        var gap = await shell.RunAsync("quote", "rating", file);
        File.Delete(file);

        (gone.Exit, gap.Exit).Should().Be((2, 1));
        gap.Error.Should().Contain("plan_not_continuous").And.Contain("Monday at 00:00");
    }

    // Half of a pair is no text, and no JSON parser minds.
    [TestCase("""{"a\ud800":1}""")]
    [TestCase("""{"plan":{"a\ud800":1}}""")]
    [TestCase("""{"plan":{},"plan":{}}""")]
    [TestCase("{")]
    public async Task A_file_with_broken_text_in_it_is_refused_and_no_mistake_of_ours(string text)
    {
        using var files = new Files(("broken.json", text));
        using var shell = new Shell();
        using var piping = new Shell { Typed = text };

        foreach (var refused in new[]
        {
            await shell.RunAsync("quote", "rating", files["broken.json"], "--json"), await shell.RunAsync("plan", "put", files["broken.json"], "--json"), await piping.RunAsync("quote", "rating", "-", "--json"),
        })
            (refused.Exit, refused.Problem.GetProperty("code").GetString()).Should().Be((2, "validation_failed"), refused.Error);
    }

    [Test]
    public async Task A_file_that_is_not_UTF_8_is_refused_and_a_mark_at_its_beginning_is_none_of_it()
    {
        using var files = new Files();
        using var shell = new Shell();
        await File.WriteAllBytesAsync(files["latin.json"], [.. "{\"a"u8, 0xE9, .. "\":1}"u8]);
        await File.WriteAllTextAsync(files["marked.json"], Question, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        (await shell.RunAsync("quote", "rating", files["latin.json"])).Error.Should().Contain("UTF-8");
        (await shell.RunAsync("quote", "rating", files["marked.json"])).Exit.Should().Be(0);
    }
}
