using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Reflection;
using FluentAssertions;
using NodaTime;
using NodaTime.Text;
using Relier.Rating;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>
/// Compares records by every member that was stored, down to the last one. Equality of the records themselves would not
/// do: lists in them are equal only when they are the same list, and an <c>Equals</c> of their own may leave a member out.
/// </summary>
public static class WholeRecord
{
    /// <summary>Fails unless both say the same in every member; the message names the first member that differs.</summary>
    public static void ShouldWhollyBe(this object? actual, object? expected) => Describe(actual).Should().Be(Describe(expected));

    /// <summary>
    /// The record as text, a line for each member that can be set; computed ones say nothing new. Throws
    /// <see cref="NotSupportedException"/> for a type it was not taught, rather than leave a member out.
    /// </summary>
    public static string Describe(object? record) => string.Join('\n', Lines("", record));

    /// <summary>The members of a record that are stored: those that can be set.</summary>
    public static IReadOnlyList<PropertyInfo> MembersOf(Type record) =>
        [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(member => member.CanWrite && member.GetIndexParameters().Length == 0)];

    private static IEnumerable<string> Lines(string path, object? value) => value switch
    {
        null => [$"{path} = nothing"],
        _ when Word(value) is { } word => [$"{path} = {word}"],
        IReadOnlyDictionary<string, object> facts => facts.Count == 0
            ? [$"{path} = no facts"]
            : facts.OrderBy(fact => fact.Key, StringComparer.Ordinal).SelectMany(fact => Lines($"{path}[{fact.Key}]", fact.Value)),
        IEnumerable set when IsSet(set) => Lines(path, [.. set.Cast<object>().OrderBy(item => item)]),
        IEnumerable list => Lines(path, [.. list.Cast<object?>()]),
        ChargeLine line => Members(path, line).Append($"{path}.Exact = {Word(line.Exact)}"),
        _ when value.GetType() is { IsGenericType: true } pair && pair.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) =>
            Lines($"{path}.Key", pair.GetProperty("Key")!.GetValue(value)).Concat(Lines($"{path}.Value", pair.GetProperty("Value")!.GetValue(value))),
        _ when MembersOf(value.GetType()).Count > 0 => Members(path, value),
        _ => throw new NotSupportedException($"{path} is a {value.GetType()}, which {nameof(WholeRecord)} has not been taught to describe."),
    };

    private static IEnumerable<string> Members(string path, object value) =>
        MembersOf(value.GetType()).SelectMany(member => Lines($"{path}.{member.Name}", member.GetValue(value)));

    private static bool IsSet(object value) => value.GetType().GetInterfaces().Any(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlySet<>));

    private static IEnumerable<string> Lines(string path, ImmutableArray<object?> items) =>
        items.SelectMany((item, index) => Lines($"{path}[{index}]", item)).Prepend($"{path} = {items.Length} items");

    private static string? Word(object value) => value switch
    {
        string text => $"\"{text}\"",
        Money money => $"{money.Micros} millionths of {money.Currency.Code}",
        Msisdn phone => phone.E164, // in words of its own it would hide most digits
        Instant instant => InstantPattern.ExtendedIso.Format(instant),
        LocalDate date => LocalDatePattern.Iso.Format(date),
        YearMonth month => YearMonthPattern.Iso.Format(month),
        DateTimeZone zone => zone.Id,
        LocalTime time => LocalTimePattern.ExtendedIso.Format(time),
        UnitPrice price => price.ToString(),
        NumberPlan numbers => numbers.Country,
        Currency or Ratio or Duration or IPNetwork or Enum or bool => value.ToString(),
        int or long or decimal => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        _ when value.GetType() is { IsValueType: true } type && type.GetProperty("Value") is { } text && text.PropertyType == typeof(string) =>
            (string?)text.GetValue(value),
        _ => null,
    };
}
