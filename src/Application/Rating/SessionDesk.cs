using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Pipeline;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Rating;

/// <summary>A session as it is, and what the sender of the message is told.</summary>
/// <param name="Session">The session.</param>
/// <param name="Answer">The answer, given the first time or again.</param>
public sealed record SessionReply(UsageSession Session, SessionAnswer Answer);

/// <summary>Keeps sessions: each message is one transaction, behind the lock of the account's money.</summary>
internal sealed class SessionDesk(TariffLibrary tariffs, Alerts alerts, IClock clock)
{
    /// <summary>Begins a session, or says again what its first message was told.</summary>
    public Task<Outcome<SessionReply>> CreateAsync(Caller caller, CallRecord given, bool startsNow, SessionMessage message, CancellationToken cancellationToken) =>
        InTurnAsync(() => tariffs.RunAsync<Outcome<SessionReply>>(
            caller.Tenant,
            async (session, shelf) =>
            {
                var (now, name) = (clock.Now(), CallName.Of(given));
                if (await LockOwnerAsync(session, caller, given, cancellationToken) is not { } owner) return SessionRefusals.Unrated(UnratedReason.NoAccount);
                if (await session.UsageSessions.FindNamedAsync([name], cancellationToken) is [var before])
                    return before.CreatedAgain(startsNow ? given with { StartedAt = before.Record.StartedAt } : given, message).Then(answer => new SessionReply(before, answer));
                if (await session.Calls.FindKnownAsync([name], cancellationToken) is [var known]) return SessionRefusals.CallKnown(known.Call);

                var record = startsNow ? given with { StartedAt = now } : given;
                var created = UsageSession.Create(Ids.New<UsageSession>("ses", now), record, owner.Line, message, owner.Facts, shelf.Of, now);
                if (created.IsRefused(out var refusal, out var step)) return refusal;
                await WriteAsync(session, owner.Facts, step, false, cancellationToken);
                return new SessionReply(step.Session, step.Session.Answer);
            },
            cancellationToken));

    /// <summary>How much of a call would be let through now; nothing is set aside.</summary>
    public Task<Outcome<SessionAnswer>> AskAsync(Caller caller, CallRecord given, bool startsNow, SessionMessage message, CancellationToken cancellationToken) =>
        tariffs.RunAsync<Outcome<SessionAnswer>>(
            caller.Tenant,
            async (session, shelf) =>
            {
                var now = clock.Now();
                if (await LockOwnerAsync(session, caller, given, cancellationToken) is not { } owner) return SessionRefusals.Unrated(UnratedReason.NoAccount);
                var record = startsNow ? given with { StartedAt = now } : given;
                return UsageSession.Create(Ids.New<UsageSession>("ses", now), record, owner.Line, message, owner.Facts, shelf.Of, now).Then(step => step.Session.Answer);
            },
            cancellationToken);

    /// <summary>Charges what was used; grants more, or ends the session.</summary>
    public Task<Outcome<SessionReply>> GoOnAsync(Caller caller, Id<UsageSession> id, SessionMessage message, bool isRelease, CancellationToken cancellationToken) =>
        InTurnAsync(() => tariffs.RunUncheckedAsync<Outcome<SessionReply>>(
            caller.Tenant,
            async (session, shelf) =>
            {
                if (await session.UsageSessions.LockAsync(id, cancellationToken) is not { } locked || !caller.Sees(locked.Session.Customer)) return Own.NotFound("session", id.Value);
                shelf.RequireInForce(locked.TariffRevision);
                var before = locked.Session;
                if (new Usage(before.Record.Kind, null, before.Record.StartedAt, message.Used).Check("").ToList() is [var fault, ..])
                    return Validation.Failed([fault with { Field = "usedTotal" }]);
                if (before.Before(message, isRelease) is { } answered) return answered.Then(answer => new SessionReply(before, answer));

                var (now, tariff, facts) = (clock.Now(), TariffOf(shelf, before), await WholeAsync(session, locked, cancellationToken));
                var journal = Ids.New<Journal>("jnl", now);
                var known = isRelease ? await KnownAsync(session, before, cancellationToken) : null;
                var step = isRelease
                    ? before.Release(message, known, Ids.New<Call>("call", now), facts, tariff, journal, now)
                    : before.Update(message, facts, tariff, journal, now);
                await WriteAsync(session, facts, step, known is not null, cancellationToken);
                return new SessionReply(step.Session, step.Session.Answer);
            },
            cancellationToken));

