using System.Collections.Immutable;

namespace Relier.TopUps;

/// <summary>Turns the cells of a file with a header into rows, by a layout.</summary>
public sealed class StatementParser
{
    private readonly StatementLayout _layout;
    private readonly ImmutableDictionary<string, int> _places;

    private StatementParser(StatementLayout layout, ImmutableDictionary<string, int> places)
    {
        _layout = layout;
        _places = places;
    }

    /// <summary>For a file with this header: names are compared without blanks around them and without case. Refusal <c>statement_unreadable</c> when a column of the layout is missing or there twice.</summary>
    public static Outcome<StatementParser> For(StatementLayout layout, IReadOnlyList<string> header)
    {
        var places = ImmutableDictionary.CreateBuilder<string, int>();
        foreach (var (role, column) in layout.Columns.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var found = Enumerable.Range(0, header.Count).Where(place => header[place].Trim().Equals(column, StringComparison.OrdinalIgnoreCase)).ToList();
            if (found.Count != 1)
                return Unreadable(1, $"the header has the column '{column}' {found.Count} times");
            places[role] = found[0];
        }

        return new StatementParser(layout, places.ToImmutable());
    }

    /// <summary>The row of a line. Refusal <c>statement_unreadable</c>, naming line and column, for what cannot be read exactly.</summary>
    public Outcome<ParsedLine> Read(long line, IReadOnlyList<string> cells)
    {
        if (_places.Values.Any(place => place >= cells.Count)) return Unreadable(line, $"it has {cells.Count} cells, too few");
        if (CurrencyOf(cells) is not { } currency) return Unreadable(line, $"the currency '{Shown(Cell(cells, "currencyColumn"))}' is not known");
        if (!StatementText.TryTime(Cell(cells, "time"), _layout.Dates, _layout.Zone, out var at, out var day))
            return Unreadable(line, $"the time '{Shown(Cell(cells, "time"))}' cannot be read");
        if (StateOf(cells) is not { } state) return Unreadable(line, $"the status '{Shown(Cell(cells, "status"))}' is not among the words of the map");
        // What was taken back is a negative amount in some files; elsewhere a minus is nothing we know how to read.
        if (StatementText.Amount(Cell(cells, "amount"), currency, _layout.DecimalComma) is not { } amount || (amount.IsNegative && state != StatementState.Reversed))
            return Unreadable(line, $"the amount '{Shown(Cell(cells, "amount"))}' cannot be read");

        (Money Opening, Money Closing)? balances = null;
        if (_places.ContainsKey("opening"))
        {
            if (StatementText.Amount(Cell(cells, "opening"), currency, _layout.DecimalComma) is not { } opening
                || StatementText.Amount(Cell(cells, "closing"), currency, _layout.DecimalComma) is not { } closing)
                return Unreadable(line, "the opening or closing balance cannot be read");
            balances = (opening, closing);
        }

        var phone = StatementText.Phone(Cell(cells, "phone"));
        return new ParsedLine(
            new StatementRow
            {
                Line = line, State = state, Amount = amount.Abs(), At = at, Day = day, Phone = phone, Product = StatementText.Id(Cell(cells, "product")),
                OperatorId = IdOf(cells, "operatorId", phone), ProviderId = IdOf(cells, "providerId", phone), OurReference = IdOf(cells, "ourReference", phone),
            },
            balances);
    }

    /// <summary>Digits that a spreadsheet cut off would make two ids one; without a phone to tell them apart such an id is none.</summary>
    private string? IdOf(IReadOnlyList<string> cells, string role, string? phone)
    {
        var text = Cell(cells, role);
        return phone is null && StatementText.IsShortened(text) ? null : StatementText.Id(text);
    }

    private Currency? CurrencyOf(IReadOnlyList<string> cells) =>
        _layout.Currency ?? (Currency.TryParse(Cell(cells, "currencyColumn")?.Trim().ToUpperInvariant(), out var currency) ? currency : null);

    private StatementState? StateOf(IReadOnlyList<string> cells) =>
        !_places.ContainsKey("status") ? StatementState.Delivered
        : _layout.States.TryGetValue(Cell(cells, "status")!.Trim().ToUpperInvariant(), out var state) ? state
        : null;

    private string? Cell(IReadOnlyList<string> cells, string role) => _places.TryGetValue(role, out var place) ? cells[place] : null;

    private static string Shown(string? text) => new([.. (text ?? "").Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Take(40)]);

    private static Refusal Unreadable(long line, string why) =>
        new Refusal("statement_unreadable", $"Line {line}: {why}.").With("line", line.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>A line of a statement.</summary>
/// <param name="Row">What it says.</param>
/// <param name="Balances">The balance before and after it, where the file has them.</param>
public sealed record ParsedLine(StatementRow Row, (Money Opening, Money Closing)? Balances);
