#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Archiving;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>What a store of tenants must keep, and that no method of any store sees or touches another tenant's rows.</summary>
public sealed class TenancyContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly PageRequest Page = new(null, 10);

    private static readonly ArchiveWindow Ever = new(Instant.FromUnixTimeTicks(0), A.Noon + Duration.FromDays(99), A.Noon + Duration.FromDays(99));

    /// <summary>For every method of every store, what another tenant does with it about the rows of the first, and must get.</summary>
    private static readonly Dictionary<string, Func<ISession, World, Task>> Attempts = new()
    {
        [Of<ICustomerStore>(nameof(ICustomerStore.AddAsync))] = (session, world) => session.Customers.AddAsync(world.Customer with { Name = "Mine" }, default),
        [Of<ICustomerStore>(nameof(ICustomerStore.UpdateAsync))] = (session, world) =>
            ShouldBeStaleAsync(() => session.Customers.UpdateAsync(world.Customer with { Name = "Mine" }, default)),
        [Of<ICustomerStore>(nameof(ICustomerStore.FindAsync))] = async (session, world) => Nothing(await session.Customers.FindAsync(world.Customer.Id, default)),
        [Of<ICustomerStore>(nameof(ICustomerStore.ListAsync))] = async (session, _) => Empty((await session.Customers.ListAsync(Page, default)).Data),

        [Of<ILedgerStore>(nameof(ILedgerStore.OpenAsync))] = (session, world) => session.Ledger.OpenAsync(world.Account with { Posted = A.Pesos(99) }, default),
        [Of<ILedgerStore>(nameof(ILedgerStore.FindAsync))] = async (session, world) => Nothing(await session.Ledger.FindAsync(world.Account.Id, default)),
        [Of<ILedgerStore>(nameof(ILedgerStore.LockAsync))] = async (session, world) => Nothing(await session.Ledger.LockAsync(world.Account.Id, default)),
        [Of<ILedgerStore>(nameof(ILedgerStore.ListAsync))] = async (session, world) => Empty(await session.Ledger.ListAsync([world.Customer.Id], default)),
        [Of<ILedgerStore>(nameof(ILedgerStore.UpdateAsync))] = (session, world) =>
            ShouldBeStaleAsync(() => session.Ledger.UpdateAsync(world.Account with { Posted = A.Pesos(99) }, default)),
        [Of<ILedgerStore>(nameof(ILedgerStore.AddHoldAsync))] = (session, world) => session.Ledger.AddHoldAsync(world.Hold with { Amount = A.Pesos(99) }, default),
        [Of<ILedgerStore>(nameof(ILedgerStore.FindHoldAsync))] = async (session, world) => Nothing(await session.Ledger.FindHoldAsync(world.Hold.Subject, default)),
        [Of<ILedgerStore>(nameof(ILedgerStore.EndHoldAsync))] = (session, world) =>
            ShouldBeStaleAsync(() => session.Ledger.EndHoldAsync(world.Hold.End(HoldState.Released, A.Noon), default)),
        [Of<ILedgerStore>(nameof(ILedgerStore.PostAsync))] = (session, world) => session.Ledger.PostAsync(world.Journal with { Reason = "mine" }, default),
        [Of<ILedgerStore>(nameof(ILedgerStore.FindJournalAsync))] = async (session, world) =>
            Nothing(await session.Ledger.FindJournalAsync(world.Journal.Kind, world.Journal.Subject, default)),
        [Of<ILedgerStore>(nameof(ILedgerStore.StatementAsync))] = async (session, world) =>
            Empty((await session.Ledger.StatementAsync(world.Account.Id, null, null, Page, default)).Data),
        [Of<ILedgerStore>(nameof(ILedgerStore.FirstEntryAsync))] = async (session, world) =>
            (await session.Ledger.FirstEntryAsync(world.Account.Id, Instant.FromUnixTimeTicks(0), default)).Should().BeNull(),
        [Of<ILedgerStore>(nameof(ILedgerStore.BalancesAsync))] = async (session, _) => Empty(await session.Ledger.BalancesAsync(default)),
        [Of<ILedgerStore>(nameof(ILedgerStore.SumAsync))] = async (session, _) =>
            (await session.Ledger.SumAsync(AccountCode.ProviderPayable("latcom"), Currency.MXN, default)).Should().Be(A.Pesos(0)),
        [Of<ILedgerStore>(nameof(ILedgerStore.VerifyAsync))] = async (session, _) => Empty(await session.Ledger.VerifyAsync(default)),

        [Of<ITopUpStore>(nameof(ITopUpStore.AddAsync))] = (session, world) => session.TopUps.AddAsync(world.TopUp with { Face = A.Pesos(99) }, default),
        [Of<ITopUpStore>(nameof(ITopUpStore.UpdateAsync))] = (session, world) =>
            ShouldBeStaleAsync(() => session.TopUps.UpdateAsync(FullRecords.Later(world.TopUp), default)),
        [Of<ITopUpStore>(nameof(ITopUpStore.FindAsync))] = async (session, world) => Nothing(await session.TopUps.FindAsync(world.TopUp.Id, default)),
        [Of<ITopUpStore>(nameof(ITopUpStore.FindManyAsync))] = async (session, world) => Empty(await session.TopUps.FindManyAsync([world.TopUp.Id], default)),
        [Of<ITopUpStore>(nameof(ITopUpStore.FindByReferenceAsync))] = async (session, world) =>
            Nothing(await session.TopUps.FindByReferenceAsync(world.Customer.Id, world.TopUp.Reference!, default)),
        [Of<ITopUpStore>(nameof(ITopUpStore.FindTwinAsync))] = async (session, world) =>
            Nothing(await session.TopUps.FindTwinAsync(world.Customer.Id, world.TopUp.Phone, world.TopUp.Face, A.Noon - Duration.FromDays(1), default)),
        [Of<ITopUpStore>(nameof(ITopUpStore.ListAsync))] = async (session, _) => Empty((await session.TopUps.ListAsync(new TopUpFilter(), Page, default)).Data),
        [Of<ITopUpStore>(nameof(ITopUpStore.TotalsAsync))] = async (session, _) => Empty(await session.TopUps.TotalsAsync(new TopUpFilter(), default)),
        [Of<ITopUpStore>(nameof(ITopUpStore.AddUseAsync))] = (session, world) =>
            session.TopUps.AddUseAsync(world.Customer.Id, A.Day, A.Pesos(99), default),

        [Of<IProviderStore>(nameof(IProviderStore.ObserveAsync))] = (session, world) => session.Providers.ObserveAsync(world.Sight with { Detail = "mine" }, default),
        [Of<IProviderStore>(nameof(IProviderStore.ListAsync))] = async (session, _) => Empty(await session.Providers.ListAsync(default)),
        [Of<IProviderStore>(nameof(IProviderStore.UndecidedCostAsync))] = async (session, _) => Empty(await session.Providers.UndecidedCostAsync(default)),
        [Of<IProviderStore>(nameof(IProviderStore.ExposureAsync))] = async (session, _) => Empty(await session.Providers.ExposureAsync(A.Noon, default)),
        [Of<IProviderStore>(nameof(IProviderStore.LastOutcomesAsync))] = async (session, world) =>
            Empty(await session.Providers.LastOutcomesAsync(world.TopUp.Route!.Provider, 10, default)),
        [Of<IProviderStore>(nameof(IProviderStore.LastDeliveryAsync))] = async (session, world) =>
            (await session.Providers.LastDeliveryAsync(world.TopUp.Route!.Provider, default)).Should().BeNull(),
        [Of<IProviderStore>(nameof(IProviderStore.AddMessageAsync))] = async (session, world) =>
            (await session.Providers.AddMessageAsync(world.Message with { Body = "mine" }, default)).Should().BeTrue(),
        [Of<IProviderStore>(nameof(IProviderStore.FindMessageAsync))] = async (session, world) => Nothing(await session.Providers.FindMessageAsync(world.Message.Id, default)),
        [Of<IProviderStore>(nameof(IProviderStore.EndMessageAsync))] = (session, world) =>
            session.Providers.EndMessageAsync(world.Message with { State = ProviderMessageState.Orphan }, default),
        [Of<IProviderStore>(nameof(IProviderStore.ListMessagesAsync))] = async (session, _) => Empty((await session.Providers.ListMessagesAsync(null, Page, default)).Data),

        [Of<IOrderStore>(nameof(IOrderStore.LockAsync))] = async (session, world) =>
        {
            var found = await session.Orders.LockAsync(A.QuestionsAbout(world.TopUp) with { Keys = [(world.Answer.Actor, world.Answer.Key)] }, default);
            Empty(found.Customers);
            Empty(found.Wallets);
            Empty(found.Answers);
            Empty(found.TopUps);
            Empty(found.Used);
            found.Rates.Values.Should().OnlyContain(rate => rate == null);
        },
        [Of<IOrderStore>(nameof(IOrderStore.UsedAsync))] = async (session, world) =>
            Empty(await session.Orders.UsedAsync([(world.Customer.Id, world.TopUp.Phone)], A.Day, default)),
        [Of<IOrderStore>(nameof(IOrderStore.AddAsync))] = (session, world) => session.Orders.AddAsync(
            new OrderEntries
            {
                TopUps = [world.TopUp with { Face = A.Pesos(99) }],
                Holds = [world.Hold with { Amount = A.Pesos(99) }],
                Jobs = [world.Job with { Tenant = session.Tenant, Kind = "mine" }],
                Answers = [world.Answer with { Resource = "mine" }],
                Used = [new DailyUse(world.Customer.Id, A.Pesos(99))],
                Day = A.Day,
            },
            default),

        [Of<IReconciliationStore>(nameof(IReconciliationStore.LockSourceAsync))] = (session, world) =>
            session.Reconciliations.LockSourceAsync(world.Run.Provider, world.Run.Source, default),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.AddAsync))] = (session, world) => session.Reconciliations.AddAsync(world.Run with { Rows = 99 }, default),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.UpdateAsync))] = (session, world) =>
            ShouldBeStaleAsync(() => session.Reconciliations.UpdateAsync(world.Run with { Rows = 99 }, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.FindAsync))] = async (session, world) => Nothing(await session.Reconciliations.FindAsync(world.Run.Id, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.FindByHashAsync))] = async (session, world) =>
            Nothing(await session.Reconciliations.FindByHashAsync(world.Run.FileHash, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.OverlappingAsync))] = async (session, world) =>
            Empty(await session.Reconciliations.OverlappingAsync(world.Run.Provider, world.Run.Source, A.Day, A.Day.PlusDays(1), default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.ListAsync))] = async (session, _) => Empty((await session.Reconciliations.ListAsync(Page, default)).Data),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.RemoveRowsAsync))] = async (session, world) =>
            (await session.Reconciliations.RemoveRowsAsync(world.Run.Id, 100, default)).Should().BeFalse(),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.RemoveAsync))] = (session, world) => session.Reconciliations.RemoveAsync(world.Run.Id, default),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.AddRowsAsync))] = (session, world) =>
            session.Reconciliations.AddRowsAsync(world.Run.Id, [world.Line with { Amount = A.Pesos(99) }], default),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.RowsAreThereAsync))] = (session, _) => session.Reconciliations.RowsAreThereAsync(default),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.ReadRowsAsync))] = async (session, world) =>
            Empty((await session.Reconciliations.ReadRowsAsync(world.Run.Id, MatchPass.ProviderId, "", 10, default)).Rows),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.ReadLeftRowsAsync))] = async (session, world) =>
            Empty(await session.Reconciliations.ReadLeftRowsAsync(world.Run.Id, 0, 10, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.FindAttemptsAsync))] = async (session, world) =>
            Empty(await session.Reconciliations.FindAttemptsAsync(
                world.Run, StatementKind.Charge, MatchPass.PhoneWithinDay, [world.TopUp.Phone.National], Instant.MinValue, Instant.MaxValue, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.AddFindingsAsync))] = (session, world) =>
            session.Reconciliations.AddFindingsAsync(world.Run.Id, [world.Finding with { Class = StatementClass.DuplicateAtProvider }], default),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.ReadUnlistedAsync))] = async (session, world) =>
            Empty(await session.Reconciliations.ReadUnlistedAsync(world.Run, Instant.MinValue, Instant.MaxValue, null, 10, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.ListFindingsAsync))] = async (session, world) =>
            Empty(await session.Reconciliations.ListFindingsAsync(world.Run.Id, 0, 10, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.AddBreaksAsync))] = (session, world) =>
            session.Reconciliations.AddBreaksAsync([world.Break with { Owner = "mine" }], default),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.UpdateBreakAsync))] = (session, world) =>
            ShouldBeStaleAsync(() => session.Reconciliations.UpdateBreakAsync(world.Break with { Owner = "mine" }, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.FindBreakAsync))] = async (session, world) => Nothing(await session.Reconciliations.FindBreakAsync(world.Break.Id, default)),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.ListBreaksAsync))] = async (session, _) =>
            Empty((await session.Reconciliations.ListBreaksAsync(new BreakFilter(), Page, default)).Data),
        [Of<IReconciliationStore>(nameof(IReconciliationStore.SupersedeBreaksAsync))] = (session, world) =>
            session.Reconciliations.SupersedeBreaksAsync(world.Run.Id, "mine", A.Noon, default),

        [Of<IAlertStore>(nameof(IAlertStore.RaiseAsync))] = async (session, world) =>
            (await session.Alerts.RaiseAsync(world.Alert with { Text = "mine" }, null, default)).Should().BeTrue(),
        [Of<IAlertStore>(nameof(IAlertStore.SuspectAsync))] = async (session, world) =>
            (await session.Alerts.SuspectAsync(AlertKind.FloatDifference, world.Alert.Subject, "mine", default)).Should().Be("mine"),
        [Of<IAlertStore>(nameof(IAlertStore.EndAsync))] = async (session, world) =>
            (await session.Alerts.EndAsync(world.Alert.Kind, world.Alert.Subject, default)).Should().BeFalse(),
        [Of<IAlertStore>(nameof(IAlertStore.FindAsync))] = async (session, world) => Nothing(await session.Alerts.FindAsync(world.Alert.Id, default)),
        [Of<IAlertStore>(nameof(IAlertStore.ListAsync))] = async (session, _) => Empty((await session.Alerts.ListAsync(null, Page, default)).Data),

        [Of<IImportStore>(nameof(IImportStore.LockAsync))] = (session, world) => session.Imports.LockAsync(world.Item.Source, default),
        [Of<IImportStore>(nameof(IImportStore.FindAsync))] = async (session, world) =>
            Empty(await session.Imports.FindAsync(world.Item.Source, world.Item.Kind, [world.Item.OldId], default)),
        [Of<IImportStore>(nameof(IImportStore.AddAsync))] = (session, world) => session.Imports.AddAsync([world.Item with { Fingerprint = "mine" }], default),
        [Of<IImportStore>(nameof(IImportStore.DecideAsync))] = (session, world) =>
            ShouldBeStaleAsync(() => session.Imports.DecideAsync(world.TopUp with { Charge = A.Pesos(99) }, world.Item with { IsUndecided = false }, default)),

        [Of<IExchangeRateStore>(nameof(IExchangeRateStore.AddAsync))] = (session, world) => session.ExchangeRates.AddAsync(world.Rate with { Source = "mine" }, default),
        [Of<IExchangeRateStore>(nameof(IExchangeRateStore.FindAsync))] = async (session, world) =>
            Nothing(await session.ExchangeRates.FindAsync(world.Rate.Base, world.Rate.Quote, A.Noon, default)),
        [Of<IExchangeRateStore>(nameof(IExchangeRateStore.ListAsync))] = async (session, _) => Empty(await session.ExchangeRates.ListAsync(10, default)),

        [Of<IApiKeyStore>(nameof(IApiKeyStore.AddAsync))] = (session, world) =>
            session.Keys.AddAsync(world.Key with { Tenant = session.Tenant, Prefix = "rk_mine" }, default),
        [Of<IApiKeyStore>(nameof(IApiKeyStore.FindAsync))] = async (session, world) => Nothing(await session.Keys.FindAsync(world.Key.Id, default)),
        [Of<IApiKeyStore>(nameof(IApiKeyStore.UpdateAsync))] = (session, world) =>
            session.Keys.UpdateAsync(world.Key with { Tenant = session.Tenant, RevokedAt = A.Noon }, default),
        [Of<IApiKeyStore>(nameof(IApiKeyStore.ListAsync))] = async (session, world) =>
        {
            Empty(await session.Keys.ListAsync(world.Customer.Id, default));
            Empty(await session.Keys.ListAsync(null, default));
        },

        [Of<IJobStore>(nameof(IJobStore.AddAsync))] = (session, world) => session.Jobs.AddAsync(world.Job with { Tenant = session.Tenant, Kind = "mine" }, default),
        [Of<IJobStore>(nameof(IJobStore.FindAsync))] = async (session, world) => Nothing(await session.Jobs.FindAsync(world.Job.Id, default)),
        [Of<IJobStore>(nameof(IJobStore.CompleteAsync))] = async (session, world) => (await session.Jobs.CompleteAsync(world.Job, default)).Should().BeFalse(),
        [Of<IJobStore>(nameof(IJobStore.RetryAsync))] = async (session, world) => (await session.Jobs.RetryAsync(world.Job, default)).Should().BeFalse(),
        [Of<IJobStore>(nameof(IJobStore.BuryAsync))] = async (session, world) => (await session.Jobs.BuryAsync(world.Job, default)).Should().BeFalse(),
        [Of<IJobStore>(nameof(IJobStore.StatsAsync))] = async (session, _) => (await session.Jobs.StatsAsync("", A.Noon, default)).Total.Should().Be(0),

        [Of<IJobStore>(nameof(IJobStore.ReturnAsync))] = async (session, world) => (await session.Jobs.ReturnAsync(world.Job, default)).Should().BeFalse(),
        [Of<IJobStore>(nameof(IJobStore.ReviveAsync))] = async (session, world) => (await session.Jobs.ReviveAsync(world.DeadJob.Id, A.Noon, default)).Should().BeFalse(),
        [Of<IJobStore>(nameof(IJobStore.SetAsideAsync))] = async (session, world) => (await session.Jobs.SetAsideAsync(world.Job.Id, "mine", A.Noon, default)).Should().BeFalse(),
        [Of<IJobStore>(nameof(IJobStore.ListAsync))] = async (session, _) => Empty((await session.Jobs.ListAsync(new JobFilter(A.Noon), Page, default)).Data),
        [Of<IJobStore>(nameof(IJobStore.IsQueuedAsync))] = async (session, world) =>
            (await session.Jobs.IsQueuedAsync(world.Job.Kind, world.Job.Subject, default)).Should().BeFalse(),
        [Of<IJobStore>(nameof(IJobStore.PauseAsync))] = async (session, world) =>
            (await session.Jobs.PauseAsync(world.Pause with { PausedBy = "mine" }, default)).Should().BeTrue(),
        [Of<IJobStore>(nameof(IJobStore.ResumeAsync))] = async (session, world) => (await session.Jobs.ResumeAsync(world.Pause.Kind, default)).Should().BeFalse(),
        [Of<IJobStore>(nameof(IJobStore.ListPausesAsync))] = async (session, _) => Empty(await session.Jobs.ListPausesAsync(default)),
        [Of<IJobStore>(nameof(IJobStore.FoldCountersAsync))] = async (session, _) => (await session.Jobs.FoldCountersAsync([], default)).Should().Be(0),

        [Of<IScheduleStore>(nameof(IScheduleStore.TakeAsync))] = async (session, _) =>
            (await session.Schedules.TakeAsync(World.Schedule, A.Noon, A.Noon + Duration.FromHours(9), default)).Should().BeTrue(),
        [Of<IScheduleStore>(nameof(IScheduleStore.FindDueAsync))] = async (session, _) =>
            (await session.Schedules.FindDueAsync(World.Schedule, default)).Should().BeNull(),

        [Of<IAuditStore>(nameof(IAuditStore.AddAsync))] = (session, world) => session.Audit.AddAsync(world.Entry with { Actor = "mine" }, default),
        [Of<IAuditStore>(nameof(IAuditStore.ListAsync))] = async (session, world) =>
        {
            Empty((await session.Audit.ListAsync(null, Page, default)).Data);
            Empty((await session.Audit.ListAsync(world.Entry.Subject, Page, default)).Data);
        },

        [Of<ITariffStore>(nameof(ITariffStore.RevisionAsync))] = async (session, _) => (await session.Tariffs.RevisionAsync(default)).Should().Be(0),
        [Of<ITariffStore>(nameof(ITariffStore.LockAsync))] = async (session, _) => (await session.Tariffs.LockAsync(default)).Should().Be(1),
        [Of<ITariffStore>(nameof(ITariffStore.ListPlansAsync))] = async (session, _) => Empty(await session.Tariffs.ListPlansAsync(default)),
        [Of<ITariffStore>(nameof(ITariffStore.ListDecksAsync))] = async (session, _) => Empty(await session.Tariffs.ListDecksAsync(default)),
        [Of<ITariffStore>(nameof(ITariffStore.AddPlanAsync))] = (session, _) => session.Tariffs.AddPlanAsync(World.Plan with { Name = "mine" }, default),
        [Of<ITariffStore>(nameof(ITariffStore.RetirePlanAsync))] = (session, _) =>
            ShouldBeStaleAsync(() => session.Tariffs.RetirePlanAsync(World.Plan with { State = VersionState.Retired, RetiredAt = A.Noon }, default)),
        [Of<ITariffStore>(nameof(ITariffStore.AddDeckAsync))] = (session, _) => session.Tariffs.AddDeckAsync(World.Deck with { Name = "mine" }, default),
        [Of<ITariffStore>(nameof(ITariffStore.ChangeDeckAsync))] = (session, _) =>
            ShouldBeStaleAsync(() => session.Tariffs.ChangeDeckAsync(World.Deck with { State = VersionState.Retired, RetiredAt = A.Noon }, VersionState.Active, default)),
        [Of<ITariffStore>(nameof(ITariffStore.AddPartAsync))] = async (session, _) =>
        {
            await session.Tariffs.AddDeckAsync(World.Deck with { Name = "mine" }, default);
            await session.Tariffs.AddPartAsync(World.Deck.Deck, World.Deck.Version, 1, World.DeckPart with { Entries = [] }, default);
        },
        [Of<ITariffStore>(nameof(ITariffStore.ReadPartsAsync))] = async (session, _) => Empty(await session.Tariffs.ReadPartsAsync(World.Deck.Deck, World.Deck.Version, 0, 10, default)),
        [Of<ITariffStore>(nameof(ITariffStore.RemoveDraftAsync))] = async (session, _) => (await session.Tariffs.RemoveDraftAsync(World.Draft.Deck, World.Draft.Version, default)).Should().BeFalse(),

        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.AddAsync))] = (session, world) => session.UsageAccounts.AddAsync(world.UsageAccount with { Name = "mine" }, default),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.UpdateAsync))] = (session, world) =>
            ShouldBeStaleAsync(() => session.UsageAccounts.UpdateAsync(world.UsageAccount with { Name = "mine" }, default)),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.FindAsync))] = async (session, world) => Nothing(await session.UsageAccounts.FindAsync(world.UsageAccount.Id, default)),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.ListAsync))] = async (session, world) =>
        {
            Empty((await session.UsageAccounts.ListAsync(null, Page, default)).Data);
            Empty((await session.UsageAccounts.ListAsync(world.Customer.Id, Page, default)).Data);
        },
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.AddLineAsync))] = (session, world) => session.UsageAccounts.AddLineAsync(world.PhoneLine with { Account = Id<Account>.Parse("mine") }, default),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.RemoveLineAsync))] = async (session, world) =>
            (await session.UsageAccounts.RemoveLineAsync(world.UsageAccount.Id, world.PhoneLine.Line, default)).Should().BeFalse(),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.ListLinesAsync))] = async (session, world) => Empty(await session.UsageAccounts.ListLinesAsync(world.UsageAccount.Id, default)),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.FindOwnersAsync))] = async (session, world) =>
            Empty(await session.UsageAccounts.FindOwnersAsync([world.PhoneLine.Line, new LineRef(LineKind.Account, world.UsageAccount.Id.Value)], default)),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.AddBucketAsync))] = (session, world) => session.UsageAccounts.AddBucketAsync(world.Bucket with { Name = "mine" }, default),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.ListBucketsAsync))] = async (session, world) => Empty(await session.UsageAccounts.ListBucketsAsync(world.UsageAccount.Id, default)),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.LockAsync))] = async (session, world) => Empty(await session.UsageAccounts.LockAsync([world.UsageAccount.Id], default)),
        [Of<IUsageAccountStore>(nameof(IUsageAccountStore.ListUsageAsync))] = async (session, world) =>
            Empty(await session.UsageAccounts.ListUsageAsync(world.UsageAccount.Id, "2026-01", "2026-12", default)),

        [Of<IUsageSessionStore>(nameof(IUsageSessionStore.AddAsync))] = (session, world) => session.UsageSessions.AddAsync(world.UsageSession with { Used = 99 }, default),
        [Of<IUsageSessionStore>(nameof(IUsageSessionStore.FindAsync))] = async (session, world) => Nothing(await session.UsageSessions.FindAsync(world.UsageSession.Id, default)),
        [Of<IUsageSessionStore>(nameof(IUsageSessionStore.FindNamedAsync))] = async (session, world) => Empty(await session.UsageSessions.FindNamedAsync([CallName.Of(world.UsageSession.Record)], default)),
        [Of<IUsageSessionStore>(nameof(IUsageSessionStore.LockAsync))] = async (session, world) => Nothing(await session.UsageSessions.LockAsync(world.UsageSession.Id, default)),
        [Of<IUsageSessionStore>(nameof(IUsageSessionStore.ListExpiredAsync))] = async (session, _) => Empty(await session.UsageSessions.ListExpiredAsync(A.Noon + Duration.FromDays(9), 0, 10, default)),
        [Of<ICallStore>(nameof(ICallStore.FindKnownAsync))] = async (session, world) => Empty(await session.Calls.FindKnownAsync([CallName.Of(world.Call.Record)], default)),
        [Of<ICallStore>(nameof(ICallStore.AddAsync))] = async (session, world) =>
        {
            await session.Calls.AddAsync(new CallEntries { New = [world.Call with { Batch = "mine" }], Used = [world.Used] }, default);
        },
        [Of<ICallStore>(nameof(ICallStore.FindAsync))] = async (session, world) => Nothing(await session.Calls.FindAsync(world.Call.Id, default)),
        [Of<ICallStore>(nameof(ICallStore.ListAsync))] = async (session, _) => Empty((await session.Calls.ListAsync(new CallFilter(), Page, default)).Data),
        [Of<ICallStore>(nameof(ICallStore.ListReceivedAsync))] = async (session, world) => Empty(await session.Calls.ListReceivedAsync(world.UsageAccount.Id, 10, default)),
        [Of<ICallStore>(nameof(ICallStore.ListAccountsAsync))] = async (session, _) => Empty(await session.Calls.ListAccountsAsync(new CallFilter(), "", 10, default)),
        [Of<ICallStore>(nameof(ICallStore.ListChargedAsync))] = async (session, _) => Empty(await session.Calls.ListChargedAsync(new CallFilter(), null, 10, default)),
        [Of<ICallStore>(nameof(ICallStore.ListSoldAsync))] = async (session, _) => Empty(await session.Calls.ListSoldAsync(new CallFilter(), null, 10, default)),
        [Of<ICallStore>(nameof(ICallStore.ListRatingsAsync))] = async (session, world) => Empty(await session.Calls.ListRatingsAsync(world.Call.Id, default)),
        [Of<ICallStore>(nameof(ICallStore.PeriodTotalsAsync))] = async (session, _) =>
            Empty(await session.Calls.PeriodTotalsAsync(new CallFilter(), [(A.Noon - Duration.FromDays(9), A.Noon + Duration.FromDays(9))], default)),
        [Of<ICallStore>(nameof(ICallStore.DestinationTotalsAsync))] = async (session, _) => Empty(await session.Calls.DestinationTotalsAsync(new CallFilter(), true, 10, default)),
        [Of<ICallStore>(nameof(ICallStore.TotalsAsync))] = async (session, _) => Empty(await session.Calls.TotalsAsync(new CallFilter(), default)),
        [Of<ICallStore>(nameof(ICallStore.AddDisputeAsync))] = (session, world) => session.Calls.AddDisputeAsync(world.Dispute with { Reason = "mine" }, default),
        [Of<ICallStore>(nameof(ICallStore.FindDisputeAsync))] = async (session, world) => Nothing(await session.Calls.FindDisputeAsync(world.Dispute.Id, default)),
        [Of<ICallStore>(nameof(ICallStore.UpdateDisputeAsync))] = (session, world) => ShouldBeStaleAsync(() => session.Calls.UpdateDisputeAsync(world.Dispute with { Note = "mine" }, default)),
        [Of<ICallStore>(nameof(ICallStore.ListDisputesAsync))] = async (session, _) => Empty((await session.Calls.ListDisputesAsync(null, null, Page, default)).Data),
        [Of<ICallStore>(nameof(ICallStore.AddReportAsync))] = (session, _) => session.Calls.AddReportAsync(World.Report with { Body = "mine" }, default),
        [Of<ICallStore>(nameof(ICallStore.FindReportAsync))] = async (session, _) => Nothing(await session.Calls.FindReportAsync(World.Report.Id, default)),
        [Of<ICallStore>(nameof(ICallStore.UpdateReportAsync))] = (session, _) =>
            ShouldBeStaleAsync(() => session.Calls.UpdateReportAsync(World.Report with { State = CallReportState.Discarded }, default)),
        [Of<ICallStore>(nameof(ICallStore.ListReportsAsync))] = async (session, _) => Empty((await session.Calls.ListReportsAsync(null, Page, default)).Data),

        [Of<IArchiveStore>(nameof(IArchiveStore.FirstCallAsync))] = async (session, _) =>
            (await session.Archive.FirstCallAsync(Instant.FromUnixTimeTicks(0), A.Noon + Duration.FromDays(99), default)).Should().BeNull(),
        [Of<IArchiveStore>(nameof(IArchiveStore.ListCallsAsync))] = async (session, _) => Empty(await session.Archive.ListCallsAsync(Ever, null, 9, default)),
        [Of<IArchiveStore>(nameof(IArchiveStore.FirstReportAsync))] = async (session, _) =>
            (await session.Archive.FirstReportAsync(Instant.FromUnixTimeTicks(0), A.Noon + Duration.FromDays(99), default)).Should().BeNull(),
        [Of<IArchiveStore>(nameof(IArchiveStore.ListReportsAsync))] = async (session, _) => Empty(await session.Archive.ListReportsAsync(Ever, null, 9, default)),
        [Of<IArchiveStore>(nameof(IArchiveStore.AddCallsAsync))] = async (session, world) =>
        {
            await session.Calls.AddAsync(new CallEntries { New = [world.Call with { Batch = "mine" }], Superseded = [(world.Call.Id, World.Superseded)] }, default);
            await session.Archive.AddCallsAsync(World.Part with { Rows = 99 }, [world.Call], default);
        },
        [Of<IArchiveStore>(nameof(IArchiveStore.AddReportsAsync))] = async (session, _) =>
        {
            await session.Calls.AddReportAsync(World.Report with { Body = "mine" }, default);
            await session.Archive.AddReportsAsync(World.Part with { Rows = 99 }, [World.Report], default);
        },
        [Of<IArchiveStore>(nameof(IArchiveStore.FindAsync))] = async (session, _) => Nothing(await session.Archive.FindAsync(World.Part.Id, default)),
        [Of<IArchiveStore>(nameof(IArchiveStore.ListAsync))] = async (session, _) => Empty((await session.Archive.ListAsync(Page, default)).Data),
        [Of<IArchiveStore>(nameof(IArchiveStore.ListMonthAsync))] = async (session, _) => Empty(await session.Archive.ListMonthAsync(World.Part.Kind, World.Part.Month, default)),
        [Of<IArchiveStore>(nameof(IArchiveStore.ListMonthsAsync))] = async (session, _) => Empty(await session.Archive.ListMonthsAsync(default)),
        [Of<IArchiveStore>(nameof(IArchiveStore.RemoveMonthAsync))] = async (session, _) => (await session.Archive.RemoveMonthAsync(World.Part.Kind, World.Part.Month, default)).Should().Be(0),
        [Of<IArchiveStore>(nameof(IArchiveStore.FindCallAsync))] = async (session, world) => Nothing(await session.Archive.FindCallAsync(world.Gone.Id, default)),

        [Of<IIdempotencyStore>(nameof(IIdempotencyStore.FindAsync))] = async (session, world) =>
            Nothing(await session.Idempotency.FindAsync(world.Answer.Actor, world.Answer.Key, default)),
        [Of<IIdempotencyStore>(nameof(IIdempotencyStore.AddAsync))] = (session, world) => session.Idempotency.AddAsync(world.Answer with { Resource = "mine" }, default),
    };

    public static IEnumerable<string> Methods => Attempts.Keys;

    [Test]
    public void Every_method_of_every_store_of_a_session_has_its_case()
    {
        var methods = typeof(ISession).GetProperties().Select(property => property.PropertyType).Where(type => type.IsInterface)
            .SelectMany(store => store.GetMethods().Select(method => $"{store.Name}.{method.Name}"));

        methods.Should().BeEquivalentTo(Attempts.Keys);
    }

    [TestCaseSource(nameof(Methods))]
    public async Task A_method_neither_sees_nor_touches_another_tenants_rows_nor_collides_with_them(string method)
    {
        var world = await InAsync(World.WriteAsync);

        await InAsync(OtherTenant, session => Attempts[method](session, world));

        (await InAsync(world.DescribeAsync)).Should().Be(world.Describe());
    }

    [Test]
    public async Task What_the_cases_look_for_is_there_for_its_own_tenant()
    {
        var world = await InAsync(World.WriteAsync);

        await InAsync(async session =>
        {
            (await session.Customers.ListAsync(Page, default)).Data.Should().ContainSingle();
            (await session.Ledger.ListAsync([world.Customer.Id], default)).Should().ContainSingle();
            (await session.Ledger.StatementAsync(world.Account.Id, null, null, Page, default)).Data.Should().ContainSingle();
            (await session.Ledger.BalancesAsync(default)).Should().NotBeEmpty();
            (await session.Ledger.VerifyAsync(default)).Should().NotBeEmpty("the books of this world are not in order");
            (await session.Ledger.FirstEntryAsync(world.Account.Id, Instant.FromUnixTimeTicks(0), default)).Should().NotBeNull();
            (await session.TopUps.FindManyAsync([world.TopUp.Id], default)).Should().ContainSingle();
            (await session.TopUps.ListAsync(new TopUpFilter(), Page, default)).Data.Should().ContainSingle();
            (await session.TopUps.TotalsAsync(new TopUpFilter(), default)).Should().ContainSingle();
            (await session.TopUps.FindTwinAsync(world.Customer.Id, world.TopUp.Phone, world.TopUp.Face, A.Noon - Duration.FromDays(1), default)).Should().NotBeNull();
            (await session.Ledger.SumAsync(AccountCode.ProviderPayable("latcom"), Currency.MXN, default)).Should().Be(A.Pesos(19));
            (await session.Providers.UndecidedCostAsync(default)).Should().ContainSingle();
            (await session.Providers.ListMessagesAsync(null, Page, default)).Data.Should().ContainSingle();
            (await session.Jobs.StatsAsync("", A.Noon, default)).Should().Be(new QueueStats(Waiting: 1, 0, 0, 0, Failed: 1));
            (await session.Jobs.ListAsync(new JobFilter(A.Noon), Page, default)).Data.Should().HaveCount(2);
            (await session.Jobs.IsQueuedAsync(world.Job.Kind, world.Job.Subject, default)).Should().BeTrue();
            (await session.Jobs.ListPausesAsync(default)).Should().ContainSingle();
            (await session.Schedules.FindDueAsync(World.Schedule, default)).Should().NotBeNull();
            (await session.ExchangeRates.ListAsync(10, default)).Should().ContainSingle();
        });
    }

    [Test]
    public async Task Two_tenants_with_the_same_ids_each_have_their_own()
    {
        var world = await InAsync(World.WriteAsync);

        await InAsync(OtherTenant, session => session.Customers.AddAsync(world.Customer with { Name = "Theirs" }, default));
        await InAsync(session => session.Customers.UpdateAsync(world.Customer with { Name = "Mine" }, default));

        (await InAsync(session => session.Customers.FindAsync(world.Customer.Id, default)))!.Name.Should().Be("Mine");
        (await Storage.RunAsync(OtherTenant, session => session.Customers.FindAsync(world.Customer.Id, default), default))!.Name.Should().Be("Theirs");
    }

    [Test]
    public async Task A_key_or_a_job_that_names_another_tenant_is_not_written_there()
    {
        var (key, job) = (A.Key(Tenant), A.Job(Tenant));

        // Whether the session refuses it or takes it for its own is the engine's choice.
        await FluentActions.Awaiting(() => InAsync(OtherTenant, session => session.Keys.AddAsync(key, default))).Should().NotThrowAsync<StorageUnavailableException>();
        await FluentActions.Awaiting(() => InAsync(OtherTenant, session => session.Jobs.AddAsync(job, default))).Should().NotThrowAsync<StorageUnavailableException>();

        (await InAsync(session => session.Keys.FindAsync(key.Id, default))).Should().BeNull();
        (await InAsync(session => session.Jobs.FindAsync(job.Id, default))).Should().BeNull();
        (await OfHouseAsync(house => house.FindKeyAsync(key.Prefix, default)))?.Tenant.Should().Be(OtherTenant);
    }

    [Test]
    public async Task A_tenant_comes_back_whole_with_its_zone()
    {
        var tenant = new Tenant(TenantId.Parse("este-2"), "O'Brien & Söhne 🙂", DateTimeZoneProviders.Tzdb["Asia/Kolkata"], A.Noon + Duration.FromTicks(10));

        await OfHouseAsync(house => house.Tenants.AddAsync(tenant, default));

        (await OfHouseAsync(house => house.Tenants.FindAsync(tenant.Id, default))).ShouldWhollyBe(tenant);
        (await OfHouseAsync(house => house.Tenants.FindAsync(TenantId.Parse("oeste"), default))).Should().BeNull();
    }

    [Test]
    public async Task Tenants_are_listed_by_id()
    {
        foreach (var id in new[] { "z", "este-2", "este2", "0" }) await OfHouseAsync(house => house.Tenants.AddAsync(A.Tenant(TenantId.Parse(id)), default));

        var listed = await OfHouseAsync(house => house.Tenants.ListAsync(default));

        listed.Select(tenant => tenant.Id.Value).Should().Equal("0", "este-2", "este2", "norte", "sur", "z");
    }

    private static string Of<TStore>(string method) => $"{typeof(TStore).Name}.{method}";

    private static void Nothing(object? found) => found.Should().BeNull();

    private static void Empty<T>(IReadOnlyList<T> found) => found.Should().BeEmpty();
}
