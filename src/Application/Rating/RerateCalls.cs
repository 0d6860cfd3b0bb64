using System.Runtime.CompilerServices;
using FluentValidation;
using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Charges calls again by the prices as they are now: after a deck was corrected. First try it: the answer says how many calls come to
/// something else, and by how much. Each account's calls are charged in the order in which they took place, 500 in a transaction, or all of them when
/// the account has buckets: what a later call gives back may be for an earlier one. What changes is kept as a new version, the difference booked. Asked
/// again, nothing changes. Refusals: <c>validation_failed</c>.
/// </summary>
[Requires(Permission.WriteTariffs)]
public sealed record RerateCalls : IUseCase<Rerating>
{
    /// <summary>Only of this account.</summary>
    public string? Account { get; init; }

    /// <summary>Only with a price by this deck.</summary>
    public string? Deck { get; init; }

    /// <summary>Only with a price by this plan.</summary>
    public string? Plan { get; init; }

    /// <summary>Only those that began at this time or later, RFC 3339.</summary>
    public string? From { get; init; }

    /// <summary>Only those that began before this time.</summary>
    public string? To { get; init; }

    /// <summary>Says what would come of it, and changes nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What came of charging calls again.</summary>
/// <param name="Calls">How many were looked at.</param>
/// <param name="Changed">How many come to something else.</param>
/// <param name="Differences">What all of them cost more, by currency; negative for less.</param>
public sealed record Rerating(long Calls, long Changed, IReadOnlyList<Money> Differences);

internal sealed class RerateCallsRules : AbstractValidator<RerateCalls>
{
    public RerateCallsRules()
    {
        RuleFor(order => order.Account).IsIdOf<RerateCalls, Account>();
        RuleFor(order => order.Deck).IsIdOf<RerateCalls, RateDeck>();
        RuleFor(order => order.Plan).IsIdOf<RerateCalls, RatePlan>();
        RuleFor(order => order.From).IsInstant();
        RuleFor(order => order.To).IsInstant();
    }
}

internal sealed class RerateCallsHandler(IStorage storage, TariffLibrary tariffs, Alerts alerts, IClock clock, Caller caller) : Handler<RerateCalls, Rerating>
{
    private const int AccountsAtOnce = 100;
    private const int CallsAtOnce = 500;
    private const int MostTries = 10;

    protected override async Task<Outcome<Rerating>> HandleAsync(RerateCalls order, CancellationToken cancellationToken)
    {
        var filter = new CallFilter
        {
            Account = order.Account is { } account ? Id<Account>.Parse(account) : null, Deck = order.Deck is { } deck ? Id<RateDeck>.Parse(deck) : null,
            Plan = order.Plan is { } plan ? Id<RatePlan>.Parse(plan) : null, From = Validation.ReadInstant(order.From), To = Validation.ReadInstant(order.To),
        };
        var tally = new Tally();
        for (var after = ""; ;)
        {
            var last = after;
            var accounts = await storage.RunAsync(caller.Tenant, session => session.Calls.ListAccountsAsync(filter, last, AccountsAtOnce, cancellationToken), cancellationToken);
            foreach (var id in accounts) await RerateAsync(filter with { Account = id }, order.DryRun, tally, cancellationToken);
            if (accounts.Count < AccountsAtOnce) break;
            after = accounts[^1].Value;
        }

        var rerating = new Rerating(tally.Calls, tally.Changed, [.. tally.Differences.Values.Where(difference => !difference.IsZero).OrderBy(difference => difference.Currency.Code, StringComparer.Ordinal)]);
        if (!order.DryRun)
            await storage.RunAsync(
                caller.Tenant,
                async session =>
                {
                    await session.AuditAsync(
                        caller, clock, "calls.rerated", order.Account ?? order.Deck ?? order.Plan ?? "all", null,
                        new { order.From, order.To, rerating.Calls, rerating.Changed, differences = rerating.Differences.Select(difference => $"{difference}") }, cancellationToken);
                    return true;
                },
                cancellationToken);
        return rerating;
    }

