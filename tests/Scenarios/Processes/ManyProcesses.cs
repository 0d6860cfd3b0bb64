using System.Diagnostics;
using System.Text.Json;
using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Processes;

/// <summary>Two REST hosts that run no jobs and three workers on one PostgreSQL, all of them the programs that are shipped.</summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class ManyProcesses
{
    private const int OrdersPerPhase = 40;

    private static readonly (string, string) NoJobs = ("Relier__RunJobs", "false");

    [Test]
    public async Task Two_api_hosts_and_three_workers_behave_as_one_also_when_a_worker_is_stopped_and_another_is_killed()
    {
        await using var installation = await Installation.StartAsync(
            Engine.Postgres, new() { Latency = TimeSpan.FromMilliseconds(300) }, NoJobs, ("Relier__JobLeaseSeconds", "6"), ("Relier__ProviderTimeoutSeconds", "10"));
        try
        {
            var (first, workers) = (installation.Host, new List<HostProcess>());
            var second = await installation.StartAnotherAsync("Relier.Api", NoJobs, Named("api-2"));
            foreach (var name in new[] { "worker-1", "worker-2", "worker-3" })
                workers.Add(await installation.StartAnotherAsync("Relier.Worker", ("Relier__RunJobs", "true"), Named(name)));
            var reseller = await installation.NewResellerAsync();
            await ShouldShowAsync(installation, "api-2", "worker-1", "worker-2", "worker-3");

            var calm = await OrderAsync(installation, reseller, first, second, () => Task.CompletedTask);
            await ShouldBeDeliveredOnceAsync(installation, reseller, calm);

            var stopped = await OrderAsync(installation, reseller, first, second, () => ShouldEndInOrderAsync(workers[0]));
            await ShouldBeDeliveredOnceAsync(installation, reseller, stopped);

            var killed = await OrderAsync(installation, reseller, first, second, workers[1].KillAsync);
            await ShouldBeDeliveredOnceAsync(installation, reseller, killed, unknownMax: 5); // what one worker submits at once

            await ShouldBalanceAsync(installation, reseller, calm.Concat(stopped).Concat(killed).Distinct().Count());
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine(installation.Output);
            throw;
        }
    }

    private static (string, string) Named(string name) => ("Relier__ProcessName", name);

    /// <summary>
    /// Orders through both hosts, waiting and not, each fourth reference through both at once; after a third of them something
    /// happens. The references, which are the phones.
    /// </summary>
    private static async Task<IReadOnlyList<string>> OrderAsync(
        Installation installation, Reseller reseller, HostProcess first, HostProcess second, Func<Task> midway)
    {
        var phones = Enumerable.Range(0, OrdersPerPhase).Select(_ => installation.NewPhone("000")).ToList();
        var during = Task.CompletedTask;
        var orders = new List<Task>();
        for (var number = 0; number < phones.Count; number++)
        {
            var (phone, waits) = (phones[number], number % 3 == 0);
            orders.Add(number % 4 == 0 ? AtBothAsync(phone, waits) : reseller.OrderAsync(number % 2 == 0 ? first : second, phone, phone, waits));
            if (number == phones.Count / 3)
            {
                await Task.Delay(150);
                during = midway();
            }
        }

        await Task.WhenAll(orders);
        await during;
        return phones;

        async Task AtBothAsync(string phone, bool waits)
        {
            var answers = await Task.WhenAll(reseller.OrderAsync(first, phone, phone, waits), reseller.OrderAsync(second, phone, phone, waits: false));
            answers.Select(Reseller.IdOf).Distinct().Should().ContainSingle("one reference is one top-up");
        }
    }

    private static async Task ShouldEndInOrderAsync(HostProcess worker)
    {
        var begun = Stopwatch.GetTimestamp();
        await worker.TerminateAsync();
        (await worker.EndAsync()).Should().Be(0);
        Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(30));
    }

    private static async Task ShouldBeDeliveredOnceAsync(Installation installation, Reseller reseller, IReadOnlyList<string> phones, int unknownMax = 0)
    {
        var unknown = 0;
        foreach (var phone in phones)
        {
            var topUp = await WhenCalmAsync(reseller, phone);
            installation.SubmissionsTo(phone).Should().BeLessThanOrEqualTo(1, $"{topUp} is sent once");
            if (Reseller.StatusOf(topUp) == "unknown") unknown++;
            else
            {
                Reseller.StatusOf(topUp).Should().Be("succeeded");
                installation.Latcom.DeliveriesTo(phone).Should().ContainSingle($"{topUp} was charged");
            }
        }

        unknown.Should().BeLessThanOrEqualTo(unknownMax);
        TestContext.Out.WriteLine($"{phones.Count} orders, {unknown} unknown");
    }

    private static async Task<JsonElement> WhenCalmAsync(Reseller reseller, string phone)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(25));
        while (true)
        {
            var topUp = (await reseller.ListAsync(phone)).Should().ContainSingle().Subject;
            if (Reseller.StatusOf(topUp) is not ("held" or "processing")) return topUp;
            patience.IsCancellationRequested.Should().BeFalse($"{topUp} should be decided by now");
            await Task.Delay(100);
        }
    }

    private static async Task ShouldBalanceAsync(Installation installation, Reseller reseller, int orders)
    {
        var delivered = installation.Latcom.Submissions.Select(submission => submission.Msisdn).Distinct().Count();
        var (posted, held) = await reseller.BalanceAsync();
        var succeeded = (10_000.00m - Number(posted)) / 1.09m;
        var unknown = Number(held) / 1.09m;

        (succeeded + unknown).Should().Be(orders, "each is charged, or its money held");
        delivered.Should().BeLessThanOrEqualTo(orders);
        await installation.ShouldBeSoundAsync();
    }

    private static async Task ShouldShowAsync(Installation installation, params string[] names)
    {
        var processes = (await installation.AskAsync("/api/v1/processes")).GetProperty("data").EnumerateArray().ToList();

        processes.Where(process => process.GetProperty("alive").GetBoolean()).Select(process => process.GetProperty("name").GetString()).Should().Contain(names);
        var worker = processes.Single(process => process.GetProperty("name").GetString() == "worker-1");
        worker.GetProperty("host").GetString().Should().Be("Relier.Worker");
        worker.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetString()).Should().Contain(["topup.submit", "topup.check"]);
    }

    private static decimal Number(string amount) => decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture);
}
