using System.Diagnostics;
using System.Net;
using Relier.Contracts;
using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Chaos;

/// <summary>
/// PostgreSQL is restarted as after a crash while many clients order. In every run 4 restarts with 6 clients, some 15 s; in full
/// 24 restarts with 12 clients, one every five seconds.
/// </summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class DatabaseRestarts
{
    private static readonly int Restarts = Scale.Of(4, 24);
    private static readonly int Clients = Scale.Of(6, 12);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(Scale.Of(1, 4));
    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(5);

    [Test]
    public async Task A_database_that_crashes_under_load_loses_no_order_and_its_clients_are_served_within_five_seconds_of_its_return()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var cluster = await PostgresCluster.StartAsync(new PostgresClusterOptions { Fsync = true });
        await using var installation = await Installation.StartOnAsync(
            await cluster.CreateDatabaseAsync(), new() { Latency = TimeSpan.FromMilliseconds(150) }, ("Relier__JobLeaseSeconds", "8"), ("Relier__ProviderTimeoutSeconds", "5"));
        try
        {
            Reseller[] resellers = [await installation.NewResellerAsync(), await installation.NewResellerAsync(), await installation.NewResellerAsync()];
            using var crowd = new Crowd(installation, resellers, ["000", "000", "001", "000", "010", "000"]);
            crowd.Begin(Clients, ordersMax: Scale.Of(300, 12_000));

            var slowest = TimeSpan.Zero;
            for (var restart = 0; restart < Restarts; restart++)
            {
                await crowd.AnswerAsync(more: 8, Between);
                await Task.Delay(random.Next(0, 400));
                await cluster.StopAsync(immediate: true);
                await ShouldAskToComeBackAsync(installation, crowd, resellers[0]);
                await cluster.RestartAsync(immediate: true);

                var back = Stopwatch.GetTimestamp();
                await crowd.OrderAsync(installation.NewPhone("000"), resellers[1], waits: false);
                var recovery = Stopwatch.GetElapsedTime(back);
                recovery.Should().BeLessThan(RecoveryMax);
                if (recovery > slowest) slowest = recovery;
            }

            await crowd.EndAsync();
            crowd.Refused.Should().OnlyContain(refused => refused.RetryAfter != null && refused.Code == "storage_unavailable");
            await Truth.ShouldHoldAsync(installation, crowd.Told, resellers, TimeSpan.FromSeconds(Scale.Of(40, 120)));
            TestContext.Out.WriteLine($"{crowd.Refused.Count} times asked to come back, served again within {slowest.TotalSeconds:0.0} s");
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine($"Seed {seed}\n{installation.Output}");
            throw;
        }
    }

    /// <summary>While it is away an order is refused for now, and load balancers are told; the process itself is alive.</summary>
    private static async Task ShouldAskToComeBackAsync(Installation installation, Crowd crowd, Reseller reseller)
    {
        var before = crowd.Refused.Count;
        (await crowd.AskAsync(installation.NewPhone("000"), reseller, waits: false)).Should().BeNull("there is no database to write it in");
        crowd.Refused.Count.Should().BeGreaterThan(before);

        using var http = new HttpClient();
        (await http.GetAsync(new Uri(installation.Host.Address, "/health/live"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }
}
