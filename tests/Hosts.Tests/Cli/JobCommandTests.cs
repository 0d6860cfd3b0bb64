using FluentAssertions;
using NUnit.Framework;

namespace Relier.Hosts.Tests.Cli;

/// <summary><c>relier jobs</c>.</summary>
internal sealed class JobCommandTests
{
    [Test]
    public async Task A_job_is_listed_shown_set_aside_and_retried()
    {
        using var shell = new Shell();
        var job = await LookUpAsync(shell);

        (await shell.RunAsync("jobs", "list", "--state", "delayed")).Out.Should().StartWith("ID\tKIND").And.Contain($"{job}\ttopup.check");
        (await shell.RunAsync("jobs", "dead", job)).Exit.Should().Be(2, "it needs a reason");
        (await shell.RunAsync("jobs", "dead", job, "--reason", "ask first")).Out.Should().Contain("dead").And.Contain("ask first");
        (await shell.RunAsync("jobs", "dead", job, "--reason", "again")).Exit.Should().Be(4);
        (await shell.RunAsync("jobs", "show", job, "--json")).Json.GetProperty("state").GetString().Should().Be("dead");
        (await shell.RunAsync("jobs", "retry", job, "--json")).Json.GetProperty("state").GetString().Should().Be("waiting");
        (await shell.RunAsync("jobs", "retry", job)).Exit.Should().Be(4);
        (await shell.RunAsync("jobs", "show", "job_none")).Exit.Should().Be(3);
        (await shell.RunAsync("jobs", "list", "--state", "asleep")).Exit.Should().Be(2);
    }

    [Test]
    public async Task A_kind_is_paused_once_and_resumed_once()
    {
        using var shell = new Shell();

        (await shell.RunAsync("jobs", "pause", "topup.check")).Error.Should().Contain("relier jobs resume topup.check");
        (await shell.RunAsync("jobs", "pause", "topup.check")).Exit.Should().Be(0);
        (await shell.RunAsync("jobs", "paused", "--json")).Json.GetProperty("data").GetArrayLength().Should().Be(1);
        (await shell.RunAsync("jobs", "resume", "topup.check")).Exit.Should().Be(0);
        (await shell.RunAsync("jobs", "resume", "topup.check")).Exit.Should().Be(3);
        (await shell.RunAsync("jobs", "processes")).Error.Should().Contain("None.");
    }

    /// <summary>An order nobody answered for, so that its look-up waits.</summary>
    private static async Task<string> LookUpAsync(Shell shell)
    {
        var customer = await shell.ResellerAsync();
        await shell.RunAsync("topup", "send", "5512345005", "20", "--customer", customer, "--reference", "R1");
        return (await shell.RunAsync("jobs", "list", "--json")).Json.GetProperty("data")[0].GetProperty("id").GetString()!;
    }
}
