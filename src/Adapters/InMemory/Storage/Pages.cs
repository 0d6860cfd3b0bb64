using System.Collections.Immutable;
using Relier.Storage;

namespace Relier.InMemory;

/// <summary>In which order rows of the same time follow each other: upwards for most lists, downwards for top-ups.</summary>
internal enum IdOrder
{
    Upwards = 1,
    Downwards = -1,
}

internal static class Pages
{
    /// <summary>The part of the rows that was asked for: newest first, then by id.</summary>
    public static Page<T> ToPage<T>(this IEnumerable<T> rows, PageRequest page, Func<T, Position> placeOf, IdOrder ids = IdOrder.Upwards)
    {
        var order = Comparer<Position>.Create((one, other) =>
            one.At != other.At ? other.At.CompareTo(one.At) : (int)ids * string.CompareOrdinal(one.Id, other.Id));
        var found = rows.Select(row => (Row: row, Place: placeOf(row)))
            .Where(item => page.After is null || order.Compare(item.Place, page.After) > 0)
            .OrderBy(item => item.Place, order)
            .Take(page.Limit + 1)
            .ToImmutableArray();
        return found.Length <= page.Limit
            ? new Page<T>([.. found.Select(item => item.Row)], null)
            : new Page<T>([.. found[..page.Limit].Select(item => item.Row)], found[page.Limit - 1].Place);
    }
}
