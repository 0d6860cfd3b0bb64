namespace Relier.Ledger;

/// <summary>The expected noes of the ledger.</summary>
public static class LedgerRefusals
{
    /// <summary>The most, in major units, that an account is brought to by hand: a tenth of what Money holds.</summary>
    internal const decimal LargestBalance = 900_000_000_000m;

    /// <summary>The account would hold more than any account is meant to. Facts: <c>balance</c>, <c>amount</c>.</summary>
    public static Refusal BalanceOutOfRange(Money balance, Money amount) =>
        new Refusal("balance_out_of_range", $"{amount} on top of {balance} is more than an account may come to.")
            .With("balance", balance).With("amount", amount);

    /// <summary>Less is available than would be spent. Facts: <c>available</c>, <c>required</c>.</summary>
    public static Refusal InsufficientCredit(Money available, Money required) =>
        new Refusal("insufficient_credit", $"{required} is needed and {available} is available.")
            .With("available", available).With("required", required);

    /// <summary>The postings of an account do not follow from each other: never in a healthy system, and no statement is made of them. Facts: <c>expected</c>, <c>found</c>.</summary>
    public static Refusal StatementOutOfBalance(string expected, string found) =>
        new Refusal("statement_out_of_balance", $"The books do not add up, so there is no statement: expected {expected}, found {found}. Verify the ledger.")
            .With("expected", expected).With("found", found);
}
