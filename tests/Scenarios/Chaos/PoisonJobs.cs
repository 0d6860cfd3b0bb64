using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Relier.Contracts;
using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Chaos;

/// <summary>
/// Jobs that can never be done, in the queue in which top-ups are submitted. In every run 40 of them beside 60 orders, some
/// 10 s, and the orders may take half as long again as without; in full 400 beside 2,000, and 95 of 100 in the same time.
/// </summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class PoisonJobs
{
    private const int Tries = 6; // the first, and one after each of the five waits

    private static readonly int Poisoned = Scale.Of(40, 400);
    private static readonly int Orders = Scale.Of(60, 2_000);
    private static readonly double ThroughputShareMin = Scale.IsFull ? 0.95 : 0.66;

    [Test]
    public async Task Jobs_that_always_fail_are_set_aside_after_their_tries_and_do_not_slow_the_others()
    {
        var connection = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        await using var installation = await Installation.StartOnAsync(
            connection, new() { Latency = TimeSpan.FromMilliseconds(500) }, ("Relier__ProviderTimeoutSeconds", "10"), ("Relier__JobLeaseSeconds", "30"));
        try
        {
            var reseller = await installation.NewResellerAsync();
            using var crowd = new Crowd(installation, [reseller], ["000"]);
            await DeliverAsync(installation, crowd, reseller, 20); // what only the first ones wait for
            var healthy = await DeliverAsync(installation, crowd, reseller, Orders);

            await AddAsync(connection);
            var time = HurryAsync(connection);
            var beside = await DeliverAsync(installation, crowd, reseller, Orders);
            await time;

            (healthy / beside).Should().BeGreaterThan(ThroughputShareMin, $"without them it took {healthy.TotalSeconds:0.0} s, beside them {beside.TotalSeconds:0.0} s");
            await ShouldBeShownAsync(installation);
            await Truth.ShouldHoldAsync(installation, crowd.Told, [reseller], TimeSpan.FromSeconds(20));
            TestContext.Out.WriteLine($"{Orders} orders in {healthy.TotalSeconds:0.0} s; beside {Poisoned} poisoned jobs in {beside.TotalSeconds:0.0} s");
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine(installation.Output);
            throw;
        }
    }

    /// <summary>So many orders at once, none of them waiting; how long until the last one is delivered.</summary>
    private static async Task<TimeSpan> DeliverAsync(Installation installation, Crowd crowd, Reseller reseller, int count)
    {
        var (begun, all) = (Stopwatch.GetTimestamp(), installation.Latcom.Deliveries.Count + count);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 20 },
            async (_, _) => await crowd.OrderAsync(installation.NewPhone("000"), reseller, waits: false));
        while (installation.Latcom.Deliveries.Count < all)
        {
            Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(Scale.Of(40, 300)), "all should be delivered by now");
            await Task.Delay(20);
        }

        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>Jobs about top-ups that are not there, of a customer of their own.</summary>
    private static Task<int> AddAsync(string connection) => WriteAsync(
        connection,
        $"""
        INSERT INTO relier_job (tenant_id, id, lane, kind, subject, run_at, tries, forgiven, is_dead, created_at)
        SELECT 'main', 'job_' || lpad(number::text, 26, '0'), 'main/poison', 'topup.submit', 'RLR' || lpad(number::text, 21, '0'), 0, 0, 0, 0, 0
        FROM generate_series(1, {Poisoned}) AS number
        """);

    /// <summary>Two hours and more pass for them, and for nothing else, until all are set aside.</summary>
    private static async Task HurryAsync(string connection)
    {
        var begun = Stopwatch.GetTimestamp();
        while (await WriteAsync(connection, "UPDATE relier_job SET run_at = 0 WHERE lane = 'main/poison' AND is_dead = 0") > 0)
        {
            Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(Scale.Of(40, 300)), "all should be set aside by now");
            await Task.Delay(100);
        }
    }

    private static async Task ShouldBeShownAsync(Installation installation)
    {
        var found = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await installation.AskAsync($"/api/v1/jobs?state=dead&limit=100{cursor}");
            found.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("has_more").GetBoolean() ? "&cursor=" + Uri.EscapeDataString(page.GetProperty("next_cursor").GetString()!) : null;
        }

        found.Should().HaveCount(Poisoned);
        found.Should().OnlyContain(job => job.GetProperty("tries").GetInt32() == Tries && job.GetProperty("kind").GetString() == "topup.submit");
        found.Should().OnlyContain(job => job.GetProperty("lastError").GetString()!.Contains("which is not there"));
    }

    private static async Task<int> WriteAsync(string connection, string sql)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync();
        await using var command = new NpgsqlCommand(sql, database);
        return await command.ExecuteNonQueryAsync();
    }
}
