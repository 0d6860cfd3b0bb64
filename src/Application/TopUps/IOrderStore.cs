using NodaTime;
using Relier.Customers;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Orders of the session's tenant, many at a time: all that decides them is read in one exchange with the engine, all that
/// they leave is written in another, so that many orders cost little more than one.
/// </summary>
public interface IOrderStore
{
    /// <summary>
    /// Locks the wallets of these customers until the end of the transaction, in the order of the customers' ids, so that two who
    /// want the same ones never wait for each other; then reads, behind the locks, what is asked for. What is not there is
    /// left out.
    /// </summary>
    Task<OrderFacts> LockAsync(OrderQuestions questions, CancellationToken cancellationToken);

    /// <summary>
    /// What counts towards the day for these phones, in every currency: the face values of the day's top-ups that have or may
    /// have been delivered. None means zero. Few customers limit it, so it is added up when it is asked for.
    /// </summary>
    Task<IReadOnlyList<DailyUseOfPhone>> UsedAsync(IReadOnlyCollection<(Id<Customer> Customer, Msisdn Phone)> phones, LocalDate day, CancellationToken cancellationToken);

    /// <summary>
    /// Writes everything. Throws <see cref="StaleVersionException"/> for a wallet that is not at the given version and when what was assumed is not so,
    /// <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.TopUp"/>, <see cref="UniqueKey.TopUpReference"/>,
    /// <see cref="UniqueKey.Hold"/>, <see cref="UniqueKey.Job"/>, <see cref="UniqueKey.IdempotencyKey"/>); after either the
    /// transaction can only be rolled back. Either may be thrown as late as by the commit, with which the rows are written where that is one exchange less.
    /// </summary>
    Task AddAsync(OrderEntries entries, CancellationToken cancellationToken);
}

/// <summary>What has to be known to decide some orders. Nothing is asked twice.</summary>
public sealed record OrderQuestions
{
    /// <summary>Who orders.</summary>
    public required IReadOnlyCollection<Id<Customer>> Customers { get; init; }

    /// <summary>The references they gave.</summary>
    public IReadOnlyCollection<(Id<Customer> Customer, string Reference)> References { get; init; } = [];

    /// <summary>The idempotency keys they gave.</summary>
    public IReadOnlyCollection<(string Actor, string Key)> Keys { get; init; } = [];

    /// <summary>The orders that must not have a twin.</summary>
    public IReadOnlyCollection<(Id<Customer> Customer, Msisdn Phone, Money Face)> Twins { get; init; } = [];

    /// <summary>A twin was ordered after this.</summary>
    public required Instant TwinsSince { get; init; }

    /// <summary>The currencies between which a rate may be needed.</summary>
    public IReadOnlyCollection<(Currency One, Currency Other)> Pairs { get; init; } = [];

    /// <summary>No rate of a later time counts.</summary>
    public required Instant Now { get; init; }

    /// <summary>The day whose use counts.</summary>
    public required LocalDate Day { get; init; }
}

/// <summary>The answers, as of the moment the wallets were locked, or, when they were remembered, of the last commit. In no order.</summary>
public sealed record OrderFacts
{
    /// <summary>The customers.</summary>
    public required IReadOnlyList<Customer> Customers { get; init; }

    /// <summary>Their wallets.</summary>
    public required IReadOnlyList<Account> Wallets { get; init; }

    /// <summary>The first answers under the keys.</summary>
    public required IReadOnlyList<FirstAnswer> Answers { get; init; }

    /// <summary>The top-ups with the references, those the first answers name, and of each twin asked for the newest; each once.</summary>
    public required IReadOnlyList<TopUp> TopUps { get; init; }

    /// <summary>What the customers used on the day, in every currency. None means zero.</summary>
    public required IReadOnlyList<DailyUse> Used { get; init; }

    /// <summary>For each pair what <see cref="IExchangeRateStore.FindAsync"/> says.</summary>
    public required IReadOnlyDictionary<(Currency One, Currency Other), ExchangeRate?> Rates { get; init; }
}

/// <summary>Face values that count towards a day.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Face">Their sum.</param>
public sealed record DailyUse(Id<Customer> Customer, Money Face);

/// <summary>Those of them for one phone.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Phone">For which phone.</param>
/// <param name="Face">Their sum.</param>
public sealed record DailyUseOfPhone(Id<Customer> Customer, Msisdn Phone, Money Face);

/// <summary>What some orders leave: written together or not at all.</summary>
public sealed record OrderEntries
{
    /// <summary>Wallets with their new amounts, at the version at which they were known.</summary>
    public IReadOnlyList<Account> Wallets { get; init; } = [];

    /// <summary>New top-ups, without attempts or evidence.</summary>
    public IReadOnlyList<TopUp> TopUps { get; init; } = [];

    /// <summary>New holds.</summary>
    public IReadOnlyList<Hold> Holds { get; init; } = [];

    /// <summary>New jobs.</summary>
    public IReadOnlyList<Job> Jobs { get; init; } = [];

    /// <summary>New first answers.</summary>
    public IReadOnlyList<FirstAnswer> Answers { get; init; } = [];

    /// <summary>What is added to the use of the day; each customer and currency once.</summary>
    public IReadOnlyList<DailyUse> Used { get; init; } = [];

    /// <summary>The day of the use.</summary>
    public required LocalDate Day { get; init; }

    /// <summary>What was not read before the orders were decided; null when all was. If given, <see cref="Wallets"/> is the one wallet of that customer, not locked.</summary>
    public OrderAssumption? Assumed { get; init; }
}

/// <summary>What orders of one customer were decided on without reading it, beside the wallet at its version.</summary>
/// <param name="Customer">The customer, still at its version.</param>
/// <param name="Used">What it used on the day in this currency, still the same.</param>
/// <param name="Rate">The rate used: still what <see cref="IExchangeRateStore.FindAsync"/> says between that currency and the other. Null when none was used.</param>
/// <param name="Now">No rate of a later time counts.</param>
public sealed record OrderAssumption(Customer Customer, Money Used, ExchangeRate? Rate, Instant Now);
