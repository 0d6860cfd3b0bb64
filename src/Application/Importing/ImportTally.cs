using System.Collections.Immutable;

namespace Relier.Importing;

/// <summary>Counts and sums as an import goes on.</summary>
internal sealed class ImportTally
{
    private readonly Dictionary<(ImportFate Fate, Currency? Face, Currency? Charge), ImportedTopUps> _topUps = [];
    private readonly Dictionary<(string File, string Column, Currency Currency), RoundedAmounts> _rounded = [];

    public List<ImportedCustomer> Customers { get; } = [];

    public long CustomersNotTaken { get; set; }

    public long Keys { get; set; }

    public List<CheckedFile> Checked { get; } = [];

    public List<string> UnreadColumns { get; } = [];

    public void Count(ImportFate fate, Money? face, Money? charge)
    {
        var key = (fate, face?.Currency, charge?.Currency);
        var before = _topUps.GetValueOrDefault(key);
        _topUps[key] = before is null
            ? new ImportedTopUps(fate, 1, face, charge)
            : new ImportedTopUps(fate, before.Count + 1, before.Face + face, before.Charge + charge);
    }

    public void Round(string file, string column, Currency currency, decimal difference)
    {
        if (difference == 0m) return;
        var before = _rounded.GetValueOrDefault((file, column, currency)) ?? new RoundedAmounts(file, column, currency, 0, 0m);
        _rounded[(file, column, currency)] = before with { Count = before.Count + 1, Difference = before.Difference + difference };
    }

    public ImportReport ToReport(bool isApplied) => new()
    {
        IsApplied = isApplied,
        Customers = [.. Customers],
        CustomersNotTaken = CustomersNotTaken,
        Keys = Keys,
        TopUps = [.. _topUps.Values.OrderBy(total => total.Fate).ThenBy(total => total.Face?.Currency.Code, StringComparer.Ordinal).ThenBy(total => total.Charge?.Currency.Code, StringComparer.Ordinal)],
        Checked = [.. Checked],
        Rounded = [.. _rounded.Values.OrderBy(rounded => rounded.File, StringComparer.Ordinal).ThenBy(rounded => rounded.Column, StringComparer.Ordinal)],
        UnreadColumns = [.. UnreadColumns],
    };
}
