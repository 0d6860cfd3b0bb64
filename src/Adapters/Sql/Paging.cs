using Relier.Storage;

namespace Relier.Sql;

/// <summary>Lists by time, then id, that are read a page at a time.</summary>
internal static class Paging
{
    /// <summary>The time and id behind which the page begins. From the start: later than everything.</summary>
    public static (long At, string Id) After(PageRequest page) =>
        page.After is { } position ? (Micros.Of(position.At), position.Id) : (long.MaxValue, "");

    /// <summary>How many rows to read: one more than asked for says whether there is more.</summary>
    public static int Rows(PageRequest page)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(page.Limit, PageRequest.MaxLimit);
        return page.Limit + 1;
    }

    /// <summary>The page, from the rows that <see cref="Rows"/> asked for.</summary>
    public static Page<T> ToPage<T>(IReadOnlyList<T> rows, PageRequest page, Func<T, Position> positionOf) =>
        rows.Count <= page.Limit
            ? new Page<T>(rows, null)
            : new Page<T>(rows.Take(page.Limit).ToList(), positionOf(rows[page.Limit - 1]));
}
