#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>What a store of top-ups must keep.</summary>
public sealed class TopUpStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    private Customer _customer = null!;

    [SetUp]
    public async Task EnrolACustomer() => _customer = await InAsync(session => session.EnrolAsync());

    [Test]
    public async Task A_topup_comes_back_whole()
    {
        TopUp[] topUps = [A.TopUpOf(_customer), FullRecords.TopUpOf(_customer), FullRecords.RejectedOf(_customer)];

        await AddAsync(topUps);

        foreach (var topUp in topUps) (await FindAsync(topUp.Id)).ShouldWhollyBe(topUp);
    }

    [Test]
    public async Task Many_are_found_at_once_each_whole_and_once_and_those_that_are_not_there_are_left_out()
    {
        TopUp[] topUps = [A.TopUpOf(_customer), FullRecords.TopUpOf(_customer), FullRecords.RejectedOf(_customer)];
        await AddAsync(topUps);

        var found = await InAsync(session => session.TopUps.FindManyAsync([topUps[2].Id, topUps[1].Id, A.New<TopUp>("RLR"), topUps[1].Id], default));

        found.OrderBy(topUp => topUp.Id == topUps[1].Id ? 0 : 1).ShouldWhollyBe(new[] { topUps[1], topUps[2] });
        (await InAsync(session => session.TopUps.FindManyAsync([], default))).Should().BeEmpty();
    }

    [Test]
    public async Task What_became_of_a_topup_comes_back_whole_with_attempts_and_evidence_in_their_order()
    {
        var topUp = FullRecords.TopUpOf(_customer);
        await AddAsync(topUp);
        var later = FullRecords.Later(topUp);

        var returned = await UpdateAsync(later);

        returned.ShouldWhollyBe(later with { Version = 2 });
        (await FindAsync(topUp.Id)).ShouldWhollyBe(later with { Version = 2 });
        (await InAsync(session => session.TopUps.FindByReferenceAsync(_customer.Id, topUp.Reference!, default))).ShouldWhollyBe(later with { Version = 2 });
        (await WalkAsync(10)).ShouldWhollyBe(new[] { later with { Version = 2 } });
    }

    [Test]
    public async Task Every_state_survives_of_a_topup_and_of_an_attempt([Values] TopUpState state)
    {
        var topUp = A.TopUpOf(_customer);
        await AddAsync(topUp);
        var attempts = Enum.GetValues<AttemptState>().Where(attempt => !(A.AttemptOf(topUp) with { State = attempt }).IsOpen)
            .Select((attempt, index) => A.AttemptOf(topUp) with { No = index + 1, State = attempt, ProviderReference = $"{topUp.Id}-{index + 1}" });
        var moved = topUp.In(state) with { Attempts = [.. attempts] };

        await UpdateAsync(moved);

        (await FindAsync(topUp.Id)).ShouldWhollyBe(moved with { Version = 2 });
    }

    [TestCaseSource(typeof(EdgeValues), nameof(EdgeValues.Texts))]
    public async Task Any_text_survives(string text)
    {
        var topUp = A.TopUpOf(_customer) with { Reference = text, Rejection = new Refusal("text", text).With(text, text).With("list", new List<string> { text }) };
        await AddAsync(topUp);
        var later = topUp with { Attempts = [A.AttemptOf(topUp) with { Message = text, Evidence = text }], Evidence = [A.Evidence() with { Note = text }] };

        await UpdateAsync(later);

        (await InAsync(session => session.TopUps.FindByReferenceAsync(_customer.Id, text, default))).ShouldWhollyBe(later with { Version = 2 });
    }

    [Test]
    public async Task Amounts_up_to_the_limits_survive()
    {
        var most = Money.FromMicros(long.MaxValue, Currency.MXN);
        var topUp = A.TopUpOf(_customer) with { Face = most, Charge = most, Route = new Route("simulator", "MOST", "TELEFONICA", most, -most) };

        await AddAsync(topUp);

        (await FindAsync(topUp.Id)).ShouldWhollyBe(topUp);
    }

    [Test]
    public async Task A_topup_that_is_not_there_is_not_found()
    {
        await AddAsync(A.TopUpOf(_customer) with { Reference = "r-1" });

        (await FindAsync(A.New<TopUp>("RLR"))).Should().BeNull();
        (await InAsync(session => session.TopUps.FindByReferenceAsync(_customer.Id, "r-2", default))).Should().BeNull();
        (await InAsync(session => session.TopUps.FindByReferenceAsync(A.New<Customer>("cus"), "r-1", default))).Should().BeNull();
    }

    [Test]
    public async Task References_are_compared_to_the_letter()
    {
        var (lower, upper) = (A.TopUpOf(_customer) with { Reference = "r-1" }, A.TopUpOf(_customer) with { Reference = "R-1" });

        await AddAsync(lower, upper);

        (await InAsync(session => session.TopUps.FindByReferenceAsync(_customer.Id, "R-1", default))).ShouldWhollyBe(upper);
    }

    [Test]
    public async Task Of_two_with_one_reference_the_second_is_told_and_reading_again_finds_the_first()
    {
        var (first, second) = (A.TopUpOf(_customer) with { Reference = "r-1" }, A.TopUpOf(_customer) with { Reference = "r-1" });
        await AddAsync(first);

        await ShouldBeDuplicateAsync(UniqueKey.TopUpReference, () => AddAsync(second));

        (await InAsync(session => session.TopUps.FindByReferenceAsync(_customer.Id, "r-1", default))).ShouldWhollyBe(first);
        (await FindAsync(second.Id)).Should().BeNull();
    }

    [Test]
    public async Task Two_customers_may_use_one_reference_and_topups_without_one_never_collide()
    {
        var other = await InAsync(session => session.EnrolAsync());

        await AddAsync(A.TopUpOf(_customer) with { Reference = "r-1" }, A.TopUpOf(other) with { Reference = "r-1" }, A.TopUpOf(_customer), A.TopUpOf(_customer));

        (await WalkAsync(10)).Should().HaveCount(4);
    }

    [TestCase(TopUpState.Failed)]
    [TestCase(TopUpState.Rejected)]
    public async Task A_reference_stays_used_whatever_became_of_its_topup(TopUpState state)
    {
        await AddAsync((A.TopUpOf(_customer) with { Reference = "r-1" }).In(state));

        await ShouldBeDuplicateAsync(UniqueKey.TopUpReference, () => AddAsync(A.TopUpOf(_customer) with { Reference = "r-1" }));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public async Task An_update_of_any_version_but_the_stored_one_is_stale_and_writes_nothing(long version)
    {
        var topUp = A.TopUpOf(_customer);
        await AddAsync(topUp);
        var stored = await UpdateAsync(topUp with { Attempts = [A.AttemptOf(topUp)] });

        await ShouldBeStaleAsync(() => UpdateAsync(FullRecords.Later(topUp) with { Version = version }));

        (await FindAsync(topUp.Id)).ShouldWhollyBe(stored);
    }

    [Test]
    public async Task An_update_of_a_topup_that_is_not_there_is_stale() => await ShouldBeStaleAsync(() => UpdateAsync(A.TopUpOf(_customer)));

    [Test]
    public async Task Of_ten_updates_of_one_version_at_once_one_wins()
    {
        var topUp = A.TopUpOf(_customer);
        await AddAsync(topUp);

        var problems = await AllAtOnceAsync(10, number => AmongOthersAsync(session => session.TopUps.UpdateAsync(topUp with { Code = $"code-{number}" }, default)));

        problems.Count(problem => problem is null).Should().Be(1);
        problems.Count(problem => problem is StaleVersionException).Should().Be(9);
        (await FindAsync(topUp.Id))!.Version.Should().Be(2);
    }

    [Test]
    public async Task Attempts_and_evidence_are_never_removed_by_an_update_without_them()
    {
        var topUp = FullRecords.TopUpOf(_customer);
        await AddAsync(topUp);
        var stored = await UpdateAsync(FullRecords.Later(topUp));
        var proof = A.Evidence() with { Reference = "statement 12" };

        await UpdateAsync(stored with { Attempts = [], Evidence = [] });
        var kept = await FindAsync(topUp.Id);
        await UpdateAsync(stored with { Version = 3, Attempts = [stored.Attempts[1] with { State = AttemptState.Delivered }], Evidence = [proof] });
        var grown = await FindAsync(topUp.Id);

        kept.ShouldWhollyBe(stored with { Version = 3 });
        grown!.Attempts.ShouldWhollyBe(new[] { stored.Attempts[0], stored.Attempts[1] with { State = AttemptState.Delivered } });
        grown.Evidence.ShouldWhollyBe(stored.Evidence.Add(proof));
    }

    [Test]
    public async Task An_update_changes_nothing_that_was_frozen_with_the_order()
    {
        var topUp = A.TopUpOf(_customer) with { Reference = "r-1" };
        await AddAsync(topUp);

        await UpdateAsync(topUp with
        {
            State = TopUpState.InReview, Face = A.Pesos(500), Charge = A.Pesos(1), Reference = "r-2", Phone = Msisdn.Parse("8112345678"), CreatedAt = A.Noon + Microsecond,
        });

        (await FindAsync(topUp.Id)).ShouldWhollyBe(topUp with { State = TopUpState.InReview, Version = 2 });
    }

    [Test]
    public async Task A_submission_that_is_begun_again_has_its_later_time()
    {
        var topUp = A.TopUpOf(_customer);
        await AddAsync(topUp);
        var begun = await UpdateAsync(topUp with { State = TopUpState.Submitting, Attempts = [A.AttemptOf(topUp) with { State = AttemptState.Submitting }] });

        var again = await UpdateAsync(begun.BeginAgain(begun.Attempts[0].StartedAt + Microsecond).Value);

        again.Attempts[0].StartedAt.Should().Be(begun.Attempts[0].StartedAt + Microsecond);
        (await FindAsync(topUp.Id)).ShouldWhollyBe(again);
    }

    [TestCase(AttemptState.Submitting, AttemptState.Submitting)]
    [TestCase(AttemptState.Unknown, AttemptState.Submitting)]
    [TestCase(AttemptState.Accepted, AttemptState.Unknown)]
    public async Task Two_submissions_of_a_topup_that_may_still_turn_out_either_way_are_refused(AttemptState first, AttemptState second)
    {
        var topUp = A.TopUpOf(_customer);
        await AddAsync(topUp);
        var stored = await UpdateAsync(topUp with { Attempts = [A.AttemptOf(topUp) with { State = first }] });

        await ShouldBeDuplicateAsync(UniqueKey.OpenAttempt, () => UpdateAsync(stored with
        {
            Attempts = stored.Attempts.Add(A.AttemptOf(topUp) with { No = 2, State = second, ProviderReference = $"{topUp.Id}-2" }),
        }));

        (await FindAsync(topUp.Id)).ShouldWhollyBe(stored);
    }

    [Test]
    public async Task A_submission_may_follow_one_that_is_decided_in_the_same_update_too()
    {
        var topUp = A.TopUpOf(_customer);
        await AddAsync(topUp);
        var stored = await UpdateAsync(topUp with { Attempts = [A.AttemptOf(topUp)] });

        var next = await UpdateAsync(stored with
        {
            Attempts = [A.AttemptOf(topUp) with { State = AttemptState.NotSent }, A.AttemptOf(topUp) with { No = 2, ProviderReference = $"{topUp.Id}-2" }],
        });

        (await FindAsync(topUp.Id)).ShouldWhollyBe(next);
    }

    [Test]
    public async Task One_reference_may_be_used_with_two_providers()
    {
        var (one, other) = (A.TopUpOf(_customer), A.TopUpOf(_customer));
        await AddAsync(one, other);

        await UpdateAsync(one with { Attempts = [A.AttemptOf(one)] });
        await UpdateAsync(other with { Attempts = [A.AttemptOf(other) with { Route = other.Route! with { Provider = "latcom" }, ProviderReference = one.Id.Value }] });

        (await FindAsync(other.Id))!.Attempts[0].ProviderReference.Should().Be(one.Id.Value);
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(9)]
    public async Task Pages_hold_every_topup_once_newest_first_then_by_id_downwards(int limit)
    {
        var ordered = EdgeValues.InOrderOfTimeThenId((at, id) => A.TopUpOf(_customer) with { Id = Id<TopUp>.Parse(id), CreatedAt = at })
            .OrderByDescending(topUp => topUp.CreatedAt).ThenByDescending(topUp => topUp.Id.Value, StringComparer.Ordinal).ToList();
        await AddAsync(EdgeValues.Shuffled(ordered).ToArray());

        var listed = await WalkAsync(limit);

        listed.ShouldWhollyBe(ordered);
        listed.Select(topUp => topUp.Id.Value).Should().Equal("m", "xa", "x_", "xZ", "xA", "x0", "x-b", "z", "a");
    }

    [Test]
    public async Task Pages_of_a_filter_hold_only_what_it_lets_through()
    {
        var wanted = Enumerable.Range(0, 5).Select(i => A.TopUpOf(_customer) with { CreatedAt = A.Noon - Duration.FromMinutes(2 * i) }).ToList();
        var others = Enumerable.Range(0, 5).Select(i => (A.TopUpOf(_customer) with { CreatedAt = A.Noon - Duration.FromMinutes((2 * i) + 1) }).In(TopUpState.Failed));
        await AddAsync([.. wanted, .. others]);

        var listed = await WalkAsync(2, new TopUpFilter { States = [TopUpState.Reserved] });

        listed.Select(topUp => topUp.Id).Should().Equal(wanted.Select(topUp => topUp.Id));
    }

    [Test]
    public async Task A_topup_that_comes_while_a_list_is_read_moves_none()
    {
        var topUps = Enumerable.Range(1, 4).Select(minute => A.TopUpOf(_customer) with { CreatedAt = A.Noon - Duration.FromMinutes(minute) }).ToArray();
        await AddAsync(topUps);
        var first = await InAsync(session => session.TopUps.ListAsync(new TopUpFilter(), new PageRequest(null, 2), default));

        await AddAsync(A.TopUpOf(_customer));

        var second = await InAsync(session => session.TopUps.ListAsync(new TopUpFilter(), new PageRequest(first.Next, 2), default));
        first.Data.Concat(second.Data).Select(topUp => topUp.Id).Should().Equal(topUps.Select(topUp => topUp.Id));
        second.Next.Should().BeNull("a page that ends with the last item is the last page");
    }

    [Test]
    public async Task Each_part_of_a_filter_limits_by_itself_and_together_they_limit_together()
    {
        var other = await InAsync(session => session.EnrolAsync());
        var plain = A.TopUpOf(_customer);
        var others = A.TopUpOf(other) with { Reference = "r-1" };
        var failed = A.TopUpOf(_customer).In(TopUpState.Failed);
        var early = A.TopUpOf(_customer) with { CreatedAt = A.Noon - Microsecond };
        var late = A.TopUpOf(_customer) with { CreatedAt = A.Noon + Microsecond };
        var elsewhere = A.TopUpOf(_customer) with { Phone = Msisdn.Parse("8112345678") };
        var named = A.TopUpOf(_customer) with { Reference = "r-1" };
        await AddAsync(plain, others, failed, early, late, elsewhere, named);

        await ShouldListAsync(new TopUpFilter(), plain, others, failed, early, late, elsewhere, named);
        await ShouldListAsync(new TopUpFilter { Customer = _customer.Id }, plain, failed, early, late, elsewhere, named);
        await ShouldListAsync(new TopUpFilter { States = [TopUpState.Failed] }, failed);
        await ShouldListAsync(new TopUpFilter { States = [TopUpState.Failed, TopUpState.Reserved] }, plain, others, failed, early, late, elsewhere, named);
        await ShouldListAsync(new TopUpFilter { States = [TopUpState.Succeeded] });
        await ShouldListAsync(new TopUpFilter { From = A.Noon }, plain, others, failed, late, elsewhere, named);
        await ShouldListAsync(new TopUpFilter { To = A.Noon }, early);
        await ShouldListAsync(new TopUpFilter { From = A.Noon - Microsecond, To = A.Noon + Microsecond }, plain, others, failed, early, elsewhere, named);
        await ShouldListAsync(new TopUpFilter { Phone = elsewhere.Phone }, elsewhere);
        await ShouldListAsync(new TopUpFilter { Reference = "r-1" }, others, named);
        await ShouldListAsync(
            new TopUpFilter { Customer = _customer.Id, States = [TopUpState.Reserved], From = A.Noon, To = A.Noon + Microsecond, Phone = A.Phone, Reference = "r-1" }, named);
    }

    [Test]
    public async Task Totals_are_by_state_and_currencies_of_what_the_filter_lets_through()
    {
        var dollars = A.TopUpOf(_customer) with { Charge = A.Dollars(1.09m) };
        await AddAsync(
            A.TopUpOf(_customer), A.TopUpOf(_customer) with { Face = A.Pesos(30), Charge = A.Pesos(29.5m) }, dollars,
            (A.TopUpOf(_customer) with { Charge = null, Route = null }).In(TopUpState.Rejected), A.TopUpOf(_customer).In(TopUpState.Rejected),
            A.TopUpOf(_customer) with { CreatedAt = A.Noon - Duration.FromDays(1) });

        var totals = await InAsync(session => session.TopUps.TotalsAsync(new TopUpFilter { From = A.Noon }, default));

        totals.Select(WholeRecord.Describe).Should().BeEquivalentTo(new[]
        {
            new TopUpTotal(TopUpState.Reserved, 2, A.Pesos(50), A.Pesos(49.5m)), // 20 + 30, 20 + 29.50
            new TopUpTotal(TopUpState.Reserved, 1, A.Pesos(20), A.Dollars(1.09m)),
            new TopUpTotal(TopUpState.Rejected, 1, A.Pesos(20), null),
            new TopUpTotal(TopUpState.Rejected, 1, A.Pesos(20), A.Pesos(20)),
        }.Select(WholeRecord.Describe));
    }

    [Test]
    public async Task Totals_of_nothing_are_nothing()
    {
        await AddAsync(A.TopUpOf(_customer));

        (await InAsync(session => session.TopUps.TotalsAsync(new TopUpFilter { States = [TopUpState.Failed] }, default))).Should().BeEmpty();
    }

    [Test]
    public async Task Totals_of_large_amounts_are_exact()
    {
        var large = Money.FromMicros(3_000_000_000_000_000_001, Currency.MXN);
        await AddAsync(Enumerable.Range(0, 3).Select(_ => A.TopUpOf(_customer) with { Face = large, Charge = large }).ToArray());

        var total = (await InAsync(session => session.TopUps.TotalsAsync(new TopUpFilter(), default))).Should().ContainSingle().Subject;

        total.Face.Micros.Should().Be(9_000_000_000_000_000_003);
    }

    [TestCase(TopUpState.Reserved, true)]
    [TestCase(TopUpState.Submitting, true)]
    [TestCase(TopUpState.Pending, true)]
    [TestCase(TopUpState.Unknown, true)]
    [TestCase(TopUpState.InReview, true)]
    [TestCase(TopUpState.Succeeded, true)]
    [TestCase(TopUpState.LateDelivered, true)]
    [TestCase(TopUpState.Failed, false)]
    [TestCase(TopUpState.Rejected, false)]
    [TestCase(TopUpState.Reversed, false)]
    public async Task A_twin_has_or_may_have_been_delivered(TopUpState state, bool isTwin)
    {
        var topUp = A.TopUpOf(_customer).In(state);
        await AddAsync(topUp);

        (await FindTwinAsync()).ShouldWhollyBe(isTwin ? topUp : null);
    }

    [Test]
    public async Task A_twin_was_ordered_after_the_time_given_not_at_it()
    {
        var topUp = A.TopUpOf(_customer);
        await AddAsync(topUp);

        (await FindTwinAsync(since: A.Noon - Microsecond)).ShouldWhollyBe(topUp);
        (await FindTwinAsync(since: A.Noon)).Should().BeNull();
    }

    [Test]
    public async Task A_twin_has_the_same_customer_phone_and_face_value()
    {
        var other = await InAsync(session => session.EnrolAsync());
        await AddAsync(
            A.TopUpOf(other), A.TopUpOf(_customer) with { Phone = Msisdn.Parse("8112345678") }, A.TopUpOf(_customer) with { Face = A.Pesos(20.01m) },
            A.TopUpOf(_customer) with { Face = A.Dollars(20) });

        (await FindTwinAsync()).Should().BeNull();
    }

    [Test]
    public async Task The_newest_twin_is_found_and_of_two_as_new_the_one_with_the_greater_id()
    {
        var (old, failed) = (A.TopUpOf(_customer) with { CreatedAt = A.Noon - Microsecond }, (A.TopUpOf(_customer) with { CreatedAt = A.Noon + Microsecond }).In(TopUpState.Failed));
        var (lesser, greater) = (A.TopUpOf(_customer) with { Id = Id<TopUp>.Parse("xA") }, A.TopUpOf(_customer) with { Id = Id<TopUp>.Parse("xa") });

        await AddAsync(greater, lesser, old, failed);

        (await FindTwinAsync()).ShouldWhollyBe(greater);
    }

    [Test]
    public async Task Use_counts_for_the_customer_by_day_and_currency()
    {
        var leapDay = new LocalDate(2028, 2, 29);
        await InAsync(async session =>
        {
            await session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(20), default);
            await session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(30.5m), default);
            await session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(100), default);
            await session.TopUps.AddUseAsync(_customer.Id, leapDay, A.Pesos(7), default);
            await session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Dollars(3), default);
            await session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(-20), default);
        });

        (await UsedAsync(A.Day)).Should().Be(A.Pesos(130.5m)); // 20 + 30.50 + 100 - 20
        (await UsedAsync(leapDay)).Should().Be(A.Pesos(7));
        (await UsedAsync(A.Day, Currency.USD)).Should().Be(A.Dollars(3));
    }

    [Test]
    public async Task Use_of_nothing_is_zero_in_the_currency_asked_for()
    {
        (await UsedAsync(A.Day, Currency.USD)).Should().Be(A.Dollars(0));
        (await InAsync(session => session.UsedAsync(_customer.Id, A.Phone, A.Day, Currency.MXN))).Should().Be(A.Pesos(0));
    }

    [Test]
    public async Task Use_may_go_below_zero()
    {
        await InAsync(session => session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(-20), default));

        (await UsedAsync(A.Day)).Should().Be(A.Pesos(-20));
    }

    [Test]
    public async Task Use_that_is_added_twenty_times_at_once_counts_twenty_times()
    {
        var problems = await AllAtOnceAsync(20, _ => AmongOthersAsync(session => session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(5), default)));

        problems.Should().AllBeEquivalentTo((Exception?)null);
        (await UsedAsync(A.Day)).Should().Be(A.Pesos(100)); // 20 x 5
    }

    private Task AddAsync(params TopUp[] topUps) => InAsync(async session =>
    {
        foreach (var topUp in topUps) await session.TopUps.AddAsync(topUp, default);
    });

    private Task<TopUp> UpdateAsync(TopUp topUp) => InAsync(session => session.TopUps.UpdateAsync(topUp, default));

    private Task<TopUp?> FindAsync(Id<TopUp> id) => InAsync(session => session.TopUps.FindAsync(id, default));

    private Task<TopUp?> FindTwinAsync(Instant? since = null) =>
        InAsync(session => session.TopUps.FindTwinAsync(_customer.Id, A.Phone, A.Pesos(20), since ?? A.Noon - Duration.FromSeconds(120), default));

    private Task<Money> UsedAsync(LocalDate day, Currency? currency = null) =>
        InAsync(session => session.UsedAsync(_customer.Id, day, currency ?? Currency.MXN));

    private Task<IReadOnlyList<TopUp>> WalkAsync(int limit, TopUpFilter? filter = null) =>
        WalkAsync(limit, page => InAsync(session => session.TopUps.ListAsync(filter ?? new TopUpFilter(), page, default)));

    private async Task ShouldListAsync(TopUpFilter filter, params TopUp[] expected)
    {
        (await WalkAsync(100, filter)).Select(topUp => topUp.Id).Should().BeEquivalentTo(expected.Select(topUp => topUp.Id));
        var totals = await InAsync(session => session.TopUps.TotalsAsync(filter, default));
        totals.Sum(total => total.Count).Should().Be(expected.Length, "totals are over what is listed");
    }
}
