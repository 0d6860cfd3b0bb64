namespace Relier.Importing;

/// <summary>
/// A table of what once moved balances. Its money is in the balances, so nothing of it is kept; it is read to find lines
/// that do not add up while somebody can still be asked.
/// </summary>
internal static class BalanceFile
{
    private static readonly string[] Required = ["customer_id", "amount", "balance_before", "balance_after"];
    private static readonly string[] Read = ["id", .. Required, "transaction_id", "reason", "adjusted_by", "description", "created_at"];

    // The first version reckoned in binary floating point and rounded afterwards.
    private static readonly Money Tolerance = Money.Of(0.01m, Currency.USD);

    public static Task<ExportTable> OpenAsync(ImportFile file, CancellationToken cancellationToken) => ExportTable.OpenAsync(file, Required, cancellationToken);

    public static IEnumerable<string> UnreadOf(ExportTable table) => table.Columns.Except(Read).Select(column => $"{table.Name}: {column}");

    /// <summary>Each line: the balance before, and the amount added (or, of what was charged, taken away), is the balance after.</summary>
    public static async Task<CheckedFile> CheckAsync(ExportTable table, bool isCharge, IReadOnlySet<string> customers, Action<ImportRemark> remark, CancellationToken cancellationToken)
    {
        var (lines, wrong, sum) = (0L, 0L, Money.Zero(Currency.USD));
        await foreach (var line in table.ReadAsync(cancellationToken))
        {
            lines++;
            if (Wrong(line, isCharge, customers, ref sum) is not { } no) continue;
            wrong++;
            remark(no);
        }

        return new CheckedFile(table.Name, lines, wrong, sum);
    }

    private static ImportRemark? Wrong(ExportLine line, bool isCharge, IReadOnlySet<string> customers, ref Money sum)
    {
        if (!line.IsWhole) return line.No(null, "columns_invalid", $"expected {line.Columns.Count} cells, as in the header; found {line.Cells.Count}");
        if (line["customer_id"] is not { } customer || !customers.Contains(customer)) return line.No("customer_id", "customer_unknown", "there is no such customer in the customers' file");
        if (Amount(line, "amount") is not { } amount) return line.No("amount", "amount_invalid", "expected an amount of dollars");
        if (Amount(line, "balance_before") is not { } before) return line.No("balance_before", "amount_invalid", "expected an amount of dollars");
        if (Amount(line, "balance_after") is not { } after) return line.No("balance_after", "amount_invalid", "expected an amount of dollars");
        sum += amount;
        var expected = isCharge ? before - amount : before + amount;
        return (after - expected).Abs() <= Tolerance ? null : line.No("balance_after", "balance_wrong", $"{before} {(isCharge ? "less" : "and")} {amount} is {expected}, not {after}");
    }

    private static Money? Amount(ExportLine line, string column) =>
        line[column] is { } text && ExportText.TryAmount(text, Currency.USD, out var amount, out _) ? amount : null;
}
