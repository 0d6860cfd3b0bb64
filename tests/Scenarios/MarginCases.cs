using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Identity;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;
using static Relier.Scenarios.RatingWorld;

namespace Relier.Scenarios;

/// <summary>What calls brought, what they cost at suppliers, and what is left. Customers pay 0.60 a minute to Bengaluru (918041), 1.00 elsewhere in India.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class MarginCases(Engine engine)
{
    private const string NewPriceOfX = "2026-11-20T12:00:00+05:30";

    private static readonly AnalyseMargins November = new(["x", "y"]) { From = "2026-11-01T00:00:00Z", To = "2026-12-01T00:00:00Z", GroupBy = "day" };

    [Test]
    public async Task Each_call_costs_what_the_cheapest_supplier_charged_when_it_took_place()
    {
        await using var world = await StartAsync();
        await world.ReportAsync(
            Call("1", 90, at: "2026-11-20T11:59:59+05:30"), // X 2 x 0.30; Y 90 s of 0.006 = 0.54: Y
            Call("2", 60, at: "2026-11-20T11:59:59+05:30"), // X 0.30; Y 0.36: X
            Call("3", 60, at: "2026-11-20T12:00:00+05:30"), // X 0.50 by now; Y 0.36: Y
            Call("4", 60, "912200000000")); // Y does not know it; X 0.40

        var margins = await world.SendAsync(November with { GroupBy = "hour" });

        // Brought: 1.20 + 0.60 + 0.60 + 1.00. The day is 20 November in Mexico City: 10:00 IST is 22:30 of the 19th there.
        margins.Groups.Select(group => (group.From, Told(group.Margin))).Should().Equal(
            (At("2026-11-19T22:00:00-06:00"), (1, 60, "1.00", "0.40", "0.60")),
            (At("2026-11-20T00:00:00-06:00"), (3, 210, "2.40", "1.20", "1.20")));
        Told(margins.Total).Should().Be((4, 270, "3.40", "1.60", "1.80"));
        margins.Total.Costless.Calls.Should().Be(0);
        Told((await world.SendAsync(November with { To = NewPriceOfX })).Total).Should().Be((3, 210, "2.80", "1.24", "1.56"), "the end is not among it");
    }

    [Test]
    public async Task What_no_supplier_knows_has_neither_cost_nor_margin_and_what_has_no_price_costs_all_the_same()
    {
        await using var world = await StartAsync();
        await world.ReportAsync(
            Call("1", 60), // 0.60 for 0.30
            Call("2", 60, "14155550100"), // 2.00, and no supplier goes there
            Call("3", 60, "971000000000"), // no price; X carried it for 5.00
            Call("4", 60, "33100000000"), // no price, no supplier
            Call("5", 60, code: "nobody"), // nobody's; 0.30
            Call("6", 0), Call("7", 60) with { Direction = CallDirection.Inbound }, Call("8", 60) with { IsCharged = false });

        var margins = await world.SendAsync(November with { GroupBy = "month" });

        var month = margins.Groups.Should().ContainSingle().Which;
        // The first of November is cut to where the question begins.
        month.From.Should().Be(At("2026-11-01T06:00:00Z"));
        Told(month.Margin).Should().Be((3, 180, "0.60", "5.60", "-5.00"));
        month.Margin.Costless.Should().Be(new CallSales(2, 120, Rupees(2.00m)));
        margins.Total.Should().Be(month.Margin);
    }

    [Test]
    public async Task Destinations_that_lose_most_come_first_and_the_total_is_of_all()
    {
        await using var world = await StartAsync();
        await world.ReportAsync(Call("1", 60), Call("2", 120), Call("3", 60, "912200000000"), Call("4", 60, "971000000000"), Call("5", 60, "971000000000"));

        var destinations = await world.SendAsync(November with { GroupBy = "destination" });
        var numbers = await world.SendAsync(November with { GroupBy = "number", Limit = 2 });

        destinations.Groups.Select(group => (group.Name, Told(group.Margin))).Should().Equal(
            (null, (2, 120, "0.00", "10.00", "-10.00")), ("India", (1, 60, "1.00", "0.40", "0.60")), ("Bengaluru", (2, 180, "1.80", "0.90", "0.90")));
        numbers.Groups.Select(group => group.Name).Should().Equal("971000000000", "912200000000");
        (destinations.AreMore, numbers.AreMore).Should().Be((false, true));
        Told(numbers.Total).Should().Be((5, 360, "2.80", "11.30", "-8.50"));
        numbers.Total.Should().Be(destinations.Total);
    }

    [Test]
    public async Task A_call_that_was_charged_again_brings_its_new_price_and_a_credited_one_what_was_left()
    {
        await using var world = await StartAsync();
        var calls = await world.ReportAsync(Call("1", 60), Call("2", 180, "912200000000"), Call("3", 60, "912200000000", "2026-11-20T11:00:00+05:30"));
        await world.DeckAsync("starter", Prices.Replace("918041,0.60", "918041,0.70", StringComparison.Ordinal));
        await world.SendAsync(new RerateCalls());
        var dispute = await world.SendAsync(new OpenDispute(calls[1].Id.Value, "two minutes of silence"));
        await world.SendAsync(new CloseDispute(dispute.Id.Value, "so it was") { Accept = true, Credit = "2.00" });
        await world.SendAsync(new OpenDispute(calls[2].Id.Value, "not me"));

        var margins = await world.SendAsync(November);

        // 0.70, 3.00 less 2.00, and 1.00 that is disputed and not decided; for 0.30, 3 x 0.40 and 0.40.
        Told(margins.Total).Should().Be((3, 300, "2.70", "1.90", "0.80"));
    }

    [Test]
    public async Task A_supplier_that_was_no_supplier_yet_carried_nothing()
    {
        await using var world = await StartAsync();
        await world.DeckAsync("z", "prefix,price\n918041,0.01\n");
        await world.SendAsync(new PutPlan("z", Plan("z", Currency.INR)) { EffectiveFrom = "2026-11-20T11:00:00+05:30" });
        await world.ReportAsync(Call("1", 60), Call("2", 60, at: "2026-11-20T11:00:00+05:30"));

        Told((await world.SendAsync(November with { Suppliers = ["x", "z"] })).Total).Should().Be((2, 120, "1.20", "0.31", "0.89"));
        Told((await world.SendAsync(November with { Suppliers = ["z"] })).Total).Should().Be((1, 60, "0.60", "0.01", "0.59"));
        (await RefusedAsync(world, November with { Suppliers = ["z"], To = "2026-11-20T05:29:59Z" })).Code.Should().Be("plan_unknown", "until then it was none at all");
    }

    [Test]
    public async Task Prices_in_another_currency_are_not_compared()
    {
        await using var world = await StartAsync();
        using var content = new MemoryStream("prefix,price\n91,0.01\n"u8.ToArray());
        var draft = await world.SendAsync(new ImportDeck("d", "d.csv", content, "USD"));
        await world.SendAsync(new ActivateDeck("d", draft.Version) { EffectiveFrom = "1970-01-02T00:00:00Z" });
        await world.SendAsync(new PutPlan("d", Plan("d", Currency.USD)));
        await world.ReportAsync(Call("1", 60), Call("2", 60, code: "nobody"));

        (await RefusedAsync(world, November with { Suppliers = ["x", "d"] })).Code.Should().Be("currency_differs");
        var refusal = await RefusedAsync(world, November with { Suppliers = ["d"] });
        refusal.Code.Should().Be("currency_differs");
        refusal.Facts["currencies"].Should().BeEquivalentTo(new[] { "USD", "INR" });
        Told((await world.SendAsync(November with { Suppliers = ["d"], Status = "unrated" })).Total).Should().Be((1, 60, "0.00", "0.01", "-0.01"), "what has no price has no currency");
    }

    [Test]
    public async Task What_calls_cost_is_for_people_of_the_house_who_may_see_usage_and_tariffs()
    {
        await using var world = await StartAsync();
        var customer = world.World.Reseller.Customer!.Value;

        (await RefusedAsync(world, November, world.World.Reseller)).Facts["permission"].Should().Be("tariffs:read");
        (await RefusedAsync(world, November, Caller.OfCustomer(World.Tenant, customer, Permission.OfAdmins))).Code.Should().Be("forbidden");
        (await RefusedAsync(world, November, Caller.OfAdmin(World.Tenant, "a", [Permission.ReadTariffs]))).Facts["permission"].Should().Be("usage:read");
        (await RefusedAsync(world, November, Caller.OfAdmin(World.Tenant, "a", [Permission.ReadUsage]))).Facts["permission"].Should().Be("tariffs:read");
        (await RefusedAsync(world, new CreateKey("k") { Customer = customer.Value, Scopes = ["usage:read", "tariffs:read"] })).Fields.Should().ContainSingle().Which.Code.Should().Be("scope_invalid");
        (await world.World.Relier.SendAsync(November, Caller.OfAdmin(World.Tenant, "a", [Permission.ReadUsage, Permission.ReadTariffs]))).Refusal.Should().BeNull();
    }

    [Test]
    public async Task Another_tenants_calls_and_suppliers_are_not_there()
    {
        await using var world = await StartAsync();
        await world.ReportAsync(Call("1", 60));
        var other = TenantId.Parse("other");
        await world.World.Services.GetRequiredService<TenantDirectory>().EnsureAsync(other, "Other", DateTimeZone.Utc);
        var stranger = Caller.OfAdmin(other, "eve");
        (await RefusedAsync(world, November, stranger)).Code.Should().Be("plan_unknown");
        using var content = new MemoryStream("prefix,price\n91,0.01\n"u8.ToArray());
        var draft = (await world.World.Relier.SendAsync(new ImportDeck("x", "x.csv", content, "INR"), stranger)).Value;
        (await world.World.Relier.SendAsync(new ActivateDeck("x", draft.Version) { EffectiveFrom = "1970-01-02T00:00:00Z" }, stranger)).Value.Should().NotBeNull();
        (await world.World.Relier.SendAsync(new PutPlan("x", Plan("x", Currency.INR)), stranger)).Value.Should().NotBeNull();

        var margins = (await world.World.Relier.SendAsync(November with { Suppliers = ["x"] }, stranger)).Value;

        margins.Groups.Should().BeEmpty();
        margins.Total.Should().Be(CallMargin.None(Currency.INR));
        Told((await world.SendAsync(November)).Total).Should().Be((1, 60, "0.60", "0.30", "0.30"));
    }

    [Test]
    public async Task Calls_of_many_parts_each_count_once_also_where_parts_meet_in_one_moment()
    {
        await using var world = await StartAsync("postpaid");
        // Three parts of ten thousand, and all calls begin in one of two moments.
        var lines = string.Join('\n', Enumerable.Range(0, 25_001).Select(number => $"{number},918041000000,2026-11-{(number % 3 == 0 ? 20 : 21)}T10:00:00+05:30,60,ACC-1"));
        using var file = new MemoryStream(System.Text.Encoding.UTF8.GetBytes("id,to,start,billsec,account_code\n" + lines));
        (await world.SendAsync(new ImportCalls(file, "fs-1"))).New.Should().Be(25_001);

        var margins = await world.SendAsync(November);

        // 8,334 of them are divisible by three: 0.30 at X; the others, a day later, 0.36 at Y. 2,500.20 + 6,000.12.
        margins.Groups.Select(group => group.Margin.Costed.Calls).Should().Equal(8_334, 16_667);
        Told(margins.Total).Should().Be((25_001, 1_500_060, "15000.60", "8500.32", "6500.28"));
    }

    [Test]
    public async Task Calls_that_come_while_others_are_added_up_make_none_count_twice_and_none_missing()
    {
        await using var world = await StartAsync("postpaid");
        var lines = string.Join('\n', Enumerable.Range(0, 10_001).Select(number => $"{number},918041000000,2026-11-20T10:00:00+05:30,60,ACC-1"));
        using var file = new MemoryStream(System.Text.Encoding.UTF8.GetBytes("id,to,start,billsec,account_code\n" + lines));
        await world.SendAsync(new ImportCalls(file, "fs-1"));
        var process = world.World.NewProcess("p2", storage => new BetweenParts(storage, () => world.ReportAsync(Call("late", 60, at: "2026-11-19T10:00:00+05:30"), Call("new", 60, at: "2026-11-21T10:00:00+05:30"))));

        var margins = (await process.GetRequiredService<IRelier>().SendAsync(November, world.House)).Value;

        // Newest first: what began before the part that was read is met later, what began behind it is for the next question.
        Told(margins.Total).Should().Be((10_002, 600_120, "6001.20", "3000.60", "3000.60"));
        Told((await world.SendAsync(November)).Total).Calls.Should().Be(10_003);
    }

    [TestCase("", "suppliers_invalid")]
    [TestCase("x,x", "suppliers_invalid")]
    [TestCase("x,no plan", "suppliers_invalid")]
    public async Task Suppliers_are_plans_each_once(string suppliers, string code)
    {
        await using var world = await StartAsync();

        (await RefusedAsync(world, November with { Suppliers = suppliers.Length == 0 ? [] : suppliers.Split(',') })).Fields.Should().ContainSingle().Which.Code.Should().Be(code);
    }

    [Test]
    public async Task What_is_asked_for_has_a_beginning_and_an_end_and_not_too_many_groups()
    {
        await using var world = await StartAsync();

        (await RefusedAsync(world, new AnalyseMargins(["x"]))).Fields.Select(field => field.Field).Should().BeEquivalentTo("from", "to");
        (await RefusedAsync(world, November with { GroupBy = "week" })).Fields.Single().Code.Should().Be("group_invalid");
        (await RefusedAsync(world, November with { Limit = 0 })).Fields.Single().Code.Should().Be("limit_invalid");
        (await RefusedAsync(world, November with { Limit = AnalyseMargins.LimitMax + 1 })).Fields.Single().Code.Should().Be("limit_invalid");
        (await RefusedAsync(world, November with { From = "2020-01-01", GroupBy = "day" })).Fields.Single().Code.Should().Be("too_many");
        (await RefusedAsync(world, November with { Account = "no account" })).Code.Should().Be("not_found");
    }

    private const string Prices = "prefix,price,destination\n91,1.00,India\n918041,0.60,Bengaluru\n1,2.00,America\n";

    /// <summary>
    /// X charges whole minutes: 0.30 to Bengaluru, 0.50 from noon of the 20th, 0.40 elsewhere in India, 5.00 to Dubai. Y charges seconds, 0.36 a minute, to Bengaluru only.
    /// </summary>
    private async Task<RatingWorld> StartAsync(string mode = "prepaid")
    {
        var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(Prices, mode, money: mode == "prepaid" ? "100" : null);
        const string ofX = "prefix,price\n91,0.40\n918041,0.30\n971,5.00\n";
        await world.DeckAsync("x", ofX);
        await world.DeckAsync("x", ofX.Replace("918041,0.30", "918041,0.50", StringComparison.Ordinal), NewPriceOfX);
        await world.DeckAsync("y", "prefix,price,per,first,next\n918041,0.36,60,1,1\n");
        foreach (var supplier in new[] { "x", "y" }) await world.PlanAsync(supplier);
        return world;
    }

    private static async Task<Refusal> RefusedAsync<T>(RatingWorld world, IUseCase<T> useCase, Caller? caller = null)
        where T : notnull => (await world.World.Relier.SendAsync(useCase, caller ?? world.House)).Refusal!;

    private static PlanVersion Plan(string name, Currency currency) => new()
    {
        Plan = Id<RatePlan>.Parse(name), Version = 1, Name = name, Currency = currency, EffectiveFrom = Instant.FromUnixTimeSeconds(0), Zone = DateTimeZone.Utc,
        Numbers = NumberPlan.India, Bands = [new CalendarBand { Name = "always", Deck = name }], CreatedAt = Instant.FromUnixTimeSeconds(0),
    };

    private static (long Calls, long Seconds, string Revenue, string Cost, string Margin) Told(CallMargin margin) =>
        (margin.Costed.Calls, margin.Costed.Seconds, margin.Costed.Revenue.Amount, margin.Cost.Amount, margin.Margin.Amount);

    private static Money Rupees(decimal amount) => Money.Of(amount, Currency.INR);

    /// <summary>Lets something happen behind the first part of calls that is read.</summary>
    private sealed class BetweenParts(IStorage inner, Func<Task> meanwhile) : IStorage
    {
        private bool _hasHappened;

        public async Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken)
        {
            var result = await inner.RunAsync(tenant, work, cancellationToken);
            if (result is not IReadOnlyList<SoldCall> || _hasHappened) return result;
            _hasHappened = true;
            await meanwhile();
            return result;
        }

        public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
    }
}
