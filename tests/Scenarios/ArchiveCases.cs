using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Archiving;
using Relier.Auditing;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using static Relier.Scenarios.RatingWorld;

namespace Relier.Scenarios;

/// <summary>From the storage into the archive: what is finished goes once and whole, what waits for anything never goes, and no money changes by it.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class ArchiveCases(Engine engine)
{
    [Test]
    public async Task Calls_go_ninety_days_after_their_month_and_no_sum_changes_by_it()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        var account = await world.Rating.WithStarterAsync(money: "100");
        var calls = await world.Rating.ReportAsync(
            Call("rated", 90), Call("zero", 0), Call("leg", 60) with { IsCharged = false }, Call("first", 60, at: "2026-11-01T00:00:00Z"), Call("december", 60, at: "2026-12-01T00:00:00Z"));
        // 1.20, 0.60 and 0.60 of 100.
        var before = await SumsAsync(world, account);
        before.Balance.Should().Be(97.60m);

        // November ends with the 30th; 31 + 31 + 28 days later it is March the first.
        world.At(ArchiveWorld.MarchFirst - Duration.FromTicks(10));
        (await world.RunAsync()).Should().Be(new ArchiveRun(0, 0, 0, 0, 0));
        world.At(ArchiveWorld.MarchFirst);
        var run = await world.RunAsync(world.Process("p2", linesAtOnce: 3));

        var parts = (await world.PartsAsync()).OrderBy(part => part.No).ToList();
        run.Should().Be(new ArchiveRun(2, 4, 0, parts.Sum(part => part.Bytes), 0));
        parts.Select(part => (part.Id.Value, part.Rows, part.Month, part.KeepUntil, part.WrittenAt)).Should().Equal(
            ("calls-2026-11-0001", 3, new YearMonth(2026, 11), Instant.FromUtc(2028, 12, 1, 0, 0), ArchiveWorld.MarchFirst),
            ("calls-2026-11-0002", 1, new YearMonth(2026, 11), Instant.FromUtc(2028, 12, 1, 0, 0), ArchiveWorld.MarchFirst));
        parts[0].FirstAt.Should().Be(Instant.FromUtc(2026, 11, 1, 0, 0));
        parts[0].Name.Should().Be($"main/calls/2026-11/0001-{parts[0].Sha256[..16]}.ndjson.gz");
        world.Archive.Names.Should().BeEquivalentTo(parts[0].Name, parts[1].Name, "main/calls/2026-11/manifest.json");
        (await world.HotAsync()).Should().Equal("december");
        await world.ShouldHaveOnceAsync("rated", "zero", "leg", "first", "december");
        (await SumsAsync(world, account)).Should().BeEquivalentTo(before, "every posting and every month counts as before");
        (await world.RunAsync()).Parts.Should().Be(0, "asked again, there is nothing more to do");
        var rated = (await world.LinesAsync()).Single(line => line.GetProperty("externalId").GetString() == "rated");
        (rated.GetProperty("id").GetString(), rated.GetProperty("amount").GetProperty("amount").GetString(), rated.GetProperty("journal").GetString()).Should().Be((calls[0].Id.Value, "1.20", calls[0].Rating!.Journal!.Value.Value));
    }

    [Test]
    public async Task What_waits_for_an_invoice_or_for_people_never_goes()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        await world.Rating.WithStarterAsync(money: "100");
        await world.Rating.AccountAsync(mode: "postpaid", code: "ACC-2");
        var session = (await world.Rating.SendAsync(new CreateSession(Call("under-way", 0), 60))).Session;
        var calls = await world.Rating.ReportAsync(
            Call("postpaid", 60, code: "ACC-2"), Call("unrated", 60, to: "447000000000"), Call("nobody", 60, code: "ACC-9"), Call("disputed", 60), Call("under-way", 60) with { IsCharged = false }, Call("done", 60));
        var dispute = await world.Rating.SendAsync(new OpenDispute(calls[3].Id.Value, "never called"));
        await world.Rating.SendAsync(new ReportCalls([Call("received", 60)]));

        world.At(Instant.FromUtc(2036, 11, 20, 12, 0));
        // The next day, so that what was written for 2026 is not over at once.
        var process = world.Process("p2");
        process.GetRequiredService<RelierOptions>().Retention = new Retention(90, 240);
        await world.RunAsync(process);

        (await world.HotAsync()).Should().Equal("disputed", "nobody", "postpaid", "received", "under-way", "unrated");
        await world.ShouldHaveOnceAsync("disputed", "nobody", "postpaid", "received", "under-way", "unrated", "done");

        await world.Rating.SendAsync(new CloseDispute(dispute.Id.Value, "it was called"));
        await world.Rating.SendAsync(new ReleaseSession(session.Id.Value, 2, 0));
        await world.Rating.World.RunJobsAsync();
        await world.RunAsync(process);
        (await world.HotAsync()).Should().Equal("nobody", "postpaid", "unrated");
    }

    [Test]
    public async Task What_came_in_late_rests_ninety_days_too()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        await world.Rating.WithStarterAsync(money: "100");
        await world.Rating.ReportAsync(Call("late", 60, at: "2026-01-10T10:00:00Z"));

        await world.RunAsync();
        (await world.HotAsync()).Should().Equal("late");
        // It came in on 2026-11-20 at noon.
        world.At(Instant.FromUtc(2027, 2, 18, 12, 0));
        await world.RunAsync();
        (await world.HotAsync()).Should().Equal("late");
        world.At(Instant.FromUtc(2027, 2, 18, 12, 0) + Duration.FromTicks(10));
        await world.RunAsync();

        (await world.HotAsync()).Should().BeEmpty();
        (await world.PartsAsync()).Single().Id.Value.Should().Be("calls-2026-01-0001");
    }

    [Test]
    public async Task A_record_that_comes_again_is_known_and_costs_nothing_though_its_call_is_in_the_archive()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        var account = await world.Rating.WithStarterAsync(money: "100");
        var session = await world.Rating.SendAsync(new CreateSession(Call("session", 0), 60));
        var released = await world.Rating.SendAsync(new ReleaseSession(session.Session.Id.Value, 2, 60));
        var calls = await world.Rating.ReportAsync(Call("1", 60), Call("2", 60));
        var dispute = await world.Rating.SendAsync(new OpenDispute(calls[1].Id.Value, "too long"));
        await world.Rating.SendAsync(new CloseDispute(dispute.Id.Value, "a gift") { Accept = true, Credit = "0.10" });
        var balance = await world.Rating.BalanceAsync(account);
        // Three minutes at 0.60 less the credit.
        balance.Should().Be(98.30m);
        world.At(ArchiveWorld.MarchFirst);
        await world.RunAsync();
        (await world.HotAsync()).Should().BeEmpty();

        var again = await world.Rating.SendAsync(new ReportCalls([Call("1", 60), Call("1", 61), Call("session", 60)]));
        var part = (await world.PartsAsync()).Single().Id;
        again.Select(one => one.Receipt!.Fate).Should().Equal(CallFate.Duplicate, CallFate.Conflict, CallFate.Duplicate);
        again[0].Should().Match<ReportedCall>(one => one.Call == null && one.Refusal == null && one.Receipt!.Call == calls[0].Id && one.Archived == new ArchivedCall(calls[0].Id, part, calls[0].Customer));
        (again[1].Refusal!.Code, again[1].Archived!.Call).Should().Be(("call_conflict", calls[0].Id));
        (await world.Rating.SendAsync(new ReleaseSession(session.Session.Id.Value, 2, 60))).Answer.Should().Be(released.Answer);
        (await RefusalOf(world, new CreateSession(Call("1", 0), 60), world.Rating.House)).Code.Should().Be("call_known");
        (await world.Rating.SendAsync(new RerateCalls())).Calls.Should().Be(0);
        (await world.Rating.SendAsync(new RetryCalls())).Calls.Should().Be(0);
        (await RefusalOf(world, new CloseDispute(dispute.Id.Value, "again") { Accept = true }, world.Rating.House)).Code.Should().Be("dispute_closed");
        (await world.Rating.SendAsync(new GetDispute(dispute.Id.Value))).Call.Should().Be(calls[1].Id);

        var mine = Caller.OfCustomer(World.Tenant, calls[0].Customer!.Value);
        foreach (var refusal in new[]
        {
            await RefusalOf(world, new GetCall(calls[0].Id.Value), world.Rating.House), await RefusalOf(world, new GetCall(calls[0].Id.Value), mine),
            await RefusalOf(world, new OpenDispute(calls[0].Id.Value, "late"), mine), await RefusalOf(world, new RetryCalls { Call = calls[0].Id.Value }, world.Rating.House),
        })
            (refusal.Code, refusal.Facts["part"], refusal.Facts["call"]).Should().Be(("call_archived", part.Value, calls[0].Id.Value));
        var stranger = Caller.OfCustomer(World.Tenant, Id<Customers.Customer>.Parse("cus_x"));
        (await RefusalOf(world, new GetCall(calls[0].Id.Value), stranger)).Code.Should().Be("not_found");
        (await RefusalOf(world, new OpenDispute(calls[0].Id.Value, "not mine"), stranger)).Code.Should().Be("not_found");
        (await RefusalOf(world, new GetCall("call_never"), world.Rating.House)).Code.Should().Be("not_found");

        await world.Rating.World.RunJobsAsync();
        (await world.Rating.BalanceAsync(account)).Should().Be(balance);
        (await world.HotAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task A_file_or_a_switch_that_repeats_archived_calls_changes_nothing()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        var account = await world.Rating.WithStarterAsync(money: "100");
        const string Lines = "id,start,answer,quantity,to,account_code\nf1,2026-11-20T10:00:00Z,2026-11-20T10:00:01Z,60,918041000000,ACC-1\n";
        var source = new OneRecord(Call("s1", 60));
        var process = world.Rating.World.NewProcess("p2", more: services => new RelierBuilder(services).UseCallSource(_ => source));
        var taken = await process.GetRequiredService<IRelier>().SendAsync(new IngestCall(source.Name, "fs-1", "x"u8.ToArray()), world.Rating.House);
        taken.Value.State.Should().Be(CallReportState.Accepted);
        (await ImportAsync(world, Lines)).New.Should().Be(1);
        await world.Rating.World.RunJobsAsync();
        var balance = await world.Rating.BalanceAsync(account);
        balance.Should().Be(100m - 2 * 0.60m);
        world.At(ArchiveWorld.MarchFirst);
        (await world.RunAsync()).Should().Match<ArchiveRun>(run => run.Calls == 2 && run.Reports == 1);

        (await ImportAsync(world, Lines)).Should().Match<CallImport>(import => import.New == 0 && import.Duplicates == 1);
        var again = await process.GetRequiredService<IRelier>().SendAsync(new IngestCall(source.Name, "fs-1", "x"u8.ToArray()), world.Rating.House);

        again.Value.Should().Be(new IngestedCall(CallReportState.Duplicate, null, taken.Value.Call));
        await world.Rating.World.RunJobsAsync();
        (await world.Rating.BalanceAsync(account)).Should().Be(balance);
    }

    [Test]
    public async Task The_prices_that_a_call_had_before_go_with_it()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        var account = await world.Rating.WithStarterAsync(money: "100");
        await world.Rating.ReportAsync(Call("1", 60));
        await world.Rating.DeckAsync("starter", V1.Replace("918041,0.60", "918041,0.40", StringComparison.Ordinal));
        (await world.Rating.SendAsync(new RerateCalls())).Changed.Should().Be(1);

        world.At(ArchiveWorld.MarchFirst);
        await world.RunAsync();

        var line = (await world.LinesAsync()).Single();
        (line.GetProperty("ratingVersion").GetInt32(), line.GetProperty("amount").GetProperty("amount").GetString()).Should().Be((2, "0.40"));
        var old = line.GetProperty("superseded").EnumerateArray().Single();
        (old.GetProperty("ratingVersion").GetInt32(), old.GetProperty("amount").GetProperty("amount").GetString()).Should().Be((1, "0.60"));
        (await world.Rating.BalanceAsync(account)).Should().Be(99.60m);
    }

    [TestCase("before the file is written")]
    [TestCase("after the file is written")]
    [TestCase("the file is damaged on the way")]
    [TestCase("before the commit")]
    [TestCase("after the commit, which nobody hears of")]
    [TestCase("before the manifest is written")]
    public async Task Whatever_breaks_off_no_call_is_lost_and_none_is_there_twice(string when)
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        var account = await world.Rating.WithStarterAsync(money: "100");
        var names = Enumerable.Range(1, 5).Select(number => $"{number}").ToArray();
        await world.Rating.ReportAsync([.. names.Select(name => Call(name, 60))]);
        var before = await SumsAsync(world, account);
        world.At(ArchiveWorld.MarchFirst);
        var broken = world.Process(
            "broken", linesAtOnce: 2,
            archive => when switch
            {
                "before the file is written" => new FailingArchive(archive) { BeforeWrite = FailingArchive.Away },
                "after the file is written" => new FailingArchive(archive) { AfterWrite = FailingArchive.Away },
                "the file is damaged on the way" => new FailingArchive(archive) { Damage = content => content[..^9] },
                "before the manifest is written" => new FailingArchive(archive) { BeforeWrite = name => name.EndsWith(".json", StringComparison.Ordinal) ? FailingArchive.Away(name) : Task.CompletedTask },
                _ => archive,
            },
            storage => when switch
            {
                "before the commit" => new FailingStorage(storage) { FailWhen = () => world.Archive.Names.Count > 0 },
                "after the commit, which nobody hears of" => new UnconfirmedPart(storage),
                _ => storage,
            });

        await FluentActions.Awaiting(() => world.RunAsync(broken)).Should().ThrowAsync<StorageUnavailableException>();

        (await world.LinesAsync()).Select(line => line.GetProperty("externalId").GetString()).Concat(await world.HotAsync()).Should().BeEquivalentTo(names);
        (await SumsAsync(world, account)).Should().BeEquivalentTo(before);

        await world.RunAsync(world.Process("mended", linesAtOnce: 2));
        (await world.HotAsync()).Should().BeEmpty();
        await world.ShouldHaveOnceAsync(names);
        (await world.PartsAsync()).Select(part => part.Rows).Should().BeEquivalentTo([2L, 2L, 1L]);
        world.Archive.Names.Should().HaveCount(4, "what the break left was written over");
        (await SumsAsync(world, account)).Should().BeEquivalentTo(before);
    }

    [TestCase("disputed")]
    [TestCase("charged again")]
    public async Task A_call_that_changes_while_its_part_is_written_stays_and_the_part_is_written_anew(string how)
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        await world.Rating.WithStarterAsync(money: "100");
        var calls = await world.Rating.ReportAsync(Call("1", 60), Call("2", 60), Call("other", 60, to: "918099000000"));
        await world.Rating.DeckAsync("starter", V1.Replace("9180,0.80", "9180,0.70", StringComparison.Ordinal), "2026-11-01T00:00:00Z");
        world.At(ArchiveWorld.MarchFirst);
        var done = false;
        var process = world.Process("p2", archive: archive => new FailingArchive(archive)
        {
            AfterWrite = async _ =>
            {
                if (done) return;
                done = true;
                if (how == "disputed") await world.Rating.SendAsync(new OpenDispute(calls[2].Id.Value, "too long"));
                else (await world.Rating.SendAsync(new RerateCalls())).Changed.Should().Be(1);
            },
        });

        (await world.RunAsync(process)).Parts.Should().Be(1);

        (await world.HotAsync()).Should().BeEquivalentTo(how == "disputed" ? new[] { "other" } : []);
        await world.ShouldHaveOnceAsync("1", "2", "other");
        world.Archive.Names.Should().HaveCount(2, "the part that did not come about is taken away");
        if (how == "charged again")
            (await world.LinesAsync()).Single(line => line.GetProperty("externalId").GetString() == "other").GetProperty("amount").GetProperty("amount").GetString().Should().Be("0.70");
    }

    [TestCase(4)]
    [TestCase(3)]
    public async Task Of_two_that_write_the_same_part_one_wins_and_no_file_is_lost(int linesOfTheOther)
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        await world.Rating.WithStarterAsync(money: "100");
        var names = Enumerable.Range(1, 4).Select(number => $"{number}").ToArray();
        await world.Rating.ReportAsync([.. names.Select(name => Call(name, 60))]);
        world.At(ArchiveWorld.MarchFirst);
        var other = world.Process("other", linesOfTheOther);
        var isFirst = true;
        // Between the file and the commit of the one the other does all of it: with the same lines its file is the same.
        var one = world.Process("one", linesAtOnce: 4, archive => new FailingArchive(archive)
        {
            AfterWrite = async _ =>
            {
                if (!isFirst) return;
                isFirst = false;
                await world.RunAsync(other);
            },
        });

        (await world.RunAsync(one)).Parts.Should().Be(0);

        (await world.PartsAsync()).Sum(part => part.Rows).Should().Be(4);
        await world.ShouldHaveOnceAsync(names);
        world.Archive.Names.Should().HaveCount(linesOfTheOther == 4 ? 2 : 3, "nothing is left that nobody knows");
    }

    [Test]
    public async Task Many_that_archive_and_charge_again_at_once_leave_each_call_once()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        var account = await world.Rating.WithStarterAsync(money: "1000");
        var names = Enumerable.Range(1, 120).Select(number => $"{number:D3}").ToArray();
        await world.Rating.ReportAsync([.. names.Select(name => Call(name, 60))]);
        await world.Rating.DeckAsync("starter", V1.Replace("918041,0.60", "918041,0.50", StringComparison.Ordinal), "2026-11-01T00:00:00Z");
        world.At(ArchiveWorld.MarchFirst);
        ServiceProvider[] processes = [world.Process("p2", 7), world.Process("p3", 7), world.Process("p4", 5)];

        var runs = await Task.WhenAll(processes.Select(process => Task.Run(() => world.RunAsync(process))).Append(Task.Run(async () =>
        {
            await world.Rating.SendAsync(new RerateCalls());
            return new ArchiveRun(0, 0, 0, 0, 0);
        })));
        await world.RunAsync();

        runs.Sum(run => run.Calls).Should().Be(120);
        await world.ShouldHaveOnceAsync(names);
        var charged = (await world.LinesAsync()).Sum(line => decimal.Parse(line.GetProperty("amount").GetProperty("amount").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
        (await world.Rating.BalanceAsync(account)).Should().Be(1000m - charged, "what the archive says was charged is what was taken");
        (await world.Rating.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-11" })).Single().Value.Amount.ToDecimal().Should().Be(charged);
    }

    [Test]
    public async Task Reports_that_wait_for_nothing_go_and_others_stay()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        await world.Rating.WithStarterAsync(money: "100");
        var states = Enum.GetValues<CallReportState>();
        await world.Rating.World.Storage.RunAsync(
            World.Tenant,
            async session =>
            {
                foreach (var state in states)
                    await session.Calls.AddReportAsync(
                        new CallReport { Id = Id<CallReport>.Parse($"rep_{state}"), Source = "fs-1", At = world.Rating.World.Clock.Now(), Body = $"was {state}\nñ", State = state, Version = 1 }, default);
                return true;
            },
            default);

        world.At(ArchiveWorld.MarchFirst);
        (await world.RunAsync()).Should().Match<ArchiveRun>(run => run.Parts == 1 && run.Reports == 3 && run.Calls == 0);

        (await world.Rating.SendAsync(new ListCallReports())).Data.Select(report => report.State).Should().BeEquivalentTo([CallReportState.Conflict, CallReportState.Malformed]);
        (await world.PartsAsync()).Single().Name.Should().StartWith("main/reports/2026-11/0001-");
        (await world.LinesAsync()).Select(line => (line.GetProperty("status").GetString(), line.GetProperty("body").GetString()))
            .Should().BeEquivalentTo([("accepted", "was Accepted\nñ"), ("duplicate", "was Duplicate\nñ"), ("discarded", "was Discarded\nñ")]);
        (await world.VerifyAsync()).Should().Match<ArchiveReport>(report => report.Findings.Count == 0 && report.Parts == 1 && report.Rows == 3);
    }

    [Test]
    public async Task A_month_whose_time_is_over_is_removed_and_its_names_stay()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        var account = await world.Rating.WithStarterAsync(money: "100");
        var call = (await world.Rating.ReportAsync(Call("1", 60), Call("2", 60)))[0];
        world.At(ArchiveWorld.MarchFirst);
        await world.RunAsync(world.Process("p2", linesAtOnce: 1));
        var parts = await world.PartsAsync();
        var over = Instant.FromUtc(2028, 12, 1, 0, 0);

        world.At(over - Duration.FromTicks(10));
        (await world.RunAsync()).Removed.Should().Be(0);
        world.At(over);
        var longer = world.Process("longer");
        longer.GetRequiredService<RelierOptions>().Retention = new Retention(90, 25);
        (await world.RunAsync(longer)).Removed.Should().Be(0, "a longer time counts for what is there already");
        // The second file cannot be taken away: what is known of the month stays until all of it is gone.
        var broken = world.Process("broken", archive: archive => new FailingArchive(archive) { BeforeDelete = name => name == parts[1].Name ? FailingArchive.Away(name) : Task.CompletedTask });
        await FluentActions.Awaiting(() => world.RunAsync(broken)).Should().ThrowAsync<StorageUnavailableException>();
        (await world.PartsAsync()).Should().HaveCount(2);

        (await world.RunAsync()).Removed.Should().Be(2);

        world.Archive.Names.Should().BeEmpty();
        (await world.PartsAsync()).Should().BeEmpty();
        (await world.Rating.SendAsync(new ListAudit { Subject = "calls-2026-11" })).Data.Single().Should().Match<AuditEntry>(entry => entry.Action == "archive.removed" && entry.Before!.Contains("\"rows\":2"));
        (await RefusalOf(world, new GetCall(call.Id.Value), world.Rating.House)).Code.Should().Be("call_archived");
        (await world.Rating.SendAsync(new ReportCalls([Call("1", 60)])))[0].Receipt!.Fate.Should().Be(CallFate.Duplicate);
        (await world.Rating.BalanceAsync(account)).Should().Be(98.80m);
    }

    [Test]
    public async Task What_is_wrong_in_the_archive_is_found()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        await world.Rating.WithStarterAsync(money: "100");
        await world.Rating.ReportAsync(Call("1", 60), Call("2", 60), Call("3", 60));
        world.At(ArchiveWorld.MarchFirst);
        await world.RunAsync(world.Process("p2", linesAtOnce: 1));
        var parts = (await world.PartsAsync()).OrderBy(part => part.No).ToList();
        (await world.VerifyAsync()).Should().Match<ArchiveReport>(report => report.Findings.Count == 0 && report.Parts == 3 && report.Rows == 3);

        await world.Archive.WriteAsync(parts[0].Name, "no gzip at all"u8.ToArray(), default);
        await world.Archive.DeleteAsync(parts[1].Name, default);
        await world.Archive.WriteAsync("main/calls/2026-11/manifest.json", "{}"u8.ToArray(), default);

        (await world.VerifyAsync()).Findings.Select(finding => (finding.Kind, finding.Name)).Should().BeEquivalentTo(
            [(ArchiveFindingKind.Changed, parts[0].Name), (ArchiveFindingKind.Missing, parts[1].Name), (ArchiveFindingKind.Manifest, "main/calls/2026-11/manifest.json")]);
        var relier = world.Process("reader").GetRequiredService<IRelier>();
        (await relier.SendAsync(new OpenArchivePart(parts[1].Id.Value), world.Rating.House)).Refusal!.Code.Should().Be("archive_unavailable");
        (await relier.SendAsync(new OpenArchivePart("calls-2026-11-0009"), world.Rating.House)).Refusal!.Code.Should().Be("not_found");
        await using var whole = (await relier.SendAsync(new OpenArchivePart(parts[2].Id.Value), world.Rating.House)).Value.Content;
        whole.Length.Should().Be(parts[2].Bytes);

        await world.RunAsync();
        (await world.VerifyAsync()).Findings.Should().HaveCount(2, "the manifest is written anew, a file is not");
    }

    [Test]
    public async Task A_schedule_archives_every_day_and_without_an_archive_nothing_moves()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        await world.Rating.WithStarterAsync(money: "100");
        await world.Rating.ReportAsync(Call("1", 60));
        world.At(ArchiveWorld.MarchFirst);

        await world.Rating.World.RunJobsAsync();
        (await RefusalOf(world, new RunArchive(), world.Rating.House)).Code.Should().Be("archive_not_set");
        (await RefusalOf(world, new VerifyArchive(), world.Rating.House)).Code.Should().Be("archive_not_set");
        (await world.HotAsync()).Should().Equal("1");
        (await RefusalOf(world, new RunArchive(), Caller.OfCustomer(World.Tenant, Id<Customers.Customer>.Parse(world.Rating.World.CustomerId)))).Code.Should().Be("forbidden");

        var process = world.Process("p2");
        world.Rating.World.Services.GetServices<Schedule>().Should().NotContain(one => one.Kind == "calls.archive");
        var schedule = process.GetServices<Schedule>().Should().ContainSingle(one => one.Kind == "calls.archive" && one.Every == Duration.FromDays(1)).Which;
        var now = world.Rating.World.Clock.Now();
        await world.Rating.World.Storage.RunAsync(
            World.Tenant,
            async session =>
            {
                await session.Jobs.AddAsync(new Job { Id = Ids.New<Job>("job", now), Tenant = World.Tenant, Kind = schedule.Kind, Subject = schedule.Name, RunAt = now, CreatedAt = now }, default);
                return true;
            },
            default);
        await process.GetRequiredService<JobLoop>().RunDueAsync();

        (await world.HotAsync()).Should().BeEmpty();
        (await world.Rating.SendAsync(new ListAudit { Subject = "calls-2026-11-0001" })).Data.Single().Should().Match<AuditEntry>(entry => entry.Action == "archive.written" && entry.Actor == "system:archive");
    }

    [Test]
    public async Task Inside_a_transaction_that_may_still_be_undone_nothing_is_archived()
    {
        await using var world = await ArchiveWorld.StartAsync(engine);
        await world.Rating.WithStarterAsync(money: "100");
        await world.Rating.ReportAsync(Call("1", 60));
        world.At(ArchiveWorld.MarchFirst);
        var process = world.Process("p2");

        var act = () => process.GetRequiredService<IStorage>().RunAsync(World.Tenant, _ => world.RunAsync(process), default);

        await act.Should().ThrowAsync<InvalidOperationException>().WithMessage("The archive is not run inside a transaction.*");
        world.Archive.Names.Should().BeEmpty();
        (await world.HotAsync()).Should().Equal("1");
    }

    private static async Task<CallImport> ImportAsync(ArchiveWorld world, string lines)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(lines));
        return await world.Rating.SendAsync(new ImportCalls(content, "file"));
    }

    private static async Task<Refusal> RefusalOf<T>(ArchiveWorld world, IUseCase<T> useCase, Caller caller)
        where T : notnull => (await world.Rating.World.Relier.SendAsync(useCase, caller)).Refusal!;

    private static async Task<Sums> SumsAsync(ArchiveWorld world, UsageAccount account) => new(
        await world.Rating.BalanceAsync(account), await world.Rating.StatementAsync(account), await world.Rating.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-01", ToMonth = "2026-12" }),
        (await world.Rating.SendAsync(new VerifyLedger())).Findings.Count);

    private static Money Rupees(decimal amount) => Money.Of(amount, Currency.INR);

    private sealed record Sums(decimal Balance, IReadOnlyList<StatementLine> Statement, IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>> Usage, int Findings);

    /// <summary>A kind of switch that reports one call whatever it says.</summary>
    private sealed class OneRecord(CallRecord record) : ICallSource
    {
        public string Name => "one";

        public CallOrigin? Authenticate(string user, string password, System.Net.IPAddress? from) => null;

        public CallLayout? LayoutOf(CallOrigin origin) => null;

        public CallReading Read(CallOrigin origin, string? contentType, ReadOnlyMemory<byte> body, string? callId) => new CallReading.Understood(record);
    }
}
