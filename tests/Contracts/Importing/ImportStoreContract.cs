#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NUnit.Framework;
using Relier.Customers;
using Relier.Importing;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>That what came from another system is recognised for ever, and what is known of it.</summary>
public sealed class ImportStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private const string Source = "latcom-fix";

    private Customer _customer = null!;

    [SetUp]
    public async Task EnrolACustomer() => _customer = await InAsync(session => session.EnrolAsync());

    [Test]
    public async Task Items_come_back_whole_and_only_those_asked_for()
    {
        var (one, other) = (FullRecords.Item(), FullRecords.Item() with { OldId = "2", NewId = "RLR2", IsUndecided = false, Details = null });
        var customer = one with { Kind = ImportedKind.Customer, IsUndecided = false };
        await InAsync(session => session.Imports.AddAsync([one, other, customer], default));

        var found = await FindAsync(one.OldId, "nobody");

        found.Should().ContainSingle().Subject.ShouldWhollyBe(one);
        (await FindAsync(one.OldId, "2")).Should().HaveCount(2);
        (await FindAsync()).Should().BeEmpty();
        (await InAsync(session => session.Imports.FindAsync("another", ImportedKind.TopUp, [one.OldId], default))).Should().BeEmpty();
        (await InAsync(session => session.Imports.FindAsync(Source, ImportedKind.Customer, [one.OldId], default))).Single().ShouldWhollyBe(customer);
    }

    [Test]
    public async Task A_thing_comes_once_and_two_things_never_become_the_same()
    {
        var item = FullRecords.Item();
        await InAsync(session => session.Imports.AddAsync([item], default));

        await ShouldBeDuplicateAsync(UniqueKey.ImportedItem, () => InAsync(session => session.Imports.AddAsync([item with { NewId = "RLR9" }], default)));
        await ShouldBeDuplicateAsync(UniqueKey.ImportedItem, () => InAsync(session => session.Imports.AddAsync([item with { OldId = "9" }], default)));
        await ShouldBeDuplicateAsync(UniqueKey.ImportedItem, () => InAsync(session => session.Imports.AddAsync([Item("8"), Item("8")], default)));

        (await FindAsync(item.OldId, "9", "8")).Should().ContainSingle().Subject.ShouldWhollyBe(item);
    }

    [Test]
    public async Task Of_ten_who_add_a_thing_at_once_behind_the_lock_one_does()
    {
        var added = 0;

        var problems = await AllAtOnceAsync(10, async number =>
        {
            var isNew = await AmongOthersAsync(async session =>
            {
                await session.Imports.LockAsync(Source, default);
                if ((await session.Imports.FindAsync(Source, ImportedKind.TopUp, ["1"], default)).Count > 0) return false;
                await session.Imports.AddAsync([Item("1") with { NewId = $"RLR{number}" }], default);
                return true;
            });
            if (isNew) Interlocked.Increment(ref added);
        });

        problems.Should().AllBeEquivalentTo((Exception?)null);
        added.Should().Be(1);
        (await FindAsync("1")).Should().ContainSingle();
    }

    [Test]
    public async Task An_undecided_topup_is_decided_once_with_all_that_became_known()
    {
        var (topUp, item) = await UndecidedAsync();
        var known = topUp with
        {
            State = TopUpState.Succeeded, Charge = A.Dollars(1.09m), Rate = FullRecords.TopUpOf(_customer).Rate, OperatorReference = "LT1", DecidedAt = A.Noon, UnknownSince = null,
        };

        var decided = await InAsync(session => session.Imports.DecideAsync(known, item with { IsUndecided = false, Fingerprint = "decided" }, default));

        decided.ShouldWhollyBe(known with { Version = 2 });
        (await InAsync(session => session.TopUps.FindAsync(topUp.Id, default))).ShouldWhollyBe(decided);
        (await FindAsync(item.OldId)).Single().ShouldWhollyBe(item with { IsUndecided = false, Fingerprint = "decided" });
        await ShouldBeStaleAsync(() => InAsync(session => session.Imports.DecideAsync(decided with { Charge = A.Dollars(9) }, item, default)));
        (await InAsync(session => session.TopUps.FindAsync(topUp.Id, default))).ShouldWhollyBe(decided);
    }

    [Test]
    public async Task An_undecided_topup_of_another_system_holds_nothing_and_is_no_exposure()
    {
        await UndecidedAsync();

        (await InAsync(session => session.Providers.ExposureAsync(A.Noon, default))).Should().BeEmpty();
        (await InAsync(session => session.Providers.UndecidedCostAsync(default))).Should().BeEmpty();
        (await InAsync(session => session.Ledger.VerifyAsync(default))).Should().BeEmpty();
    }

    [Test]
    public async Task A_decision_about_another_topup_or_an_old_version_changes_nothing()
    {
        var (topUp, item) = await UndecidedAsync();
        var mine = A.TopUpOf(_customer);
        await InAsync(async session =>
        {
            await session.CreditAsync(_customer, A.Pesos(100));
            await session.OrderAsync(mine);
        });

        await ShouldBeStaleAsync(() => InAsync(session => session.Imports.DecideAsync(mine with { Charge = A.Pesos(99) }, item, default)));
        await ShouldBeStaleAsync(() => InAsync(session => session.Imports.DecideAsync(mine with { Charge = A.Pesos(99) }, item with { NewId = mine.Id.Value }, default)));
        await ShouldBeStaleAsync(() => InAsync(session => session.Imports.DecideAsync(topUp with { Version = 2 }, item with { IsUndecided = false }, default)));

        (await InAsync(session => session.TopUps.FindAsync(mine.Id, default)))!.Charge.Should().Be(A.Pesos(20));
        (await FindAsync(item.OldId)).Single().ShouldWhollyBe(item);
    }

    private async Task<(TopUp TopUp, ImportedItem Item)> UndecidedAsync()
    {
        var topUp = A.TopUpOf(_customer) with { State = TopUpState.InReview, Charge = null, Route = null, UnknownSince = A.Noon };
        var item = FullRecords.Item() with { NewId = topUp.Id.Value };
        await InAsync(async session =>
        {
            await session.TopUps.AddAsync(topUp, default);
            await session.Imports.AddAsync([item], default);
        });
        return (topUp, item);
    }

    private static ImportedItem Item(string oldId) => FullRecords.Item() with { OldId = oldId, NewId = "RLR" + oldId };

    private Task<IReadOnlyList<ImportedItem>> FindAsync(params string[] oldIds) => InAsync(session => session.Imports.FindAsync(Source, ImportedKind.TopUp, oldIds, default));
}
