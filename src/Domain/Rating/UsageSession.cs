using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;

namespace Relier.Rating;

/// <summary>Whether a session goes on.</summary>
public enum SessionState
{
    /// <summary>It goes on: more may be granted.</summary>
    Open,

    /// <summary>It ended, and is charged.</summary>
    Released,
}

/// <summary>What a session has of a bucket.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Taken">What it gave for what was used.</param>
/// <param name="Reserved">What is set aside in it for what was granted.</param>
/// <param name="Seen">The most that the session was rated with: what lay behind its end was paid for otherwise.</param>
public sealed record SessionBucket(Id<AccountBucket> Bucket, decimal Taken, decimal Reserved, decimal Seen);

/// <summary>What the sender of a message is told. Asked again, it is told the same.</summary>
public sealed record SessionAnswer
{
    /// <summary>The number of the message.</summary>
    public required int Sequence { get; init; }

    /// <summary>Whether the session goes on.</summary>
    public required SessionState State { get; init; }

    /// <summary>What was used so far, from the beginning.</summary>
    public required long Used { get; init; }

    /// <summary>How much more may be used.</summary>
    public required long Granted { get; init; }

    /// <summary>Whether that is less than was asked for, so that there will be no more.</summary>
    public required bool IsFinal { get; init; }

    /// <summary>Why less or nothing was granted, or why what was reported could not be priced; null when all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>What it costs so far.</summary>
    public required Money Charged { get; init; }

    /// <summary>What is set aside for what is granted.</summary>
    public required Money Held { get; init; }

    /// <summary>What the account has left for others.</summary>
    public required Money Available { get; init; }

    /// <summary>When the session ends unless a message comes before.</summary>
    public required Instant ValidUntil { get; init; }

    /// <summary>The call that it became; null while it goes on.</summary>
    public Id<Call>? Call { get; init; }

    /// <summary>Whether it ended because no message came.</summary>
    public bool IsExpired { get; init; }
}

/// <summary>A message of a switch about a session.</summary>
/// <param name="Sequence">Its number: one more than that of the message before.</param>
/// <param name="Used">What was used since the session began.</param>
/// <param name="Requested">How much more is asked for.</param>
/// <param name="ValidFor">How long the answer holds.</param>
public sealed record SessionMessage(int Sequence, long Used, long Requested, Duration ValidFor)
{
    /// <summary>How long an answer holds unless the message says.</summary>
    public static readonly Duration ValidForDefault = Duration.FromMinutes(5);

    /// <summary>The longest that an answer holds.</summary>
    public static readonly Duration ValidForMax = Duration.FromHours(1);

    internal string Fingerprint(string verb, CallRecord record) => Said(verb == UsageSession.CreateVerb ? $"{Text(verb)}\n{record.Fingerprint()}\n{string.Join(',', record.Lines)}" : Text(verb));

    private string Text(string verb) => $"{verb}\n{Sequence}\n{Used}\n{Requested}\n{ValidFor.TotalMilliseconds:F0}";

    private static string Said(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}

/// <summary>
/// Usage that is under way, charged by what it comes to from its beginning: what is used in slices costs what it costs in one piece.
/// What is granted is set aside, in buckets first and then in the balance. Rated to its end by the tariff of its beginning.
/// </summary>
public sealed record UsageSession
{
    internal const string CreateVerb = "create";
    private const string UpdateVerb = "update";
    private const string ReleaseVerb = "release";

    /// <summary>Its id.</summary>
    public required Id<UsageSession> Id { get; init; }

    /// <summary>What is used, by whom, where to, since when; its quantity is nothing until the end.</summary>
    public required CallRecord Record { get; init; }

    /// <summary>Whose it is.</summary>
    public required Id<Account> Account { get; init; }

    /// <summary>The customer of the account.</summary>
    public required Id<Customer> Customer { get; init; }

    /// <summary>The line by which the account was found.</summary>
    public LineRef? Line { get; init; }

    /// <summary>When it is paid for: as the account said at the beginning.</summary>
    public required PaymentMode Mode { get; init; }

    /// <summary>What it is rated by; null for what costs nothing without a plan, as being called.</summary>
    public PinnedTariff? Tariff { get; init; }

