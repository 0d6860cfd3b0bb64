using System.Collections.Immutable;
using System.Net;
using NodaTime;
using Relier.Ledger;

namespace Relier.Customers;

/// <summary>
/// A reseller who buys from the tenant. What they may order is data on them (<see cref="CustomerPolicies"/>), what they
/// own is on their accounts: the wallet is one.
/// </summary>
public sealed record Customer
{
    /// <summary>Its id.</summary>
    public required Id<Customer> Id { get; init; }

    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>The segment of its own paths (<c>/api/{channel}/topup</c>): lower-case letters, digits, hyphens; unique in the tenant.</summary>
    public required string Channel { get; init; }

    /// <summary>Whether it is served.</summary>
    public required CustomerStatus Status { get; init; }

    /// <summary>The account that top-ups are charged to.</summary>
    public required Id<Account> Wallet { get; init; }

    /// <summary>What it may order.</summary>
    public required CustomerPolicies Policies { get; init; }

    /// <summary>When it came.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }
}

/// <summary>Whether a customer is served.</summary>
public enum CustomerStatus
{
    /// <summary>Served.</summary>
    Active,

    /// <summary>Not served: its keys open nothing until it is active again. What is under way is finished.</summary>
    Suspended,
}

/// <summary>What a customer may order. Amounts are face values, in <see cref="Currency"/>.</summary>
public sealed record CustomerPolicies
{
    /// <summary>The currency of the face values below.</summary>
    public required Currency Currency { get; init; }

    /// <summary>The smallest top-up, included.</summary>
    public required Money MinAmount { get; init; }

    /// <summary>The largest top-up, included.</summary>
    public required Money MaxAmount { get; init; }

    /// <summary>Amounts must be whole multiples of this.</summary>
    public required Money Step { get; init; }

    /// <summary>When not empty, only these amounts.</summary>
    public ImmutableArray<Money> FixedAmounts { get; init; } = [];

    /// <summary>The most in one calendar day of the tenant's zone, held and undecided included; null for no limit.</summary>
    public Money? DailyLimit { get; init; }

    /// <summary>The same for one phone; null for no limit.</summary>
    public Money? DailyLimitPerPhone { get; init; }

    /// <summary>The only provider to be used; null for any.</summary>
    public string? PinnedProvider { get; init; }

    /// <summary>What the customer keeps of each face value: 0.05 for a charge of 95 in 100. From 0 to below 1; part of the price, never credited apart.</summary>
    public Ratio Commission { get; init; } = Ratio.Zero;

    /// <summary>When not empty, requests with this customer's keys come only from these addresses.</summary>
    public ImmutableArray<IPNetwork> AllowedAddresses { get; init; } = [];

    /// <summary>Who pays for a top-up that turns out delivered after its hold was released.</summary>
    public LateDeliveryPolicy LateDelivery { get; init; } = LateDeliveryPolicy.Customer;

    /// <summary>From how much left in the wallet on people are told that it is low: whole units of the wallet's currency, not negative; null for never.</summary>
    public long? LowBalanceUnits { get; init; } = 1_000;

    /// <summary>That amount in the currency of the wallet; null for never.</summary>
    public Money? LowBalanceIn(Currency wallet) => LowBalanceUnits is { } units ? Money.Of(units, wallet) : null;

    /// <summary>10 to 500 in steps of 1, at most 200,000 a day: what a new customer has.</summary>
    public static CustomerPolicies Default(Currency currency) => new()
    {
        Currency = currency,
        MinAmount = Money.Of(10, currency),
        MaxAmount = Money.Of(500, currency),
        Step = Money.Of(1, currency),
        DailyLimit = Money.Of(200_000, currency),
    };

    /// <summary>Whether requests may come from here. An IPv4 address inside IPv6 counts as the IPv4 address.</summary>
    public bool Allows(IPAddress? address)
    {
        if (AllowedAddresses.IsEmpty) return true;
        if (address is null) return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return AllowedAddresses.Any(network => network.Contains(plain));
    }

    /// <summary>Equal when every rule is.</summary>
    public bool Equals(CustomerPolicies? other) =>
        other is not null && Currency == other.Currency && MinAmount == other.MinAmount && MaxAmount == other.MaxAmount
        && Step == other.Step && FixedAmounts.SequenceEqual(other.FixedAmounts) && DailyLimit == other.DailyLimit
        && DailyLimitPerPhone == other.DailyLimitPerPhone && Commission == other.Commission && PinnedProvider == other.PinnedProvider
        && AllowedAddresses.SequenceEqual(other.AllowedAddresses) && LateDelivery == other.LateDelivery && LowBalanceUnits == other.LowBalanceUnits;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Currency, MinAmount, MaxAmount, Step, DailyLimit);
}

/// <summary>Who pays for a top-up that turns out delivered after its hold was released.</summary>
public enum LateDeliveryPolicy
{
    /// <summary>The customer: the wallet is charged then, and may go below zero.</summary>
    Customer,

    /// <summary>The house: booked as a delivery loss.</summary>
    House,
}
