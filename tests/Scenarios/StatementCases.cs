using NodaTime;
using NodaTime.Text;
using Relier.Contracts;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Tenancy;
using Relier.TopUps;
using Microsoft.Extensions.DependencyInjection;

namespace Relier.Scenarios;

/// <summary>What a reseller's statement says, on every engine. It is 20 November 2026, six in the morning in Mexico City, six hours behind UTC.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class StatementCases(Engine engine)
{
    [Test]
    public async Task Every_month_says_what_happened_to_the_money_in_it_and_begins_where_the_one_before_ended()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetPoliciesAsync(new PoliciesInput { Commission = "0.02", LateDelivery = "customer" });
        // 20.00 less 0.40 are 19.60, at 0.0544 1.06624; 30.00 less 0.60 are 1.59936; 10.00 less 0.20 are 0.53312.
        var delivered = (await world.OrderAsync("5512345000", "20", "R1")).Value.TopUp;
        var held = (await world.OrderAsync("5512345004", "30", "R2")).Value.TopUp;
        var released = (await world.OrderAsync("5512345001", "10", "R3")).Value.TopUp;
        await CreditAsync(world, "500.00", "payment", "SPEI 4711");
        await CreditAsync(world, "-50.00", "payout");

        // Before the month is over the held one is not in it: nothing was posted.
        var running = await ReadAsync(world, "2026-11");
        (running.Statement.IsRunning, running.Statement.Account.Held.Amount).Should().Be((true, "1.60"));
        running.Events.Should().Equal("CreditAdded 2 10500.00 USD", "CreditSubtracted 1 -50.00 USD", "TopUpCaptured 1 -1.07 USD");

        world.Clock.Set(Instant.FromUtc(2026, 12, 2, 0, 0));
        await ProveAsync(world, held, "delivered");
        await ProveAsync(world, released, "delivered");
        world.Clock.Set(Instant.FromUtc(2027, 1, 5, 0, 0));
        await ProveAsync(world, delivered, "reversed");

        var (november, december, january) = (await ReadAsync(world, "2026-11"), await ReadAsync(world, "2026-12"), await ReadAsync(world, "2027-01"));

        november.Statement.IsRunning.Should().BeFalse();
        november.Events.Should().Equal(running.Events);
        // 10000.00 + 500.00 - 50.00 - 1.07
        november.Balances.Should().Be("0.00 USD to 10448.93 USD");
        november.Sales.Should().Equal("TopUpCaptured 20.00 MXN: 1, 20.00 MXN, 0.40 MXN, -1.07 USD");
        november.Lines.Should().Equal(
            "2026-11-20 CreditAdded 10000.00 10000.00 payment", "2026-11-20 TopUpCaptured -1.07 9998.93 R1 20.00 0.40",
            "2026-11-20 CreditAdded 500.00 10498.93 payment: SPEI 4711", "2026-11-20 CreditSubtracted -50.00 10448.93 payout");

        // - 1.60 - 0.53
        december.Balances.Should().Be("10448.93 USD to 10446.80 USD");
        december.Sales.Should().Equal("TopUpCaptured 30.00 MXN: 1, 30.00 MXN, 0.60 MXN, -1.60 USD", "LateDelivery 10.00 MXN: 1, 10.00 MXN, 0.20 MXN, -0.53 USD");
        december.Events.Should().Equal("TopUpCaptured 1 -1.60 USD", "LateDelivery 1 -0.53 USD");

        // + 1.07
        january.Balances.Should().Be("10446.80 USD to 10447.87 USD");
        january.Sales.Should().Equal("TopUpReversed 20.00 MXN: 1, 20.00 MXN, 0.40 MXN, 1.07 USD");
        january.Statement.IsRunning.Should().BeTrue();
        (await world.WalletAsync()).Posted.Amount.Should().Be("10447.87");

        var both = await ReadAsync(world, new GetResellerStatement(world.CustomerId) { From = "2026-11-01", To = "2027-01-01" });
        both.Balances.Should().Be("0.00 USD to 10446.80 USD");
        both.Lines.Should().Equal([.. november.Lines, .. december.Lines]);
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_late_delivery_that_the_house_pays_for_is_not_on_the_statement()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetPoliciesAsync(new PoliciesInput { LateDelivery = "house" });
        var released = (await world.OrderAsync("5512345001", "10", "R3")).Value.TopUp;
        await ProveAsync(world, released, "delivered");

        var november = await ReadAsync(world, "2026-11");

        (await world.FindAsync(released)).State.Should().Be(TopUpState.LateDelivered);
        november.Events.Should().Equal("CreditAdded 1 10000.00 USD");
    }

    [Test]
    public async Task A_month_begins_at_midnight_where_the_tenant_is()
    {
        await using var world = await World.StartAsync(engine);
        world.Clock.Set(Instant.FromUtc(2026, 12, 1, 5, 59, 59));
        await CreditAsync(world, "1.00");
        world.Clock.Set(Instant.FromUtc(2026, 12, 1, 6, 0, 0));
        await CreditAsync(world, "2.00");

        (await ReadAsync(world, "2026-11")).Balances.Should().Be("0.00 USD to 10001.00 USD");
        (await ReadAsync(world, "2026-12")).Balances.Should().Be("10001.00 USD to 10003.00 USD");
        var day = await ReadAsync(world, new GetResellerStatement(world.CustomerId) { From = "2026-11-30", To = "2026-12-01" });
        day.Lines.Should().Equal("2026-11-30 CreditAdded 1.00 10001.00 payment");
    }

    [Test]
    public async Task A_posting_that_comes_late_with_a_time_of_the_month_before_is_in_the_month_that_has_begun_and_changes_no_other()
    {
        await using var world = await World.StartAsync(engine);
        world.Clock.Set(Instant.FromUtc(2026, 12, 1, 6, 0, 1));
        await CreditAsync(world, "2.00");
        var printed = await ReadAsync(world, "2026-11");

        // A process whose clock is two seconds behind.
        world.Clock.Advance(Duration.FromSeconds(-2));
        await CreditAsync(world, "5.00");
        world.Clock.Set(Instant.FromUtc(2027, 1, 2, 0, 0));

        var (november, december) = (await ReadAsync(world, "2026-11"), await ReadAsync(world, "2026-12"));
        november.Balances.Should().Be("0.00 USD to 10000.00 USD").And.Be(printed.Balances);
        december.Balances.Should().Be("10000.00 USD to 10007.00 USD");
        december.Lines.Should().Equal("2026-12-01 CreditAdded 2.00 10002.00 payment", "2026-11-30 CreditAdded 5.00 10007.00 payment");
    }

    [Test]
    public async Task What_is_settled_while_a_statement_is_read_is_not_in_it_and_is_in_the_next()
    {
        await using var world = await World.StartAsync(engine);
        var held = (await world.OrderAsync("5512345004", "20", "R1")).Value.TopUp;
        for (var i = 1; i <= 230; i++) await CreditAsync(world, "1.00");
        var statement = (await world.Relier.SendAsync(new GetResellerStatement { Month = "2026-11" }, world.Reseller)).Value;

        var entries = new List<long>();
        await foreach (var item in statement.Items)
        {
            if (item.Line.Entry == 50) await ProveAsync(world, held, "delivered");
            entries.Add(item.Line.Entry);
        }

        entries.Should().Equal(Enumerable.Range(1, 231).Select(entry => (long)entry));
        (statement.Totals.Closing.Amount, statement.Account.Posted.Amount, statement.Account.Held.Amount).Should().Be(("10230.00", "10230.00", "1.09"));
        var next = await ReadAsync(world, "2026-11");
        next.Lines.Should().HaveCount(232);
        // 10230.00 - 1.09
        next.Balances.Should().Be("0.00 USD to 10228.91 USD");
    }

    [Test]
    public async Task The_same_statement_can_be_read_twice_at_once_and_says_the_same()
    {
        await using var world = await World.StartAsync(engine);
        await world.OrderAsync("5512345000", "20", "R1");

        var read = await Task.WhenAll(ReadAsync(world, "2026-11"), ReadAsync(world, "2026-11"));

        read[0].Lines.Should().Equal(read[1].Lines).And.HaveCount(2);
    }

    [Test]
    public async Task A_month_in_which_nothing_happened_and_one_before_the_account_was_opened_are_empty_and_add_up()
    {
        await using var world = await World.StartAsync(engine);
        world.Clock.Set(Instant.FromUtc(2027, 2, 1, 12, 0));

        (await ReadAsync(world, "2026-12")).Balances.Should().Be("10000.00 USD to 10000.00 USD");
        (await ReadAsync(world, "2026-12")).Lines.Should().BeEmpty();
        (await ReadAsync(world, "2024-01")).Balances.Should().Be("0.00 USD to 0.00 USD");
    }

    [Test]
    public async Task Another_customers_and_another_tenants_statement_is_not_found()
    {
        await using var world = await World.StartAsync(engine);
        var other = (await world.Relier.SendAsync(new CreateCustomer("C2"), world.House)).Value.Customer;
        var elsewhere = TenantId.Parse("elsewhere");
        await world.Services.GetRequiredService<TenantDirectory>().EnsureAsync(elsewhere, "Elsewhere", DateTimeZone.Utc);
        var asked = new GetResellerStatement(world.CustomerId) { Month = "2026-11" };

        (await world.Relier.SendAsync(asked, Caller.OfCustomer(World.Tenant, other.Id))).Refusal!.Code.Should().Be("not_found");
        (await world.Relier.SendAsync(asked, Caller.OfAdmin(elsewhere, "eva"))).Refusal!.Code.Should().Be("not_found");
        (await world.Relier.SendAsync(asked with { Customer = "cus_nobody" }, world.House)).Refusal!.Code.Should().Be("not_found");
        (await world.Relier.SendAsync(asked, world.Reseller)).Value.Customer.Name.Should().Be("C1");
    }

    [TestCase("2026-13", null, null, "month", "month_invalid", "as in 2026-11")]
    [TestCase("nov", null, null, "month", "month_invalid", "as in 2026-11")]
    [TestCase("2026-11", "2026-11-01", null, "month", "period_invalid", "not both")]
    [TestCase(null, null, null, "from", "required", "the first day")]
    [TestCase(null, "2026-11-01", null, "to", "required", "the day after the last one")]
    [TestCase(null, "2026-11-31", "2026-12-01", "from", "day_invalid", "as in 2026-11-01")]
    [TestCase(null, "2026-11-02", "2026-11-02", "to", "period_invalid", "after from")]
    [TestCase(null, "2025-01-01", "2026-11-01", "to", "period_invalid", "366 days")]
    [TestCase("2026-12", null, null, "month", "period_in_future", "today is 2026-11-20")]
    [TestCase(null, "2026-11-21", "2026-11-22", "from", "period_in_future", "today is 2026-11-20")]
    public async Task A_wrong_period_is_refused_by_its_field_with_what_was_expected(string? month, string? from, string? to, string field, string code, string expected)
    {
        await using var world = await World.StartAsync(engine);

        var outcome = await world.Relier.SendAsync(new GetResellerStatement(world.CustomerId) { Month = month, From = from, To = to }, world.House);

        outcome.Refusal!.Code.Should().Be("validation_failed");
        outcome.Refusal.Fields.Should().Contain(error => error.Field == field && error.Code == code).Which.Message.Should().Contain(expected);
    }

    [Test]
    public async Task Books_that_do_not_add_up_give_no_statement()
    {
        await using var world = await World.StartAsync(engine);
        var wallet = (await world.WalletAsync()).Id;
        await world.Storage.RunAsync(
            World.Tenant,
            async session =>
            {
                var account = (await session.Ledger.LockAsync(wallet, default))!;
                var (after, posting) = account.Post(Money.Of(10, Currency.USD));
                await session.Ledger.UpdateAsync(after, default);
                await session.Ledger.PostAsync(
                    new Journal
                    {
                        Id = Id<Journal>.Parse("jnl_wrong"), At = world.Clock.Now(), Kind = JournalKind.CreditAdded, Subject = "jnl_wrong",
                        Postings = [posting with { Balance = Money.Of(10_020, Currency.USD) }, new Posting(AccountCode.Adjustment, Money.Of(-10, Currency.USD))],
                    },
                    default);
                return true;
            },
            default);

        var refusal = (await world.Relier.SendAsync(new GetResellerStatement(world.CustomerId) { Month = "2026-11" }, world.House)).Refusal!;

        refusal.Code.Should().Be("statement_out_of_balance");
        refusal.Facts["expected"].Should().Be("10010.00 USD after posting 2");
        refusal.Facts["found"].Should().Be("10020.00 USD");
    }

    private static async Task CreditAsync(World world, string amount, string reason = "payment", string? note = null) =>
        (await world.Relier.SendAsync(new AdjustCredit(world.CustomerId, amount, reason) { Note = note }, world.House)).Value.Should().NotBeNull();

    /// <summary>Two people bring the same proof.</summary>
    private static async Task ProveAsync(World world, TopUp topUp, string verdict)
    {
        var proof = new AddEvidence(topUp.Id.Value, verdict, "operator file 2026-11, line 3");
        (await world.Relier.SendAsync(proof, world.House)).Value.Should().NotBeNull();
        (await world.Relier.SendAsync(proof, Caller.OfAdmin(World.Tenant, "pedro"))).Value.Should().NotBeNull();
    }

    private static Task<Read> ReadAsync(World world, string month) => ReadAsync(world, new GetResellerStatement(world.CustomerId) { Month = month });

    private static async Task<Read> ReadAsync(World world, GetResellerStatement asked)
    {
        var statement = (await world.Relier.SendAsync(asked, world.House)).Value;
        var lines = new List<string>();
        await foreach (var (line, reference, sale) in statement.Items)
        {
            var day = LocalDatePattern.Iso.Format(statement.Tenant.DayOf(line.At));
            lines.Add(string.Join(' ', new[] { day, $"{line.Kind}", line.Amount.Amount, line.Balance.Amount, reference ?? line.Reason, sale?.Face.Amount, sale?.Commission?.Amount }.Where(part => part is not null)));
        }

        return new Read(statement, lines);
    }

    /// <summary>A statement in short.</summary>
    private sealed record Read(ResellerStatement Statement, IReadOnlyList<string> Lines)
    {
        public string Balances => $"{Statement.Totals.Opening} to {Statement.Totals.Closing}";

        public IEnumerable<string> Events => Statement.Totals.Events.Select(total => $"{total.Kind} {total.Count} {total.Amount}");

        public IEnumerable<string> Sales => Statement.Totals.Sales.Select(sale => $"{sale.Kind} {sale.Each}: {sale.Count}, {sale.Face}, {sale.Commission}, {sale.Amount}");
    }
}
