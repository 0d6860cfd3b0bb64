using System.Net;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>Coming from the first version, on every engine: to the cent, once, whatever happens in between.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class ImportCases(Engine engine)
{
    [Test]
    public async Task Everything_comes_over_to_the_cent()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = OldSystem.Small();

        var report = await house.ImportAsync(old);

        // 9,998.91 - 12.50 + 0.00
        (report.Opening, report.Keys, report.CustomersNotTaken).Should().Be((Dollars(9986.41m), 2L, 0L));
        report.TopUps.Should().Equal(
            new ImportedTopUps(ImportFate.Succeeded, 3, Pesos(100), Dollars(5.44m)), // 20 + 50 + 30; 1.09 + 2.72 + 1.63
            new ImportedTopUps(ImportFate.Failed, 1, Pesos(10), Dollars(0.54m)),
            new ImportedTopUps(ImportFate.Undecided, 1, Pesos(100), null));
        report.Rounded.Should().Equal(
            new RoundedAmounts("customers.csv", "current_balance", Currency.USD, 1, -0.000000000003m),
            new RoundedAmounts("transactions.csv", "amount_mxn", Currency.MXN, 1, -0.000000001m),
            new RoundedAmounts("transactions.csv", "amount_usd", Currency.USD, 2, 0.0000000999999999m)); // +0.0000001 - 0.0000000000000001
        report.ForPeople.Should().Be(1, "one is undecided");

        var envia = await house.CustomerAsync("Envia Despensa");
        (envia.Customer.Channel, envia.Wallet.Posted, envia.Wallet.CreditLimit).Should().Be(("enviadespensa", Dollars(9998.91m), Dollars(0)));
        envia.Customer.Policies.PinnedProvider.Should().Be("latcom");
        envia.Customer.Policies.FixedAmounts.Select(amount => (int)amount.ToDecimal()).Should().Equal(10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 300, 500);
        (envia.Customer.Policies.DailyLimit, envia.Customer.Policies.Commission).Should().Be((Pesos(200_000), Ratio.Zero));
        var north = await house.CustomerAsync("=HYPERLINK(\"x\") <script>alert(1)</script>, S.A.");
        north.Wallet.Posted.Should().Be(Dollars(-12.5m));
        north.Customer.Policies.AllowedAddresses.Select(network => network.ToString()).Should().Equal("203.0.113.7/32", "198.51.100.0/24");
        (await house.CustomerAsync("Sur")).Customer.Status.Should().Be(CustomerStatus.Suspended);
        var statement = (await world.Relier.SendAsync(new GetStatement { Customer = north.Customer.Id.Value }, house.House)).Value.Data.Should().ContainSingle().Subject;
        (statement.Amount, statement.Reason).Should().Be((Dollars(-12.5m), "opening_balance: latcom-fix, customer NORTE_002"));
        await house.ShouldBeSoundAsync();
    }

    [Test]
    public async Task The_past_is_seen_as_it_was()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);

        await house.ImportAsync(OldSystem.Small());

        var first = await house.TopUpAsync("RLR1760353500123");
        (first.State, first.Face, first.Charge, first.Reference, first.OperatorReference).Should().Be((TopUpState.Succeeded, Pesos(20), Dollars(1.09m), "ORDER-1", "LT10000001"));
        (first.CreatedAt, first.DecidedAt).Should().Be((Instant.FromUtc(2025, 10, 13, 11, 5) + Duration.FromMilliseconds(123), Instant.FromUtc(2025, 10, 13, 11, 5, 6)));
        (first.Rate!.Pair, first.Rate.Rate).Should().Be(("MXN/USD", Ratio.Of(0.0544m)));
        (await house.TopUpAsync("LT178061")).Phone.National.Should().Be("5512340002");
        var failed = await house.TopUpAsync("POS_store1_1760353500125");
        (failed.State, failed.Code, failed.Rate!.Pair, failed.Day).Should().Be((TopUpState.Failed, "not_delivered", "USD/MXN", new LocalDate(2025, 10, 13)), "midnight in UTC is the day before in Mexico");
        (await house.ItemsAsync("POS_store1_1760353500125")).Single().Details.Should().Contain("Product not Found").And.Contain("-120054");
        var made = (await house.ItemsAsync("txn 5/ñ")).Single();
        made.NewId.Should().MatchRegex("^OLD_[0-9a-f]{40}$");
        (await house.TopUpAsync(made.NewId)).Face.Should().Be(Pesos(30));
        var stats = await house.StatsAsync();
        (stats.Succeeded, stats.Failed, stats.Undecided, stats.SuccessRate).Should().Be((3, 1, 1, 0.75m));
        stats.Held.Should().BeEmpty("nothing is held for what another system did");
        (await house.TopUpsAsync()).Should().HaveCount(5);
    }

    [Test]
    public async Task A_reference_of_the_past_is_a_replay_or_a_conflict_and_nothing_is_delivered_or_charged()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        await house.ImportAsync(OldSystem.Small());
        var (envia, north) = (await CallerAsync(house, "Envia Despensa"), await CallerAsync(house, "=HYPERLINK(\"x\") <script>alert(1)</script>, S.A."));

        var same = await world.Relier.SendAsync(Order("5512340001", "20", "ORDER-1"), envia);
        var other = await world.Relier.SendAsync(Order("5512340001", "50", "ORDER-1"), envia);
        var undecided = await world.Relier.SendAsync(Order("5512340004", "100", "ORDER-4"), north);

        (same.Value.TopUp.Id.Value, same.Value.Replayed).Should().Be(("RLR1760353500123", true));
        other.Refusal!.Code.Should().Be("reference_conflict");
        (undecided.Value.TopUp.State, undecided.Value.Replayed).Should().Be((TopUpState.InReview, true));
        world.Latcom.Submissions.Should().BeEmpty();
        (await house.CustomerAsync("Envia Despensa")).Wallet.Should().Match<Account>(wallet => wallet.Posted == Dollars(9998.91m) && wallet.Held == Dollars(0));
        await house.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_reissued_key_opens_and_no_secret_of_the_past_is_kept()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = OldSystem.Small();

        await house.ImportAsync(old);

        old.Secrets.Select(secret => secret.OldId).Should().Equal("ENVIADESPENSA_001", "NORTE_002");
        var door = world.Services.GetRequiredService<Authenticator>();
        (await door.AuthenticateAsync(old.Secrets[0].Secret, null, null, default)).Value.Customer.Should().Be((await house.CustomerAsync("Envia Despensa")).Customer.Id);
        (await door.AuthenticateAsync(old.Secrets[1].Secret, null, IPAddress.Parse("203.0.113.8"), default)).Refusal!.Code.Should().Be("ip_not_allowed");
        (await door.AuthenticateAsync("plain_secret_one", null, null, default)).Refusal!.Code.Should().Be("unauthenticated");
        var audit = (await world.Relier.SendAsync(new ListAudit { Limit = 100 }, house.House)).Value.Data;
        audit.Select(entry => entry.Action).Should().BeEquivalentTo("customer.imported", "customer.imported", "customer.imported", "topups.imported", "exchange_rate.added");
        string.Concat(audit.Select(entry => entry.After)).Should().NotContain("plain_").And.NotContain(old.Secrets[0].Secret).And.NotContain("5512340001");
    }

    [Test]
    public async Task A_trial_says_what_an_import_does_and_writes_nothing()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = OldSystem.Small();

        var trial = await house.ImportAsync(old, apply: false);
        var told = old.Remarks.ToList();
        var left = (await house.CustomersAsync()).Count + (await house.TopUpsAsync()).Count + old.Secrets.Count;
        var done = await house.ImportAsync(old);

        left.Should().Be(0);
        trial.Customers.Should().OnlyContain(customer => customer.NewId == null && customer.IsNew);
        (trial.Opening, trial.Keys, trial.ForPeople).Should().Be((done.Opening, done.Keys, done.ForPeople));
        trial.TopUps.Should().Equal(done.TopUps);
        trial.Rounded.Should().Equal(done.Rounded);
        old.Remarks.Should().Equal(told);
    }

    [Test]
    public async Task A_second_run_adds_nothing()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        await house.ImportAsync(OldSystem.Small());
        var before = await house.DescribeAsync();
        var old = OldSystem.Small();

        var again = await house.ImportAsync(old);

        (await house.DescribeAsync()).Should().Be(before);
        (again.Opening, again.Keys, old.Secrets.Count).Should().Be((Dollars(0), 0L, 0));
        again.Customers.Should().OnlyContain(customer => !customer.IsNew && customer.NewId != null);
        again.TopUps.Select(total => (total.Fate, total.Count)).Should().Equal((ImportFate.Undecided, 1), (ImportFate.Known, 4));
        again.Rounded.Should().BeEmpty();
    }

    [Test]
    public async Task Wherever_the_process_dies_the_next_run_completes_it_exactly_once()
    {
        await using var world = await World.StartAsync(engine);
        var expected = await UndisturbedAsync(world);
        var deaths = 0;

        foreach (var afterCommit in new[] { false, true })
        {
            for (var at = 1; ; at++)
            {
                var house = await Newcomer.OpenAsync(world, $"dies-{at}-{(afterCommit ? "after" : "before")}");
                DyingStorage? dying = null;
                var process = world.NewProcess("dies", inner => dying = new DyingStorage(inner, at, afterCommit));
                try
                {
                    await house.ImportAsync(OldSystem.Large(1_100), process: process);
                }
                catch (InvalidOperationException death) when (death.Message == "The process died.")
                {
                    deaths++;
                }

                await house.ImportAsync(OldSystem.Large(1_100));
                (await house.DescribeAsync()).Should().Be(expected, "it died at transaction {0}", at);
                if (!dying!.IsDead) break;
            }
        }

        // For each of two customers one to look and one to write, then two of 1,000 and 100 lines; before and after.
        deaths.Should().Be(12);
    }

    [Test]
    public async Task Of_many_imports_at_once_one_wins_each_line()
    {
        await using var world = await World.StartAsync(engine);
        var expected = await UndisturbedAsync(world);
        var house = await Newcomer.OpenAsync(world, "crowd");
        var processes = Enumerable.Range(0, 4).Select(number => world.NewProcess($"p{number}")).ToList();

        var reports = await Task.WhenAll(processes.Select(process => Task.Run(() => house.ImportAsync(OldSystem.Large(1_100), process: process))));

        (await house.DescribeAsync()).Should().Be(expected);
        reports.Sum(report => report.TopUps.Where(total => total.Fate == ImportFate.Succeeded).Sum(total => total.Count)).Should().Be(1_100);
        reports.Should().OnlyContain(report => report.ForPeople == 0);
    }

    [Test]
    public async Task Another_tenant_imports_the_same_and_has_its_own()
    {
        await using var world = await World.StartAsync(engine);
        var (one, other) = (await Newcomer.OpenAsync(world, "one"), await Newcomer.OpenAsync(world, "other"));

        await one.ImportAsync(OldSystem.Small());
        var before = await one.DescribeAsync();
        var report = await other.ImportAsync(OldSystem.Small());

        report.Opening.Should().Be(Dollars(9986.41m));
        (await other.DescribeAsync()).Should().Be(before);
        (await one.DescribeAsync()).Should().Be(before);
        (await one.CustomersAsync()).Select(details => details.Customer.Id).Should().NotIntersectWith((await other.CustomersAsync()).Select(details => details.Customer.Id));
    }

    [Test]
    public async Task What_was_undecided_is_decided_by_a_later_export_and_then_for_good()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        await house.ImportAsync(OldSystem.Small());
        var known = OldSystem.Small();
        known.Transactions[3] = known.Transactions[3].Replace("PENDING", "SUCCESS");
        var contradicted = OldSystem.Small();
        contradicted.Transactions[3] = contradicted.Transactions[3].Replace("PENDING", "FAILED");

        var decided = await house.ImportAsync(known);
        var again = await house.ImportAsync(known);
        var contradiction = await house.ImportAsync(contradicted);
        var undecidedAgain = await house.ImportAsync(OldSystem.Small());

        decided.TopUps.Should().Contain(new ImportedTopUps(ImportFate.Decided, 1, Pesos(100), Dollars(5.44m)));
        again.TopUps.Select(total => (total.Fate, total.Count)).Should().Equal((ImportFate.Known, 5));
        contradiction.TopUps.Should().Contain(total => total.Fate == ImportFate.NotTaken && total.Count == 1);
        contradicted.Remarks.Should().Contain(remark => remark.Line == 5 && remark.Code == "changed");
        undecidedAgain.TopUps.Should().Contain(total => total.Fate == ImportFate.NotTaken);
        var topUp = await house.TopUpAsync("RLR1760353500126");
        (topUp.State, topUp.Charge, topUp.UnknownSince).Should().Be((TopUpState.Succeeded, Dollars(5.44m), null));
        (await house.CustomersAsync()).Sum(details => details.Wallet.Posted.ToDecimal()).Should().Be(9986.41m, "what is decided moves no money");
        await house.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Of_several_lines_with_one_reference_the_delivered_one_keeps_it()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = OldSystem.Large(0);
        old.Transactions.AddRange(
        [
            "1,RLR1,UNO,5512340001,20,1.09,0.0544,FAILED,SAME,,,,,,2025-10-13 10:00:00,",
            "2,RLR2,UNO,5512340001,20,1.09,0.0544,PENDING,SAME,,,,,,2025-10-13 10:01:00,",
            "3,RLR3,UNO,5512340001,20,1.09,0.0544,SUCCESS,SAME,,,,,,2025-10-13 10:02:00,",
            "4,RLR4,UNO,5512340001,20,1.09,0.0544,SUCCESS,SAME,,,,,,2025-10-13 10:03:00,",
            "5,RLR5,DOS,5512340001,20,1.09,0.0544,FAILED,SAME,,,,,,2025-10-13 10:04:00,",
        ]);

        await house.ImportAsync(old);

        (await house.TopUpsAsync()).Where(topUp => topUp.Reference == "SAME").Select(topUp => topUp.Id.Value).Should().BeEquivalentTo("RLR3", "RLR5");
        old.Remarks.Where(remark => remark.Code == "reference_used").Select(remark => remark.Line).Should().Equal(2, 3, 5);
        (await house.ItemsAsync("RLR4")).Single().Details.Should().Be("""{"reference":"SAME"}""");
        await house.ShouldBeSoundAsync();
    }

    [Test]
    public async Task An_order_placed_here_keeps_its_reference_and_its_id_and_no_line_takes_either()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = OldSystem.Large(3);
        var history = old.Transactions.ToList();
        old.Transactions.Clear();
        await house.ImportAsync(old);
        var placed = (await world.Relier.SendAsync(Order("5512340000", "20", "R1"), await CallerAsync(house, "Uno"))).Value.TopUp;
        placed.State.Should().Be(TopUpState.Succeeded);
        old.Transactions.AddRange(history);
        old.Transactions.Add(history[0].Replace("RLR1760353500000", placed.Id.Value).Replace(",R0,", ",R9,"));

        var report = await house.ImportAsync(old);

        report.TopUps.Select(total => (total.Fate, total.Count)).Should().Equal((ImportFate.Succeeded, 3), (ImportFate.NotTaken, 1));
        old.Remarks.Select(remark => (remark.Line, remark.Code)).Should().BeEquivalentTo([(3L, "reference_used"), (5L, "id_taken")]);
        (await house.TopUpAsync(placed.Id.Value)).Reference.Should().Be("R1");
        (await house.TopUpAsync("RLR1760353500001")).Reference.Should().BeNull();
        await house.ShouldBeSoundAsync();
    }

    [Test]
    public async Task What_was_ordered_there_today_counts_here_today_and_a_twin_is_suspected()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = OldSystem.Large(0);
        // The clock stands at noon UTC on 2026-11-20; a minute ago, and the day before in Mexico.
        old.Transactions.AddRange(
        [
            "1,RLR1,UNO,5512340001,20,1.09,0.0544,SUCCESS,,,,,,,2026-11-20 11:59:00,",
            "2,RLR2,UNO,5512340002,30,1.63,0.0544,FAILED,,,,,,,2026-11-20 11:59:00,",
            "3,RLR3,UNO,5512340001,40,2.18,0.0544,PENDING,,,,,,,2026-11-20 06:00:00,",
            "4,RLR4,UNO,5512340001,50,2.72,0.0544,SUCCESS,,,,,,,2026-11-20 05:59:59,",
        ]);

        await house.ImportAsync(old);
        await house.ImportAsync(old);
        var customer = (await house.CustomerAsync("Uno")).Customer;
        var twin = await world.Relier.SendAsync(Order("5512340001", "20", null), await CallerAsync(house, "Uno"));
        var used = await UsedAsync(house, customer);
        old.Transactions[2] = old.Transactions[2].Replace("PENDING", "FAILED");
        await house.ImportAsync(old);

        twin.Refusal!.Code.Should().Be("duplicate_suspected");
        used.Should().Be((Pesos(60), Pesos(60))); // 20 + 40
        (await UsedAsync(house, customer)).Should().Be((Pesos(20), Pesos(20)), "40 were not delivered after all");
    }

    [Test]
    public async Task Lines_that_cannot_be_taken_are_named_and_the_others_come()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = OldSystem.Large(1);
        old.Customers.AddRange(
        [
            "3,TRES,Tres,k,s,12.x,0,t,0,f,",
            "4,CUATRO,,k,s,1,0,t,0,f,",
            "5,CINCO,Cinco,k,s,1,0,t,0,t,[]",
            "6,UNO,Uno again,k,s,1,0,t,0,f,",
            "7,SIETE,Siete,k,s,1,0,maybe,0,f,",
        ]);
        old.Transactions.AddRange(
        [
            "1,RLR1,UNO,5512340001,twenty,1.09,,SUCCESS,,,,,,,2025-10-13 10:00:00,",
            "2,RLR2,UNO,12345,20,1.09,,SUCCESS,,,,,,,2025-10-13 10:00:00,",
            "3,RLR3,UNO,5512340001,20,1.09,,DONE,,,,,,,2025-10-13 10:00:00,",
            "4,RLR4,TRES,5512340001,20,1.09,,SUCCESS,,,,,,,2025-10-13 10:00:00,",
            "5,RLR5,UNO,5512340001,20,1.09,,SUCCESS,,,,,,,13/10/2025 10:00:00,",
            "6,RLR6,UNO,5512340001,20,1.09,,SUCCESS,,,,,,,2027-10-13 10:00:00,",
            "7,RLR1760353500000,UNO,5512340001,20,1.09,,SUCCESS,,,,,,,2025-10-13 10:00:00,",
            "8,RLR8,UNO,5512340001",
            "9,RLR9,UNO,5512340001,-20,1.09,,SUCCESS,,,,,,,2025-10-13 10:00:00,",
        ]);

        var report = await house.ImportAsync(old);

        old.Remarks.Where(remark => !remark.IsTaken).Select(remark => $"{remark.File}:{remark.Line} {remark.Column} {remark.Code}").Should().Equal(
            "customers.csv:4 current_balance amount_invalid", "customers.csv:5 company_name text_invalid", "customers.csv:6 allowed_ips address_invalid",
            "customers.csv:7 customer_id id_repeated", "customers.csv:8 is_active flag_invalid",
            "transactions.csv:3 amount_mxn amount_invalid", "transactions.csv:4 phone phone_invalid", "transactions.csv:5 status status_unknown", "transactions.csv:6 customer_id customer_unknown",
            "transactions.csv:7 created_at time_invalid", "transactions.csv:8 created_at time_invalid", "transactions.csv:9 transaction_id id_repeated", "transactions.csv:10  columns_invalid",
            "transactions.csv:10 amount amount_invalid", "transactions.csv:10 status status_unknown", "transactions.csv:10 created_at required", "transactions.csv:11 amount_mxn amount_invalid");
        string.Concat(old.Remarks.Select(remark => remark.Message)).Should().NotContain("5512340001");
        (report.CustomersNotTaken, report.Customers.Length, report.ForPeople).Should().Be((5L, 2, 14L));
        (await house.TopUpsAsync()).Should().ContainSingle();
        await house.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_file_that_cannot_be_read_to_its_end_changes_nothing()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var broken = OldSystem.Large(2_000);
        broken.Transactions[^1] = "1,\"RLR";

        var refusal = (await world.Relier.SendAsync(broken.Import(), house.House)).Refusal!;

        (refusal.Code, refusal.Facts["file"], refusal.Facts["line"]).Should().Be(("import_unreadable", "transactions.csv", "2001"));
        (await house.CustomersAsync()).Should().BeEmpty();
        broken.Secrets.Should().BeEmpty();
    }

    [Test]
    public async Task A_column_that_is_missing_is_named_with_its_file()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var import = OldSystem.Small().Import();
        var without = new ImportFile("transactions.csv", new MemoryStream("transaction_id,customer_id,phone,amount_mxn,status\n"u8.ToArray()));

        var refusal = (await world.Relier.SendAsync(import with { Transactions = without }, house.House)).Refusal!;

        (refusal.Code, refusal.Facts["file"], refusal.Facts["line"], refusal.Facts["column"]).Should().Be(("import_unreadable", "transactions.csv", "1", "created_at"));
        (await house.CustomersAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task A_limit_and_a_commission_are_given_only_when_asked_for()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = OldSystem.Small();

        var wrong = (await world.Relier.SendAsync(old.Import() with { CreditLimits = ["NOBODY=1.00"] }, house.House)).Refusal!;
        await world.Relier.SendAsync(old.Import() with { CreditLimits = ["NORTE_002=50.00"], WithCommissions = true }, house.House);

        wrong.Fields.Should().ContainSingle().Which.Code.Should().Be("credit_limit_invalid");
        (await house.CustomerAsync("=HYPERLINK(\"x\") <script>alert(1)</script>, S.A.")).Wallet.Should().Match<Account>(wallet => wallet.CreditLimit == Dollars(50) && wallet.Available == Dollars(37.5m));
        (await house.CustomerAsync("Envia Despensa")).Customer.Policies.Commission.Should().Be(Ratio.Of(0.11m));
        (await house.CustomerAsync("Envia Despensa")).Wallet.CreditLimit.Should().Be(Dollars(0));
        await house.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_channel_that_is_somebody_elses_becomes_the_next_one()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        await world.Relier.SendAsync(new CreateCustomer("Was here") { Channel = "enviadespensa" }, house.House);
        var old = OldSystem.Small();

        await house.ImportAsync(old);

        (await house.CustomerAsync("Envia Despensa")).Customer.Channel.Should().Be("enviadespensa-2");
        old.Remarks.Should().Contain(remark => remark.Code == "channel_taken" && remark.Line == 2);
        old.Secrets.Should().HaveCount(2, "a second try makes no second key");
    }

    [Test]
    public async Task What_another_system_delivered_is_neither_reversed_nor_proven_here()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        await house.ImportAsync(OldSystem.Small());

        var reversal = await world.Relier.SendAsync(new ReverseTopUp("RLR1760353500123"), house.House);
        var proof = await world.Relier.SendAsync(new AddEvidence("RLR1760353500126", "delivered", "ticket 1"), house.House);
        await world.PassAsync(Duration.FromHours(30), Duration.FromHours(6));

        (reversal.Refusal!.Code, proof.Refusal!.Code).Should().Be(("invalid_state_transition", "invalid_state_transition"));
        (await house.TopUpAsync("RLR1760353500126")).State.Should().Be(TopUpState.InReview);
        await house.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Adjustments_are_checked_and_not_posted_again()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);
        var old = new OldSystem
        {
            Customers = OldSystem.Large(0).Customers,
            Adjustments = "id,customer_id,amount,balance_before,balance_after,reason,adjusted_by,created_at\n1,UNO,100,400,500.0000001,paid,ADMIN,2025-10-01\n2,UNO,100,500,400,paid,ADMIN,2025-10-02\n3,NOBODY,1,0,1,,,\n",
        };

        var report = await house.ImportAsync(old);

        report.Checked.Should().Equal(new CheckedFile("balance_adjustments.csv", 3, 2, Dollars(200)));
        old.Remarks.Select(remark => (remark.Line, remark.Code)).Should().Equal((3, "balance_wrong"), (4, "customer_unknown"));
        (await house.CustomerAsync("Uno")).Wallet.Should().Match<Account>(wallet => wallet.Posted == Dollars(500) && wallet.Entries == 1);
    }

    [Test]
    public async Task Nobody_imports_without_the_permission()
    {
        await using var world = await World.StartAsync(engine);
        var house = await Newcomer.OpenAsync(world);

        var refused = await world.Relier.SendAsync(OldSystem.Small().Import(), Caller.OfAdmin(house.House.Tenant, "jorge", [Permission.WriteCustomers, Permission.AdjustCredit]));
        var halfway = await world.Relier.SendAsync(OldSystem.Small().Import(), Caller.OfAdmin(house.House.Tenant, "jorge", [Permission.Import]));

        (refused.Refusal!.Code, refused.Refusal.Facts["permission"]).Should().Be(("forbidden", "imports:write"));
        halfway.Refusal!.Code.Should().Be("forbidden", "nobody hands out what they may not do");
        (await house.CustomersAsync()).Should().BeEmpty();
    }

    private static async Task<string> UndisturbedAsync(World world)
    {
        var house = await Newcomer.OpenAsync(world, "undisturbed");
        await house.ImportAsync(OldSystem.Large(1_100));
        var text = await house.DescribeAsync();
        // 1,100 x 20.00 and 1,100 x 1.09
        text.Should().Contain("Uno uno 500.00 USD 1 keys 1").And.Contain("Dos dos 7.07 USD 1 keys 1").And.Contain("22000.00 MXN").And.Contain("1199.00 USD");
        return text;
    }

    private static RequestTopUp Order(string phone, string amount, string? reference) => new(phone, amount) { Reference = reference, Wait = Duration.FromSeconds(25) };

    private static async Task<Caller> CallerAsync(Newcomer house, string name) => Caller.OfCustomer(house.House.Tenant, (await house.CustomerAsync(name)).Customer.Id);

    private static Task<(Money All, Money OfPhone)> UsedAsync(Newcomer house, Customer customer) => house.World.Storage.RunAsync(
        house.House.Tenant,
        async session =>
        {
            var day = new LocalDate(2026, 11, 20);
            var facts = await session.Orders.LockAsync(
                new OrderQuestions { Customers = [customer.Id], TwinsSince = default, Now = default, Day = day }, default);
            var ofPhone = await session.Orders.UsedAsync([(customer.Id, Msisdn.Parse("5512340001"))], day, default);
            return (facts.Used.Single().Face, ofPhone.Single().Face);
        },
        default);

    private static Money Dollars(decimal amount) => Money.Of(amount, Currency.USD);

    private static Money Pesos(decimal amount) => Money.Of(amount, Currency.MXN);
}