    /// <summary>Whether it goes on.</summary>
    public SessionState State { get; init; }

    /// <summary>The number of the last message.</summary>
    public required int Sequence { get; init; }

    /// <summary>What the last message said.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What was used so far.</summary>
    public long Used { get; init; }

    /// <summary>How much of that has a price and is charged: all, unless there was no price for the rest.</summary>
    public long PricedTo { get; init; }

    /// <summary>How much more is granted.</summary>
    public long Granted { get; init; }

    /// <summary>What it costs so far: charged, or collected for the invoice.</summary>
    public required Money Charged { get; init; }

    /// <summary>What is set aside in the balance.</summary>
    public required Money Held { get; init; }

    /// <summary>The hold of what is set aside; null when nothing is.</summary>
    public string? Hold { get; init; }

    /// <summary>What it has of buckets.</summary>
    public ImmutableArray<SessionBucket> Buckets { get; init; } = [];

    /// <summary>The journal that charged last.</summary>
    public Id<Journal>? Journal { get; init; }

    /// <summary>When it ends unless a message comes before.</summary>
    public required Instant ValidUntil { get; init; }

    /// <summary>What the sender of the last message was told.</summary>
    public required SessionAnswer Answer { get; init; }

    /// <summary>The call that it became.</summary>
    public Id<Call>? Call { get; init; }

    /// <summary>Whether it ended because no message came.</summary>
    public bool IsExpired { get; init; }

    /// <summary>When its first message came.</summary>
    public required Instant OpenedAt { get; init; }

    /// <summary>When it ended.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// Begins a session with what the buckets and the balance pay for. Refusals: <c>account_not_active</c>, then why there is no price (<c>no_plan</c>,
    /// <c>no_rate</c>, <c>forbidden</c>, <c>bad_number</c>, <c>loop</c>), then <c>insufficient_credit</c>.
    /// </summary>
    public static Outcome<SessionStep> Create(
        Id<UsageSession> id, CallRecord record, LineRef? line, SessionMessage message, AccountUsage facts, Func<Id<RatePlan>, Instant, TariffInForce> tariffOf, Instant now)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(tariffOf);
        var account = facts.Account;
        if (account.Status != UsageAccountStatus.Active) return SessionRefusals.AccountNotActive(account);
        var plan = account.PlanFor(record.Kind, record.Direction, line, record.StartedAt);
        if (plan is null && record.Direction == CallDirection.Outbound) return SessionRefusals.Unrated(UnratedReason.NoPlan);

        var tariff = plan is null ? null : tariffOf(plan.Plan, record.StartedAt);
        var nothing = Money.Zero(account.Currency);
        var session = new UsageSession
        {
            Id = id, Record = record, Account = account.Id, Customer = account.Customer, Line = line, Mode = account.Mode, Sequence = message.Sequence,
            Tariff = tariff is null ? null : PinnedTariff.Of(plan!.Plan, tariff.Parts), Fingerprint = message.Fingerprint(CreateVerb, record), Charged = nothing, Held = nothing,
            ValidUntil = now + message.ValidFor, Answer = null!, OpenedAt = now, Version = 1,
        };
        var meter = new SessionMeter(session, facts, tariff);
        if (meter.Reason is { } known) return SessionRefusals.Unrated(known);
        var step = meter.Go(message, 0, $"{id}/{message.Sequence}", null, now);
        if (step.Unrated is { } reason) return SessionRefusals.Unrated(reason);
        return step.Session.Granted > 0 ? step with { IsNew = true } : LedgerRefusals.InsufficientCredit(facts.Wallet.Available, Money.Of(meter.PriceOfAll(message.Requested), account.Currency));
    }

