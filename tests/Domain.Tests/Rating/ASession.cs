using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using static Relier.Domain.Tests.Rating.ATariff;

namespace Relier.Domain.Tests.Rating;

/// <summary>An account whose sessions are under way, with its books: each step is written into it.</summary>
internal sealed class SessionBooks
{
    private static readonly Id<RatePlan> Plan = Id<RatePlan>.Parse("plan");
    private TariffInForce _tariff;
    private int _journals;

    public SessionBooks(UsageRate rate, decimal money, decimal creditLimit = 0, PaymentMode mode = PaymentMode.Prepaid, params AccountBucket[] buckets)
        : this(Of(rate), money, creditLimit, mode, buckets)
    {
    }

    public SessionBooks(Tariff tariff, decimal money, decimal creditLimit = 0, PaymentMode mode = PaymentMode.Prepaid, params AccountBucket[] buckets)
    {
        var version = new PlanVersion
        {
            Plan = Plan, Version = 3, Name = "plan", Currency = Currency.INR, EffectiveFrom = Instant.MinValue, Zone = India, Bands = [], CreatedAt = Instant.MinValue,
        };
        var decks = new[] { "deck", "deck2" }.Select(name => new DeckVersion
        {
            Deck = Id<RateDeck>.Parse(name), Version = 7, Name = name, Currency = Currency.INR, State = VersionState.Active, Hash = "", Entries = 1, CreatedAt = Instant.MinValue,
        });
        _tariff = new TariffInForce(tariff, new TariffParts(new Dictionary<Id<RatePlan>, PlanVersion> { [Plan] = version }, decks.ToDictionary(deck => deck.Deck)));
        var account = new UsageAccount
        {
            Id = Id<Account>.Parse("acc_1"), Customer = Id<Customer>.Parse("cus_1"), Name = "A", Mode = mode, Currency = Currency.INR, Zone = India,
            Plans = [new PlanAssignment(Plan, Instant.MinValue)], CreatedAt = Instant.MinValue, Version = 1,
        };
        var wallet = Account.Open(account.Id, account.Customer, Rupees(creditLimit), Noon) with { Posted = Rupees(money) };
        Facts = new AccountUsage(account, wallet, buckets);
    }

    public AccountUsage Facts { get; set; }

    public Tariff Tariff
    {
        set => _tariff = _tariff with { Tariff = value };
    }

    public List<Hold> Open { get; } = [];

    public List<Journal> Journals { get; } = [];

    public List<Call> Calls { get; } = [];

    public decimal Available => Facts.Wallet.Available.ToDecimal();

    public decimal Posted => Facts.Wallet.Posted.ToDecimal();

    public static Money Rupees(decimal amount) => Money.Of(amount, Currency.INR);

    public static AccountBucket SecondsBucket(string id, long left, int priority = 0) => new()
    {
        Id = Id<AccountBucket>.Parse(id), Account = Id<Account>.Parse("acc_1"), Name = id, Content = Seconds(id, left) with { Priority = priority }, Granted = left, ValidFrom = Instant.MinValue,
        CreatedAt = Instant.MinValue, Version = 1,
    };

    public static CallRecord Record(string id = "1", string to = "918041000000") =>
        new() { Source = "fs-1", ExternalId = id, To = to, StartedAt = Noon, Quantity = 0, Lines = [new LineRef(LineKind.AccountCode, "A")] };

    public static SessionMessage Message(int sequence, long used, long requested) => new(sequence, used, requested, SessionMessage.ValidForDefault);

    public Outcome<UsageSession> Create(long requested, string id = "1", string to = "918041000000") =>
        UsageSession.Create(Id<UsageSession>.Parse($"ses_{id}"), Record(id, to), null, Message(1, 0, requested), Facts, (_, _) => _tariff, Noon).Then(Written);

    public UsageSession Update(UsageSession session, long used, long requested) => Written(session.Update(Message(session.Sequence + 1, used, requested), Facts, _tariff, NewJournal(), Noon));

    public UsageSession Release(UsageSession session, long used, Call? known = null) =>
        Written(session.Release(Message(session.Sequence + 1, used, 0), known, Id<Call>.Parse($"call_{session.Id.Value[4..]}"), Facts, _tariff, NewJournal(), Noon));

    public UsageSession Expire(UsageSession session) => Written(session.Expire(null, Id<Call>.Parse("call_1"), Facts, _tariff, NewJournal(), Noon));

    public UsageSession SettleBy(UsageSession session, Call call) => Written(session.SettleBy(call, Facts, _tariff, NewJournal(), Noon));

    /// <summary>What charging a call again would come to.</summary>
    public RechargedCalls Recharge(Call call) => CallCharging.Recharge(Facts, [call], (_, _) => _tariff, NewJournal(), Noon);

    /// <summary>What the account holds is what its open holds say, and its buckets hold what its sessions have in them.</summary>
    public void ShouldAddUp(params UsageSession[] sessions)
    {
        Facts.Wallet.Held.Should().Be(Rupees(Open.Sum(hold => hold.Amount.ToDecimal())));
        foreach (var bucket in Facts.Buckets)
        {
            var own = sessions.SelectMany(session => session.Buckets).Where(one => one.Bucket == bucket.Id).ToList();
            bucket.Reserved.Should().Be(own.Sum(one => one.Reserved));
            (bucket.Content.Left + own.Sum(one => one.Taken)).Should().Be(bucket.Granted);
            bucket.Reserved.Should().BeInRange(0, bucket.Content.Left);
        }
    }

    private Id<Journal> NewJournal() => Id<Journal>.Parse($"jnl_{++_journals}");

    private UsageSession Written(SessionStep step)
    {
        if (step.Ended is { } ended) Open.RemoveAll(hold => hold.Subject == ended.Subject && hold.Amount == ended.Amount).Should().Be(1, "a hold ends once, as it began");
        if (step.Opened is { } opened) Open.Add(opened);
        if (step.Journal is { } journal) Journals.Add(journal);
        if (step.Call is { } call) Calls.Add(call);
        Facts = Facts with { Wallet = step.Wallet, Buckets = [.. Facts.Buckets.Select(bucket => step.Buckets.FirstOrDefault(changed => changed.Id == bucket.Id) ?? bucket)] };
        return step.Session;
    }
}
