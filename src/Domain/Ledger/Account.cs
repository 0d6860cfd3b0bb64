using NodaTime;
using Relier.Customers;

namespace Relier.Ledger;

/// <summary>
/// An account of a customer. <see cref="Posted"/> is the sum of its postings, <see cref="Held"/> the sum of its open
/// holds; both are kept here as checked caches. A positive balance is money we owe the customer.
/// </summary>
public sealed record Account
{
    /// <summary>Its id.</summary>
    public required Id<Account> Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required Id<Customer> Customer { get; init; }

    /// <summary>How far below zero the available balance may start from: zero for strictly prepaid.</summary>
    public required Money CreditLimit { get; init; }

    /// <summary>Sum of all postings.</summary>
    public required Money Posted { get; init; }

    /// <summary>Sum of the open holds: promised, not yet spent.</summary>
    public required Money Held { get; init; }

    /// <summary>How many postings it has had; the last one carries this number.</summary>
    public required long Entries { get; init; }

    /// <summary>When it was opened.</summary>
    public required Instant OpenedAt { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>The currency of everything on it.</summary>
    public Currency Currency => Posted.Currency;

    /// <summary>What can be promised or spent: posted and credit limit, less what is held.</summary>
    public Money Available => Posted + CreditLimit - Held;

    /// <summary>A new account with nothing on it.</summary>
    public static Account Open(Id<Account> id, Id<Customer> customer, Money creditLimit, Instant now)
    {
        RequireNotNegative(creditLimit);
        var zero = Money.Zero(creditLimit.Currency);
        return new Account
        {
            Id = id, Customer = customer, CreditLimit = creditLimit, Posted = zero, Held = zero, Entries = 0, OpenedAt = now, Version = 1,
        };
    }

    /// <summary>Sets money aside. Refusal <c>insufficient_credit</c> when less is available.</summary>
    public Outcome<Account> Reserve(Money amount)
    {
        if (!amount.IsPositive || !amount.IsWhole) throw new ArgumentOutOfRangeException(nameof(amount), amount, "A hold is a positive amount in whole minor units.");
        return Available < amount ? LedgerRefusals.InsufficientCredit(Available, amount) : this with { Held = Held + amount };
    }

    /// <summary>Sets money aside for usage, which may cost less than the minor unit: otherwise as <see cref="Reserve"/>.</summary>
    public Outcome<Account> ReserveForUsage(Money amount)
    {
        if (!amount.IsPositive) throw new ArgumentOutOfRangeException(nameof(amount), amount, "A hold is a positive amount.");
        return Available < amount ? LedgerRefusals.InsufficientCredit(Available, amount) : this with { Held = Held + amount };
    }

    /// <summary>Gives back what was set aside: a positive amount. Throws <see cref="InvalidOperationException"/> when less is held.</summary>
    public Account Release(Money held)
    {
        if (held > Held || !held.IsPositive) throw new InvalidOperationException($"Account {Id} holds {Held}; {held} cannot be released.");
        return this with { Held = Held - held };
    }

    /// <summary>
    /// Adds to the posted balance (positive) or takes from it (negative), whatever is available: whether that is
    /// allowed was decided before. The posting carries the balance after it.
    /// </summary>
    public (Account After, Posting Posting) Post(Money amount)
    {
        var after = this with { Posted = Posted + amount, Entries = checked(Entries + 1) };
        return (after, new Posting(AccountCode.OfCustomer(Id), amount) { Balance = after.Posted, Entry = after.Entries });
    }

    /// <summary>
    /// A new credit limit, not negative. Refusal <c>insufficient_credit</c> when it is lower and what is held would no
    /// longer be covered; an account in debt that holds nothing may lose its limit, and then nothing more can be set aside.
    /// </summary>
    public Outcome<Account> LimitCreditTo(Money limit)
    {
        RequireNotNegative(limit);
        var changed = this with { CreditLimit = limit };
        return limit < CreditLimit && changed.Available.IsNegative && Held.IsPositive
            ? LedgerRefusals.InsufficientCredit(Available, CreditLimit - limit)
            : changed;
    }

    private static void RequireNotNegative(Money limit)
    {
        if (limit.IsNegative) throw new ArgumentOutOfRangeException(nameof(limit), limit, "A credit limit is never negative.");
    }
}
