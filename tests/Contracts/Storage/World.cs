using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>One row of everything that a tenant can have.</summary>
internal sealed record World
{
    public required Customer Customer { get; init; }

    public required Account Account { get; init; }

    public required TopUp TopUp { get; init; }

    public required Hold Hold { get; init; }

    public required Journal Journal { get; init; }

    public required ExchangeRate Rate { get; init; }

    public required ApiKey Key { get; init; }

    public required ApiKey KeyOfHouse { get; init; }

    public required Job Job { get; init; }

    public required Job DeadJob { get; init; }

    public required JobPause Pause { get; init; }

    public static string Schedule => "nightly";

    public required AuditEntry Entry { get; init; }

    public required FirstAnswer Answer { get; init; }

    public required ProviderObservation Sight { get; init; }

    public required ProviderMessage Message { get; init; }

    public required ReconciliationRun Run { get; init; }

    public required StatementRow Line { get; init; }

    public required LineFinding Finding { get; init; }

    public required ReconciliationBreak Break { get; init; }

    public required Alert Alert { get; init; }

    public required ImportedItem Item { get; init; }

    /// <summary>What <see cref="DescribeAsync"/> says where nothing of it is.</summary>
    public static string Nothing { get; } = WholeRecord.Describe(
        Rows(null, null, null, null, null, null, [], [], null, null, [], null, null, [], null, A.Pesos(0), A.Pesos(0), [], null, null, [], null, [], []));

    public static async Task<World> WriteAsync(ISession session)
    {
        var customer = A.Customer();
        var account = A.WalletOf(customer);
        var topUp = A.TopUpOf(customer) with { Reference = "r-1" };
        var run = A.Run();
        var world = new World
        {
            Customer = customer, Account = account, TopUp = topUp, Hold = A.HoldOf(topUp), Journal = FullRecords.JournalOn(account),
            Rate = A.Rate(), Key = A.Key(session.Tenant, customer), KeyOfHouse = A.Key(session.Tenant), Entry = A.AuditEntry(), Answer = A.FirstAnswer(),
            Sight = FullRecords.Sight(), Message = FullRecords.Message() with { State = ProviderMessageState.Received, TopUp = null, Note = null },
            Run = run, Line = FullRecords.Row(), Break = A.Break(run), Alert = FullRecords.Alert(), Item = FullRecords.Item() with { NewId = topUp.Id.Value },
            Finding = new LineFinding(FullRecords.Row().Line, StatementKind.Reversal, StatementClass.ProviderOnly, null, null, null),
            Job = A.Job(session.Tenant) with { Owner = "worker-1", LeasedUntil = A.Noon },
            DeadJob = A.Job(session.Tenant) with { Tries = 1, IsDead = true, Subject = "RLR_2" }, Pause = new JobPause("topup.submit", A.Noon, "admin:maria"),
        };
        await session.Customers.AddAsync(customer, default);
        await session.Ledger.OpenAsync(account, default);
        await session.TopUps.AddAsync(topUp, default);
        await session.TopUps.AddUseAsync(customer.Id, A.Day, topUp.Face, default);
        await session.Ledger.AddHoldAsync(world.Hold, default);
        await session.Ledger.PostAsync(world.Journal, default);
        await session.ExchangeRates.AddAsync(world.Rate, default);
        await session.Keys.AddAsync(world.Key, default);
        await session.Keys.AddAsync(world.KeyOfHouse, default);
        await session.Jobs.AddAsync(world.Job, default);
        var buried = world.DeadJob with { IsDead = false, Owner = "worker-1", LeasedUntil = A.Noon };
        await session.Jobs.AddAsync(buried, default);
        await session.Jobs.BuryAsync(buried, default);
        await session.Jobs.PauseAsync(world.Pause, default);
        await session.Schedules.TakeAsync(Schedule, A.Noon, A.Noon + NodaTime.Duration.FromHours(1), default);
        await session.Audit.AddAsync(world.Entry, default);
        await session.Idempotency.AddAsync(world.Answer, default);
        await session.Providers.ObserveAsync(world.Sight, default);
        await session.Providers.AddMessageAsync(world.Message, default);
        await session.Reconciliations.AddAsync(run, default);
        await session.Reconciliations.AddRowsAsync(run.Id, [world.Line], default);
        await session.Reconciliations.AddFindingsAsync(run.Id, [world.Finding], default);
        await session.Reconciliations.AddBreaksAsync([world.Break], default);
        await session.Alerts.RaiseAsync(world.Alert, null, default);
        await session.Imports.LockAsync(world.Item.Source, default);
        await session.Imports.AddAsync([world.Item], default);
        return world;
    }

