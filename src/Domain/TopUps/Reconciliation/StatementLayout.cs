using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using NodaTime;

namespace Relier.TopUps;

/// <summary>
/// Which column of a file says what, and how it is written. Two are ready made, <see cref="Latcom"/> and
/// <see cref="Operator"/>; others are written as text: <c>time=DATE; phone=MSISDN; amount=AMOUNT; currency=MXN; …</c>.
/// </summary>
public sealed record StatementLayout
{
    private static readonly string[] Known =
    [
        "time", "operatorId", "providerId", "ourReference", "phone", "product", "amount", "currencyColumn", "status", "opening", "closing",
        "currency", "delivered", "failed", "reversed", "undecided", "zone", "dates", "decimal", "delimiter", "amountOf", "source",
    ];

    private static readonly string[] ColumnRoles = [.. Known[..11]];

    /// <summary>What it is called: a ready-made name, or the text of the map.</summary>
    public required string Name { get; init; }

    /// <summary>Who wrote the file.</summary>
    public required StatementSource Source { get; init; }

    /// <summary>The header of each column that is read, by what it says.</summary>
    public required ImmutableDictionary<string, string> Columns { get; init; }

    /// <summary>The currency of the whole file, where no column says it.</summary>
    public Currency? Currency { get; init; }

    /// <summary>What the words of the status column mean, in upper case. Without a status column every line was delivered.</summary>
    public required ImmutableDictionary<string, StatementState> States { get; init; }

    /// <summary>In which zone times without an offset are, and where the day ends at which the file is cut.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>How dates with slashes are written.</summary>
    public DateOrder Dates { get; init; } = DateOrder.DayFirst;

    /// <summary>Whether a comma stands before the decimals.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>What stands between cells.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Which of our amounts the file's amount is.</summary>
    public StatementAmount AmountOf { get; init; }

    /// <summary>Whether it lists everything of its period, so that what is missing in it did not happen. An operator's list of disputed lines does not.</summary>
    public bool ListsEverything => Source == StatementSource.Provider;

    /// <summary>Latcom's platform export. Its <c>TRANSACTION_ID</c> is compared with Latcom's ids and with our references.</summary>
    public static StatementLayout Latcom { get; } = Made(
        "latcom",
        "source=provider; time=DATETIME; providerId=TRANSACTION_ID; operatorId=VENDOR_TRANSACTION_ID; phone=MSISDN; product=SKUID; amount=AMOUNT; "
        + "currencyColumn=CURRENCY; status=STATUS; opening=OPENING_BALANCE; closing=CLOSING_BALANCE; "
        + "delivered=SUCCESS; failed=FAIL|FAILED; reversed=REVERSED|REVERSAL; undecided=PENDING");

    /// <summary>The operator's list of disputed recharges: days without times, amounts in US dollars, every line delivered.</summary>
    public static StatementLayout Operator { get; } = Made(
        "operator", "source=operator; time=FECHA; phone=NUM_TELEFONO; product=COD_BONO; operatorId=SEC_ACTUACION; amount=ImpUSD; currency=USD");

    /// <summary>The layout with this ready-made name, or the one that the text describes. False, with what is wrong, for anything else.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out StatementLayout? layout, out string problem)
    {
        (layout, problem) = (null, "");
        if (text is "latcom" or "operator")
        {
            layout = text == "latcom" ? Latcom : Operator;
            return true;
        }

        if (string.IsNullOrWhiteSpace(text) || text.Length > 2000) return No("expected latcom, operator, or a map such as time=DATE; phone=MSISDN; amount=AMOUNT; currency=MXN", out problem);
        var parts = new Dictionary<string, string>();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.IndexOf('=') is var at and > 0 ? (part[..at].Trim(), part[(at + 1)..].Trim()) : (part, "");
            if (!Known.Contains(name)) return No($"'{name}' is nothing a map can say; it can say {string.Join(", ", Known)}", out problem);
            if (value.Length == 0 || !parts.TryAdd(name, value)) return No($"'{name}' must be there once, with a value", out problem);
        }

