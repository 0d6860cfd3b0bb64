using System.Collections.Immutable;
using NodaTime;
using Relier.Ledger;

namespace Relier.Rating;

/// <summary>
/// Counts what a session comes to. It is rated from its beginning each time, with what buckets gave it or hold for it counted in, so
/// that the charge so far is that of one call of this length.
/// </summary>
internal sealed class SessionMeter
{
    private readonly UsageSession _session;
    private readonly AccountUsage _facts;
    private readonly TariffInForce? _tariff;
    private readonly List<AccountBucket> _buckets;
    private readonly decimal[] _seen;

    /// <param name="session">The session, as it was but for its last message.</param>
    /// <param name="facts">Its account, with every bucket that it has something of.</param>
    /// <param name="tariff">What it is rated by; null when it costs nothing.</param>
    public SessionMeter(UsageSession session, AccountUsage facts, TariffInForce? tariff)
    {
        (_session, _facts, _tariff) = (session, facts, tariff);
        _buckets = [.. facts.Buckets.Where(bucket => bucket.ValidFrom <= session.Record.StartedAt)];
        _seen = [.. _buckets.Select(bucket => bucket.Usable.Left + Own(bucket).Taken + Own(bucket).Reserved)];
        if (session.PricedTo == 0 || _buckets.Count == 0) return;

        // What others gave back meanwhile is for this session too, unless it went past that bucket already: what was charged stays.
        var before = Rated(session.PricedTo);
        if (Money.Of(before.Amount ?? -1m, session.Charged.Currency) == session.Charged && _buckets.Select((bucket, place) => Given(before, place) == Own(bucket).Taken).All(same => same)) return;
        for (var place = 0; place < _seen.Length; place++) _seen[place] = Math.Min(_seen[place], Own(_buckets[place]).Seen);
    }

    /// <summary>Why the destination has no price; null when it has one.</summary>
    public UnratedReason? Reason => Rated(0).Reason;

    /// <summary>What so much would cost from the beginning, as far as an account can hold it.</summary>
    public decimal PriceOfAll(long quantity) => Math.Min(Rated(quantity).Amount ?? 0, LedgerRefusals.LargestBalance);

    /// <summary>Charges what was used and sets aside what is granted.</summary>
    public SessionStep Go(SessionMessage message, long used, string subject, Id<Journal>? journal, Instant now)
    {
        var (priced, pricedTo, unpriced) = Priced(_session.Record, used);
        var (wallet, booked, ended) = Charge(priced, subject, journal, now);
        var charged = Amount(priced);
        var total = Math.Min(used + message.Requested, new Usage(_session.Record.Kind, null, now, 0).QuantityMax);
        var asked = message.Requested == 0 ? null : Authorised(total, LimitOf(charged, wallet));
        var (granted, held) = (0L, Money.Zero(wallet.Currency));
        if (asked is { Status: not RatingStatus.Unrated } && Math.Max(asked.Granted!.Value - used, 0) is var more and > 0)
        {
            granted = more;
            held = Money.FromMicros(Math.Max(Amount(asked).Micros - charged.Micros, 0), wallet.Currency);
        }

        var isHeld = _session.Mode == PaymentMode.Prepaid && held.IsPositive;
        if (isHeld) wallet = wallet.ReserveForUsage(held).Value;
        var (owned, buckets) = Buckets(priced, granted > 0 ? asked : null);
        var isLess = granted < message.Requested;
        var reason = unpriced ?? asked?.Reason;
        var session = _session with
        {
            Used = used, PricedTo = pricedTo, Granted = granted, Charged = charged, Held = isHeld ? held : Money.Zero(wallet.Currency), Hold = isHeld ? subject : null, Buckets = owned, Journal = booked?.Id ?? _session.Journal,
        };
        session = session with
        {
            Answer = AnswerOf(session, wallet) with
            {
                IsFinal = isLess, Reason = reason is { } why ? SessionRefusals.Word(why) : isLess ? WhyLess(used, granted, total) : null,
            },
        };
        return new SessionStep
        {
            Session = session, Wallet = wallet, Ended = ended, Journal = booked, Buckets = buckets, Unrated = asked?.Reason,
            Opened = isHeld ? new Hold { Subject = subject, Account = wallet.Id, Amount = held, State = HoldState.Open, OpenedAt = now } : null,
        };
    }

