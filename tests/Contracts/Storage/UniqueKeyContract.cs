#pragma warning disable CS1591 // The name of a test says what it proves.
using System.Reflection;
using FluentAssertions;
using NUnit.Framework;
using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>That every uniqueness storage promises holds, one after the other and at once.</summary>
public sealed class UniqueKeyContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Customer Customer = A.Customer();
    private static readonly TopUp[] TopUps = [A.TopUpOf(Customer), A.TopUpOf(Customer), A.TopUpOf(Customer), A.TopUpOf(Customer)];

    /// <summary>How to write a row of one key; the number tells the writers apart, the key is the same.</summary>
    private static readonly Dictionary<string, Func<IStorage, int, Task>> Writers = new()
    {
        [UniqueKey.Tenant] = (storage, _) => storage.RunSystemAsync(
            async house =>
            {
                await house.Tenants.AddAsync(A.Tenant(TenantId.Parse("este")), default);
                await Task.Yield();
                return true;
            },
            default),
        [UniqueKey.Customer] = Writer((session, _) => session.Customers.AddAsync(A.Customer() with { Id = Id<Customer>.Parse("cus_same") }, default)),
        [UniqueKey.CustomerChannel] = Writer((session, _) => session.Customers.AddAsync(A.Customer() with { Channel = "same" }, default)),
        [UniqueKey.Account] = Writer((session, _) => session.Ledger.OpenAsync(A.WalletOf(Customer) with { Id = Id<Account>.Parse("acc_same") }, default)),
        [UniqueKey.TopUp] = Writer((session, _) => session.TopUps.AddAsync(A.TopUpOf(Customer) with { Id = Id<TopUp>.Parse("RLR_same") }, default)),
        [UniqueKey.TopUpReference] = Writer((session, _) => session.TopUps.AddAsync(A.TopUpOf(Customer) with { Reference = "same" }, default)),
        [UniqueKey.ProviderReference] = Writer((session, number) => session.TopUps.UpdateAsync(
            TopUps[number] with { Attempts = [A.AttemptOf(TopUps[number]) with { ProviderReference = "same" }] }, default)),
        [UniqueKey.Hold] = Writer((session, _) => session.Ledger.AddHoldAsync(A.HoldOf(TopUps[0]), default)),
        [UniqueKey.Journal] = Writer((session, _) => session.Ledger.PostAsync(A.Journal() with { Subject = "same" }, default)),
        [UniqueKey.ApiKeyPrefix] = (storage, number) =>
        {
            var tenant = number % 2 == 0 ? Tenant : OtherTenant;
            return Writer(tenant, (session, _) => session.Keys.AddAsync(A.Key(tenant) with { Prefix = "rk_same" }, default))(storage, number);
        },
        [UniqueKey.IdempotencyKey] = Writer((session, _) => session.Idempotency.AddAsync(A.FirstAnswer() with { Key = "same" }, default)),
        [UniqueKey.ExchangeRate] = Writer((session, number) => session.ExchangeRates.AddAsync(A.Rate() with { Rate = Ratio.Of(18 + number) }, default)),
        [UniqueKey.StatementFile] = Writer((session, _) => session.Reconciliations.AddAsync(A.Run() with { FileHash = "same" }, default)),
        [UniqueKey.ImportedItem] = Writer((session, number) => session.Imports.AddAsync([FullRecords.Item() with { OldId = "same", NewId = $"RLR_{number}" }], default)),
        [UniqueKey.PlanVersion] = Writer((session, number) => session.Tariffs.AddPlanAsync(FullRecords.Plan() with { Name = $"{number}" }, default)),
        [UniqueKey.DeckVersion] = Writer((session, number) => session.Tariffs.AddDeckAsync(FullRecords.Deck() with { Hash = $"{number}" }, default)),
        [UniqueKey.DeckPart] = Writer((session, _) => session.Tariffs.AddPartAsync(Id<RateDeck>.Parse("shared"), 1, 1, FullRecords.DeckPart(), default)),
        [UniqueKey.UsageAccount] = Writer((session, number) => session.UsageAccounts.AddAsync(FullRecords.UsageAccountOf(Customer) with { Name = $"{number}" }, default)),
        [UniqueKey.Line] = Writer((session, number) => session.UsageAccounts.AddLineAsync(new LineOwner(new LineRef(LineKind.Number, "91"), Id<Account>.Parse($"acc_{number}"), Customer.Id), default)),
        [UniqueKey.Bucket] = Writer((session, number) => session.UsageAccounts.AddBucketAsync(FullRecords.BucketOf(Customer.Wallet) with { Name = $"{number}" }, default)),
        [UniqueKey.Call] = Writer((session, number) => session.Calls.AddAsync(new CallEntries { New = [FullRecords.CallOf(Customer) with { Id = Id<Call>.Parse($"call_{number}") }] }, default)),
        [UniqueKey.UsageSession] = Writer((session, number) => session.UsageSessions.AddAsync(FullRecords.SessionOf(Customer) with { Id = Id<UsageSession>.Parse($"ses_{number}") }, default)),
        [UniqueKey.Dispute] = Writer((session, number) => session.Calls.AddDisputeAsync(FullRecords.DisputeOf(FullRecords.CallOf(Customer)) with { Reason = $"{number}" }, default)),
        [UniqueKey.CallReport] = Writer((session, number) => session.Calls.AddReportAsync(FullRecords.CallReport() with { Body = $"{number}" }, default)),
        [UniqueKey.ArchivePart] = Writer((session, number) => session.Archive.AddReportsAsync(FullRecords.Part() with { Sha256 = $"{number}" }, [], default)),
        [UniqueKey.Job] = Writer((session, _) => session.Jobs.AddAsync(A.Job(Tenant) with { Id = Id<Jobs.Job>.Parse("job_same") }, default)),
    };

    /// <summary>Keys within one row, about which two writers cannot race: the row's version decides first.</summary>
    private static readonly string[] WithinOneRow = [UniqueKey.OpenAttempt];

    public static IEnumerable<string> Keys => Writers.Keys;

    [SetUp]
    public Task AddWhatRowsBelongTo() => InAsync(async session =>
    {
        await session.EnrolAsync(Customer);
        foreach (var topUp in TopUps) await session.TopUps.AddAsync(topUp, default);
        await session.Tariffs.AddDeckAsync(FullRecords.Deck() with { Deck = Id<RateDeck>.Parse("shared") }, default);
    });

    [Test]
    public void Every_key_there_is_is_tested()
    {
        var all = typeof(UniqueKey).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

        all.Should().BeEquivalentTo(Writers.Keys.Concat(WithinOneRow));
    }

    [TestCaseSource(nameof(Keys))]
    public async Task The_second_of_a_key_is_told_which_it_is(string key)
    {
        await Writers[key](Storage, 0);

        await ShouldBeDuplicateAsync(key, () => Writers[key](Storage, 1));
    }

    [TestCaseSource(nameof(Keys))]
    public async Task Of_those_who_write_a_key_at_once_one_does_and_the_others_are_told(string key)
    {
        var problems = await AllAtOnceAsync(TopUps.Length, number => Writers[key](Storage, number));

        problems.Where(problem => problem is null).Should().ContainSingle();
        problems.OfType<DuplicateKeyException>().Select(problem => problem.Key).Should().Equal(Enumerable.Repeat(key, TopUps.Length - 1));
    }

    [TestCaseSource(nameof(Keys))]
    public async Task A_key_written_in_a_transaction_that_was_rolled_back_is_free(string key)
    {
        var changedMind = new InvalidOperationException("changed my mind");
        await FluentActions.Awaiting(() => Writers[key](new RollingBack(Storage, changedMind), 0)).Should().ThrowAsync<InvalidOperationException>();

        await FluentActions.Awaiting(() => Writers[key](Storage, 1)).Should().NotThrowAsync();
    }

    private static Func<IStorage, int, Task> Writer(Func<ISession, int, Task> write) => Writer(Tenant, write);

    private static Func<IStorage, int, Task> Writer(TenantId tenant, Func<ISession, int, Task> write) => (storage, number) => storage.RunAsync(
        tenant,
        async session =>
        {
            await write(session, number);
            await Task.Yield(); // others may come before the commit
            return true;
        },
        default);

    /// <summary>Does all the work of a transaction, and then fails it.</summary>
    private sealed class RollingBack(IStorage storage, Exception why) : IStorage
    {
        public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
            storage.RunAsync(tenant, session => ThenFailAsync(work(session)), cancellationToken);

        public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) =>
            storage.RunSystemAsync(session => ThenFailAsync(work(session)), cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => storage.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => storage.MigrationsAsync(cancellationToken);

        private async Task<T> ThenFailAsync<T>(Task<T> work)
        {
            await work;
            throw why;
        }
    }
}
