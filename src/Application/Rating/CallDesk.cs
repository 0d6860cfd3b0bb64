using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Rating;

/// <summary>What became of a record that was taken in.</summary>
public enum CallFate
{
    /// <summary>It is a call that was not known.</summary>
    New,

    /// <summary>It says again what is known, and changed nothing.</summary>
    Duplicate,

    /// <summary>It says something else of a call that is known, and is kept for people.</summary>
    Conflict,

    /// <summary>It says of a call that a session became how much it was in truth; the difference was charged.</summary>
    Corrected,
}

/// <summary>The answer to a record.</summary>
/// <param name="Fate">What became of it.</param>
/// <param name="Call">The call: the new one, or the one that was known.</param>
/// <param name="Report">Where a contradiction is kept.</param>
public sealed record CallReceipt(CallFate Fate, Id<Call> Call, Id<CallReport>? Report = null);

/// <summary>A part of a file that was charged.</summary>
/// <param name="Receipts">The answer to each record; none yet for one that comes after the end of its session.</param>
/// <param name="New">The calls that were not known, as they are now.</param>
internal sealed record ChargedPart(IReadOnlyList<CallReceipt?> Receipts, IReadOnlyList<Call> New);

/// <summary>Takes in calls and charges them. What is asked twice has the same effect as once.</summary>
internal sealed class CallDesk(IStorage storage, TariffLibrary tariffs, SessionDesk sessions, Alerts alerts, IClock clock)
{
    /// <summary>Calls of one account that are charged in one transaction by a job.</summary>
    public const int CallsAtOnce = 200;

    public const string ConflictReason = "call_conflict";
    public const string ConflictDetail = "The same call was reported before, and was charged otherwise.";

