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

    /// <summary>The calls of one account, part by part. One of them may go into the archive at the same moment, which asks no lock of its account; asked again, it is not among them.</summary>
    private async Task RerateAsync(CallFilter filter, bool isTrial, Tally tally, CancellationToken cancellationToken)
    {
        for (Position? after = null; ;)
        {
            var last = after;
            var (calls, charged) = await Turns.RunAsync(() => tariffs.RunAsync(caller.Tenant, (session, shelf) => PartAsync(session, shelf, filter, last, isTrial, cancellationToken), cancellationToken));
            if (calls.Count == 0) return;
            tally.Add(calls.Count, charged);
            after = new Position(calls[^1].Record.ChargedFrom, calls[^1].Id.Value);
        }
    }

    private async Task<(IReadOnlyList<Call> Calls, RechargedCalls Charged)> PartAsync(
        ISession session, TariffShelf shelf, CallFilter filter, Position? after, bool isTrial, CancellationToken cancellationToken)
    {
        var id = filter.Account!.Value;
        if (await session.UsageAccounts.LockAsync([id], cancellationToken) is not [var found]) throw new InvalidOperationException($"Account {id} is not there.");
        var facts = found with { Buckets = await session.UsageAccounts.ListBucketsAsync(id, cancellationToken) };
        // What a later call gives back to a bucket may be for an earlier one, so they are charged together.
        var calls = await session.Calls.ListChargedAsync(filter, after, facts.Buckets.Count > 0 ? int.MaxValue : CallsAtOnce, cancellationToken);
        var now = clock.Now();
        var charged = CallCharging.Recharge(facts, calls, shelf.Of, Ids.New<Journal>("jnl", now), now);
        if (isTrial || charged.Calls.Count == 0) return (calls, charged);
        await session.Calls.AddAsync(CallDesk.EntriesOf(charged), cancellationToken);
        await alerts.AfterUsageAsync(session, facts.Account, facts.Wallet, charged.Wallet, cancellationToken);
        return (calls, charged);
    }

    private sealed class Tally
    {
        public long Calls { get; private set; }

        public long Changed { get; private set; }

        public Dictionary<Currency, Money> Differences { get; } = [];

        public void Add(int calls, RechargedCalls charged)
        {
            Calls += calls;
            Changed += charged.Calls.Count;
            var currency = charged.Difference.Currency;
            Differences[currency] = Differences.GetValueOrDefault(currency, Money.Zero(currency)) + charged.Difference;
        }
    }
}