        foreach (var needed in new[] { "time", "amount" })
            if (!parts.ContainsKey(needed)) return No($"the map must say which column is the {needed}", out problem);
        if (parts.ContainsKey("opening") != parts.ContainsKey("closing")) return No("opening and closing balances are walked together: name both or none", out problem);
        if (!parts.ContainsKey("operatorId") && !parts.ContainsKey("providerId") && !parts.ContainsKey("ourReference") && !parts.ContainsKey("phone"))
            return No("the map must name an id or the phone; else nothing can be matched", out problem);

        Currency? currency = null;
        if (parts.ContainsKey("currency") == parts.ContainsKey("currencyColumn") || (parts.TryGetValue("currency", out var code) && !Relier.Currency.TryParse(code, out currency)))
            return No("the map must say either currency=MXN (or another one that is known) or currencyColumn=NAME", out problem);
        if (!TryStates(parts, out var states, out problem)) return false;
        if (parts.GetValueOrDefault("zone", "America/Mexico_City") is var zoneName && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zoneName) is not { } zone)
            return No($"'{zoneName}' is no time zone", out problem);
        if (parts.GetValueOrDefault("dates", "dmy") is not ("dmy" or "mdy")) return No("dates are dmy or mdy", out problem);
        if (parts.GetValueOrDefault("decimal", "point") is not ("point" or "comma")) return No("decimal is point or comma", out problem);
        if (parts.GetValueOrDefault("delimiter", "comma") is not ("comma" or "semicolon" or "tab" or "pipe")) return No("delimiter is comma, semicolon, tab or pipe", out problem);
        if (parts.GetValueOrDefault("amountOf", "face") is not ("face" or "send")) return No("amountOf is face or send", out problem);
        if (parts.GetValueOrDefault("source", "provider") is not ("provider" or "operator")) return No("source is provider or operator", out problem);

        layout = new StatementLayout
        {
            Name = text.Trim(),
            Source = parts.GetValueOrDefault("source") == "operator" ? StatementSource.Operator : StatementSource.Provider,
            Columns = parts.Where(part => ColumnRoles.Contains(part.Key)).ToImmutableDictionary(),
            Currency = currency,
            States = states,
            Zone = zone,
            Dates = parts.GetValueOrDefault("dates") == "mdy" ? DateOrder.MonthFirst : DateOrder.DayFirst,
            DecimalComma = parts.GetValueOrDefault("decimal") == "comma",
            Delimiter = parts.GetValueOrDefault("delimiter") switch { "semicolon" => ';', "tab" => '\t', "pipe" => '|', _ => ',' },
            AmountOf = parts.GetValueOrDefault("amountOf") == "send" ? StatementAmount.Send : StatementAmount.Face,
        };
        return true;
    }

    private static bool TryStates(Dictionary<string, string> parts, out ImmutableDictionary<string, StatementState> states, out string problem)
    {
        var words = ImmutableDictionary.CreateBuilder<string, StatementState>(StringComparer.Ordinal);
        (states, problem) = (words.ToImmutable(), "");
        var meanings = new[]
        {
            ("delivered", StatementState.Delivered), ("failed", StatementState.Failed), ("reversed", StatementState.Reversed), ("undecided", StatementState.Undecided),
        };
        foreach (var (name, state) in meanings)
            foreach (var word in parts.GetValueOrDefault(name, "").Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                if (!words.TryAdd(word.ToUpperInvariant(), state)) return No($"the word '{word}' of the status means two things", out problem);

        states = words.ToImmutable();
        return parts.ContainsKey("status") == states.ContainsValue(StatementState.Delivered)
            || No("a status column and the words for it go together: status=STATUS; delivered=SUCCESS; failed=FAIL", out problem);
    }

    private static bool No(string why, out string problem)
    {
        problem = why;
        return false;
    }

    private static StatementLayout Made(string name, string text) =>
        TryParse(text, out var layout, out var problem) ? layout with { Name = name } : throw new InvalidOperationException($"The layout {name} is wrong: {problem}.");
}

/// <summary>Who wrote a statement.</summary>
public enum StatementSource
{
    /// <summary>The provider we submit to; it lists all of a period.</summary>
    Provider,

    /// <summary>The operator behind the provider; it lists what it wants to.</summary>
    Operator,
}