    /// <summary>What the first message was told, when this is the first message again and no other came; else the refusal.</summary>
    public Outcome<SessionAnswer> CreatedAgain(CallRecord record, SessionMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Sequence == Sequence && message.Fingerprint(CreateVerb, record) == Fingerprint) return Answer;
        return State == SessionState.Open ? SessionRefusals.SequenceConflict(this) : SessionRefusals.CallKnown(Call);
    }

    /// <summary>What an update finds: null to go on, else the answer that was given before, or the refusal <c>sequence_conflict</c>, <c>session_ended</c> or <c>used_decreased</c>.</summary>
    public Outcome<SessionAnswer>? Before(SessionMessage message, bool isRelease)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Sequence == Sequence && message.Fingerprint(VerbOf(isRelease), Record) == Fingerprint) return Answer;
        if (message.Sequence != Sequence + 1) return SessionRefusals.SequenceConflict(this);
        if (State == SessionState.Released) return SessionRefusals.SessionEnded(this);
        if (message.Used < Used) return SessionRefusals.UsedDecreased(this);
        return null;
    }

    /// <summary>
    /// Charges what was used, and grants what is asked for as far as buckets and balance go. What was used is charged also beyond what was
    /// granted and below zero. An update is never refused for money: nothing more is granted then, and the reason says why.
    /// </summary>
    public SessionStep Update(SessionMessage message, AccountUsage facts, TariffInForce? tariff, Id<Journal> journal, Instant now) =>
        new SessionMeter(Next(message, UpdateVerb, now), facts, tariff).Go(message, message.Used, $"{Id}/{message.Sequence}", journal, now);

    /// <summary>Charges what was used, gives back the rest, and makes the call.</summary>
    /// <param name="message">The message; nothing more is granted.</param>
    /// <param name="known">The call, when a record of it came already: then its quantity counts.</param>
    /// <param name="call">The id of the call, if it is new.</param>
    /// <param name="facts">The account.</param>
    /// <param name="tariff">What it is rated by.</param>
    /// <param name="journal">The id of the journal, if there is one.</param>
    /// <param name="now">The time.</param>
    public SessionStep Release(SessionMessage message, Call? known, Id<Call> call, AccountUsage facts, TariffInForce? tariff, Id<Journal> journal, Instant now) =>
        new SessionMeter(Next(message, ReleaseVerb, now), facts, tariff).End(message.Used, known, call, $"{Id}/{message.Sequence}", journal, true, now);

    /// <summary>Ends a session from which nothing was heard: what was granted last counts as used.</summary>
    public SessionStep Expire(Call? known, Id<Call> call, AccountUsage facts, TariffInForce? tariff, Id<Journal> journal, Instant now) =>
        new SessionMeter(this with { IsExpired = true }, facts, tariff).End(Used + Granted, known, call, $"{Id}/end", journal, false, now);

    /// <summary>Ends a session by what a record of its call says, which may be less than was reported before.</summary>
    public SessionStep SettleBy(Call known, AccountUsage facts, TariffInForce? tariff, Id<Journal> journal, Instant now)
    {
        ArgumentNullException.ThrowIfNull(known);
        return new SessionMeter(this, facts, tariff).End(known.Record.Quantity, known, known.Id, $"{Id}/end", journal, false, now);
    }

    /// <summary>Its call as far as the session knows it.</summary>
    /// <param name="used">What was used in the end.</param>
    /// <param name="now">The time.</param>
    public CallRecord RecordOf(long used, Instant now)
    {
        var isCall = Record.Kind == UsageKind.Voice;
        return Record with
        {
            Quantity = used, AnsweredAt = isCall && used > 0 ? Record.StartedAt : null, Duration = isCall ? used : 0,
            EndedAt = isCall ? Record.StartedAt + Duration.FromSeconds(used) : Instant.Max(now, Record.StartedAt),
        };
    }

    /// <summary>Whether what is known of its call is still what it became at its end, and no record of it came.</summary>
    public bool IsAsItEnded(Id<Call> call, string fingerprint) => State == SessionState.Released && Call == call && RecordOf(Used, Record.StartedAt).Fingerprint() == fingerprint;

    /// <summary>Equal when every part is.</summary>
    public bool Equals(UsageSession? other) =>
        other is not null && Id == other.Id && Version == other.Version && State == other.State && Sequence == other.Sequence && Fingerprint == other.Fingerprint && Used == other.Used
        && PricedTo == other.PricedTo && Granted == other.Granted && Charged == other.Charged && Held == other.Held && Buckets.SequenceEqual(other.Buckets) && ValidUntil == other.ValidUntil && Answer == other.Answer;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Version);

    private UsageSession Next(SessionMessage message, string verb, Instant now) =>
        this with { Sequence = message.Sequence, Fingerprint = message.Fingerprint(verb, Record), ValidUntil = now + message.ValidFor };

    private static string VerbOf(bool isRelease) => isRelease ? ReleaseVerb : UpdateVerb;
}