    /// <summary>Charges what was used in the end, gives back what was set aside, and makes the call.</summary>
    /// <param name="reported">What was used.</param>
    /// <param name="known">The call, when a record of it came already: then its quantity counts.</param>
    /// <param name="id">The id of the call, if it is new.</param>
    /// <param name="subject">For what is booked.</param>
    /// <param name="journal">The id of the journal, if there is one.</param>
    /// <param name="isAnswered">Whether somebody waits for the answer; else the last one stays.</param>
    /// <param name="now">The time.</param>
    public SessionStep End(long reported, Call? known, Id<Call> id, string subject, Id<Journal> journal, bool isAnswered, Instant now)
    {
        var isOurs = known is null || (known.State == CallState.Received && known.Account == _session.Account);
        var (record, used) = known is not null && isOurs ? (known.Record, known.Record.Quantity) : (_session.Record, reported);
        var (priced, pricedTo, unpriced) = Priced(record, used);
        var (wallet, booked, ended) = Charge(priced, subject, journal, now);
        var (owned, buckets) = Buckets(priced, null);
        var call = isOurs ? CallOf(known, id, used, priced, pricedTo, owned, booked?.Id ?? _session.Journal, now) : null;
        var nothing = Money.Zero(wallet.Currency);
        var session = _session with
        {
            State = SessionState.Released, Used = used, PricedTo = pricedTo, Granted = 0, Charged = Amount(priced), Held = nothing, Hold = null, Buckets = owned, Journal = booked?.Id ?? _session.Journal,
            Call = call?.Id ?? known!.Id, EndedAt = now,
        };
        if (isAnswered) session = session with { Answer = AnswerOf(session, wallet) with { Reason = unpriced is { } why ? SessionRefusals.Word(why) : null } };
        return new SessionStep
        {
            Session = session, Wallet = wallet, Ended = ended, Journal = booked, Buckets = buckets, Call = call,
            Counts = call is null ? [] : [CallCharging.CountOf(_facts.Account, call)],
        };
    }

    private static SessionAnswer AnswerOf(UsageSession session, Account wallet) => new()
    {
        Sequence = session.Sequence, State = session.State, Used = session.Used, Granted = session.Granted, IsFinal = false, Charged = session.Charged, Held = session.Held,
        Available = wallet.Available, ValidUntil = session.ValidUntil, Call = session.Call, IsExpired = session.IsExpired,
    };

    private Call CallOf(Call? known, Id<Call> id, long used, RatedUsage priced, long pricedTo, ImmutableArray<SessionBucket> owned, Id<Journal>? journal, Instant now)
    {
        var call = known ?? new Call
        {
            Id = id, Account = _session.Account, Customer = _session.Customer, Line = _session.Line, State = CallState.Received, ReceivedAt = now, Version = 1,
            Record = _session.RecordOf(used, now), Batch = _session.Id.Value,
        };
        long? part = pricedTo < used ? pricedTo : null;
        if (_tariff is null || priced.Status == RatingStatus.Zero) return call with { State = CallState.Zero, Reason = null, PricedTo = part };
        var uses = owned.Where(bucket => bucket.Taken != 0).Select(bucket => new BucketUse(bucket.Bucket, bucket.Taken));
        var rating = CallCharging.RatingOf(priced, _tariff.Parts, _tariff.Tariff, call.Record.ChargedFrom, _session.Charged.Currency, uses, now);
        return call.Priced(rating with { Journal = _session.Mode == PaymentMode.Prepaid && !rating.Amount.IsZero ? journal : null }, part);
    }

    /// <summary>What was used costs; of what has no price, only as much as had one before or was granted, which has one.</summary>
    private (RatedUsage Priced, long PricedTo, UnratedReason? Unpriced) Priced(CallRecord record, long used)
    {
        var priced = Rated(record, used);
        if (priced.Status != RatingStatus.Unrated && priced.Amount <= CallCharging.RoomOf(_facts) + _session.Charged.ToDecimal()) return (priced, used, null);
        var known = Math.Min(used, _session.PricedTo + _session.Granted);
        return (Rated(known), known, priced.Reason ?? UnratedReason.TooLarge);
    }

