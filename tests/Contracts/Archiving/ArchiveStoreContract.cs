#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Archiving;
using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>That what is finished is found, leaves the storage with the part that says where it is, or stays whole.</summary>
public sealed class ArchiveStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Instant Start = Instant.FromUtc(2026, 8, 1, 0, 0);
    private static readonly ArchiveWindow August = new(Start, Instant.FromUtc(2026, 9, 1, 0, 0), Instant.FromUtc(2026, 9, 2, 0, 0));
    private Customer _customer = null!;
    private UsageAccount _prepaid = null!;

    [SetUp]
    public async Task OpenAnAccount()
    {
        _customer = await InAsync(session => session.EnrolAsync());
        _prepaid = FullRecords.UsageAccountOf(_customer) with { Mode = PaymentMode.Prepaid };
        await InAsync(session => session.UsageAccounts.AddAsync(_prepaid, default));
    }

    [Test]
    public async Task Finished_calls_are_found_with_all_their_prices_by_beginning_then_id_part_by_part()
    {
        var calls = new[] { CallOf("b", 2), CallOf("c", 1), CallOf("a", 2), CallOf("d", 3) };
        var old = calls[0].Rating! with { Version = 1 };
        await AddAsync([.. calls.Select(call => call with { RatingVersion = 2, Rating = call.Rating! with { Version = 2 } })], [(calls[0].Id, old)]);

        var first = await InAsync(session => session.Archive.ListCallsAsync(August, null, 3, default));
        var rest = await InAsync(session => session.Archive.ListCallsAsync(August, new Position(calls[0].Record.StartedAt, calls[0].Id.Value), 3, default));

        first.Select(one => one.Call.Id.Value).Should().Equal("call_c", "call_a", "call_b");
        first[2].Call.ShouldWhollyBe(calls[0] with { RatingVersion = 2, Rating = calls[0].Rating! with { Version = 2 } });
        first[2].Superseded.Should().ContainSingle().Which.ShouldWhollyBe(old);
        first[0].Superseded.Should().BeEmpty();
        var free = CallOf("e", 4) with { State = CallState.Zero, RatingVersion = 2, Rating = null };
        await AddAsync([free], [(free.Id, old)]);
        (await InAsync(session => session.Archive.ListCallsAsync(August, new Position(calls[3].Record.StartedAt, calls[3].Id.Value), 3, default))).Should().ContainSingle().Which.Superseded.Should().ContainSingle("it had a price once");
        rest.Select(one => one.Call.Id.Value).Should().Equal("call_d");
    }

    [Test]
    public async Task What_waits_for_anything_is_not_finished()
    {
        var postpaid = FullRecords.UsageAccountOf(_customer) with { Id = Id<Account>.Parse("acc_post"), Mode = PaymentMode.Postpaid };
        var call = CallOf("x", 1);
        var received = call with { State = CallState.Received, Rating = null, RatingVersion = 0 };
        await InAsync(session => session.Ledger.OpenAsync(A.WalletOf(_customer) with { Id = postpaid.Id }, default));
        await InAsync(session => session.UsageAccounts.AddAsync(postpaid, default));
        await AddAsync(
        [
            Named(received, "received"), Named(received with { State = CallState.Unrated, Reason = UnratedReason.NoRate }, "unrated"), Named(call with { Account = postpaid.Id }, "postpaid"),
            Named(call with { Dispute = Id<CallDispute>.Parse("dsp_open") }, "disputed"), Named(call, "session"), Named(call with { PricedTo = 60 }, "partly"), Named(received with { State = CallState.Zero, PricedTo = 60 }, "free"), Named(call with { ReceivedAt = August.RestingSince }, "late"),
            Named(call with { Record = call.Record with { StartedAt = August.To } }, "september"), Named(call with { Record = call.Record with { StartedAt = Start - Duration.FromTicks(10) } }, "july"),
            Named(call, "rated"), Named(received with { State = CallState.Zero, Account = postpaid.Id }, "zero"), Named(received with { State = CallState.NotCharged, Account = null, Customer = null, Line = null }, "not"),
            Named(call with { Dispute = Id<CallDispute>.Parse("dsp_over") }, "credited"), Named(call with { Record = call.Record with { StartedAt = Start } }, "first"),
        ]);
        await InAsync(async session =>
        {
            var dispute = FullRecords.DisputeOf(call);
            await session.Calls.AddDisputeAsync(dispute with { Id = Id<CallDispute>.Parse("dsp_open"), State = DisputeState.Open, Credit = null, ClosedAt = null, ClosedBy = null, Note = null }, default);
            await session.Calls.AddDisputeAsync(dispute with { Id = Id<CallDispute>.Parse("dsp_over") }, default);
            var going = FullRecords.SessionOf(_customer);
            await session.UsageSessions.AddAsync(going with { Record = going.Record with { ExternalId = "session", Leg = call.Record.Leg, Source = call.Record.Source } }, default);
        });

        var found = await InAsync(session => session.Archive.ListCallsAsync(August, null, 99, default));

        found.Select(one => one.Call.Record.ExternalId).Should().BeEquivalentTo("rated", "zero", "not", "credited", "first");
        (await InAsync(session => session.Archive.FirstCallAsync(Start, August.To, default))).Should().Be(Start);
        (await InAsync(session => session.Archive.FirstCallAsync(August.To, August.To + Duration.FromDays(30), default))).Should().Be(August.To);
        (await InAsync(session => session.Archive.FirstCallAsync(August.To + Duration.FromTicks(10), Instant.FromUtc(2030, 1, 1, 0, 0), default))).Should().BeNull();
    }

    [Test]
    public async Task Calls_leave_with_their_prices_and_their_names_stay_and_say_where_they_are()
    {
        var (gone, stays) = (CallOf("gone", 1), CallOf("stays", 2));
        await AddAsync([gone, stays], [(gone.Id, gone.Rating! with { Version = 1 }), (stays.Id, stays.Rating! with { Version = 1 })]);

        await InAsync(session => session.Archive.AddCallsAsync(PartOf(8, 1), [gone], default));

        (await InAsync(session => session.Calls.FindAsync(gone.Id, default))).Should().BeNull();
        (await InAsync(session => session.Calls.ListRatingsAsync(gone.Id, default))).Should().BeEmpty();
        (await InAsync(session => session.Calls.FindKnownAsync([CallName.Of(gone.Record)], default))).Should().ContainSingle().Which.Should().Be(new KnownCall(CallName.Of(gone.Record), gone.Id, gone.Record.Fingerprint()));
        (await InAsync(session => session.Archive.FindCallAsync(gone.Id, default))).Should().Be(new ArchivedCall(gone.Id, PartOf(8, 1).Id, gone.Customer));
        (await InAsync(session => session.Archive.FindCallAsync(stays.Id, default))).Should().BeNull();
        (await InAsync(session => session.Calls.FindAsync(stays.Id, default))).ShouldWhollyBe(stays);
        (await InAsync(session => session.Calls.ListRatingsAsync(stays.Id, default))).Should().ContainSingle();
        await FluentActions.Awaiting(() => AddAsync([Named(gone, "gone") with { Id = Id<Call>.Parse("call_again") }])).Should().ThrowAsync<DuplicateKeyException>();
    }

    [Test]
    public async Task A_part_is_added_with_all_its_calls_or_not_at_all()
    {
        var (one, changed) = (CallOf("1", 1), CallOf("2", 2));
        await AddAsync([one, changed]);
        await InAsync(session => session.Calls.AddAsync(new CallEntries { Changed = [changed with { Dispute = Id<CallDispute>.Parse("dsp_1") }] }, default));

        await ShouldBeStaleAsync(() => InAsync(session => session.Archive.AddCallsAsync(PartOf(8, 1), [one, changed], default)));

        (await InAsync(session => session.Archive.FindAsync(PartOf(8, 1).Id, default))).Should().BeNull();
        (await InAsync(session => session.Calls.FindAsync(one.Id, default))).ShouldWhollyBe(one);
        (await InAsync(session => session.Archive.FindCallAsync(one.Id, default))).Should().BeNull();

        await InAsync(session => session.Archive.AddCallsAsync(PartOf(8, 1), [one], default));
        var twice = () => InAsync(session => session.Archive.AddCallsAsync(PartOf(8, 1), [changed with { Version = 2 }], default));
        (await twice.Should().ThrowAsync<DuplicateKeyException>()).Which.Key.Should().Be(UniqueKey.ArchivePart);
        (await InAsync(session => session.Calls.FindAsync(changed.Id, default)))!.Version.Should().Be(2);
        await ShouldBeStaleAsync(() => InAsync(session => session.Archive.AddCallsAsync(PartOf(8, 2), [one], default)));
    }

    [Test]
    public async Task Of_many_who_take_the_same_calls_one_does()
    {
        var calls = Enumerable.Range(1, 20).Select(number => CallOf($"{number}", number)).ToArray();
        await AddAsync(calls);

        var problems = await AllAtOnceAsync(6, number => AmongOthersAsync(session => session.Archive.AddCallsAsync(PartOf(8, 1 + number % 2), calls, default)));

        problems.Count(problem => problem is null).Should().Be(1);
        problems.Where(problem => problem is not null).Should().OnlyContain(problem => problem is DuplicateKeyException || problem is StaleVersionException);
        (await InAsync(session => session.Archive.ListAsync(new PageRequest(null, 9), default))).Data.Should().ContainSingle();
        (await InAsync(session => session.Calls.ListAsync(new CallFilter(), new PageRequest(null, 9), default))).Data.Should().BeEmpty();
    }

    [Test]
    public async Task Reports_that_wait_for_nothing_leave_and_others_stay()
    {
        var at = Start + Duration.FromHours(1);
        var reports = Enum.GetValues<CallReportState>().Select((state, index) => FullRecords.CallReport() with { Id = Id<CallReport>.Parse($"rep_{index}"), At = at, State = state }).ToList();
        await InAsync(async session =>
        {
            foreach (var report in reports) await session.Calls.AddReportAsync(report, default);
            await session.Calls.AddReportAsync(reports[0] with { Id = Id<CallReport>.Parse("rep_later"), At = August.To }, default);
        });

        var found = await InAsync(session => session.Archive.ListReportsAsync(August, null, 99, default));
        await ShouldBeStaleAsync(() => InAsync(session => session.Archive.AddReportsAsync(PartOf(8, 1) with { Kind = ArchiveKind.Reports }, [found[0] with { Version = 2 }], default)));
        await InAsync(session => session.Archive.AddReportsAsync(PartOf(8, 1) with { Kind = ArchiveKind.Reports }, found, default));

        found.ShouldWhollyBe(new[] { reports[0], reports[1], reports[4] });
        (await InAsync(session => session.Archive.ListReportsAsync(August, new Position(at, "rep_1"), 1, default))).Should().BeEmpty("they are gone");
        (await InAsync(session => session.Calls.ListReportsAsync(null, new PageRequest(null, 9), default))).Data.Select(report => report.Id.Value).Should().Equal("rep_later", "rep_2", "rep_3");
        (await InAsync(session => session.Archive.FirstReportAsync(Start, August.To, default))).Should().Be(at);
    }

    [Test]
    public async Task Parts_come_back_whole_are_listed_by_time_and_by_month_and_go_by_month()
    {
        var parts = new[] { PartOf(8, 2), PartOf(8, 1), PartOf(7, 1), PartOf(8, 1) with { Id = Id<ArchivePart>.Parse("reports-2026-08-0001"), Kind = ArchiveKind.Reports } };
        await InAsync(async session =>
        {
            foreach (var part in parts) await session.Archive.AddCallsAsync(part, [], default);
        });

        (await InAsync(session => session.Archive.FindAsync(parts[0].Id, default))).ShouldWhollyBe(parts[0]);
        (await WalkAsync(2, page => InAsync(session => session.Archive.ListAsync(page, default)))).Select(part => part.Id.Value)
            .Should().Equal("calls-2026-08-0002", "calls-2026-07-0001", "calls-2026-08-0001", "reports-2026-08-0001");
        (await InAsync(session => session.Archive.ListMonthAsync(ArchiveKind.Calls, new YearMonth(2026, 8), default))).ShouldWhollyBe(new[] { parts[1], parts[0] });
        (await InAsync(session => session.Archive.ListMonthsAsync(default))).Should().Equal(
            (ArchiveKind.Calls, new YearMonth(2026, 7)), (ArchiveKind.Calls, new YearMonth(2026, 8)), (ArchiveKind.Reports, new YearMonth(2026, 8)));
        (await InAsync(session => session.Archive.RemoveMonthAsync(ArchiveKind.Calls, new YearMonth(2026, 8), default))).Should().Be(2);
        (await InAsync(session => session.Archive.ListMonthsAsync(default))).Should().HaveCount(2);
    }

    private static ArchivePart PartOf(int month, int no) => FullRecords.Part() with
    {
        Id = ArchivePart.IdOf(ArchiveKind.Calls, new YearMonth(2026, month), no), Month = new YearMonth(2026, month), No = no, WrittenAt = A.Noon + Duration.FromSeconds(no),
    };

    private static Call Named(Call call, string name) => call with { Id = Id<Call>.Parse($"call_{name}"), Record = call.Record with { ExternalId = name } };

    private Call CallOf(string name, int second)
    {
        var call = FullRecords.CallOf(_customer);
        return Named(call, name) with
        {
            Account = _prepaid.Id, PricedTo = null, Dispute = null, ReceivedAt = Start + Duration.FromDays(1), Rating = call.Rating! with { Version = 1 },
            Record = call.Record with { ExternalId = name, StartedAt = Start + Duration.FromSeconds(second), AnsweredAt = null, EndedAt = null },
        };
    }

    private Task AddAsync(IReadOnlyList<Call> calls, IReadOnlyList<(Id<Call> Call, CallRating Rating)>? superseded = null) =>
        InAsync(session => session.Calls.AddAsync(new CallEntries { New = calls, Superseded = superseded ?? [] }, default));
}
