using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Processes;

/// <summary>Hosts that sweep the error folder of a switch by themselves.</summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class SweepingHosts
{
    [TestCase("Relier.Api")]
    [TestCase("Relier.Worker")]
    public async Task A_host_that_is_to_sweep_a_folder_that_is_not_there_says_so_and_does_not_start(string program)
    {
        var directory = Directory.CreateTempSubdirectory("relier-sweeping-");
        await using var host = HostProcess.Start(
            directory.FullName,
            new Dictionary<string, string>
            {
                ["DOTNET_ENVIRONMENT"] = "Development", ["Relier__ConnectionString"] = "Data Source=relier.db", ["Relier__FreeSwitch__Switches__0__Name"] = "fs-1",
                ["Relier__FreeSwitch__Switches__0__Password"] = "sixteen-letters-1", ["Relier__FreeSwitch__Switches__0__ErrorFolder"] = "/not/there",
                ["Relier__FreeSwitch__SweepInterval"] = "00:00:09",
            },
            program: program);

        (await host.EndAsync()).Should().Be(78);
        host.Output.Should().Contain("ErrorFolder is '/not/there', and there is no such folder.").And.Contain("SweepInterval is 00:00:09; it must be 00:00:10 to 1.00:00:00.").And.NotContain(" at Relier.");
        directory.Delete(recursive: true);
    }

    [Test]
    public async Task A_worker_takes_in_what_a_switch_left_while_a_host_without_jobs_needs_no_folder()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"relier-left-{Guid.NewGuid():N}");
        await using var installation = await Installation.StartAsync(
            Engine.Sqlite, new(), ("Relier__RunJobs", "false"), ("Relier__FreeSwitch__Switches__0__Name", "fs-1"), ("Relier__FreeSwitch__Switches__0__Password", "sixteen-letters-1"),
            ("Relier__FreeSwitch__Switches__0__ErrorFolder", folder));
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "u-1.cdr.json");
        await File.WriteAllTextAsync(file, """{"variables":{"uuid":"u-1","start_epoch":"1775800544","billsec":"60"},"callflow":[]}""");
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        var worker = await installation.StartAnotherAsync("Relier.Worker", ("Relier__RunJobs", "true"));
        await worker.SaysAsync(line => line.Contains("What switch fs-1 could not deliver was taken in", StringComparison.Ordinal), "that it swept");
        await worker.TerminateAsync();

        (await worker.EndAsync()).Should().Be(0);
        File.Exists(Path.Combine(folder, "done", "u-1.cdr.json")).Should().BeTrue();
        (await installation.AskAsync("/api/v1/cdrs/reports")).GetProperty("data").GetArrayLength().Should().Be(1);
        Directory.Delete(folder, recursive: true);
    }
}