    /// <summary>Ends a session when its time has passed; false when it has not, or the session ended.</summary>
    public Task<bool> ExpireAsync(TenantId tenant, Id<UsageSession> id, CancellationToken cancellationToken) =>
        InTurnAsync(() => tariffs.RunUncheckedAsync(
            tenant,
            async (session, shelf) =>
            {
                var now = clock.Now();
                if (await session.UsageSessions.LockAsync(id, cancellationToken) is not { Session: { State: SessionState.Open } before } locked || before.ValidUntil > now) return false;
                shelf.RequireInForce(locked.TariffRevision);
                var facts = await WholeAsync(session, locked, cancellationToken);
                var known = await KnownAsync(session, before, cancellationToken);
                var step = before.Expire(known, Ids.New<Call>("call", now), facts, TariffOf(shelf, before), Ids.New<Journal>("jnl", now), now);
                await WriteAsync(session, facts, step, known is not null, cancellationToken);
                await session.AuditAsync(
                    Caller.OfSystem(tenant, "sessions"), clock, "session.expired", id.Value, new { used = before.Used, granted = before.Granted, charged = $"{before.Charged}" },
                    new { used = step.Session.Used, charged = $"{step.Session.Charged}", call = step.Session.Call?.Value }, cancellationToken);
                return true;
            },
            cancellationToken));

    /// <summary>Ends a session by the record of its call, which was kept before. The account is locked.</summary>
    public async Task SettleByAsync(ISession session, TariffShelf shelf, LockedSession locked, Call call, CancellationToken cancellationToken)
    {
        var (now, facts) = (clock.Now(), await WholeAsync(session, locked, cancellationToken));
        await WriteAsync(session, facts, locked.Session.SettleBy(call, facts, TariffOf(shelf, locked.Session), Ids.New<Journal>("jnl", now), now), true, cancellationToken);
    }

    private static TariffInForce? TariffOf(TariffShelf shelf, UsageSession session) => session.Tariff is { } pinned ? shelf.Of(pinned) : null;

    /// <summary>Whose lines these are, behind the lock of their money; null when nobody's, or somebody's whom the caller does not see.</summary>
    private static async Task<(LineRef Line, AccountUsage Facts)?> LockOwnerAsync(ISession session, Caller caller, CallRecord record, CancellationToken cancellationToken)
    {
        var owners = await session.UsageAccounts.FindOwnersAsync(record.Lines, cancellationToken);
        if (record.Lines.Select(line => owners.FirstOrDefault(owner => owner.Line == line)).FirstOrDefault(found => found is not null) is not { } owner || !caller.Sees(owner.Customer)) return null;
        return await session.UsageAccounts.LockAsync([owner.Account], cancellationToken) is [var facts] ? (owner.Line, facts) : null;
    }

    /// <summary>The call, when a record of it came before the end of the session.</summary>
    private static async Task<Call?> KnownAsync(ISession session, UsageSession of, CancellationToken cancellationToken) =>
        await session.Calls.FindKnownAsync([CallName.Of(of.Record)], cancellationToken) is [var known] ? await session.Calls.FindAsync(known.Call, cancellationToken) : null;

    /// <summary>The account with every bucket that the session has something of, an empty one too.</summary>
    private static async Task<AccountUsage> WholeAsync(ISession session, LockedSession locked, CancellationToken cancellationToken)
    {
        var facts = locked.Facts;
        if (locked.Session.Buckets.All(own => own.Taken == 0 || facts.Buckets.Any(bucket => bucket.Id == own.Bucket))) return facts;
        var own = locked.Session.Buckets.Select(bucket => bucket.Bucket).ToHashSet();
        var all = await session.UsageAccounts.ListBucketsAsync(facts.Account.Id, cancellationToken);
        return facts with { Buckets = [.. all.Where(bucket => bucket.Content.Left > 0 || own.Contains(bucket.Id))] };
    }

    private async Task WriteAsync(ISession session, AccountUsage facts, SessionStep step, bool isKnown, CancellationToken cancellationToken)
    {
        if (step.IsNew) await session.UsageSessions.AddAsync(step.Session, cancellationToken);
        var entries = new CallEntries
        {
            Sessions = step.IsNew ? [] : [step.Session], New = step.Call is { } made && !isKnown ? [made] : [], Changed = step.Call is { } settled && isKnown ? [settled] : [], Wallets = step.Wallet == facts.Wallet ? [] : [step.Wallet],
            Journals = step.Journal is { } journal ? [journal] : [], Buckets = step.Buckets, Used = step.Counts, EndedHolds = step.Ended is { } ended ? [ended] : [],
            Holds = step.Opened is { } opened ? [opened] : [],
        };
        await session.Calls.AddAsync(entries, cancellationToken);
        await alerts.AfterUsageAsync(session, facts.Account, facts.Wallet, step.Wallet, cancellationToken);
    }

    private static Task<T> InTurnAsync<T>(Func<Task<T>> work) => Turns.RunAsync(work, UniqueKey.Call, UniqueKey.UsageSession);
}
