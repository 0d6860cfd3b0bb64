using NodaTime;
using Relier.Customers;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>Top-ups of the session's tenant, each with its attempts and evidence.</summary>
public interface ITopUpStore
{
    /// <summary>Adds one. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.TopUp"/>, <see cref="UniqueKey.TopUpReference"/>).</summary>
    Task AddAsync(TopUp topUp, CancellationToken cancellationToken);

    /// <summary>
    /// Writes state, route, attempts and evidence if the stored version is the given one's, and counts the version up.
    /// Attempts and evidence already there are never removed. Throws <see cref="StaleVersionException"/>,
    /// <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.ProviderReference"/>, <see cref="UniqueKey.OpenAttempt"/>).
    /// </summary>
    Task<TopUp> UpdateAsync(TopUp topUp, CancellationToken cancellationToken);

    /// <summary>The top-up; null if there is none.</summary>
    Task<TopUp?> FindAsync(Id<TopUp> id, CancellationToken cancellationToken);

    /// <summary>Those of these top-ups that are there, in no order.</summary>
    Task<IReadOnlyList<TopUp>> FindManyAsync(IReadOnlyCollection<Id<TopUp>> ids, CancellationToken cancellationToken);

    /// <summary>The top-up with this reference of this customer; null if there is none.</summary>
    Task<TopUp?> FindByReferenceAsync(Id<Customer> customer, string reference, CancellationToken cancellationToken);

    /// <summary>The newest top-up of the customer for this phone and face value, ordered after <paramref name="since"/>, that has or may have been delivered; null if there is none.</summary>
    Task<TopUp?> FindTwinAsync(Id<Customer> customer, Msisdn phone, Money face, Instant since, CancellationToken cancellationToken);

    /// <summary>Top-ups, newest first, then by id downwards.</summary>
    Task<Page<TopUp>> ListAsync(TopUpFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Count, face value and charge by state and currencies, of those the filter lets through.</summary>
    Task<IReadOnlyList<TopUpTotal>> TotalsAsync(TopUpFilter filter, CancellationToken cancellationToken);

    /// <summary>Adds to (or, negative, takes from) the face values of the customer that count towards a day.</summary>
    Task AddUseAsync(Id<Customer> customer, LocalDate day, Money face, CancellationToken cancellationToken);
}

/// <summary>Which top-ups. What is null or empty does not limit.</summary>
public sealed record TopUpFilter
{
    /// <summary>Only this customer's.</summary>
    public Id<Customer>? Customer { get; init; }

    /// <summary>Only in one of these states.</summary>
    public IReadOnlyList<TopUpState> States { get; init; } = [];

    /// <summary>Ordered at this time or later.</summary>
    public Instant? From { get; init; }

    /// <summary>Ordered before this time.</summary>
    public Instant? To { get; init; }

    /// <summary>Only for this phone.</summary>
    public Msisdn? Phone { get; init; }

    /// <summary>Only with this reference.</summary>
    public string? Reference { get; init; }
}

/// <summary>What top-ups in one state come to.</summary>
/// <param name="State">The state.</param>
/// <param name="Count">How many.</param>
/// <param name="Face">Sum of the face values.</param>
/// <param name="Charge">Sum of the charges; null for those rejected without one.</param>
public sealed record TopUpTotal(TopUpState State, long Count, Money Face, Money? Charge);
