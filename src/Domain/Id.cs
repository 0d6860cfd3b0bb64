using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Relier;

/// <summary>
/// The id of one <typeparamref name="T"/>: 1 to 64 letters, digits, <c>_</c>, <c>-</c>; compared to the letter.
/// A <c>default</c> one throws on use. Ids say which thing is meant and nothing else; they are no secrets.
/// </summary>
public readonly record struct Id<T>
{
    private readonly string? _value;

    private Id(string value) => _value = value;

    /// <summary>The text of the id.</summary>
    public string Value => _value ?? throw new InvalidOperationException($"This id of a {typeof(T).Name} was never set.");

    /// <summary>The id with this text. Throws <see cref="FormatException"/> with the text when it cannot be one.</summary>
    public static Id<T> Parse(string value) =>
        TryParse(value, out var id) ? id : throw new FormatException($"'{value}' is not the id of a {typeof(T).Name}.");

    /// <summary>Like <see cref="Parse"/>, with the answer as a value.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out Id<T> id)
    {
        var valid = value is { Length: > 0 and <= 64 } && !value.AsSpan().ContainsAnyExcept(IdLetters.All);
        id = valid ? new Id<T>(value!) : default;
        return valid;
    }

    /// <summary>The text of the id.</summary>
    public override string ToString() => _value ?? "";
}

/// <summary>What ids are made of.</summary>
internal static class IdLetters
{
    public static readonly SearchValues<char> All = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");
}