    /// <summary>Changes every row that can be changed.</summary>
    public async Task ChangeAsync(ISession session)
    {
        await session.Customers.UpdateAsync(Customer with { Name = "Changed" }, default);
        await session.Ledger.UpdateAsync(Account with { Posted = A.Pesos(5) }, default);
        var later = await session.TopUps.UpdateAsync(FullRecords.Later(TopUp), default);
        await session.Imports.DecideAsync(later with { Charge = A.Pesos(3) }, Item with { IsUndecided = false }, default);
        await session.TopUps.AddUseAsync(Customer.Id, A.Day, A.Pesos(7), default);
        await session.Ledger.EndHoldAsync(Hold.End(HoldState.Released, A.Noon), default);
        await session.Keys.UpdateAsync(Key with { RevokedAt = A.Noon }, default);
        await session.Providers.ObserveAsync(Sight with { IsWell = false }, default);
        await session.Providers.EndMessageAsync(Message with { State = ProviderMessageState.Applied }, default);
        await session.Reconciliations.UpdateAsync(Run with { State = ReconciliationState.Superseded }, default);
        await session.Reconciliations.UpdateBreakAsync(Break with { Owner = "changed" }, default);
        await session.Alerts.EndAsync(Alert.Kind, Alert.Subject, default);
        await session.Alerts.RaiseAsync(Alert with { Id = Id<Alert>.Parse("alr_again") }, null, default);
        await session.Jobs.BuryAsync(Job with { LastError = "changed" }, default);
        await session.Jobs.ReviveAsync(DeadJob.Id, A.Noon, default);
        await session.Jobs.ResumeAsync(Pause.Kind, default);
        await session.Schedules.TakeAsync(Schedule, A.Noon + NodaTime.Duration.FromHours(1), A.Noon + NodaTime.Duration.FromHours(2), default);
    }

    /// <summary>It, as it was written.</summary>
    public string Describe() => WholeRecord.Describe(
        Rows(Customer, Account, TopUp, Hold, Journal, Rate, [Key], [KeyOfHouse], Job, DeadJob, [Pause], A.Noon + NodaTime.Duration.FromHours(1),
        new QueueStats(Waiting: 1, 0, 0, 0, Failed: 1), [Entry], Answer, TopUp.Face, TopUp.Face, [Sight], Message, Run, [new FoundLine(Line, Finding)], Break, [Alert], [Item]));

    /// <summary>What is there of it now, every member of every row.</summary>
    public async Task<string> DescribeAsync(ISession session) => WholeRecord.Describe(Rows(
        await session.Customers.FindAsync(Customer.Id, default),
        await session.Ledger.FindAsync(Account.Id, default),
        await session.TopUps.FindByReferenceAsync(Customer.Id, TopUp.Reference!, default),
        await session.Ledger.FindHoldAsync(Hold.Subject, default),
        await session.Ledger.FindJournalAsync(Journal.Kind, Journal.Subject, default),
        await session.ExchangeRates.FindAsync(Rate.Base, Rate.Quote, Rate.AsOf, default),
        await session.Keys.ListAsync(Customer.Id, default),
        await session.Keys.ListAsync(null, default),
        await session.Jobs.FindAsync(Job.Id, default),
        await session.Jobs.FindAsync(DeadJob.Id, default),
        await session.Jobs.ListPausesAsync(default),
        await session.Schedules.FindDueAsync(Schedule, default),
        await session.Jobs.StatsAsync("", A.Noon, default) is { Total: > 0 } stats ? stats : null,
        (await session.Audit.ListAsync(null, new PageRequest(null, 10), default)).Data,
        await session.Idempotency.FindAsync(Answer.Actor, Answer.Key, default),
        await session.UsedAsync(Customer.Id, A.Day, Currency.MXN),
        await session.UsedAsync(Customer.Id, TopUp.Phone, A.Day, Currency.MXN),
        await session.Providers.ListAsync(default),
        await session.Providers.FindMessageAsync(Message.Id, default),
        await session.Reconciliations.FindAsync(Run.Id, default),
        await session.Reconciliations.ListFindingsAsync(Run.Id, 0, 10, default),
        await session.Reconciliations.FindBreakAsync(Break.Id, default),
        (await session.Alerts.ListAsync(null, new PageRequest(null, 10), default)).Data,
        await session.Imports.FindAsync(Item.Source, Item.Kind, [Item.OldId], default)));

    private static object?[] Rows(
        Customer? customer, Account? account, TopUp? topUp, Hold? hold, Journal? journal, ExchangeRate? rate, IReadOnlyList<ApiKey> keys,
        IReadOnlyList<ApiKey> keysOfHouse, Job? job, Job? deadJob, IReadOnlyList<JobPause> pauses, NodaTime.Instant? due, QueueStats? stats, IReadOnlyList<AuditEntry> entries, FirstAnswer? answer, Money used, Money usedForPhone,
        IReadOnlyList<ProviderObservation> sights, ProviderMessage? message, ReconciliationRun? run, IReadOnlyList<FoundLine> lines, ReconciliationBreak? one, IReadOnlyList<Alert> alerts, IReadOnlyList<ImportedItem> items) =>
        [customer, account, topUp, hold, journal, rate, keys, keysOfHouse, job, deadJob, pauses, due, stats, entries, answer, used, usedForPhone, sights, message, run, lines, one, alerts, items];
}