/// <summary>What came of a message, or of time: all of it is written at once.</summary>
public sealed record SessionStep
{
    /// <summary>The session afterwards.</summary>
    public required UsageSession Session { get; init; }

    /// <summary>Whether it begins.</summary>
    public bool IsNew { get; init; }

    /// <summary>The account's money afterwards.</summary>
    public required Account Wallet { get; init; }

    /// <summary>The hold that ended; null when there was none.</summary>
    public Hold? Ended { get; init; }

    /// <summary>The hold that began; null when nothing is set aside.</summary>
    public Hold? Opened { get; init; }

    /// <summary>What is booked; null when nothing is.</summary>
    public Journal? Journal { get; init; }

    /// <summary>The buckets that gave something, or in which something is set aside, as they are afterwards.</summary>
    public IReadOnlyList<AccountBucket> Buckets { get; init; } = [];

    /// <summary>The call that it became.</summary>
    public Call? Call { get; init; }

    /// <summary>What counts towards the months.</summary>
    public IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>> Counts { get; init; } = [];

    /// <summary>Why nothing can be granted, when there is no price for it.</summary>
    internal UnratedReason? Unrated { get; init; }
}

/// <summary>The noes of sessions.</summary>
public static class SessionRefusals
{
    /// <summary>The account is suspended or closed. Facts: <c>account</c>, <c>status</c>.</summary>
    public static Refusal AccountNotActive(UsageAccount account) =>
        new Refusal("account_not_active", $"Account {account.Id} is {Word(account.Status)}: nothing new is let through.").With("account", account.Id.Value).With("status", Word(account.Status));

    /// <summary>There is no price: the code says why.</summary>
    public static Refusal Unrated(UnratedReason reason) => new(Word(reason), reason switch
    {
        UnratedReason.NoPlan => "No plan holds for this account, line and kind of usage.",
        UnratedReason.NoRate => "No deck of the plan knows the destination.",
        UnratedReason.Forbidden => "Calls there are not allowed.",
        UnratedReason.BadNumber => "That is no number.",
        UnratedReason.Loop => "The plans fall back to each other in a circle.",
        UnratedReason.NoAccount => "Nobody is known by these lines.",
        UnratedReason.TooLarge => "It would cost more than any account can hold.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Not a reason this version knows."),
    });

    /// <summary>The message is not the next one, or says something else than it did the first time. Facts: <c>expected</c>, <c>session</c>.</summary>
    public static Refusal SequenceConflict(UsageSession session) =>
        new Refusal("sequence_conflict", $"The next message of session {session.Id} is number {session.Sequence + 1}; an earlier one is answered again only while it is the last, and word for word.")
            .With("expected", $"{session.Sequence + 1}").With("session", session.Id.Value);

    /// <summary>The session ended without this message. Facts: <c>used</c>, <c>charged</c>, <c>call</c>, <c>expired</c>.</summary>
    public static Refusal SessionEnded(UsageSession session)
    {
        var refusal = new Refusal("session_ended", $"Session {session.Id} ended{(session.IsExpired ? " because nothing was heard of it" : "")}; a later correction comes as a record of the call.")
            .With("used", $"{session.Used}").With("charged", session.Charged).With("expired", session.IsExpired ? "true" : "false");
        return session.Call is { } call ? refusal.With("call", call.Value) : refusal;
    }

    /// <summary>The call took place already. Facts: <c>call</c>.</summary>
    public static Refusal CallKnown(Id<Call>? call)
    {
        var refusal = new Refusal("call_known", "A call of this name is known already.");
        return call is { } known ? refusal.With("call", known.Value) : refusal;
    }

    /// <summary>Less is reported than before. Facts: <c>used</c>.</summary>
    public static Refusal UsedDecreased(UsageSession session) =>
        new Refusal("used_decreased", $"{session.Used} were used already; what was used is counted from the beginning of the session.").With("used", $"{session.Used}");

    /// <summary>The word for a reason, as in <c>no_rate</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => string.Concat($"{value}".Select((letter, place) => char.IsUpper(letter) ? $"{(place > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
