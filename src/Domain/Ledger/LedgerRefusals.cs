namespace Relier.Ledger;

/// <summary>The expected noes of the ledger.</summary>
public static class LedgerRefusals
{
    /// <summary>Less is available than would be spent. Facts: <c>available</c>, <c>required</c>.</summary>
    public static Refusal InsufficientCredit(Money available, Money required) =>
        new Refusal("insufficient_credit", $"{required} is needed and {available} is available.")
            .With("available", available).With("required", required);
}
