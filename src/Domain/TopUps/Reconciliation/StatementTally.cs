using System.Collections.Immutable;

namespace Relier.TopUps;

/// <summary>Counts and sums while a statement passes by. A sum is always of one currency.</summary>
public sealed class StatementTally
{
    private readonly SortedDictionary<string, Money> _delivered = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(StatementClass Class, string Currency), (long Count, Money Sum)> _classes = [];

    /// <summary>How many lines.</summary>
    public long Rows { get; private set; }

    /// <summary>The sum of what the lines say was delivered, by currency: what control totals are compared with. A currency without a delivery is there with zero.</summary>
    public ImmutableArray<Money> Delivered => [.. _delivered.Values];

    /// <summary>Count and sum of each class and currency, in the order of the classes.</summary>
    public ImmutableArray<ClassTotal> Classes =>
        [.. _classes.Select(pair => new ClassTotal(pair.Key.Class, pair.Value.Count, pair.Value.Sum))];

    /// <summary>Counts a line.</summary>
    public void Add(StatementRow row)
    {
        Rows++;
        var before = _delivered.GetValueOrDefault(row.Amount.Currency.Code, Money.Zero(row.Amount.Currency));
        _delivered[row.Amount.Currency.Code] = row.State == StatementState.Delivered ? before + row.Amount : before;
    }

    /// <summary>Counts a finding, with the amount it is about.</summary>
    public void Add(StatementClass found, Money amount)
    {
        var key = (found, amount.Currency.Code);
        var (count, sum) = _classes.GetValueOrDefault(key, (0, Money.Zero(amount.Currency)));
        _classes[key] = (count + 1, sum + amount);
    }

    /// <summary>
    /// Compares with what the sender declared. Null when nothing differs; else refusal <c>control_total_mismatch</c>, with
    /// what was claimed and found. What was not declared is not compared.
    /// </summary>
    public Refusal? Against(long? declaredRows, IReadOnlyList<Money> declaredTotals)
    {
        if (declaredRows is { } rows && rows != Rows)
            return new Refusal("control_total_mismatch", $"The file has {Rows} lines; {rows} were declared.").With("claimed", $"{rows}").With("found", $"{Rows}");
        foreach (var claimed in declaredTotals)
        {
            var found = _delivered.GetValueOrDefault(claimed.Currency.Code, Money.Zero(claimed.Currency));
            if (found != claimed)
                return new Refusal("control_total_mismatch", $"What was delivered sums to {found}; {claimed} was declared.").With("claimed", claimed).With("found", found);
        }

        return null;
    }

    /// <summary>Whether the declaration covers everything: the count, and a total for every currency of the file, at least one.</summary>
    public bool IsCoveredBy(long? declaredRows, IReadOnlyList<Money> declaredTotals) =>
        declaredRows is not null && declaredTotals.Count > 0
        && _delivered.Keys.All(currency => declaredTotals.Any(total => total.Currency.Code == currency));
}

/// <summary>Count and sum of one class in one currency.</summary>
/// <param name="Class">The class.</param>
/// <param name="Count">How many.</param>
/// <param name="Sum">The sum of the lines' amounts; of our face values for what they do not list.</param>
public sealed record ClassTotal(StatementClass Class, long Count, Money Sum);
