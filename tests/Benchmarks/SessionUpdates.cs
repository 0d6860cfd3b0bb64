using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Relier.Contracts;
using Relier.Identity;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Benchmarks;

/// <summary>
/// Updates of sessions, 500 a second on PostgreSQL that waits for its disk, beside transactions at the same rate that change one row of a
/// table with nothing else in it, on the same server. In turns; each request is due at its own time, so that waiting behind others counts.
/// </summary>
internal static class SessionUpdates
{
    private const int PerSecond = 500;
    private const int Seconds = 10;
    private const int Rounds = 3;
    private const int Sessions = 500;
    private const decimal Goal = 3m;
    private static readonly TenantId Tenant = TenantId.Parse("main");

    public static async Task<bool> RunAsync()
    {
        await using var cluster = await PostgresCluster.StartAsync(new PostgresClusterOptions { Fsync = true });
        var connection = await cluster.CreateDatabaseAsync();
        var services = new ServiceCollection();
        services.AddRelier().UseSimulator().UsePostgres(connection);
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        await provider.GetRequiredService<TenantDirectory>().EnsureAsync(Tenant, "Main", DateTimeZone.Utc);
        var (relier, caller) = (provider.GetRequiredService<IRelier>(), Caller.OfSystem(Tenant, "benchmark"));
        var sessions = await OpenAsync(relier, caller);
        await using var bare = NpgsqlDataSource.Create(connection);
        await using (var make = bare.CreateCommand($"CREATE TABLE bare_row (id INT PRIMARY KEY, value BIGINT NOT NULL); INSERT INTO bare_row SELECT n, 0 FROM generate_series(0, {Sessions - 1}) n"))
            await make.ExecuteNonQueryAsync();

        var (sequences, ratios) = (new int[Sessions], new List<decimal>());
        for (var round = 0; round <= Rounds; round++)
        {
            var one = await MeasureAsync(number => ChangeRowAsync(bare, number % Sessions));
            var ours = await MeasureAsync(async number =>
            {
                var sequence = Interlocked.Increment(ref sequences[number % Sessions]) + 1;
                (await relier.SendAsync(new UpdateSession(sessions[number % Sessions], sequence, sequence, 60), caller)).Value.Answer.Granted.ToString();
            });
            if (round == 0) continue;
            ratios.Add((decimal)(ours.Worst / one.Worst));
            Console.WriteLine($"round {round}: one row p50 {one.Middle.TotalMilliseconds:F2} ms, p99 {one.Worst.TotalMilliseconds:F2} ms; update of a session p50 {ours.Middle.TotalMilliseconds:F2} ms, p99 {ours.Worst.TotalMilliseconds:F2} ms ({ratios[^1]:F2}x)");
        }

        var middle = ratios.Order().ElementAt(ratios.Count / 2);
        Console.WriteLine($"goal: p99 at most {Goal}x of one row's at {PerSecond}/s in the middle round: {(middle <= Goal ? "met" : "missed")} ({middle:F2}x)");
        var findings = (await relier.SendAsync(new VerifyLedger(), caller)).Value.Findings;
        Console.WriteLine($"ledger verified, {findings.Count} findings");
        return middle <= Goal && findings.Count == 0;
    }

    private static async Task<string[]> OpenAsync(IRelier relier, Caller caller)
    {
        using var deck = new MemoryStream(Encoding.UTF8.GetBytes("prefix,price,first,next\n91,0.60,1,1\n"));
        (await relier.SendAsync(new ImportDeck("deck", "deck.csv", deck, "INR"), caller)).Value.ToString();
        (await relier.SendAsync(new ActivateDeck("deck", 1) { EffectiveFrom = "1970-01-02T00:00:00Z" }, caller)).Value.ToString();
        (await relier.SendAsync(new PutPlan("deck", new PlanVersion
        {
            Plan = Id<RatePlan>.Parse("deck"), Version = 1, Name = "deck", Currency = Currency.INR, EffectiveFrom = Instant.FromUnixTimeSeconds(0), Zone = DateTimeZone.Utc,
            Bands = [new CalendarBand { Name = "always", Deck = "deck" }], CreatedAt = Instant.FromUnixTimeSeconds(0),
        }), caller)).Value.ToString();
        var customer = (await relier.SendAsync(new Customers.CreateCustomer("C") { WalletCurrency = "INR" }, caller)).Value.Customer.Id.Value;
        var sessions = new string[Sessions];
        for (var i = 0; i < Sessions; i++)
        {
            var account = (await relier.SendAsync(new OpenUsageAccount(customer, "prepaid") { Currency = "INR" }, caller)).Value.Account.Id.Value;
            (await relier.SendAsync(new AssignPlan(account, "deck") { From = "1970-01-02T00:00:00Z" }, caller)).Value.ToString();
            (await relier.SendAsync(new AdjustCredit(customer, "1000", "payment") { Account = account }, caller)).Value.ToString();
            var record = new CallRecord { Source = "b", ExternalId = $"{i}", To = "918041000000", StartedAt = Instant.FromUnixTimeSeconds(0), Quantity = 0, Lines = [new LineRef(LineKind.Account, account)] };
            sessions[i] = (await relier.SendAsync(new CreateSession(record, 60) { StartsNow = true, ValidSeconds = 3600 }, caller)).Value.Session.Id.Value;
        }

        return sessions;
    }

    private static async Task ChangeRowAsync(NpgsqlDataSource source, int id)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var change = new NpgsqlCommand("UPDATE bare_row SET value = value + 1 WHERE id = @id", connection, transaction))
        {
            change.Parameters.AddWithValue("id", id);
            await change.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    /// <summary>The middle and the 99th percentile of what each request took from the time when it was due.</summary>
    private static async Task<(TimeSpan Middle, TimeSpan Worst)> MeasureAsync(Func<int, Task> request)
    {
        var (times, clock, running) = (new TimeSpan[PerSecond * Seconds], Stopwatch.StartNew(), new List<Task>());
        for (var number = 0; number < times.Length; number++)
        {
            var (mine, due) = (number, TimeSpan.FromSeconds((double)number / PerSecond));
            if (due - clock.Elapsed is var early && early > TimeSpan.Zero) await Task.Delay(early);
            running.Add(Task.Run(async () =>
            {
                await request(mine);
                times[mine] = clock.Elapsed - due;
            }));
        }

        await Task.WhenAll(running);
        Array.Sort(times);
        return (Machine.Percentile(times, 50), Machine.Percentile(times, 99));
    }
}
