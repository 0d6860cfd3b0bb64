using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Scenarios;

/// <summary>A seller of calls in India, on a world of its own: decks, plans, and accounts in rupees.</summary>
internal sealed class RatingWorld(World world) : IAsyncDisposable
{
    /// <summary>60/60 per minute, as in the acceptance cases.</summary>
    public const string V1 = "prefix,price\n91,1.00\n9180,0.80\n918041,0.60\n1,2.00\n";

    public World World => world;

    public Caller House => world.House;

    public static async Task<RatingWorld> StartAsync(Engine engine) => new(await World.StartAsync(engine, new WorldOptions { Wallet = "INR" }));

    public static Instant At(string text) => OffsetDateTimePattern.ExtendedIso.Parse(text).Value.ToInstant();

    public async Task<T> SendAsync<T>(IUseCase<T> useCase)
        where T : notnull => (await world.Relier.SendAsync(useCase, House)).Value;

    /// <summary>A deck that holds from a time on, or since ever.</summary>
    public async Task<DeckVersion> DeckAsync(string deck, string csv, string? from = "1970-01-02T00:00:00Z")
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        var draft = await SendAsync(new ImportDeck(deck, "deck.csv", content, "INR"));
        return await SendAsync(new ActivateDeck(deck, draft.Version) { EffectiveFrom = from });
    }

    /// <summary>A plan of one deck, with the same name.</summary>
    public Task<PlanVersion> PlanAsync(string plan, string? deck = null, string currency = "INR") => SendAsync(new PutPlan(plan, new PlanVersion
    {
        Plan = Id<RatePlan>.Parse(plan), Version = 1, Name = plan, Currency = Currency.Parse(currency), EffectiveFrom = Instant.FromUnixTimeSeconds(0), Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"],
        Numbers = NumberPlan.India, Bands = [new CalendarBand { Name = "always", Deck = deck ?? plan }], CreatedAt = Instant.FromUnixTimeSeconds(0),
    }));

    /// <summary>An account with a plan since ever, and so much money.</summary>
    public async Task<UsageAccount> AccountAsync(string plan = "starter", string mode = "prepaid", string? money = null, string code = "ACC-1")
    {
        var account = (await SendAsync(new OpenUsageAccount(world.CustomerId, mode) { Zone = "Asia/Kolkata", Currency = "INR" })).Account;
        await SendAsync(new AssignPlan(account.Id.Value, plan) { From = "1970-01-02T00:00:00Z" });
        await SendAsync(new AddLine(account.Id.Value, new LineRef(LineKind.AccountCode, code)));
        if (money is not null) await SendAsync(new AdjustCredit(world.CustomerId, money, "payment") { Account = account.Id.Value });
        return account;
    }

    public async Task<UsageAccount> WithStarterAsync(string csv = V1, string mode = "prepaid", string? money = null)
    {
        await DeckAsync("starter", csv);
        await PlanAsync("starter");
        return await AccountAsync(mode: mode, money: money);
    }

    public static CallRecord Call(string id, long seconds, string to = "918041000000", string at = "2026-11-20T10:00:00+05:30", string code = "ACC-1") => new()
    {
        Source = "fs-1", ExternalId = id, From = "1001", To = to, StartedAt = At(at), AnsweredAt = At(at), EndedAt = At(at) + Duration.FromSeconds(seconds), Duration = seconds, Quantity = seconds,
        Cause = "NORMAL_CLEARING", Lines = [new LineRef(LineKind.AccountCode, code)],
    };

    /// <summary>Reports calls and has all jobs done; the calls as they are then.</summary>
    public async Task<IReadOnlyList<Call>> ReportAsync(params CallRecord[] records)
    {
        var reported = await SendAsync(new ReportCalls(records));
        await world.RunJobsAsync();
        var calls = new List<Call>();
        foreach (var report in reported) calls.Add(await SendAsync(new GetCall(report.Call!.Id.Value)));
        return calls;
    }

    public async Task<decimal> BalanceAsync(UsageAccount account) => (await SendAsync(new GetUsageAccount(account.Id.Value))).Wallet.Posted.ToDecimal();

    public async Task<IReadOnlyList<StatementLine>> StatementAsync(UsageAccount account) =>
        (await SendAsync(new GetStatement { Customer = world.CustomerId, Account = account.Id.Value, Limit = 100 })).Data;

    public async ValueTask DisposeAsync()
    {
        await world.ShouldBeSoundAsync();
        await world.DisposeAsync();
    }
}
