using System.Collections.Immutable;

namespace Relier.TopUps;

/// <summary>
/// Follows the balances of a file line by line: opening balance and movements must give the closing one, per currency. A
/// file in which every line matches and the walk does not end where it says is a file with a line missing or one too many.
/// </summary>
public sealed class WalletWalk
{
    private readonly SortedDictionary<string, Steps> _steps = new(StringComparer.Ordinal);

    /// <summary>Takes the next line of the file; one without balances changes nothing.</summary>
    public void Add(ParsedLine line)
    {
        if (line.Balances is not { } balances) return;
        var moved = line.Row.State switch
        {
            StatementState.Delivered => -line.Row.Amount,
            StatementState.Reversed => line.Row.Amount,
            StatementState.Failed or StatementState.Undecided => Money.Zero(line.Row.Amount.Currency),
            _ => throw new InvalidOperationException($"{line.Row.State} is not a state this version knows."),
        };
        var step = new Step(line.Row.Line, balances.Opening, balances.Closing);
        var currency = line.Row.Amount.Currency.Code;
        if (!_steps.TryGetValue(currency, out var before))
        {
            _steps[currency] = new Steps(step, step, line.Row, line.Row, moved, null, null);
            return;
        }

        _steps[currency] = before with
        {
            Last = step, LastRow = line.Row, Moved = before.Moved + moved,
            BrokenForwards = before.BrokenForwards ?? (before.Last.Closing != step.Opening ? step.Line : null),
            BrokenBackwards = before.BrokenBackwards ?? (step.Closing != before.Last.Opening ? step.Line : null),
        };
    }

    /// <summary>How each currency came out, by its code. A file that lists the newest line first is walked from its end.</summary>
    public ImmutableArray<WalkResult> Results =>
    [
        .. _steps.Values.Select(steps =>
        {
            // Times may be out of order by seconds; a chain that holds says more. Only where neither does, the times decide.
            var isBackwards = steps.BrokenForwards is not null && (steps.BrokenBackwards is null || steps.FirstRow.Day > steps.LastRow.Day
                || (steps.FirstRow.At is { } first && steps.LastRow.At is { } last && first > last));
            var (opening, closing) = isBackwards ? (steps.Last.Opening, steps.First.Closing) : (steps.First.Opening, steps.Last.Closing);
            return new WalkResult(opening, steps.Moved, closing, isBackwards ? steps.BrokenBackwards : steps.BrokenForwards);
        }),
    ];

    private sealed record Step(long Line, Money Opening, Money Closing);

    private sealed record Steps(Step First, Step Last, StatementRow FirstRow, StatementRow LastRow, Money Moved, long? BrokenForwards, long? BrokenBackwards);
}

/// <summary>How the walk over one currency came out.</summary>
/// <param name="Opening">The balance before the first line.</param>
/// <param name="Moved">What the lines come to: deliveries negative, reversals positive.</param>
/// <param name="Closing">The balance after the last line.</param>
/// <param name="BrokenAt">The first line whose balance does not follow from the one before; null when all do.</param>
public sealed record WalkResult(Money Opening, Money Moved, Money Closing, long? BrokenAt)
{
    /// <summary>By how much the end is off: zero when the walk adds up.</summary>
    public Money Difference => Closing - (Opening + Moved);

    /// <summary>Whether it adds up, at the end and on the way.</summary>
    public bool AddsUp => Difference.IsZero && BrokenAt is null;
}
