using FluentValidation;

namespace Relier.Storage;

/// <summary>A part of a list, and the cursor for the next part.</summary>
/// <param name="Data">The items, newest first.</param>
/// <param name="NextCursor">Give it back for the next part; null at the end.</param>
public sealed record Listing<T>(IReadOnlyList<T> Data, string? NextCursor);

/// <summary>Reading lists by cursor.</summary>
internal static class Listing
{
    /// <summary>Reads a page. Refusal <c>cursor_invalid</c> for a cursor that is none, or was made under another filter.</summary>
    public static async Task<Outcome<Listing<T>>> ReadAsync<T>(string? cursor, int limit, string filter, Func<PageRequest, Task<Page<T>>> read)
    {
        Position? after = null;
        if (cursor is not null && !Cursor.TryDecode(cursor, filter, out after))
            return new Refusal("cursor_invalid", "This cursor is none of ours, or belongs to a list with other filters; begin again without one.");
        var page = await read(new PageRequest(after, limit));
        return new Listing<T>(page.Data, page.Next is { } next ? Cursor.Encode(next, filter) : null);
    }

    public static IRuleBuilderOptions<T, int> IsLimit<T>(this IRuleBuilder<T, int> rule) =>
        rule.InclusiveBetween(1, PageRequest.MaxLimit).WithErrorCode("limit_invalid").WithMessage($"expected 1 to {PageRequest.MaxLimit}");
}
