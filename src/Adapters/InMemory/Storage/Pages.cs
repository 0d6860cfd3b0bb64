using System.Collections.Immutable;
using Relier.Storage;

namespace Relier.InMemory;

internal static class Pages
{
    /// <summary>The part of the rows that was asked for: newest first, then by id downwards.</summary>
    public static Page<T> ToPage<T>(this IEnumerable<T> rows, PageRequest page, Func<T, Position> placeOf)
    {
        var found = rows.Select(row => (Row: row, Place: placeOf(row)))
            .Where(item => page.After is null || IsBehind(item.Place, page.After))
            .OrderByDescending(item => item.Place.At).ThenByDescending(item => item.Place.Id, StringComparer.Ordinal)
            .Take(page.Limit + 1)
            .ToImmutableArray();
        return found.Length <= page.Limit
            ? new Page<T>([.. found.Select(item => item.Row)], null)
            : new Page<T>([.. found[..page.Limit].Select(item => item.Row)], found[page.Limit - 1].Place);
    }

    private static bool IsBehind(Position place, Position mark) =>
        place.At < mark.At || (place.At == mark.At && string.CompareOrdinal(place.Id, mark.Id) < 0);
}
