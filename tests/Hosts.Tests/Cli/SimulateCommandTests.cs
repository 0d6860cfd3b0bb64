using FluentAssertions;
using NUnit.Framework;

namespace Relier.Hosts.Tests.Cli;

/// <summary><c>relier simulate</c>.</summary>
internal sealed class SimulateCommandTests
{
    [Test]
    public async Task A_run_is_told_and_judged_without_any_configuration()
    {
        using var shell = new Shell { Environment = "Production", Settings = [] };

        var ran = await shell.RunAsync("simulate", "--seed", "7", "--steps", "50");

        ran.Exit.Should().Be(0);
        ran.Out.Should().Contain("p1 starts").And.Contain("Seed 7: every promise held");
    }

    [Test]
    public async Task The_same_seed_gives_the_same_document()
    {
        using var shell = new Shell();

        var once = await shell.RunAsync("simulate", "--seed", "7", "--steps", "50", "--json");
        var again = await shell.RunAsync("simulate", "--seed", "7", "--steps", "50", "--json");

        once.Json.GetProperty("holds").GetBoolean().Should().BeTrue();
        again.Out.Should().Be(once.Out);
    }

    [Test]
    public async Task Of_several_runs_only_what_breaks_is_told()
    {
        using var shell = new Shell();

        var ran = await shell.RunAsync("simulate", "--runs", "3", "--steps", "20");

        ran.Exit.Should().Be(0);
        ran.Out.Trim().Should().Be("3 runs, 0 broken");
    }

    [Test]
    public async Task A_run_of_no_steps_is_refused()
    {
        using var shell = new Shell();

        (await shell.RunAsync("simulate", "--steps", "0")).Exit.Should().Be(2);
    }
}
