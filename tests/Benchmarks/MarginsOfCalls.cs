using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Contracts;
using Relier.Customers;
using Relier.Identity;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Benchmarks;

/// <summary>
/// What 200,000 calls of two days brought and cost at three suppliers of 100,000 prefixes each, on PostgreSQL. Beside it: the same question without
/// cost (the calls by day), which the database adds up by itself. The goal is that a million would take less than half a minute.
/// </summary>
internal static class MarginsOfCalls
{
    private const int Calls = 200_000;
    private const int Prefixes = 100_000;
    private const int Million = 1_000_000;
    private static readonly TimeSpan GoalOfMillion = TimeSpan.FromSeconds(30);
    private static readonly TenantId Tenant = TenantId.Parse("main");
    private static readonly Instant Begin = Instant.FromUtc(2026, 11, 1, 0, 0);

    public static async Task<bool> RunAsync()
    {
        await using var cluster = await PostgresCluster.StartAsync(new PostgresClusterOptions { Fsync = true });
        var services = new ServiceCollection();
        services.AddRelier().UseSimulator().UsePostgres(await cluster.CreateDatabaseAsync());
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        await provider.GetRequiredService<TenantDirectory>().EnsureAsync(Tenant, "Main", DateTimeZone.Utc);
        var (relier, caller) = (provider.GetRequiredService<IRelier>(), Caller.OfSystem(Tenant, "benchmark"));
        foreach (var name in new[] { "own", "x", "y", "z" }) await DeckAsync(relier, caller, name);
        await CallsAsync(relier, caller);

        var days = new AnalyseCalls { From = "2026-11-01", To = "2026-12-01" };
        var margins = new AnalyseMargins(["x", "y", "z"]) { From = days.From, To = days.To };
        (await relier.SendAsync(margins with { To = "2026-11-02" }, caller)).Value.ToString(); // reads the decks
        var isGood = true;
        foreach (var by in new[] { "day", "hour", "destination", "number" })
        {
            var began = Stopwatch.GetTimestamp();
            (await relier.SendAsync(days, caller)).Value.ToString();
            var plain = Stopwatch.GetElapsedTime(began);
            var allocated = GC.GetTotalAllocatedBytes();
            began = Stopwatch.GetTimestamp();
            var answer = (await relier.SendAsync(margins with { GroupBy = by }, caller)).Value;
            var took = Stopwatch.GetElapsedTime(began);
            var isMet = took * (Million / Calls) < GoalOfMillion;
            isGood &= isMet;
            Console.WriteLine(
                $"margins by {by}: {answer.Total.Costed.Calls + answer.Total.Costless.Calls} calls in {took.TotalMilliseconds:F0} ms ({(GC.GetTotalAllocatedBytes() - allocated) / Calls} bytes allocated a call), "
                + $"margin {answer.Total.Margin}; the calls alone by day {plain.TotalMilliseconds:F0} ms; goal: a million in under {GoalOfMillion.TotalSeconds:F0} s: {(isMet ? "met" : "missed")}");
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"peak memory of this process, four decks among it: {self.PeakWorkingSet64 / 1_000_000} MB");
        return isGood;
    }

    private static async Task DeckAsync(IRelier relier, Caller caller, string name)
    {
        var (random, csv) = (new Random(name.Length + name[0]), new StringBuilder("prefix,price,destination\n"));
        for (var i = 0; i < Prefixes; i++) csv.AppendLine(CultureInfo.InvariantCulture, $"91{i:D5},{random.Next(10, 500) / 100m},zone {i / 1000}");
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString()));
        var draft = (await relier.SendAsync(new ImportDeck(name, "deck.csv", content, "INR"), caller)).Value;
        (await relier.SendAsync(new ActivateDeck(name, draft.Version) { EffectiveFrom = "1970-01-02T00:00:00Z" }, caller)).Value.ToString();
        var plan = new PlanVersion
        {
            Plan = Id<RatePlan>.Parse(name), Version = 1, Name = name, Currency = Currency.INR, EffectiveFrom = Begin, Zone = DateTimeZone.Utc, Bands = [new CalendarBand { Name = "always", Deck = name }], CreatedAt = Begin,
        };
        (await relier.SendAsync(new PutPlan(name, plan), caller)).Value.ToString();
    }

    private static async Task CallsAsync(IRelier relier, Caller caller)
    {
        var customer = (await relier.SendAsync(new CreateCustomer("Seller") { WalletCurrency = "INR" }, caller)).Value.Customer;
        var account = (await relier.SendAsync(new OpenUsageAccount(customer.Id.Value, "postpaid") { Currency = "INR" }, caller)).Value.Account;
        (await relier.SendAsync(new AssignPlan(account.Id.Value, "own") { From = "1970-01-02T00:00:00Z" }, caller)).Value.ToString();
        (await relier.SendAsync(new AddLine(account.Id.Value, new LineRef(LineKind.AccountCode, "A")), caller)).Value.ToString();
        var (random, csv) = (new Random(8), new StringBuilder("id,to,start,billsec,account_code\n"));
        for (var i = 0; i < Calls; i++) csv.AppendLine(CultureInfo.InvariantCulture, $"{i},91{random.Next(Prefixes):D5}55555,{Begin + Duration.FromMilliseconds(800L * i)},{random.Next(1, 600)},A");
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString()));
        (await relier.SendAsync(new ImportCalls(file, "switch"), caller)).Value.ToString();
    }
}
