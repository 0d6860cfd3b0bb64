using NodaTime;
using NUnit.Framework;

namespace Relier.Contracts;

/// <summary>Values at which engines are known to bend what they keep.</summary>
internal static class EdgeValues
{
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    public static IEnumerable<TestCaseData> Texts =>
        new (string Name, string Text)[]
        {
            ("quotes", "O'Brien said \"no\"; `DROP TABLE relier_customer` --"),
            ("accents", "Ñandú é versus e\u0301"),
            ("emoji", "🙂 and 👩\u200d👩\u200d👧"),
            ("newlines", "one\ntwo\r\nthree\tfour"),
            ("wildcards", "100% _ \\ * ?"),
            ("blanks at both ends", "  in the middle  "),
            ("parameters", "@Id :id $1 {0} ?"),
            ("odd JSON", "{\"b\": 1,  \"a\":[ ] }"),
            ("200 characters", new string('ñ', 200)),
        }.Select(text => new TestCaseData(text.Text).SetArgDisplayNames(text.Name));

    public static IEnumerable<Instant> Instants =>
    [
        Instant.FromUtc(2026, 11, 20, 12, 0) + Microsecond,
        Instant.FromUtc(2026, 11, 20, 12, 0) - Microsecond,
        Instant.FromUtc(2026, 11, 20, 12, 0) + Microsecond * 123_456,
        Instant.FromUtc(1970, 1, 1, 0, 0) - Microsecond,
        Instant.FromUtc(2300, 1, 1, 0, 0) + Microsecond * 999_999, // more nanoseconds since 1970 than a long holds
    ];

    public static IEnumerable<long> Micros => [0, 1, -1, 9_007_199_254_740_993, long.MaxValue, long.MinValue];

    /// <summary>Three at one time among others, with ids whose order is not the one of a dictionary: by bytes <c>- 0 A _ a</c>.</summary>
    public static IReadOnlyList<T> InOrderOfTimeThenId<T>(Func<Instant, string, T> make) =>
    [
        make(A.Noon + Microsecond, "m"),
        .. new[] { "x-b", "x0", "xA", "xZ", "x_", "xa" }.Select(id => make(A.Noon, id)),
        make(A.Noon - Microsecond, "z"),
        make(A.Noon - Duration.FromDays(400), "a"),
    ];

    /// <summary>The same in another order, always the same one.</summary>
    public static IEnumerable<T> Shuffled<T>(IReadOnlyList<T> items) =>
        items.Select((item, index) => (item, Place: index * 37 % 101)).OrderBy(one => one.Place).Select(one => one.item);
}
