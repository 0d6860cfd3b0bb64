using System.Collections.Immutable;
using NodaTime;
using Relier.Ledger;

namespace Relier.Rating;

/// <summary>What a tariff is made of at a time, ready to be rated by.</summary>
/// <param name="Tariff">The tariff.</param>
/// <param name="Parts">The versions in it.</param>
public sealed record TariffInForce(Tariff Tariff, TariffParts Parts);

/// <summary>What came of charging the calls of an account.</summary>
/// <param name="Wallet">The account's money afterwards.</param>
/// <param name="Journal">What is booked; null when nothing is.</param>
/// <param name="Buckets">The buckets that gave something, as they are afterwards.</param>
/// <param name="Calls">The calls, in the order in which they were charged.</param>
/// <param name="Used">What counts towards the months.</param>
public sealed record ChargedCalls(
    Account Wallet, Journal? Journal, IReadOnlyList<AccountBucket> Buckets, IReadOnlyList<Call> Calls, IReadOnlyDictionary<UsageCountKey, UsageCount> Used);

/// <summary>What came of charging calls again.</summary>
/// <param name="Wallet">The account's money afterwards.</param>
/// <param name="Journal">What is booked; null when nothing is.</param>
/// <param name="Buckets">The buckets that have more or less than before.</param>
/// <param name="Calls">The calls that come to something else, as they are then.</param>
/// <param name="Superseded">The prices that they had.</param>
/// <param name="Used">What counts towards the months, more or less.</param>
/// <param name="Difference">What they cost more together; negative for less.</param>
public sealed record RechargedCalls(
    Account Wallet, Journal? Journal, IReadOnlyList<AccountBucket> Buckets, IReadOnlyList<Call> Calls, IReadOnlyList<(Id<Call> Call, CallRating Rating)> Superseded,
    IReadOnlyDictionary<UsageCountKey, UsageCount> Used, Money Difference);

/// <summary>
/// Charges calls that have taken place: buckets pay first; the rest is taken from a prepaid balance, below zero if need be, or
/// collected for the invoice of a postpaid one.
/// </summary>
public static class CallCharging
{
    /// <summary>
    /// Charges the calls of one account in the order in which they took place, then by id. The calls were received and not yet
    /// rated. One journal takes all that is to be taken; its subject is the call when there is only one (with the number of its price, from the second on), else its own id.
    /// </summary>
    /// <param name="facts">The account.</param>
    /// <param name="calls">Its calls.</param>
    /// <param name="tariffOf">What a plan is at a time.</param>
    /// <param name="journal">The id of the journal, if there is one.</param>
    /// <param name="now">The time.</param>
    public static ChargedCalls Charge(
        AccountUsage facts, IEnumerable<Call> calls, Func<Id<RatePlan>, Instant, TariffInForce> tariffOf, Id<Journal> journal, Instant now)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(calls);
        ArgumentNullException.ThrowIfNull(tariffOf);
        var (account, taken, rated) = (facts.Account, Money.Zero(facts.Account.Currency), new List<Call>());
        var (buckets, used, room) = (facts.Buckets.ToList(), new Dictionary<UsageCountKey, UsageCount>(), RoomOf(facts));
        foreach (var call in calls.OrderBy(call => call.Record.ChargedFrom).ThenBy(call => call.Id.Value, StringComparer.Ordinal))
        {
            if (call.State != CallState.Received || call.Account != account.Id) throw new ArgumentException($"Call {call.Id} of {call.Account} is {call.State}; it cannot be charged to {account.Id}.", nameof(calls));
            var after = Rate(account, call, buckets, room, tariffOf, now);
            rated.Add(after);
            room -= after.Amount?.ToDecimal() ?? 0;
            if (account.Mode == PaymentMode.Prepaid && after.Amount is { } amount) taken += amount;
            if (after.State is CallState.Rated or CallState.Zero) Count(used, account, after);
        }