    /// <summary>Gives back what was set aside, and takes from a prepaid balance what more was used: below zero if need be.</summary>
    private (Account Wallet, Journal? Journal, Hold? Ended) Charge(RatedUsage priced, string subject, Id<Journal>? journal, Instant now)
    {
        var wallet = _session.Held.IsPositive ? _facts.Wallet.Release(_session.Held) : _facts.Wallet;
        var ended = _session.Hold is null
            ? null
            : new Hold { Subject = _session.Hold, Account = wallet.Id, Amount = _session.Held, State = HoldState.Open, OpenedAt = now }.End(HoldState.Released, now);
        var more = Amount(priced) - _session.Charged;
        if (_session.Mode == PaymentMode.Postpaid || more.IsZero) return (wallet, null, ended);
        var booking = more.IsPositive ? PostingTable.UsageCharged(journal!.Value, now, wallet, more, subject) : PostingTable.UsageRecharged(journal!.Value, now, wallet, more, subject);
        return (booking.Account, booking.Journal, ended);
    }

    /// <summary>Prepaid: what is charged and what there is beside it. Postpaid: what any account can hold, or where this one has a limit, that much for each session.</summary>
    private decimal LimitOf(Money charged, Account wallet)
    {
        var available = Math.Max(wallet.Available.ToDecimal(), 0m);
        if (_session.Mode == PaymentMode.Prepaid) return charged.ToDecimal() + available;
        return wallet.CreditLimit.IsPositive ? available : LedgerRefusals.LargestBalance;
    }

    /// <summary>The balance; unless no balance would do, because the price has a limit, or the call a longest time.</summary>
    private string WhyLess(long used, long granted, long total) => Authorised(total, null).Granted - used > granted ? "insufficient_credit" : "call_limit";

    /// <summary>What the session has of buckets then, and those in which that changes something.</summary>
    private (ImmutableArray<SessionBucket> Owned, List<AccountBucket> Changed) Buckets(RatedUsage priced, RatedUsage? asked)
    {
        var (owned, changed) = (ImmutableArray.CreateBuilder<SessionBucket>(), new List<AccountBucket>());
        for (var place = 0; place < _buckets.Count; place++)
        {
            var (bucket, own) = (_buckets[place], Own(_buckets[place]));
            var taken = Given(priced, place);
            var reserved = asked is null ? 0 : Math.Max(Given(asked, place) - taken, 0);
            owned.Add(new SessionBucket(bucket.Id, taken, reserved, _seen[place]));
            if (taken == own.Taken && reserved == own.Reserved) continue;
            changed.Add(bucket with { Content = bucket.Content with { Left = bucket.Content.Left - taken + own.Taken }, Reserved = bucket.Reserved + reserved - own.Reserved });
        }

        return (owned.ToImmutable(), changed);
    }

    private SessionBucket Own(AccountBucket bucket) =>
        _session.Buckets.FirstOrDefault(own => own.Bucket == bucket.Id) ?? new SessionBucket(bucket.Id, 0, 0, _session.Used == 0 ? decimal.MaxValue : 0);

    /// <summary>What a bucket gives for it.</summary>
    private decimal Given(RatedUsage rated, int place) => rated.Buckets.IsDefaultOrEmpty || rated.Status == RatingStatus.Unrated ? 0 : _seen[place] - rated.Buckets[place].Left;

    private Money Amount(RatedUsage rated) => Money.Of(rated.Amount!.Value, _session.Charged.Currency);

    private RatedUsage Rated(long used) => Rated(_session.Record, used);

    private RatedUsage Rated(CallRecord record, long used) => _tariff is null ? Free(used) : Rater.Price(_tariff.Tariff, UsageOf(record, used), Content());

    private RatedUsage Authorised(long total, decimal? limit) =>
        _tariff is null ? Free(total) with { Granted = total } : Rater.Authorise(_tariff.Tariff, UsageOf(_session.Record, total), Content(), limit);

    private static RatedUsage Free(long quantity) => new() { Status = RatingStatus.Zero, Amount = 0m, Actual = quantity };

    private List<Bucket> Content() => [.. _buckets.Select((bucket, place) => bucket.Content with { Left = _seen[place] })];

    private static Usage UsageOf(CallRecord record, long quantity) => new(record.Kind, record.To, record.ChargedFrom, quantity);
}
