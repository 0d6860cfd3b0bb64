using System.Diagnostics;
using System.Net;
using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Processes;

/// <summary>What SIGTERM does to a process that is at work.</summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class GracefulStop
{
    private static readonly (string, string) NoJobs = ("Relier__RunJobs", "false");

    [Test]
    public async Task An_api_host_that_is_stopped_says_so_at_once_answers_what_it_took_and_ends_with_0()
    {
        await using var installation = await Installation.StartAsync(Engine.Sqlite, new() { Latency = TimeSpan.FromSeconds(1) });
        var reseller = await installation.NewResellerAsync();
        var (before, during) = (installation.NewPhone("000"), installation.NewPhone("000"));
        var underWay = reseller.OrderAsync(before, before);
        for (var tries = 0; installation.SubmissionsTo(before) == 0 && tries < 500; tries++) await Task.Delay(10);
        var begun = Stopwatch.GetTimestamp();

        await installation.Host.TerminateAsync();
        await ShouldSoonBeUnreadyAsync(installation.Host);
        var late = await reseller.OrderAsync(during, during);

        Reseller.StatusOf(await underWay).Should().Be("succeeded");
        Reseller.StatusOf(late).Should().Be("succeeded", "it is still served until the load balancer knows");
        (await installation.Host.EndAsync()).Should().Be(0);
        Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(30));
        await installation.StartHostAsync();
        await installation.ShouldBeSoundAsync();
        (await reseller.BalanceAsync()).Should().Be(("9997.82", "0.00")); // 10,000.00 - 2 × 1.09
    }

    [Test]
    public async Task A_process_that_is_told_twice_ends_at_once_and_loses_nothing()
    {
        await using var installation = await Installation.StartAsync(
            Engine.Sqlite, new() { Latency = TimeSpan.FromSeconds(3) }, ("Relier__ProviderTimeoutSeconds", "20"), ("Relier__JobLeaseSeconds", "2"));
        var reseller = await installation.NewResellerAsync();
        var phone = installation.NewPhone("000");
        await reseller.OrderAsync(installation.Host, phone, phone, waits: false);
        for (var tries = 0; installation.SubmissionsTo(phone) == 0 && tries < 500; tries++) await Task.Delay(10);
        var begun = Stopwatch.GetTimestamp();

        await installation.Host.TerminateAsync();
        await ShouldSoonBeUnreadyAsync(installation.Host);
        await installation.Host.TerminateAsync();

        (await installation.Host.EndAsync()).Should().Be(143); // 128 + SIGTERM
        Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(5), "one order to stop waits five seconds for the load balancer alone");
        await installation.StartHostAsync();
        Reseller.StatusOf((await reseller.ListWhenCalmAsync()).Single()).Should().Be("unknown");
        (await reseller.BalanceAsync()).Should().Be(("10000.00", "1.09"));
        installation.SubmissionsTo(phone).Should().Be(1);
    }

    [Test]
    public async Task What_a_stopped_worker_could_not_finish_in_time_is_taken_over_long_before_its_lease_ends_and_is_not_sent_again()
    {
        await using var installation = await Installation.StartAsync(
            Engine.Postgres, new() { Latency = TimeSpan.FromSeconds(12) },
            NoJobs, ("Relier__JobLeaseSeconds", "300"), ("Relier__ProviderTimeoutSeconds", "30"), ("Relier__ShutdownGraceSeconds", "1"));
        var worker = await installation.StartAnotherAsync("Relier.Worker", ("Relier__RunJobs", "true"), ("Relier__ProcessName", "worker-1"));
        var reseller = await installation.NewResellerAsync();
        var phone = installation.NewPhone("000");
        await reseller.OrderAsync(installation.Host, phone, phone, waits: false);
        for (var tries = 0; installation.SubmissionsTo(phone) == 0 && tries < 1000; tries++) await Task.Delay(10);
        var begun = Stopwatch.GetTimestamp();

        await worker.TerminateAsync();
        (await worker.EndAsync()).Should().Be(0);
        Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(10));
        await installation.StartAnotherAsync("Relier.Worker", ("Relier__RunJobs", "true"), ("Relier__ProcessName", "worker-2"));

        // Whether it was delivered nobody can say; so the money stays held, and nobody asks the provider a second time.
        Reseller.StatusOf((await reseller.ListWhenCalmAsync()).Single()).Should().Be("unknown");
        (await reseller.BalanceAsync()).Should().Be(("10000.00", "1.09"));
        installation.SubmissionsTo(phone).Should().Be(1);
        await installation.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_worker_says_everything_that_is_wrong_and_does_not_start()
    {
        var directory = Directory.CreateTempSubdirectory("relier-worker-");
        await using var worker = HostProcess.Start(
            directory.FullName, new Dictionary<string, string> { ["Relier__ConnectionString"] = "Data Source=relier.db", ["Relier__Zone"] = "Mars" }, program: "Relier.Worker");

        (await worker.EndAsync()).Should().Be(78);
        worker.Output.Should().Contain("Relier:Providers is missing").And.Contain("Relier:Zone is 'Mars'");
        directory.Delete(recursive: true);
    }

    [TestCase("Relier.Api")]
    [TestCase("Relier.Worker")]
    public async Task A_host_whose_connection_string_cannot_be_read_says_so_and_does_not_start(string program)
    {
        var directory = Directory.CreateTempSubdirectory("relier-unreadable-");
        await using var host = HostProcess.Start(directory.FullName, new Dictionary<string, string> { ["Relier__ConnectionString"] = "Data Source=", ["Relier__Providers__0"] = "simulator" }, program: program);

        (await host.EndAsync()).Should().Be(78);
        host.Output.Should().Contain("connection string").And.NotContain(" at Relier.");
        directory.Delete(recursive: true);
    }

    private static async Task ShouldSoonBeUnreadyAsync(HostProcess host)
    {
        using var http = new HttpClient();
        var status = HttpStatusCode.OK;
        for (var tries = 0; status == HttpStatusCode.OK && tries < 100; tries++)
        {
            status = (await http.GetAsync(new Uri(host.Address, "/health/ready"))).StatusCode;
            await Task.Delay(10);
        }

        status.Should().Be(HttpStatusCode.ServiceUnavailable);
    }
}
