using System.Text.Json.Serialization;
using Relier.Storage;

namespace Relier.Hosting.Resources;

/// <summary>A part of a list.</summary>
/// <param name="Data">The items, newest first.</param>
/// <param name="HasMore">Whether there are more.</param>
/// <param name="NextCursor">Give it back as cursor for the next part; null at the end.</param>
internal sealed record PageResource<T>(
    IReadOnlyList<T> Data, [property: JsonPropertyName("has_more")] bool HasMore, [property: JsonPropertyName("next_cursor")] string? NextCursor)
{
    public static PageResource<T> Of<TListed>(Listing<TListed> listing, Func<TListed, T> show) =>
        new([.. listing.Data.Select(show)], listing.NextCursor is not null, listing.NextCursor);
}