    /// <summary>
    /// Keeps records, each with its own fate, in one transaction; jobs rate them. The answers are in the order of the records. A
    /// record that stands in them twice is a duplicate of itself, or contradicts itself.
    /// </summary>
    /// <param name="tenant">Whose they are.</param>
    /// <param name="records">The records.</param>
    /// <param name="bodyOf">What is kept of one that contradicts what is known; null when <paramref name="report"/> keeps it.</param>
    /// <param name="report">Keeps the report that a record came in, in the same transaction; none for null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<CallReceipt>> KeepAsync(
        TenantId tenant, IReadOnlyList<CallRecord> records, Func<CallRecord, string>? bodyOf, Func<ISession, CallReceipt, Task>? report, CancellationToken cancellationToken)
    {
        var receipts = await InTurnAsync(() => storage.RunAsync(
            tenant,
            async session =>
            {
                var now = clock.Now();
                var (calls, receipts) = await SortAsync(session, records, bodyOf, null, now, cancellationToken);
                await session.Calls.AddAsync(new CallEntries { New = calls, Jobs = JobsOf(tenant, calls, now) }, cancellationToken);
                if (report is not null)
                    foreach (var receipt in receipts.OfType<CallReceipt>())
                        await report(session, receipt);
                return receipts;
            },
            cancellationToken));
        return await CorrectAsync(tenant, records, receipts, bodyOf, report, null, cancellationToken);
    }

    /// <summary>
    /// Keeps and charges the records of a part of a file, and keeps its lines that nobody understood, in one transaction; otherwise as
    /// <see cref="KeepAsync"/>. A line that was kept before is not kept again.
    /// </summary>
    public async Task<(IReadOnlyList<CallReceipt> Receipts, IReadOnlyList<Call> New)> ChargeAsync(
        TenantId tenant, IReadOnlyList<CallRecord> records, Func<CallRecord, string> bodyOf, IReadOnlyList<CallReport> malformed, string batch, CancellationToken cancellationToken)
    {
        var part = await InTurnAsync(() => tariffs.RunAsync(
            tenant,
            async (session, shelf) =>
            {
                var now = clock.Now();
                var (calls, receipts) = await SortAsync(session, records, bodyOf, batch, now, cancellationToken);
                var received = calls.Where(call => call.State == CallState.Received).ToList();
                var accounts = await session.UsageAccounts.LockAsync([.. received.Select(call => call.Account!.Value).Distinct()], cancellationToken);
                var open = (await OpenSessionsAsync(session, received, cancellationToken)).Select(one => CallName.Of(one.Record)).ToHashSet();
                var waiting = received.Where(call => !open.Contains(CallName.Of(call.Record))).ToLookup(call => call.Account!.Value);
                var later = received.Where(call => open.Contains(CallName.Of(call.Record))).ToList();
                var charged = accounts.Select(facts => (Facts: facts, After: CallCharging.Charge(facts, waiting[facts.Account.Id], shelf.Of, Ids.New<Journal>("jnl", now), now))).ToList();
                var entries = EntriesOf([.. charged.Select(one => one.After)]) with { New = [.. calls.Where(call => call.State != CallState.Received), .. later, .. charged.SelectMany(one => one.After.Calls)], Jobs = JobsOf(tenant, later, now) };
                await session.Calls.AddAsync(entries, cancellationToken);
                foreach (var (facts, after) in charged) await alerts.AfterUsageAsync(session, facts.Account, facts.Wallet, after.Wallet, cancellationToken);
                foreach (var report in malformed) await KeepOnceAsync(session, report, cancellationToken);
                return new ChargedPart(receipts, entries.New);
            },
            cancellationToken));
        return (await CorrectAsync(tenant, records, part.Receipts, bodyOf, null, batch, cancellationToken), part.New);
    }

    /// <summary>An id that is the same for the same report of the same source.</summary>
    public static Id<CallReport> ReportIdOf(string source, string content) =>
        Id<CallReport>.Parse("rep_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source}\n{content}")).AsSpan(0, 16)));

    /// <summary>Keeps a report without a record.</summary>
    public Task<bool> KeepReportAsync(TenantId tenant, CallReport report, CancellationToken cancellationToken) =>
        InTurnAsync(() => storage.RunAsync(
            tenant,
            async session =>
            {
                await KeepReportAsync(session, report, cancellationToken);
                return true;
            },
            cancellationToken));

    /// <summary>Keeps a report; one that is known and waits for people becomes what is known of it now.</summary>
    public static async Task KeepReportAsync(ISession session, CallReport report, CancellationToken cancellationToken)
    {
        if (await session.Calls.FindReportAsync(report.Id, cancellationToken) is not { } before) await session.Calls.AddReportAsync(report, cancellationToken);
        else if (CallReports.IsWaiting(before) && before.State != report.State)
            await session.Calls.UpdateReportAsync(before with { State = report.State, Reason = report.Reason, Detail = report.Detail, Call = report.Call }, cancellationToken);
    }

    private static async Task KeepOnceAsync(ISession session, CallReport report, CancellationToken cancellationToken)
    {
        if (await session.Calls.FindReportAsync(report.Id, cancellationToken) is null) await session.Calls.AddReportAsync(report, cancellationToken);
    }

    /// <summary>Charges calls of an account that were received, the earliest first; how many, at most <see cref="CallsAtOnce"/>.</summary>
    public Task<int> ChargeReceivedAsync(TenantId tenant, Id<Account> account, CancellationToken cancellationToken) =>
        tariffs.RunAsync(
            tenant,
            async (session, shelf) =>
            {
                if (await session.UsageAccounts.LockAsync([account], cancellationToken) is not [var facts]) throw new InvalidOperationException($"Account {account} is not there.");
                var calls = await session.Calls.ListReceivedAsync(account, CallsAtOnce, cancellationToken);
                if (calls.Count == 0) return 0;
                if (await OpenSessionsAsync(session, calls, cancellationToken) is [var open, ..])
                {
                    await sessions.SettleByAsync(session, shelf, new LockedSession(open, facts, shelf.Book.Revision), calls.First(call => CallName.Of(call.Record) == CallName.Of(open.Record)), cancellationToken);
                    return CallsAtOnce;
                }

                var now = clock.Now();
                var after = CallCharging.Charge(facts, calls, shelf.Of, Ids.New<Journal>("jnl", now), now);
                await session.Calls.AddAsync(EntriesOf([after]) with { Changed = after.Calls }, cancellationToken);
                await alerts.AfterUsageAsync(session, facts.Account, facts.Wallet, after.Wallet, cancellationToken);
                return calls.Count;
            },
            cancellationToken);

    /// <summary>One job for each account that has something to be rated.</summary>
    public static IReadOnlyList<Job> JobsOf(TenantId tenant, IEnumerable<Call> calls, Instant now) =>
    [
        .. from call in calls
           where call.State == CallState.Received
           group call by call.Account!.Value into ofAccount
           orderby ofAccount.Key.Value
           select new Job
           {
               Id = Ids.New<Job>("job", now), Tenant = tenant, Party = ofAccount.First().Customer!.Value.Value, Kind = CallWork.Kind, Subject = ofAccount.Key.Value, RunAt = now, CreatedAt = now,
           },
    ];

    private static CallEntries EntriesOf(IReadOnlyList<ChargedCalls> charged) => new()
    {
        Wallets = [.. charged.Where(one => one.Journal is not null).Select(one => one.Wallet)], Journals = [.. charged.Select(one => one.Journal).OfType<Journal>()],
        Buckets = [.. charged.SelectMany(one => one.Buckets)], Used = [.. charged.SelectMany(one => one.Used)],
    };

    /// <summary>Sessions that go on of the same accounts and names as these calls. Read behind the locks of the accounts, without which none begins or ends.</summary>
    private static async Task<IReadOnlyList<UsageSession>> OpenSessionsAsync(ISession session, IReadOnlyCollection<Call> calls, CancellationToken cancellationToken)
    {
        var accounts = calls.ToDictionary(call => CallName.Of(call.Record), call => call.Account);
        return [.. (await session.UsageSessions.FindNamedAsync(accounts.Keys, cancellationToken)).Where(one => one.State == SessionState.Open && accounts[CallName.Of(one.Record)] == one.Account)];
    }

    /// <summary>The answers, with those that were left open: each is a record that came after the end of a session, and is charged by itself.</summary>
    private async Task<IReadOnlyList<CallReceipt>> CorrectAsync(
        TenantId tenant, IReadOnlyList<CallRecord> records, IReadOnlyList<CallReceipt?> receipts, Func<CallRecord, string>? bodyOf, Func<ISession, CallReceipt, Task>? report, string? batch,
        CancellationToken cancellationToken)
    {
        var answers = new List<CallReceipt>(receipts.Count);
        foreach (var (record, receipt) in records.Zip(receipts))
            answers.Add(receipt ?? await InTurnAsync(() => tariffs.RunAsync(
                tenant,
                async (session, shelf) =>
                {
                    var corrected = await CorrectAsync(session, shelf, record, bodyOf, batch, cancellationToken);
                    if (report is not null) await report(session, corrected);
                    return corrected;
                },
                cancellationToken)));
        return answers;
    }

    private async Task<CallReceipt> CorrectAsync(ISession session, TariffShelf shelf, CallRecord record, Func<CallRecord, string>? bodyOf, string? batch, CancellationToken cancellationToken)
    {
        var (name, now) = (CallName.Of(record), clock.Now());
        var ended = (await session.UsageSessions.FindNamedAsync([name], cancellationToken)).Single();
        var facts = (await session.UsageAccounts.LockAsync([ended.Account], cancellationToken)).Single();
        // Behind the lock: another record of the call may have come before this one.
        var known = (await session.Calls.FindKnownAsync([name], cancellationToken)).Single();
        if (known.Fingerprint == record.Fingerprint()) return new CallReceipt(CallFate.Duplicate, known.Call);
        if (!ended.IsAsItEnded(known.Call, known.Fingerprint) || await session.Calls.FindAsync(known.Call, cancellationToken) is not { } call) return await ConflictAsync(session, record, known, bodyOf, now, cancellationToken);

        var whole = facts with { Buckets = await session.UsageAccounts.ListBucketsAsync(ended.Account, cancellationToken) };
        var pinned = ended.Tariff is { } tariff ? shelf.Of(tariff) : null;
        if (CallCharging.Correct(whole, ended, call, record, batch, pinned, shelf.Of, Ids.New<Journal>("jnl", now), now) is not { } charged) return await ConflictAsync(session, record, known, bodyOf, now, cancellationToken);
        await session.Calls.AddAsync(EntriesOf(charged) with { Corrected = charged.Calls }, cancellationToken);
        await alerts.AfterUsageAsync(session, whole.Account, whole.Wallet, charged.Wallet, cancellationToken);
        return new CallReceipt(CallFate.Corrected, known.Call);
    }

    /// <summary>What is written of calls that were charged again.</summary>
    public static CallEntries EntriesOf(RechargedCalls charged) => new()
    {
        Changed = charged.Calls, Superseded = charged.Superseded, Buckets = charged.Buckets, Used = [.. charged.Used], Wallets = charged.Journal is null ? [] : [charged.Wallet],
        Journals = charged.Journal is { } journal ? [journal] : [],
    };

    /// <summary>What is new among the records, as calls, and the answer to each; none yet for what says otherwise how long a session was. Contradictions are kept at once.</summary>
    private static async Task<(List<Call> New, IReadOnlyList<CallReceipt?> Receipts)> SortAsync(
        ISession session, IReadOnlyList<CallRecord> records, Func<CallRecord, string>? bodyOf, string? batch, Instant now, CancellationToken cancellationToken)
    {
        var known = (await session.Calls.FindKnownAsync([.. records.Select(CallName.Of)], cancellationToken)).ToDictionary(call => call.Name);
        var ofSessions = (await session.UsageSessions.FindNamedAsync([.. records.Where(record => !known.TryGetValue(CallName.Of(record), out var one) || one.Fingerprint != record.Fingerprint()).Select(CallName.Of)], cancellationToken))
            .ToDictionary(one => CallName.Of(one.Record));
        var owners = (await session.UsageAccounts.FindOwnersAsync([.. records.Where(record => !known.ContainsKey(CallName.Of(record))).SelectMany(record => record.Lines).Distinct()], cancellationToken))
            .ToDictionary(owner => owner.Line);
        var (calls, receipts) = (new List<Call>(), new List<CallReceipt?>(records.Count));
        foreach (var record in records)
        {
            var (name, fingerprint) = (CallName.Of(record), record.Fingerprint());
            if (!known.TryGetValue(name, out var before))
            {
                var owner = ofSessions.TryGetValue(name, out var under)
                    ? new LineOwner(under.Line ?? new LineRef(LineKind.Account, under.Account.Value), under.Account, under.Customer)
                    : record.Lines.Select(line => owners.GetValueOrDefault(line)).FirstOrDefault(one => one is not null);
                var call = Call.Receive(Ids.New<Call>("call", now), record, owner, batch, now);
                known.Add(name, new KnownCall(name, call.Id, fingerprint));
                calls.Add(call);
                receipts.Add(new CallReceipt(CallFate.New, call.Id));
            }
            else if (before.Fingerprint == fingerprint) receipts.Add(new CallReceipt(CallFate.Duplicate, before.Call));
            else if (!ofSessions.TryGetValue(name, out var ended) || !ended.IsAsItEnded(before.Call, before.Fingerprint)) receipts.Add(await ConflictAsync(session, record, before, bodyOf, now, cancellationToken));
            else receipts.Add(ended.Used == record.Quantity ? new CallReceipt(CallFate.Duplicate, before.Call) : null);
        }

        return (calls, receipts);
    }

    /// <summary>The answer to a record that contradicts what is known, which is kept unless its report is.</summary>
    private static async Task<CallReceipt> ConflictAsync(ISession session, CallRecord record, KnownCall known, Func<CallRecord, string>? bodyOf, Instant now, CancellationToken cancellationToken)
    {
        if (bodyOf is null) return new CallReceipt(CallFate.Conflict, known.Call);
        var report = new CallReport
        {
            Id = ReportIdOf(record.Source, $"{record.ExternalId}\n{record.Leg}\n{record.Fingerprint()}"), Source = record.Source, At = now, Body = bodyOf(record), State = CallReportState.Conflict,
            Reason = ConflictReason, Detail = ConflictDetail, Call = known.Call, Version = 1,
        };
        await KeepOnceAsync(session, report, cancellationToken);
        return new CallReceipt(CallFate.Conflict, known.Call, report.Id);
    }

    private static Task<T> InTurnAsync<T>(Func<Task<T>> work) => Turns.RunAsync(work, UniqueKey.Call, UniqueKey.CallReport);
}

/// <summary>Rates what was received, account by account.</summary>
internal sealed class CallWork(IStorage storage, CallDesk desk) : IJobHandler
{
    public const string Kind = "calls.rate";

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        while (await desk.ChargeReceivedAsync(job.Tenant, Id<Account>.Parse(job.Subject), cancellationToken) == CallDesk.CallsAtOnce)
        {
        }

        // Die before this commit: another looks, and finds nothing left.
        await storage.RunAsync(job.Tenant, session => session.Jobs.CompleteAsync(job, cancellationToken), cancellationToken);
    }
}