        var changed = buckets.Where((bucket, place) => !ReferenceEquals(bucket, facts.Buckets[place])).ToList();
        if (taken.IsZero) return new ChargedCalls(facts.Wallet, null, changed, rated, used);
        var booking = PostingTable.UsageCharged(journal, now, facts.Wallet, taken, rated.Count == 1 ? SubjectOf(rated[0]) : journal.Value);
        return new ChargedCalls(booking.Account, booking.Journal, changed, [.. rated.Select(call => Booked(call, journal))], used);
    }

    /// <summary>
    /// Charges calls of one account again that have a price, in the order in which they took place: what buckets gave for them is given
    /// back first. Those that come to the same stay as they are. The difference is booked once, and may be a credit.
    /// </summary>
    /// <param name="facts">The account, with all its buckets, the empty ones too.</param>
    /// <param name="calls">Its calls.</param>
    /// <param name="tariffOf">What a plan is at a time.</param>
    /// <param name="journal">The id of the journal, if there is one.</param>
    /// <param name="now">The time.</param>
    public static RechargedCalls Recharge(
        AccountUsage facts, IReadOnlyList<Call> calls, Func<Id<RatePlan>, Instant, TariffInForce> tariffOf, Id<Journal> journal, Instant now)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(calls);
        ArgumentNullException.ThrowIfNull(tariffOf);
        return Again(facts, [.. calls.Select(call => (call, call))], tariffOf, journal, now);
    }

    /// <summary>
    /// Charges a call that a session became by what a record of it says, which came after the end: more or less, by the tariff of the session
    /// unless the call was charged again since. The call is what the record says from then on. Null when that has no price, or is
    /// usage of another kind or direction, or the call is disputed: then it stays.
    /// </summary>
    /// <param name="facts">The account, with all its buckets, the empty ones too.</param>
    /// <param name="session">The session.</param>
    /// <param name="call">The call that it became.</param>
    /// <param name="record">The record.</param>
    /// <param name="batch">What the record came with.</param>
    /// <param name="pinned">The tariff of the session; null when it cost nothing.</param>
    /// <param name="tariffOf">What a plan is at a time.</param>
    /// <param name="journal">The id of the journal, if there is one.</param>
    /// <param name="now">The time.</param>
    public static RechargedCalls? Correct(
        AccountUsage facts, UsageSession session, Call call, CallRecord record, string? batch, TariffInForce? pinned, Func<Id<RatePlan>, Instant, TariffInForce> tariffOf, Id<Journal> journal, Instant now)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(record);
        if (call.Batch != session.Id.Value || call.Dispute is not null || call.State is not (CallState.Rated or CallState.Zero)) return null;
        if (!record.IsCharged || record.Kind != call.Record.Kind || record.Direction != call.Record.Direction) return null;
        var isPinned = pinned is not null && call.RatingVersion <= 1;
        var again = Again(facts, [(call, call with { Record = record, Batch = batch, PricedTo = null })], isPinned ? (_, _) => pinned! : tariffOf, journal, now);
        return again.Calls.Any(after => after.State == CallState.Unrated) ? null : again;
    }

    /// <summary>Charges calls as they were before as what they are now.</summary>
    private static RechargedCalls Again(
        AccountUsage facts, IReadOnlyList<(Call Before, Call Now)> calls, Func<Id<RatePlan>, Instant, TariffInForce> tariffOf, Id<Journal> journal, Instant now)
    {
        var (account, difference, changed) = (facts.Account, Money.Zero(facts.Account.Currency), new List<(Call Before, Call After)>());
        var (buckets, used, room) = (facts.Buckets.ToList(), new Dictionary<UsageCountKey, UsageCount>(), RoomOf(facts) + calls.Sum(call => call.Before.Amount?.ToDecimal() ?? 0));
        foreach (var use in calls.SelectMany(call => call.Before.Rating?.Buckets ?? [])) GiveBack(buckets, use);
        foreach (var (call, today) in calls.OrderBy(call => call.Now.Record.ChargedFrom).ThenBy(call => call.Now.Id.Value, StringComparer.Ordinal))
        {
            if (call.State is not (CallState.Rated or CallState.Zero) || call.Account != account.Id) throw new ArgumentException($"Call {call.Id} of {call.Account} is {call.State}; it cannot be charged to {account.Id} again.", nameof(calls));
            var again = Rate(account, today with { State = CallState.Received, Rating = null }, buckets, room, tariffOf, now);
            room -= again.Amount?.ToDecimal() ?? 0;
            if (today.Record == call.Record && ComesToTheSame(call, again)) continue;
            if (again.Rating is null) again = again with { RatingVersion = call.RatingVersion + 1 };
            changed.Add((call, again));
            difference += (again.Amount ?? Money.Zero(account.Currency)) - (call.Amount ?? Money.Zero(account.Currency));
            Count(used, account, call, -1);
            if (again.State is CallState.Rated or CallState.Zero) Count(used, account, again);
        }

        var touched = buckets.Where((bucket, place) => bucket.Content.Left != facts.Buckets[place].Content.Left).ToList();
        if (account.Mode == PaymentMode.Postpaid || difference.IsZero) return new RechargedCalls(facts.Wallet, null, touched, [.. changed.Select(call => call.After)], [.. Superseded(changed)], used, difference);
        var subject = changed is [var (_, only)] ? SubjectOf(only) : journal.Value;
        var booking = PostingTable.UsageRecharged(journal, now, facts.Wallet, difference, subject);
        return new RechargedCalls(booking.Account, booking.Journal, touched, [.. changed.Select(call => Booked(call.After, journal))], [.. Superseded(changed)], used, difference);
    }

    /// <summary>What a journal of one call alone is about: the call, and from its second price on which one.</summary>
    private static string SubjectOf(Call call) => call.RatingVersion == 1 ? call.Id.Value : $"{call.Id}.{call.RatingVersion}";

    private static IEnumerable<(Id<Call> Call, CallRating Rating)> Superseded(IEnumerable<(Call Before, Call After)> changed) =>
        from call in changed
        where call.Before.Rating is not null
        select (call.Before.Id, call.Before.Rating!);

    private static void GiveBack(List<AccountBucket> buckets, BucketUse use)
    {
        var place = buckets.FindIndex(bucket => bucket.Id == use.Bucket);
        if (place < 0) throw new InvalidOperationException($"Bucket {use.Bucket}, which paid for a call, is not there.");
        var bucket = buckets[place];
        buckets[place] = bucket with { Content = bucket.Content with { Left = bucket.Content.Left + use.Amount } };
    }

    private static bool ComesToTheSame(Call one, Call other) =>
        one.State == other.State && one.Reason == other.Reason && one.Amount == other.Amount && one.Rating?.Billed == other.Rating?.Billed
        && (one.Rating?.Buckets ?? []).SequenceEqual(other.Rating?.Buckets ?? []);

    /// <summary>How much more can be charged before the balance is one that no account can have. Wrong prices come so far.</summary>
    internal static decimal RoomOf(AccountUsage facts) =>
        LedgerRefusals.LargestBalance + (facts.Account.Mode == PaymentMode.Prepaid ? Math.Min(facts.Wallet.Posted.ToDecimal(), 0m) : 0m);

    private static Call Rate(UsageAccount account, Call call, List<AccountBucket> buckets, decimal room, Func<Id<RatePlan>, Instant, TariffInForce> tariffOf, Instant now)
    {
        var (record, at) = (call.Record, call.Record.ChargedFrom);
        if (account.PlanFor(record.Kind, record.Direction, call.Line, at) is not { } plan)
            return record.Direction == CallDirection.Inbound ? call with { State = CallState.Zero } : call with { State = CallState.Unrated, Reason = UnratedReason.NoPlan };

        var (tariff, parts) = tariffOf(plan.Plan, at);
        var usage = new Usage(record.Kind, record.To, at, record.Quantity);
        var places = Enumerable.Range(0, buckets.Count).Where(place => buckets[place].ValidFrom <= at && buckets[place].Usable.Left > 0).ToList();
        var content = places.Select(place => buckets[place].Usable).ToList();
        var (priced, pricedTo) = (Rater.Price(tariff, usage, content), (long?)null);
        if (priced.Status == RatingStatus.Unrated && call.PricedTo is { } part) (priced, pricedTo) = (Rater.Price(tariff, usage with { Quantity = part }, content), part);
        if (priced.Status == RatingStatus.Zero) return call with { State = CallState.Zero };
        if (priced.Status == RatingStatus.Unrated) return call with { State = CallState.Unrated, Reason = priced.Reason };
        if (priced.Amount > room) return call with { State = CallState.Unrated, Reason = UnratedReason.TooLarge };

        var uses = new List<BucketUse>();
        for (var i = 0; i < priced.Buckets.Length; i++)
        {
            var bucket = buckets[places[i]];
            var given = bucket.Usable.Left - priced.Buckets[i].Left;
            if (given == 0) continue;
            uses.Add(new BucketUse(bucket.Id, given));
            buckets[places[i]] = bucket with { Content = bucket.Content with { Left = bucket.Content.Left - given } };
        }

        return call.Priced(RatingOf(priced, parts, tariff, at, account.Currency, uses, now), pricedTo);
    }

    internal static CallRating RatingOf(
        RatedUsage priced, TariffParts parts, Tariff tariff, Instant at, Currency currency, IEnumerable<BucketUse> uses, Instant now)
    {
        var plan = Id<RatePlan>.Parse(priced.Plan!);
        var deck = Id<RateDeck>.Parse(tariff.Plans[priced.Plan!].At(at).Band.Deck);
        return new CallRating
        {
            RatedAt = now, Plan = plan, PlanVersion = parts.Plans[plan].Version, Deck = deck, DeckVersion = parts.Decks[deck].Version,
            Prefix = priced.MatchedPrefix!, Destination = priced.Destination!, Billed = priced.Billed, Amount = Money.Of(priced.Amount!.Value, currency),
            Lines = priced.Lines, Buckets = [.. uses],
        };
    }

    private static Call Booked(Call call, Id<Journal> journal) =>
        call is { Rating: { Amount.IsZero: false } rating } ? call with { Rating = rating with { Journal = journal } } : call;

    private static void Count(Dictionary<UsageCountKey, UsageCount> used, UsageAccount account, Call call, int times = 1)
    {
        var (key, count) = CountOf(account, call, times);
        used[key] = used.TryGetValue(key, out var before) ? before.Plus(count) : count;
    }

    /// <summary>What a call counts towards its month.</summary>
    internal static KeyValuePair<UsageCountKey, UsageCount> CountOf(UsageAccount account, Call call, int times = 1)
    {
        var record = call.Record;
        var amount = call.Amount ?? Money.Zero(account.Currency);
        return new(
            new UsageCountKey(account.Id, call.Line, account.MonthOf(record.ChargedFrom), record.Kind, record.Direction),
            new UsageCount(times, times * record.Quantity, times * (call.Rating?.Billed ?? 0), times < 0 ? -amount : amount));
    }
}
