#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>What a store of reconciliations must keep.</summary>
public sealed class ReconciliationStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    [Test]
    public async Task A_run_comes_back_whole_also_with_little_in_it()
    {
        var bare = A.Run() with { From = null, To = null, State = ReconciliationState.Importing };
        var full = FullRecords.Run();
        await InAsync(session => session.Reconciliations.AddAsync(bare, default));
        await InAsync(session => session.Reconciliations.AddAsync(full, default));

        (await InAsync(session => session.Reconciliations.FindAsync(bare.Id, default))).ShouldWhollyBe(bare);
        (await InAsync(session => session.Reconciliations.FindByHashAsync(full.FileHash, default))).ShouldWhollyBe(full);
        (await WalkAsync(1, page => InAsync(session => session.Reconciliations.ListAsync(page, default)))).ShouldWhollyBe(new[] { full, bare });
    }

    [Test]
    public async Task A_run_is_written_once_for_each_version()
    {
        var begun = A.Run() with { From = null, To = null, State = ReconciliationState.Importing };
        await InAsync(session => session.Reconciliations.AddAsync(begun, default));
        var full = FullRecords.Run();
        var changed = full with
        {
            Id = begun.Id, Source = begun.Source, Layout = begun.Layout, FileName = begun.FileName, FileHash = begun.FileHash, Supersedes = null, StartedAt = begun.StartedAt,
            DeclaredRows = null, DeclaredTotals = [],
        };

        var written = await InAsync(session => session.Reconciliations.UpdateAsync(changed, default));

        written.ShouldWhollyBe(changed with { Version = 2 });
        (await InAsync(session => session.Reconciliations.FindAsync(begun.Id, default))).ShouldWhollyBe(written);
        await ShouldBeStaleAsync(() => InAsync(session => session.Reconciliations.UpdateAsync(changed, default)));
    }

    [Test]
    public async Task The_file_of_an_invalid_run_may_be_tried_again()
    {
        var invalid = A.Run() with { State = ReconciliationState.Invalid };
        await InAsync(session => session.Reconciliations.AddAsync(invalid, default));
        (await InAsync(session => session.Reconciliations.FindByHashAsync(invalid.FileHash, default))).Should().BeNull();

        var again = A.Run() with { FileHash = invalid.FileHash };
        await InAsync(session => session.Reconciliations.AddAsync(again, default));

        (await InAsync(session => session.Reconciliations.FindByHashAsync(invalid.FileHash, default))).ShouldWhollyBe(again);
    }

    [TestCase(-1, 0, false)]
    [TestCase(-1, 1, true)]
    [TestCase(0, 1, true)]
    [TestCase(1, 2, false)]
    [TestCase(-5, 5, true)]
    public async Task Periods_overlap_when_they_share_a_day(int from, int to, bool overlaps)
    {
        var run = A.Run();
        foreach (var one in new[]
        {
            run, A.Run() with { State = ReconciliationState.Invalid }, A.Run() with { State = ReconciliationState.Superseded },
            A.Run() with { Provider = "latcom" }, A.Run() with { Source = StatementSource.Operator }, A.Run() with { From = null, To = null },
        })
            await InAsync(session => session.Reconciliations.AddAsync(one, default));

        var found = await InAsync(session => session.Reconciliations.OverlappingAsync(
            run.Provider, run.Source, A.Day.PlusDays(from), A.Day.PlusDays(to), default));

        found.ShouldWhollyBe(overlaps ? new[] { run } : []);
    }

    [Test]
    public async Task A_line_comes_back_whole_with_its_finding()
    {
        var run = await BeginAsync(FullRecords.Row(), A.Row(9));
        var (full, bare) = (new LineFinding(7, StatementKind.Reversal, StatementClass.CurrencyMismatch, MatchPass.OurReference, A.New<TopUp>("RLR"), 3), new LineFinding(9, StatementKind.Charge, StatementClass.ProviderOnly, null, null, null));
        await InAsync(session => session.Reconciliations.AddFindingsAsync(run.Id, [bare, full], default));

        (await InAsync(session => session.Reconciliations.ListFindingsAsync(run.Id, 0, 10, default)))
            .ShouldWhollyBe(new[] { new FoundLine(FullRecords.Row(), full), new FoundLine(A.Row(9), bare) });
        (await InAsync(session => session.Reconciliations.ListFindingsAsync(run.Id, 7, 10, default))).Should().ContainSingle().Which.Row.Line.Should().Be(9);
        (await InAsync(session => session.Reconciliations.ListFindingsAsync(run.Id, 0, 1, default))).Should().ContainSingle().Which.Row.Line.Should().Be(7);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(100)]
    public async Task Lines_are_read_in_whole_groups_of_their_key_each_once_and_without_those_that_were_found(int limit)
    {
        var run = await BeginAsync(
            A.Row(2) with { OperatorId = "b" }, A.Row(3) with { OperatorId = "a" }, A.Row(4) with { OperatorId = "b" }, A.Row(5) with { OperatorId = "B" },
            A.Row(6), A.Row(7) with { OperatorId = "c" }, A.Row(8) with { OperatorId = "b" });
        await InAsync(session => session.Reconciliations.AddFindingsAsync(run.Id, [new LineFinding(7, StatementKind.Charge, StatementClass.ProviderOnly, null, null, null)], default));

        var groups = new List<(string Key, long Line)>();
        for (var after = ""; after is not null;)
        {
            var from = after;
            var page = await InAsync(session => session.Reconciliations.ReadRowsAsync(run.Id, MatchPass.OperatorId, from, limit, default));
            groups.AddRange(page.Rows.OrderBy(row => row.OperatorId, StringComparer.Ordinal).ThenBy(row => row.Line).Select(row => (row.OperatorId!, row.Line)));
            after = page.NextAfter;
        }

        // In the order of bytes: B a b c; c was found, one has no id.
        groups.Should().Equal(("B", 5), ("a", 3), ("b", 2), ("b", 4), ("b", 8));
        (await InAsync(session => session.Reconciliations.ReadLeftRowsAsync(run.Id, 3, 2, default))).Select(row => row.Line).Should().Equal(4, 5);
    }

    [Test]
    public async Task Our_reference_stands_in_its_own_column_or_in_the_providers()
    {
        var run = await BeginAsync(A.Row(2) with { OurReference = "x", ProviderId = "p" }, A.Row(3) with { ProviderId = "q" }, A.Row(4));

        var page = await InAsync(session => session.Reconciliations.ReadRowsAsync(run.Id, MatchPass.OurReference, "", 10, default));

        page.Rows.Select(row => row.Line).Should().BeEquivalentTo([3L, 2L]);
    }

    [TestCase(MatchPass.OperatorId, "OP-1")]
    [TestCase(MatchPass.ProviderId, "LT1")]
    [TestCase(MatchPass.OurReference, "REF-1")]
    [TestCase(MatchPass.PhoneWithinDay, "5512345678")]
    public async Task A_submission_is_found_by_what_a_line_says_of_it(MatchPass pass, string key)
    {
        var customer = await InAsync(session => session.EnrolAsync());
        var found = await SubmittedAsync(customer, attempt => attempt with { ProviderReference = "REF-1", TransactionId = "lt1", OperatorReference = "op-1", State = AttemptState.Delivered });
        await SubmittedAsync(customer, attempt => attempt with { Route = attempt.Route with { Provider = "latcom" }, TransactionId = "LT1", OperatorReference = "OP-1" });
        await SubmittedAsync(customer, attempt => attempt with { TransactionId = "LT10", OperatorReference = "OP-10" }, phone: "5598765432");
        var run = await BeginAsync();

        var attempts = await InAsync(session => session.Reconciliations.FindAttemptsAsync(
            run, StatementKind.Charge, pass, [key, "nobody's"], A.Noon, A.Noon + Microsecond, default));

        attempts.ShouldWhollyBe(new[]
        {
            new OurAttempt
            {
                TopUp = found.Id, No = 1, State = AttemptState.Delivered, TopUpState = TopUpState.Reserved, ProviderReference = "REF-1", TransactionId = "lt1",
                OperatorReference = "op-1", StartedAt = A.Noon, Phone = "5512345678", Face = A.Pesos(20), Send = A.Pesos(20),
            },
        });
    }

    [Test]
    public async Task By_phone_only_what_began_in_the_time_is_found()
    {
        var customer = await InAsync(session => session.EnrolAsync());
        await SubmittedAsync(customer, attempt => attempt);
        var run = await BeginAsync();

        async Task<int> CountAsync(Instant from, Instant to) => (await InAsync(session => session.Reconciliations.FindAttemptsAsync(
            run, StatementKind.Charge, MatchPass.PhoneWithinMinutes, ["5512345678"], from, to, default))).Count;

        (await CountAsync(A.Noon, A.Noon + Microsecond)).Should().Be(1);
        (await CountAsync(A.Noon + Microsecond, A.Noon + Duration.FromDays(1))).Should().Be(0);
        (await CountAsync(A.Noon - Duration.FromDays(1), A.Noon)).Should().Be(0);
    }

    [Test]
    public async Task A_submission_is_taken_by_one_line_of_a_kind_in_a_run_and_reported_to_later_runs_of_the_source()
    {
        var customer = await InAsync(session => session.EnrolAsync());
        var topUp = await SubmittedAsync(customer, attempt => attempt with { OperatorReference = "OP-1" });
        var run = await BeginAsync(A.Row(2), A.Row(3), A.Row(4) with { State = StatementState.Reversed });
        var charge = new LineFinding(2, StatementKind.Charge, StatementClass.Matched, MatchPass.OperatorId, topUp.Id, 1);
        await InAsync(session => session.Reconciliations.AddFindingsAsync(run.Id, [charge], default));

        async Task<(bool, bool)> SeenByAsync(ReconciliationRun other, StatementKind kind)
        {
            var found = await InAsync(session => session.Reconciliations.FindAttemptsAsync(
                other, kind, MatchPass.OperatorId, ["OP-1"], Instant.MinValue, Instant.MaxValue, default));
            return (found.Single().IsTaken, found.Single().WasReported);
        }

        (await SeenByAsync(run, StatementKind.Charge)).Should().Be((true, false));
        (await SeenByAsync(run, StatementKind.Reversal)).Should().Be((false, false));
        (await SeenByAsync(A.Run(), StatementKind.Charge)).Should().Be((false, true));
        (await SeenByAsync(A.Run() with { Supersedes = run.Id }, StatementKind.Charge)).Should().Be((false, false));
        (await SeenByAsync(A.Run() with { Source = StatementSource.Operator }, StatementKind.Charge)).Should().Be((false, false));
        await FluentActions.Awaiting(() => InAsync(session => session.Reconciliations.AddFindingsAsync(run.Id, [charge with { Line = 3 }], default)))
            .Should().ThrowAsync<InvalidOperationException>("one to one");
        await InAsync(session => session.Reconciliations.AddFindingsAsync(run.Id, [charge with { Line = 4, Kind = StatementKind.Reversal }], default));
        await InAsync(session => session.Reconciliations.UpdateAsync(run with { State = ReconciliationState.Superseded }, default));
        (await SeenByAsync(A.Run(), StatementKind.Charge)).Should().Be((false, false));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(10)]
    public async Task What_is_not_listed_is_read_in_its_order_each_once(int limit)
    {
        var customer = await InAsync(session => session.EnrolAsync());
        var listed = await SubmittedAsync(customer, attempt => attempt);
        var late = await SubmittedAsync(customer, attempt => attempt with { StartedAt = A.Noon + Microsecond, State = AttemptState.Unknown }, phone: "5598765432");
        var first = await SubmittedAsync(customer, attempt => attempt with { State = AttemptState.Delivered });
        var second = await SubmittedAsync(customer, attempt => attempt with { State = AttemptState.Accepted });
        await SubmittedAsync(customer, attempt => attempt with { State = AttemptState.Refused });
        await SubmittedAsync(customer, attempt => attempt with { State = AttemptState.Delivered, StartedAt = A.Noon + Microsecond * 2 });
        await SubmittedAsync(customer, attempt => attempt with { State = AttemptState.Delivered, StartedAt = A.Noon - Microsecond });
        await SubmittedAsync(customer, attempt => attempt with { State = AttemptState.Delivered, Route = attempt.Route with { Provider = "latcom" } });
        var run = await BeginAsync(A.Row(2), A.Row(3) with { Phone = "5598765432" }, A.Row(4) with { Phone = "5512345678", State = StatementState.Failed });
        await InAsync(session => session.Reconciliations.AddFindingsAsync(
            run.Id,
            [
                new LineFinding(2, StatementKind.Charge, StatementClass.Matched, MatchPass.OperatorId, listed.Id, 1),
                new LineFinding(3, StatementKind.Charge, StatementClass.ProviderOnly, null, null, null),
                new LineFinding(4, StatementKind.Charge, StatementClass.ProviderOnly, null, null, null),
            ],
            default));

        var all = new List<UnlistedAttempt>();
        for (OurAttempt? after = null; ;)
        {
            var last = after;
            var page = await InAsync(session => session.Reconciliations.ReadUnlistedAsync(run, A.Noon, A.Noon + Microsecond * 2, last, limit, default));
            all.AddRange(page);
            if (page.Count < limit) break;
            after = page[^1].Ours;
        }

        // A failed line left over could not be it; a delivered one for the same phone could.
        all.Select(one => (one.Ours.TopUp, one.PhoneIsLeftOver)).Should().Equal((first.Id, false), (second.Id, false), (late.Id, true));
    }

    [Test]
    public async Task A_break_comes_back_whole_and_is_written_once_for_each_version()
    {
        var run = await BeginAsync();
        var (full, bare) = (FullRecords.Break(run), A.Break(run) with { Line = null, Theirs = null });
        await InAsync(session => session.Reconciliations.AddBreaksAsync([full, bare], default));

        (await InAsync(session => session.Reconciliations.FindBreakAsync(full.Id, default))).ShouldWhollyBe(full);
        var ended = bare with { Owner = "jorge", Outcome = BreakOutcome.Accepted, Note = "small", ClosedAt = A.Noon, ClosedBy = "admin:maria" };
        var written = await InAsync(session => session.Reconciliations.UpdateBreakAsync(ended, default));
        written.ShouldWhollyBe(ended with { Version = 2 });
        (await InAsync(session => session.Reconciliations.FindBreakAsync(bare.Id, default))).ShouldWhollyBe(written);
        await ShouldBeStaleAsync(() => InAsync(session => session.Reconciliations.UpdateBreakAsync(ended, default)));
    }

    [Test]
    public async Task Breaks_are_listed_newest_first_by_what_is_asked_and_never_of_a_run_that_is_not_matched_yet()
    {
        var run = await BeginAsync();
        var (matching, other) = (A.Run() with { State = ReconciliationState.Matching }, A.Run());
        foreach (var one in new[] { matching, other }) await InAsync(session => session.Reconciliations.AddAsync(one, default));
        var ordered = EdgeValues.InOrderOfTimeThenId((at, id) => A.Break(run) with { Id = Id<ReconciliationBreak>.Parse(id), OpenedAt = at });
        var owned = A.Break(other) with { Owner = "jorge", Class = StatementClass.OurOnly, SettlesItself = true };
        await InAsync(session => session.Reconciliations.AddBreaksAsync([.. EdgeValues.Shuffled(ordered), owned, FullRecords.Break(other), A.Break(matching)], default));

        Task<IReadOnlyList<ReconciliationBreak>> Listed(BreakFilter filter, int limit = 100) =>
            WalkAsync(limit, page => InAsync(session => session.Reconciliations.ListBreaksAsync(filter, page, default)));

        (await Listed(new BreakFilter { Run = run.Id }, 4)).ShouldWhollyBe(ordered);
        (await Listed(new BreakFilter())).Should().HaveCount(ordered.Count + 2);
        (await Listed(new BreakFilter { Run = matching.Id })).Should().BeEmpty();
        (await Listed(new BreakFilter { Class = StatementClass.OurOnly })).ShouldWhollyBe(new[] { owned });
        (await Listed(new BreakFilter { Owner = "jorge", IsOpen = true })).ShouldWhollyBe(new[] { owned });
        (await Listed(new BreakFilter { Owner = "", IsOpen = true })).Should().HaveCount(ordered.Count);
        (await Listed(new BreakFilter { SettlesItself = true, IsOpen = true })).ShouldWhollyBe(new[] { owned });
        (await Listed(new BreakFilter { Run = other.Id, IsOpen = false })).Should().ContainSingle().Which.Outcome.Should().Be(BreakOutcome.Claimed);
    }

    [Test]
    public async Task The_open_breaks_of_a_run_that_loses_its_place_are_ended_and_no_others()
    {
        var (run, other) = (await BeginAsync(), A.Run());
        await InAsync(session => session.Reconciliations.AddAsync(other, default));
        var (open, ended, elsewhere) = (A.Break(run), FullRecords.Break(run), A.Break(other));
        await InAsync(session => session.Reconciliations.AddBreaksAsync([open, ended, elsewhere], default));

        await InAsync(session => session.Reconciliations.SupersedeBreaksAsync(run.Id, "admin:jorge", A.Noon + Microsecond, default));

        (await InAsync(session => session.Reconciliations.FindBreakAsync(open.Id, default)))
            .ShouldWhollyBe(open with { Outcome = BreakOutcome.Superseded, ClosedBy = "admin:jorge", ClosedAt = A.Noon + Microsecond, Version = 2 });
        (await InAsync(session => session.Reconciliations.FindBreakAsync(ended.Id, default))).ShouldWhollyBe(ended);
        (await InAsync(session => session.Reconciliations.FindBreakAsync(elsewhere.Id, default))).ShouldWhollyBe(elsewhere);
    }

    [Test]
    public async Task A_run_is_taken_away_piece_by_piece_and_another_one_stays()
    {
        var (run, other) = (await BeginAsync([.. Enumerable.Range(2, 10).Select(line => A.Row(line))]), await BeginAsync(A.Row(2)));
        foreach (var one in new[] { run, other })
        {
            await InAsync(session => session.Reconciliations.AddFindingsAsync(one.Id, [new LineFinding(2, StatementKind.Charge, StatementClass.ProviderOnly, null, null, null)], default));
            await InAsync(session => session.Reconciliations.AddBreaksAsync([A.Break(one), A.Break(one) with { Line = null }], default));
        }

        var pieces = 0;
        while (await InAsync(session => session.Reconciliations.RemoveRowsAsync(run.Id, 4, default))) pieces++;
        await InAsync(session => session.Reconciliations.RemoveAsync(run.Id, default));

        pieces.Should().Be(3, "ten lines, four at a time");
        (await InAsync(session => session.Reconciliations.FindAsync(run.Id, default))).Should().BeNull();
        (await InAsync(session => session.Reconciliations.ListFindingsAsync(run.Id, 0, 10, default))).Should().BeEmpty();
        (await InAsync(session => session.Reconciliations.ReadLeftRowsAsync(run.Id, 0, 10, default))).Should().BeEmpty();
        (await InAsync(session => session.Reconciliations.ListBreaksAsync(new BreakFilter(), new PageRequest(null, 10), default))).Data.Should().HaveCount(2).And.OnlyContain(one => one.Run == other.Id);
        (await InAsync(session => session.Reconciliations.ListFindingsAsync(other.Id, 0, 10, default))).Should().ContainSingle();
    }

    private async Task<ReconciliationRun> BeginAsync(params StatementRow[] rows)
    {
        var run = A.Run();
        await InAsync(async session =>
        {
            await session.Reconciliations.AddAsync(run, default);
            await session.Reconciliations.AddRowsAsync(run.Id, rows, default);
            await session.Reconciliations.RowsAreThereAsync(default);
        });
        return run;
    }

    private async Task<TopUp> SubmittedAsync(Customer customer, Func<Attempt, Attempt> change, string phone = "5512345678")
    {
        var topUp = A.TopUpOf(customer) with { Phone = Msisdn.Parse(phone) };
        topUp = topUp with { Attempts = [change(A.AttemptOf(topUp) with { State = AttemptState.Refused })] };
        await InAsync(session => session.TopUps.AddAsync(topUp, default));
        return topUp;
    }
}
