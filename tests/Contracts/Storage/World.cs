using Relier.Auditing;
using Relier.Archiving;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Rating;
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

    public static PlanVersion Plan { get; } = FullRecords.Plan();

    public static DeckVersion Deck { get; } = FullRecords.Active(FullRecords.Deck());

    public static DeckVersion Draft { get; } = FullRecords.Deck() with { Version = 2 };

    public static DeckPart DeckPart { get; } = FullRecords.DeckPart();

    public required UsageAccount UsageAccount { get; init; }

    public required LineOwner PhoneLine { get; init; }

    public required AccountBucket Bucket { get; init; }

    public required Call Call { get; init; }

    public required UsageSession UsageSession { get; init; }

    public static CallReport Report { get; } = FullRecords.CallReport();

    /// <summary>A call that is in the archive, and where.</summary>
    public required Call Gone { get; init; }

    public static ArchivePart Part { get; } = FullRecords.Part();

    public ArchivedCall Archived => new(Gone.Id, Part.Id, Gone.Customer);

    public CallDispute Dispute => FullRecords.DisputeOf(Call);

    public static CallRating Superseded { get; } = FullRecords.CallOf(A.Customer()).Rating!;

    public required KeyValuePair<UsageCountKey, UsageCount> Used { get; init; }

    public KnownCall KnownCall => new(CallName.Of(Call.Record), Call.Id, Call.Record.Fingerprint());

    /// <summary>What <see cref="DescribeAsync"/> says where nothing of it is.</summary>
    public static string Nothing { get; } = WholeRecord.Describe(
        Rows(null, null, null, null, null, null, [], [], null, null, [], null, null, [], null, A.Pesos(0), A.Pesos(0), [], null, null, [], null, [], [], 0, [], [], [], [], null, [], [], [], null, [], null, [], null, null, null, null));

    public static async Task<World> WriteAsync(ISession session)
    {
        var customer = A.Customer();
        var account = A.WalletOf(customer);
        var topUp = A.TopUpOf(customer) with { Reference = "r-1" };
        var run = A.Run();
        var line = new LineRef(LineKind.Number, "911");
        var world = new World
        {
            UsageAccount = FullRecords.UsageAccountOf(customer), PhoneLine = new LineOwner(line, account.Id, customer.Id), Bucket = FullRecords.BucketOf(account.Id),
            Call = FullRecords.CallOf(customer) with { State = CallState.Received, Rating = null },
            UsageSession = FullRecords.SessionOf(customer), Gone = FullRecords.GoneOf(customer),
            Used = new(new UsageCountKey(account.Id, line, "2026-11", UsageKind.Message, CallDirection.Inbound), new UsageCount(1, 2, 3, A.Pesos(4.000001m))),
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
        await session.Tariffs.LockAsync(default);
        await session.Tariffs.AddPlanAsync(Plan, default);
        await session.Tariffs.AddDeckAsync(Deck, default);
        await session.Tariffs.AddDeckAsync(Draft, default);
        await session.Tariffs.AddPartAsync(Deck.Deck, Deck.Version, 1, DeckPart, default);
        await session.Tariffs.AddPartAsync(Draft.Deck, Draft.Version, 1, DeckPart, default);
        await session.UsageAccounts.AddAsync(world.UsageAccount, default);
        await session.UsageAccounts.AddLineAsync(world.PhoneLine, default);
        await session.UsageAccounts.AddBucketAsync(world.Bucket, default);
        await session.Calls.AddAsync(new CallEntries { New = [world.Call], Used = [world.Used], Superseded = [(world.Call.Id, Superseded)] }, default);
        await session.Calls.AddReportAsync(Report, default);
        await session.UsageSessions.AddAsync(world.UsageSession, default);
        await session.Calls.AddDisputeAsync(world.Dispute, default);
        await session.Calls.AddAsync(new CallEntries { New = [world.Gone] }, default);
        await session.Archive.AddCallsAsync(Part, [world.Gone], default);
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
        await session.Tariffs.LockAsync(default);
        await session.Tariffs.RetirePlanAsync(Plan with { State = VersionState.Retired, RetiredAt = A.Noon }, default);
        await session.Tariffs.ChangeDeckAsync(Deck with { State = VersionState.Retired, RetiredAt = A.Noon }, VersionState.Active, default);
        await session.Tariffs.RemoveDraftAsync(Draft.Deck, Draft.Version, default);
        await session.UsageAccounts.UpdateAsync(UsageAccount with { Name = "changed" }, default);
        await session.UsageAccounts.RemoveLineAsync(UsageAccount.Id, PhoneLine.Line, default);
        await session.Calls.AddAsync(
            new CallEntries { Changed = [Call with { State = CallState.Zero }], Buckets = [Bucket with { Reserved = 0 }], Used = [Used] }, default);
        await session.Calls.UpdateReportAsync(Report with { State = CallReportState.Discarded }, default);
        await session.Calls.AddAsync(new CallEntries { Sessions = [FullRecords.Ended(UsageSession)] }, default);
        await session.Calls.UpdateDisputeAsync(Dispute with { Note = "changed" }, default);
        await session.Archive.RemoveMonthAsync(Part.Kind, Part.Month, default);
    }

    /// <summary>It, as it was written.</summary>
    public string Describe() => WholeRecord.Describe(
        Rows(Customer, Account, TopUp, Hold, Journal, Rate, [Key], [KeyOfHouse], Job, DeadJob, [Pause], A.Noon + NodaTime.Duration.FromHours(1),
        new QueueStats(Waiting: 1, 0, 0, 0, Failed: 1), [Entry], Answer, TopUp.Face, TopUp.Face, [Sight], Message, Run, [new FoundLine(Line, Finding)], Break, [Alert], [Item],
        1, [Plan], [Deck, Draft], [DeckPart], [DeckPart], UsageAccount, [PhoneLine], [Bucket], [KnownCall], Call, [Used], Report, [Superseded], Dispute, UsageSession, Part, Archived));

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
        await session.Imports.FindAsync(Item.Source, Item.Kind, [Item.OldId], default),
        await session.Tariffs.RevisionAsync(default),
        await session.Tariffs.ListPlansAsync(default),
        await session.Tariffs.ListDecksAsync(default),
        await session.Tariffs.ReadPartsAsync(Deck.Deck, Deck.Version, 0, 10, default),
        await session.Tariffs.ReadPartsAsync(Draft.Deck, Draft.Version, 0, 10, default),
        await session.UsageAccounts.FindAsync(UsageAccount.Id, default),
        await session.UsageAccounts.FindOwnersAsync([PhoneLine.Line], default),
        await session.UsageAccounts.ListBucketsAsync(UsageAccount.Id, default),
        await session.Calls.FindKnownAsync([CallName.Of(Call.Record)], default),
        await session.Calls.FindAsync(Call.Id, default),
        await session.UsageAccounts.ListUsageAsync(UsageAccount.Id, "2026-01", "2026-12", default),
        await session.Calls.FindReportAsync(Report.Id, default),
        await session.Calls.ListRatingsAsync(Call.Id, default),
        await session.Calls.FindDisputeAsync(Dispute.Id, default),
        await session.UsageSessions.FindAsync(UsageSession.Id, default),
        await session.Archive.FindAsync(Part.Id, default),
        await session.Archive.FindCallAsync(Gone.Id, default)));

    private static object?[] Rows(
        Customer? customer, Account? account, TopUp? topUp, Hold? hold, Journal? journal, ExchangeRate? rate, IReadOnlyList<ApiKey> keys,
        IReadOnlyList<ApiKey> keysOfHouse, Job? job, Job? deadJob, IReadOnlyList<JobPause> pauses, NodaTime.Instant? due, QueueStats? stats, IReadOnlyList<AuditEntry> entries, FirstAnswer? answer, Money used, Money usedForPhone,
        IReadOnlyList<ProviderObservation> sights, ProviderMessage? message, ReconciliationRun? run, IReadOnlyList<FoundLine> lines, ReconciliationBreak? one, IReadOnlyList<Alert> alerts, IReadOnlyList<ImportedItem> items,
        long revision, IReadOnlyList<PlanVersion> plans, IReadOnlyList<DeckVersion> decks, IReadOnlyList<DeckPart> parts, IReadOnlyList<DeckPart> draftParts, UsageAccount? usageAccount,
        IReadOnlyList<LineOwner> owners, IReadOnlyList<AccountBucket> buckets, IReadOnlyList<KnownCall> known, Call? call, IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>> counts, CallReport? report, IReadOnlyList<CallRating> superseded, CallDispute? dispute, UsageSession? usageSession, ArchivePart? archivePart, ArchivedCall? archived) =>
        [customer, account, topUp, hold, journal, rate, keys, keysOfHouse, job, deadJob, pauses, due, stats, entries, answer, used, usedForPhone, sights, message, run, lines, one, alerts, items,
            revision, plans, decks, parts, draftParts, usageAccount, owners, buckets, known, call, counts, report, superseded, dispute, usageSession, archivePart, archived];
}
