#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>That plans, decks, accounts and calls come back whole, and change only as they may.</summary>
public sealed class RatingStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private Customer _customer = null!;
    private UsageAccount _account = null!;

    [SetUp]
    public async Task OpenAnAccount()
    {
        _customer = await InAsync(session => session.EnrolAsync());
        _account = FullRecords.UsageAccountOf(_customer);
        await InAsync(session => session.UsageAccounts.AddAsync(_account, default));
    }

    [Test]
    public async Task Plans_and_decks_come_back_whole_in_the_order_of_their_versions()
    {
        var (plan, deck) = (FullRecords.Plan(), FullRecords.Active(FullRecords.Deck()));
        var plain = plan with { Version = 2, Numbers = null, Mode = null, Fallback = [], Allowances = [], Bands = [plan.Bands[1]], Prices = plan.Prices.Clear(), Limits = plan.Limits.Clear() };
        await InAsync(async session =>
        {
            await session.Tariffs.AddPlanAsync(plain, default);
            await session.Tariffs.AddPlanAsync(plan, default);
            await session.Tariffs.AddDeckAsync(deck with { Version = 2 }, default);
            await session.Tariffs.AddDeckAsync(deck, default);
        });

        (await InAsync(session => session.Tariffs.ListPlansAsync(default))).ShouldWhollyBe(new[] { plan, plain });
        (await InAsync(session => session.Tariffs.ListDecksAsync(default))).ShouldWhollyBe(new[] { deck, deck with { Version = 2 } });
    }

    [Test]
    public async Task The_entries_of_a_deck_come_back_whole_part_by_part()
    {
        var (deck, part) = (FullRecords.Deck(), FullRecords.DeckPart());
        await InAsync(async session =>
        {
            await session.Tariffs.AddDeckAsync(deck, default);
            for (var no = 3; no > 0; no--) await session.Tariffs.AddPartAsync(deck.Deck, deck.Version, no, part with { Entries = [new DeckEntry($"{no}", "plain"), .. part.Entries] }, default);
        });

        var first = await InAsync(session => session.Tariffs.ReadPartsAsync(deck.Deck, deck.Version, 0, 2, default));
        var rest = await InAsync(session => session.Tariffs.ReadPartsAsync(deck.Deck, deck.Version, 2, 2, default));

        first.Concat(rest).Select(one => one.Entries[0].Prefix).Should().Equal("1", "2", "3");
        first[0].Entries.Skip(1).ToList().ShouldWhollyBe(part.Entries.ToList());
        first[0].Rates.OrderBy(rate => rate.Key).ToList().ShouldWhollyBe(part.Rates.OrderBy(rate => rate.Key).ToList());
        (await InAsync(session => session.Tariffs.ReadPartsAsync(deck.Deck, 9, 0, 2, default))).Should().BeEmpty();
    }

    [Test]
    public async Task A_version_is_activated_and_retired_once_and_only_a_draft_goes()
    {
        var draft = FullRecords.Deck();
        var active = FullRecords.Active(draft);
        await InAsync(async session =>
        {
            await session.Tariffs.AddDeckAsync(draft, default);
            await session.Tariffs.AddPartAsync(draft.Deck, 1, 1, FullRecords.DeckPart(), default);
        });

        await InAsync(session => session.Tariffs.ChangeDeckAsync(active, VersionState.Draft, default));

        await ShouldBeStaleAsync(() => InAsync(session => session.Tariffs.ChangeDeckAsync(active, VersionState.Draft, default)));
        (await InAsync(session => session.Tariffs.RemoveDraftAsync(draft.Deck, 1, default))).Should().BeFalse();
        (await InAsync(session => session.Tariffs.ReadPartsAsync(draft.Deck, 1, 0, 9, default))).Should().ContainSingle("what is rated by stays");
        (await InAsync(session => session.Tariffs.ListDecksAsync(default))).Single().ShouldWhollyBe(active);
    }

    [Test]
    public async Task Every_change_of_tariffs_counts_also_of_those_who_come_at_once()
    {
        (await InAsync(session => session.Tariffs.RevisionAsync(default))).Should().Be(0);

        var problems = await AllAtOnceAsync(8, _ => AmongOthersAsync(session => session.Tariffs.LockAsync(default)));

        problems.Should().AllBeEquivalentTo((Exception?)null);
        (await InAsync(session => session.Tariffs.RevisionAsync(default))).Should().Be(8);
    }

    [Test]
    public async Task An_account_comes_back_whole_and_changes_by_version()
    {
        (await InAsync(session => session.UsageAccounts.FindAsync(_account.Id, default))).ShouldWhollyBe(_account);

        var changed = await InAsync(session => session.UsageAccounts.UpdateAsync(_account with { Name = "other", Plans = [], LowBalance = null, CriticalBalance = null, Mode = PaymentMode.Prepaid }, default));

        changed.Version.Should().Be(2);
        (await InAsync(session => session.UsageAccounts.FindAsync(_account.Id, default))).ShouldWhollyBe(changed);
        (await InAsync(session => session.UsageAccounts.ListAsync(_customer.Id, new PageRequest(null, 5), default))).Data.Single().ShouldWhollyBe(changed);
        (await InAsync(session => session.UsageAccounts.ListAsync(Id<Customer>.Parse("cus_x"), new PageRequest(null, 5), default))).Data.Should().BeEmpty();
        await ShouldBeStaleAsync(() => InAsync(session => session.UsageAccounts.UpdateAsync(_account, default)));
    }

    [Test]
    public async Task Lines_are_found_by_kind_and_text_and_an_account_is_a_line_of_its_own()
    {
        LineRef number = new(LineKind.Number, "9180"), user = new(LineKind.SipUser, "9180"), itself = new(LineKind.Account, _account.Id.Value);
        await InAsync(session => session.UsageAccounts.AddLineAsync(new LineOwner(number, _account.Id, _customer.Id), default));

        var owners = await InAsync(session => session.UsageAccounts.FindOwnersAsync([user, number, itself, number], default));

        owners.Should().BeEquivalentTo([new LineOwner(number, _account.Id, _customer.Id), new LineOwner(itself, _account.Id, _customer.Id)]);
        (await InAsync(session => session.UsageAccounts.ListLinesAsync(_account.Id, default))).Should().Equal(number);
        (await InAsync(session => session.UsageAccounts.RemoveLineAsync(Id<Account>.Parse("acc_x"), number, default))).Should().BeFalse();
        (await InAsync(session => session.UsageAccounts.RemoveLineAsync(_account.Id, number, default))).Should().BeTrue();
        (await InAsync(session => session.UsageAccounts.FindOwnersAsync([number], default))).Should().BeEmpty();
    }

    [Test]
    public async Task What_decides_a_charge_is_read_behind_the_lock_without_empty_buckets()
    {
        var (bucket, empty) = (FullRecords.BucketOf(_account.Id), FullRecords.BucketOf(_account.Id));
        empty = empty with { Id = Id<AccountBucket>.Parse("bkt_0"), Reserved = 0, Content = empty.Content with { Id = "bkt_0", Left = 0, Kind = BucketKind.Seconds, Expires = null }, Granted = 60 };
        await InAsync(async session =>
        {
            await session.UsageAccounts.AddBucketAsync(bucket, default);
            await session.UsageAccounts.AddBucketAsync(empty, default);
        });

        var facts = await InAsync(session => session.UsageAccounts.LockAsync([_account.Id, Id<Account>.Parse("acc_x")], default));

        facts.Should().ContainSingle();
        facts[0].Account.ShouldWhollyBe(_account);
        facts[0].Wallet.ShouldWhollyBe(A.WalletOf(_customer));
        facts[0].Buckets.ToList().ShouldWhollyBe(new List<AccountBucket> { bucket });
        (await InAsync(session => session.UsageAccounts.ListBucketsAsync(_account.Id, default))).ToList().ShouldWhollyBe(new List<AccountBucket> { empty, bucket });
    }

    [Test]
    public async Task Calls_come_back_whole_however_little_is_known_of_them()
    {
        var full = FullRecords.CallOf(_customer);
        var bare = new Call
        {
            Id = Id<Call>.Parse("call_2"), State = CallState.Unrated, Reason = UnratedReason.NoAccount, ReceivedAt = A.Noon, Version = 1,
            Record = new CallRecord { Source = "s", ExternalId = "1", Kind = UsageKind.Data, StartedAt = A.Noon, Quantity = 0, IsCharged = false },
        };
        await InAsync(session => session.Calls.AddAsync(new CallEntries { New = [full, bare] }, default));

        (await InAsync(session => session.Calls.FindAsync(full.Id, default))).ShouldWhollyBe(full);
        (await InAsync(session => session.Calls.FindAsync(bare.Id, default))).ShouldWhollyBe(bare);
        (await InAsync(session => session.Calls.FindKnownAsync([CallName.Of(full.Record), CallName.Of(full.Record) with { Leg = "b" }], default)))
            .Should().Equal(new KnownCall(CallName.Of(full.Record), full.Id, full.Record.Fingerprint()));
    }

    [Test]
    public async Task All_of_an_entry_is_written_or_nothing()
    {
        var (call, wallet) = (FullRecords.CallOf(_customer), A.WalletOf(_customer));
        var booking = PostingTable.UsageCharged(Id<Journal>.Parse("jnl_1"), A.Noon, wallet, A.Pesos(1.2345m), call.Id.Value);
        var bucket = FullRecords.BucketOf(_account.Id);
        var used = new KeyValuePair<UsageCountKey, UsageCount>(new UsageCountKey(_account.Id, null, "2026-11", UsageKind.Voice, CallDirection.Outbound), new UsageCount(1, 68, 120, A.Pesos(1.2345m)));
        await InAsync(session => session.UsageAccounts.AddBucketAsync(bucket, default));
        var entries = new CallEntries
        {
            New = [call], Wallets = [booking.Account], Journals = [booking.Journal], Buckets = [bucket with { Content = bucket.Content with { Left = 1.5m } }], Used = [used], Jobs = [A.Job(Tenant)],
        };

        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.AddAsync(entries with { Wallets = [booking.Account with { Version = 7 }] }, default)));
        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.AddAsync(entries with { Buckets = [entries.Buckets[0] with { Version = 7 }] }, default)));
        await InAsync(session => session.Calls.AddAsync(entries, default));
        await ShouldBeDuplicateAsync(UniqueKey.Call, () => InAsync(session => session.Calls.AddAsync(entries with { Wallets = [], Buckets = [], Journals = [], Jobs = [] }, default)));

        await InAsync(session => session.Calls.AddAsync(new CallEntries { Used = [used] }, default));

        (await InAsync(session => session.Ledger.FindAsync(wallet.Id, default)))!.Posted.Should().Be(A.Pesos(-1.2345m));
        (await InAsync(session => session.Ledger.FindJournalAsync(JournalKind.UsageCharged, call.Id.Value, default))).ShouldWhollyBe(booking.Journal);
        (await InAsync(session => session.Ledger.VerifyAsync(default))).Should().BeEmpty();
        (await InAsync(session => session.UsageAccounts.ListBucketsAsync(_account.Id, default))).Single().ShouldWhollyBe(entries.Buckets[0] with { Version = 2 });
        (await InAsync(session => session.UsageAccounts.ListUsageAsync(_account.Id, "2026-11", "2026-11", default))).Single().Value.Should().Be(new UsageCount(2, 136, 240, A.Pesos(2.469m)), "what was written twice counts twice, what failed does not");
        (await InAsync(session => session.UsageAccounts.ListUsageAsync(_account.Id, "2026-12", "2026-12", default))).Should().BeEmpty();
        (await InAsync(session => session.Jobs.StatsAsync("", A.Noon, default))).Waiting.Should().Be(1);
    }

    [Test]
    public async Task Calls_to_be_rated_are_given_in_the_order_in_which_they_took_place()
    {
        var calls = Enumerable.Range(0, 5).Select(number => Received($"call_{number}", A.Noon - Duration.FromMinutes(number))).ToList();
        var answeredLater = Received("call_9", A.Noon - Duration.FromMinutes(9));
        answeredLater = answeredLater with { Record = answeredLater.Record with { AnsweredAt = A.Noon + Duration.FromMinutes(1) } };
        await InAsync(session => session.Calls.AddAsync(new CallEntries { New = [.. calls, answeredLater, Received("call_8", A.Noon) with { State = CallState.Zero }] }, default));

        (await ReceivedAsync(9)).Select(call => call.Id.Value).Should().Equal("call_4", "call_3", "call_2", "call_1", "call_0", "call_9");
        (await ReceivedAsync(2)).Select(call => call.Id.Value).Should().Equal("call_4", "call_3");

        var rated = FullRecords.CallOf(_customer) with { Id = calls[4].Id, Record = calls[4].Record };
        await InAsync(session => session.Calls.AddAsync(new CallEntries { Changed = [rated] }, default));
        (await ReceivedAsync(9)).Should().HaveCount(5);
        (await InAsync(session => session.Calls.FindAsync(rated.Id, default))).ShouldWhollyBe(rated with { ReceivedAt = calls[4].ReceivedAt, Batch = null, Version = 2 });
        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.AddAsync(new CallEntries { Changed = [rated] }, default)));
    }

    [Test]
    public async Task Lists_and_totals_of_calls_are_filtered_alike()
    {
        var rated = FullRecords.CallOf(_customer) with { Id = Id<Call>.Parse("call_r") };
        var calls = new[]
        {
            Received("call_0", A.Noon), Received("call_1", A.Noon - Duration.FromHours(1)), rated with { Record = rated.Record with { ExternalId = "r" } },
            Received("call_2", A.Noon) with { State = CallState.Unrated, Reason = UnratedReason.NoRate, Account = null, Customer = null, Line = null },
        };
        await InAsync(session => session.Calls.AddAsync(new CallEntries { New = calls }, default));

        (await WalkAsync(2, page => InAsync(session => session.Calls.ListAsync(new CallFilter(), page, default)))).Select(call => call.Id.Value)
            .Should().Equal("call_r", "call_0", "call_2", "call_1");
        (await IdsAsync(new CallFilter { Customer = _customer.Id, From = A.Noon })).Should().Equal("call_r", "call_0");
        (await IdsAsync(new CallFilter { Account = _account.Id, To = A.Noon })).Should().Equal("call_1");
        (await IdsAsync(new CallFilter { Direction = CallDirection.Inbound })).Should().Equal("call_r");
        (await IdsAsync(new CallFilter { State = CallState.Unrated, Reason = UnratedReason.NoRate })).Should().Equal("call_2");
        (await InAsync(session => session.Calls.TotalsAsync(new CallFilter { Customer = _customer.Id }, default))).ToList().ShouldWhollyBe(new List<CallTotals>
        {
            new(CallState.Received, CallDirection.Outbound, null, 2, 2, 20, 120, 0, null), new(CallState.Rated, CallDirection.Inbound, Currency.MXN, 1, 1, 71, 68, 120, A.Pesos(1.200001m)),
        });
    }

    [Test]
    public async Task Charged_calls_are_given_in_the_order_in_which_they_took_place_a_part_at_a_time()
    {
        var rated = FullRecords.CallOf(_customer) with { Dispute = null };
        var calls = Enumerable.Range(0, 5).Select(number => rated with
        {
            Id = Id<Call>.Parse($"call_{9 - number}"), Record = rated.Record with { ExternalId = $"{number}", StartedAt = A.Noon - Duration.FromHours(1), AnsweredAt = A.Noon + Duration.FromSeconds(number / 2) },
        }).ToList();
        await InAsync(session => session.Calls.AddAsync(new CallEntries { New = [.. calls, Received("call_r", A.Noon)] }, default));

        var first = await InAsync(session => session.Calls.ListChargedAsync(new CallFilter { Account = _account.Id }, null, 3, default));
        var last = first[^1];
        var rest = await InAsync(session => session.Calls.ListChargedAsync(new CallFilter { Account = _account.Id }, new Position(last.Record.ChargedFrom, last.Id.Value), 3, default));

        first.Concat(rest).Select(call => call.Id.Value).Should().Equal("call_8", "call_9", "call_6", "call_7", "call_5");
        (await InAsync(session => session.Calls.ListChargedAsync(new CallFilter { Deck = Id<RateDeck>.Parse("other") }, null, 3, default))).Should().BeEmpty();
        (await InAsync(session => session.Calls.ListChargedAsync(new CallFilter { Deck = rated.Rating!.Deck, Plan = rated.Rating.Plan }, null, 9, default))).Should().HaveCount(5);
        (await InAsync(session => session.Calls.ListAccountsAsync(new CallFilter(), "", 9, default))).Should().Equal(_account.Id);
        (await InAsync(session => session.Calls.ListAccountsAsync(new CallFilter(), _account.Id.Value, 9, default))).Should().BeEmpty();
    }

    [Test]
    public async Task Calls_out_that_were_to_be_paid_for_are_given_newest_first_a_part_at_a_time()
    {
        var whole = FullRecords.CallOf(_customer);
        var rated = whole with { Id = Id<Call>.Parse("call_r"), Record = whole.Record with { ExternalId = "r", Direction = CallDirection.Outbound, StartedAt = A.Noon, AnsweredAt = A.Noon + Duration.FromSeconds(7) } };
        var messages = Received("call_m", A.Noon) with { State = CallState.Zero };
        messages = messages with { Record = messages.Record with { Kind = UsageKind.Message } };
        var nobodys = Received("call_n", A.Noon - Duration.FromHours(1)) with { State = CallState.Unrated, Reason = UnratedReason.NoAccount, Account = null, Customer = null, Line = null };
        var unanswered = Received("call_q", A.Noon) with { State = CallState.Zero };
        await InAsync(session => session.Calls.AddAsync(
            new CallEntries
            {
                New =
                [
                    nobodys, rated, messages, Received("call_w", A.Noon), Received("call_k", A.Noon) with { State = CallState.NotCharged }, unanswered with { Record = unanswered.Record with { Quantity = 0 } },
                    rated with { Id = Id<Call>.Parse("call_i"), Record = rated.Record with { ExternalId = "i", Direction = CallDirection.Inbound } },
                ],
            },
            default));

        var first = await InAsync(session => session.Calls.ListSoldAsync(new CallFilter(), null, 1, default));
        var rest = await InAsync(session => session.Calls.ListSoldAsync(new CallFilter(), new Position(first[0].StartedAt, first[0].Id.Value), 9, default));

        first.Concat(rest).ToList().ShouldWhollyBe(new List<SoldCall>
        {
            new(messages.Id, A.Noon, new Usage(UsageKind.Message, "9180", messages.Record.ChargedFrom, 60), null, null),
            new(rated.Id, A.Noon, new Usage(UsageKind.Voice, "+91 80 41", A.Noon + Duration.FromSeconds(7), 68), "Bengaluru ñ", A.Pesos(1.200001m)),
            new(nobodys.Id, A.Noon - Duration.FromHours(1), new Usage(UsageKind.Voice, "9180", nobodys.Record.ChargedFrom, 60), null, null),
        });
        (await InAsync(session => session.Calls.ListSoldAsync(new CallFilter { State = CallState.Unrated }, null, 9, default))).Should().ContainSingle();
        (await InAsync(session => session.Calls.ListSoldAsync(new CallFilter { From = A.Noon, Account = _account.Id }, null, 9, default))).Should().HaveCount(2);
        (await InAsync(session => session.Calls.ListSoldAsync(new CallFilter { To = A.Noon }, null, 9, default))).Should().ContainSingle();
    }

    [Test]
    public async Task Prices_of_the_past_come_back_whole()
    {
        var call = FullRecords.CallOf(_customer);
        var later = call.Rating! with { Version = 2, Buckets = [], Journal = null, Amount = A.Pesos(0.5m) };
        await InAsync(session => session.Calls.AddAsync(new CallEntries { New = [call], Superseded = [(call.Id, later), (call.Id, call.Rating)] }, default));

        (await InAsync(session => session.Calls.ListRatingsAsync(call.Id, default))).OrderBy(rating => rating.Version).ToList().ShouldWhollyBe(new List<CallRating> { call.Rating, later });
    }

    [Test]
    public async Task So_many_calls_at_once_that_they_are_written_in_another_way_come_back_whole_and_one_that_is_known_refuses_them_all()
    {
        var full = FullRecords.CallOf(_customer);
        var calls = Enumerable.Range(0, 1_200).Select(number => number % 2 == 0
            ? full with { Id = Id<Call>.Parse($"call_{number:D4}"), Record = full.Record with { ExternalId = $"{number}" } }
            : Received($"call_{number:D4}", A.Noon) with { Record = Received($"call_{number:D4}", A.Noon).Record with { ExternalId = $"{number}" } }).ToList();
        await InAsync(session => session.Calls.AddAsync(new CallEntries { New = calls }, default));

        foreach (var place in new[] { 0, 1, 1_198, 1_199 }) (await InAsync(session => session.Calls.FindAsync(calls[place].Id, default)))!.ShouldWhollyBe(calls[place]);
        (await InAsync(session => session.Calls.FindKnownAsync([.. calls.Select(call => CallName.Of(call.Record))], default))).Select(known => (known.Name, known.Call, known.Fingerprint))
            .Should().BeEquivalentTo(calls.Select(call => (CallName.Of(call.Record), call.Id, call.Record.Fingerprint())));
        var again = calls.Select(call => call with { Id = Id<Call>.Parse($"{call.Id}x"), Record = call.Record with { ExternalId = call.Record.ExternalId == "7" ? "7" : $"{call.Record.ExternalId}x" } }).ToList();
        var repeated = () => InAsync(session => session.Calls.AddAsync(new CallEntries { New = again }, default));
        (await repeated.Should().ThrowAsync<DuplicateKeyException>()).Which.Key.Should().Be(UniqueKey.Call);
        (await InAsync(session => session.Calls.FindAsync(again[0].Id, default))).Should().BeNull();
    }

    [Test]
    public async Task A_call_whose_record_is_another_is_known_by_that()
    {
        var call = FullRecords.CallOf(_customer);
        await InAsync(session => session.Calls.AddAsync(new CallEntries { New = [call, call with { Id = Id<Call>.Parse("call_x"), Record = call.Record with { ExternalId = "x" } }] }, default));
        var truth = call with
        {
            RatingVersion = 2, Batch = null, PricedTo = null, Rating = call.Rating! with { Version = 2 },
            Record = call.Record with
            {
                From = null, To = "9180", StartedAt = A.Noon, AnsweredAt = null, EndedAt = A.Noon + Duration.FromSeconds(1), Duration = 1, Quantity = 7, Cause = "BUSY", Lines = [new LineRef(LineKind.Number, "9180")], LinkedTo = null,
            },
        };

        await InAsync(session => session.Calls.AddAsync(new CallEntries { Changed = [truth], Corrected = [truth] }, default));

        (await InAsync(session => session.Calls.FindAsync(call.Id, default)))!.ShouldWhollyBe(truth with { Version = 2 });
        (await InAsync(session => session.Calls.FindKnownAsync([CallName.Of(call.Record)], default))).Should().Equal(new KnownCall(CallName.Of(call.Record), call.Id, truth.Record.Fingerprint()));
        var other = (await InAsync(session => session.Calls.FindAsync(Id<Call>.Parse("call_x"), default)))!;
        (other.Record.Quantity, other.Version).Should().Be((call.Record.Quantity, 1L));
        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.AddAsync(new CallEntries { Changed = [truth], Corrected = [truth] }, default)));
    }

    [Test]
    public async Task What_calls_come_to_is_told_for_each_time_and_for_each_destination()
    {
        var rated = FullRecords.CallOf(_customer);
        rated = rated with { Record = rated.Record with { Direction = CallDirection.Outbound, StartedAt = A.Noon } };
        await InAsync(session => session.Calls.AddAsync(
            new CallEntries
            {
                New =
                [
                    rated, rated with { Id = Id<Call>.Parse("call_b"), Record = rated.Record with { ExternalId = "b", StartedAt = A.Noon + Duration.FromHours(1), Quantity = 0 } },
                    Received("call_c", A.Noon - Duration.FromTicks(10)), Received("call_d", A.Noon),
                ],
            },
            default));
        var hour = Duration.FromHours(1);

        var totals = await InAsync(session => session.Calls.PeriodTotalsAsync(
            new CallFilter { Customer = _customer.Id }, [(A.Noon, A.Noon + hour), (A.Noon + hour, A.Noon + hour + hour), (A.Noon - hour, A.Noon), (A.Noon - hour - hour, A.Noon - hour)], default));

        totals.ToList().ShouldWhollyBe(new List<PeriodTotals>
        {
            new(A.Noon - hour, new CallTotals(CallState.Received, CallDirection.Outbound, null, 1, 1, 10, 60, 0, null)),
            new(A.Noon, new CallTotals(CallState.Received, CallDirection.Outbound, null, 1, 1, 10, 60, 0, null)),
            new(A.Noon, new CallTotals(CallState.Rated, CallDirection.Outbound, Currency.MXN, 1, 1, 71, 68, 120, A.Pesos(1.200001m))),
            new(A.Noon + hour, new CallTotals(CallState.Rated, CallDirection.Outbound, Currency.MXN, 1, 0, 71, 0, 120, A.Pesos(1.200001m))),
        });
        (await InAsync(session => session.Calls.DestinationTotalsAsync(new CallFilter(), false, 5, default))).ToList().ShouldWhollyBe(new List<DestinationTotals>
        {
            new("Bengaluru ñ", Currency.MXN, 2, 1, 68, A.Pesos(2.400002m)),
        });
        (await InAsync(session => session.Calls.DestinationTotalsAsync(new CallFilter(), true, 5, default))).ToList().ShouldWhollyBe(new List<DestinationTotals>
        {
            new("+91 80 41", Currency.MXN, 2, 1, 68, A.Pesos(2.400002m)), new("9180", null, 2, 2, 120, null),
        });
    }

    [Test]
    public async Task Disputes_come_back_whole_and_change_by_version_and_hold_their_call()
    {
        var call = FullRecords.CallOf(_customer);
        var dispute = FullRecords.DisputeOf(call);
        var open = dispute with { Id = Id<CallDispute>.Parse("dsp_2"), State = DisputeState.Open, Credit = null, ClosedBy = null, ClosedAt = null, Note = null, OpenedAt = A.Noon };
        await InAsync(async session =>
        {
            await session.Calls.AddAsync(new CallEntries { New = [call] }, default);
            await session.Calls.AddDisputeAsync(dispute, default);
            await session.Calls.AddDisputeAsync(open, default);
        });

        var rejected = await InAsync(session => session.Calls.UpdateDisputeAsync(open with { State = DisputeState.Rejected, ClosedBy = "admin:jorge", ClosedAt = A.Noon, Note = "no" }, default));

        (await WalkAsync(1, page => InAsync(session => session.Calls.ListDisputesAsync(null, _customer.Id, page, default)))).ToList().ShouldWhollyBe(new List<CallDispute> { dispute, rejected });
        (await InAsync(session => session.Calls.ListDisputesAsync(DisputeState.Open, null, new PageRequest(null, 5), default))).Data.Should().BeEmpty();
        (await InAsync(session => session.Calls.ListChargedAsync(new CallFilter(), null, 5, default))).Should().BeEmpty("it is disputed");
        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.UpdateDisputeAsync(open, default)));
    }

    [Test]
    public async Task Reports_come_back_whole_and_change_by_version()
    {
        var report = FullRecords.CallReport();
        var other = report with { Id = Id<CallReport>.Parse("rep_0"), Reader = null, ContentType = null, Reason = null, Detail = null, Call = null, State = CallReportState.Accepted, IsBase64 = false };
        await InAsync(async session =>
        {
            await session.Calls.AddReportAsync(report, default);
            await session.Calls.AddReportAsync(other, default);
        });

        var changed = await InAsync(session => session.Calls.UpdateReportAsync(report with { State = CallReportState.Discarded, Reason = null }, default));

        (await InAsync(session => session.Calls.FindReportAsync(report.Id, default))).ShouldWhollyBe(changed);
        (await WalkAsync(1, page => InAsync(session => session.Calls.ListReportsAsync(null, page, default)))).ToList().ShouldWhollyBe(new List<CallReport> { other, changed });
        (await InAsync(session => session.Calls.ListReportsAsync(CallReportState.Malformed, new PageRequest(null, 5), default))).Data.Should().BeEmpty();
        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.UpdateReportAsync(report, default)));
    }

    [Test]
    public async Task Sessions_come_back_whole_and_change_by_version()
    {
        var full = FullRecords.SessionOf(_customer);
        var bare = full with
        {
            Id = Id<UsageSession>.Parse("ses_2"), Line = null, Tariff = null, Held = A.Pesos(0), Hold = null, Granted = 0, Buckets = [], Journal = null, Mode = PaymentMode.Prepaid,
            Record = new CallRecord { Source = "s", ExternalId = "aaaa-1", StartedAt = A.Noon, Quantity = 0 },
        };
        await InAsync(async session =>
        {
            await session.UsageSessions.AddAsync(full, default);
            await session.UsageSessions.AddAsync(bare, default);
        });

        (await InAsync(session => session.UsageSessions.FindAsync(full.Id, default))).ShouldWhollyBe(full);
        (await InAsync(session => session.UsageSessions.FindAsync(bare.Id, default))).ShouldWhollyBe(bare);
        (await InAsync(session => session.UsageSessions.FindNamedAsync([CallName.Of(full.Record), CallName.Of(full.Record) with { Leg = "b" }], default))).ToList().ShouldWhollyBe(new List<UsageSession> { full });
        await ShouldBeDuplicateAsync(UniqueKey.UsageSession, () => InAsync(session => session.UsageSessions.AddAsync(full with { Id = Id<UsageSession>.Parse("ses_3") }, default)));

        await InAsync(session => session.Calls.AddAsync(new CallEntries { Sessions = [FullRecords.Ended(full)] }, default));

        (await InAsync(session => session.UsageSessions.FindAsync(full.Id, default))).ShouldWhollyBe(FullRecords.Ended(full) with { Version = 2 });
        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.AddAsync(new CallEntries { Sessions = [FullRecords.Ended(full)] }, default)));
    }

    [Test]
    public async Task A_session_is_written_with_what_it_costs_or_not_at_all()
    {
        var (full, wallet) = (FullRecords.SessionOf(_customer), A.WalletOf(_customer));
        await InAsync(session => session.UsageSessions.AddAsync(full, default));

        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.AddAsync(
            new CallEntries { Sessions = [full with { Used = 999 }], Wallets = [wallet with { Held = A.Pesos(1), Version = 7 }] }, default)));
        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.AddAsync(
            new CallEntries { Sessions = [full with { Used = 999, Version = 7 }], Wallets = [wallet with { Held = A.Pesos(1) }] }, default)));
        await ShouldBeStaleAsync(() => Storage.RunAsync(OtherTenant, async session =>
        {
            await session.Calls.AddAsync(new CallEntries { Sessions = [full with { Used = 999 }] }, default);
            return true;
        }, default));

        (await InAsync(session => session.UsageSessions.FindAsync(full.Id, default))).ShouldWhollyBe(full);
        (await InAsync(session => session.Ledger.FindAsync(wallet.Id, default))).ShouldWhollyBe(wallet);
    }

    [Test]
    public async Task A_session_is_read_behind_the_lock_with_what_decides_its_charge()
    {
        var (full, bucket) = (FullRecords.SessionOf(_customer), FullRecords.BucketOf(_account.Id));
        await InAsync(async session =>
        {
            await session.UsageSessions.AddAsync(full, default);
            await session.UsageAccounts.AddBucketAsync(bucket, default);
            await session.UsageAccounts.AddBucketAsync(bucket with { Id = Id<AccountBucket>.Parse("bkt_0"), Content = bucket.Content with { Id = "bkt_0", Left = 0 }, Reserved = 0 }, default);
            await session.Tariffs.LockAsync(default);
        });

        var locked = await InAsync(session => session.UsageSessions.LockAsync(full.Id, default));

        locked!.Session.ShouldWhollyBe(full);
        locked.Facts.Account.ShouldWhollyBe(_account);
        locked.Facts.Wallet.ShouldWhollyBe(A.WalletOf(_customer));
        locked.Facts.Buckets.ToList().ShouldWhollyBe(new List<AccountBucket> { bucket });
        locked.TariffRevision.Should().Be(1);
        (await InAsync(session => session.UsageSessions.LockAsync(Id<UsageSession>.Parse("ses_x"), default))).Should().BeNull();
    }

    [Test]
    public async Task Messages_at_once_about_one_session_wait_for_each_other()
    {
        var full = FullRecords.SessionOf(_customer);
        await InAsync(session => session.UsageSessions.AddAsync(full, default));

        var problems = await AllAtOnceAsync(6, _ => AmongOthersAsync(async session =>
        {
            var locked = await session.UsageSessions.LockAsync(full.Id, default);
            await session.Calls.AddAsync(new CallEntries { Sessions = [locked!.Session with { Used = locked.Session.Used + 1 }] }, default);
            return true;
        }));

        problems.Should().AllBeEquivalentTo((Exception?)null);
        (await InAsync(session => session.UsageSessions.FindAsync(full.Id, default)))!.Should().Match<UsageSession>(session => session.Used == 126 && session.Version == 7);
    }

    [Test]
    public async Task Sessions_whose_time_has_passed_are_given_by_that_time_and_those_that_ended_are_not()
    {
        var sessions = Enumerable.Range(0, 4).Select(number => FullRecords.SessionOf(_customer) with
        {
            Id = Id<UsageSession>.Parse($"ses_{number}"), ValidUntil = A.Noon - Duration.FromSeconds(number), Record = new CallRecord { Source = "s", ExternalId = $"{number}", StartedAt = A.Noon, Quantity = 0 },
        }).ToList();
        await InAsync(async session =>
        {
            foreach (var one in sessions) await session.UsageSessions.AddAsync(one, default);
            await session.Calls.AddAsync(new CallEntries { Sessions = [FullRecords.Ended(sessions[2])] }, default);
        });

        (await ExpiredAsync(A.Noon, 9)).Should().Equal("ses_3", "ses_1", "ses_0");
        (await ExpiredAsync(A.Noon, 1)).Should().Equal("ses_3");
        (await ExpiredAsync(A.Noon, 1, skip: 1)).Should().Equal("ses_1");
        (await ExpiredAsync(A.Noon, 9, skip: 3)).Should().BeEmpty();
        (await ExpiredAsync(A.Noon - Duration.FromSeconds(1), 9)).Should().Equal("ses_3", "ses_1");

        async Task<IEnumerable<string>> ExpiredAsync(Instant now, int limit, int skip = 0) => (await InAsync(session => session.UsageSessions.ListExpiredAsync(now, skip, limit, default))).Select(id => id.Value);
    }

    [Test]
    public async Task Holds_of_usage_end_and_begin_with_what_is_charged()
    {
        var wallet = A.WalletOf(_customer);
        var hold = new Hold { Subject = "ses_1/1", Account = wallet.Id, Amount = A.Pesos(0.000001m), State = HoldState.Open, OpenedAt = A.Noon };
        await InAsync(session => session.Calls.AddAsync(new CallEntries { Holds = [hold], Wallets = [wallet with { Posted = A.Pesos(0), Held = hold.Amount }] }, default));
        (await InAsync(session => session.Ledger.FindHoldAsync(hold.Subject, default))).ShouldWhollyBe(hold);

        var ended = hold.End(HoldState.Released, A.Noon);
        await InAsync(session => session.Calls.AddAsync(new CallEntries { EndedHolds = [ended], Holds = [hold with { Subject = "ses_1/2" }] }, default));

        (await InAsync(session => session.Ledger.FindHoldAsync(hold.Subject, default))).ShouldWhollyBe(ended);
        await ShouldBeStaleAsync(() => InAsync(session => session.Calls.AddAsync(new CallEntries { EndedHolds = [ended] }, default)));
        await ShouldBeDuplicateAsync(UniqueKey.Hold, () => InAsync(session => session.Calls.AddAsync(new CallEntries { Holds = [hold] }, default)));
    }

    private Call Received(string id, Instant startedAt) => new()
    {
        Id = Id<Call>.Parse(id), Account = _account.Id, Customer = _customer.Id, State = CallState.Received, ReceivedAt = A.Noon, Version = 1,
        Record = new CallRecord { Source = "s", ExternalId = id, To = "9180", StartedAt = startedAt, Duration = 10, Quantity = 60 },
    };

    private Task<IReadOnlyList<Call>> ReceivedAsync(int limit) => InAsync(session => session.Calls.ListReceivedAsync(_account.Id, limit, default));

    private async Task<IEnumerable<string>> IdsAsync(CallFilter filter) => (await InAsync(session => session.Calls.ListAsync(filter, new PageRequest(null, 10), default))).Data.Select(call => call.Id.Value);
}