    private async Task RerateAsync(CallFilter filter, bool isTrial, Tally tally, CancellationToken cancellationToken)
    {
        Position? after = null;
        do
        {
            var from = after;
            (var parts, after) = await UnlessArchivedAsync(() => tariffs.RunAsync(caller.Tenant, (session, shelf) => ChargeAsync(session, shelf, filter, from, isTrial, cancellationToken), cancellationToken));
            foreach (var part in parts) tally.Add(part);
        }
        while (after is not null);
    }

    private static async Task<T> UnlessArchivedAsync<T>(Func<Task<T>> work)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await work();
            }
            catch (StaleVersionException) when (tries < MostTries)
            {
                // One of the calls went into the archive at the same moment, which asks no lock of its account; it is not among them any more.
            }
        }
    }

    /// <summary>Calls of one account behind this place: all of them when it has buckets, else a part. And the place behind which there may be more; null when there are none.</summary>
    private async Task<(IReadOnlyList<Part> Parts, Position? Next)> ChargeAsync(
        ISession session, TariffShelf shelf, CallFilter filter, Position? after, bool isTrial, CancellationToken cancellationToken)
    {
        var id = filter.Account!.Value;
        if (await session.UsageAccounts.LockAsync([id], cancellationToken) is not [var found]) throw new InvalidOperationException($"Account {id} is not there.");
        var stored = found with { Buckets = await session.UsageAccounts.ListBucketsAsync(id, cancellationToken) };
        var (facts, now, parts) = (stored, clock.Now(), new List<Part>());
        if (stored.Buckets.Count > 0)
            await foreach (var calls in PartsAsync(session, filter, after, cancellationToken)) facts = CallCharging.GivenBack(facts, calls);

        Position? next = null;
        await foreach (var calls in PartsAsync(session, filter, after, cancellationToken))
        {
            var charged = CallCharging.Recharge(facts, calls, shelf.Of, Ids.New<Journal>("jnl", now), now);
            parts.Add(new Part(calls.Count, charged.Calls.Count, charged.Difference));
            if (!isTrial && charged.Calls.Count > 0)
            {
                await session.Calls.AddAsync(CallDesk.EntriesOf(charged), cancellationToken);
                await alerts.AfterUsageAsync(session, facts.Account, facts.Wallet, charged.Wallet, cancellationToken);
            }

            facts = facts with { Buckets = charged.Buckets, Wallet = charged.Journal is null ? facts.Wallet : charged.Wallet with { Version = facts.Wallet.Version + 1 } };
            if (stored.Buckets.Count > 0) continue;
            next = calls.Count < CallsAtOnce ? null : PlaceOf(calls[^1]);
            break;
        }

        if (!isTrial && CallDesk.ChangedBuckets(stored, facts.Buckets) is { Count: > 0 } buckets) await session.Calls.AddAsync(new CallEntries { Buckets = buckets }, cancellationToken);
        return (parts, next);
    }

    private static async IAsyncEnumerable<IReadOnlyList<Call>> PartsAsync(ISession session, CallFilter filter, Position? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await session.Calls.ListChargedAsync(filter, after, CallsAtOnce, cancellationToken) is { Count: > 0 } calls)
        {
            yield return calls;
            if (calls.Count < CallsAtOnce) yield break;
            after = PlaceOf(calls[^1]);
        }
    }

    private static Position PlaceOf(Call call) => new(call.Record.ChargedFrom, call.Id.Value);

    private sealed record Part(int Calls, int Changed, Money Difference);

    private sealed class Tally
    {
        public long Calls { get; private set; }

        public long Changed { get; private set; }

        public Dictionary<Currency, Money> Differences { get; } = [];

        public void Add(Part part)
        {
            Calls += part.Calls;
            Changed += part.Changed;
            var currency = part.Difference.Currency;
            Differences[currency] = Differences.GetValueOrDefault(currency, Money.Zero(currency)) + part.Difference;
        }
    }
}
