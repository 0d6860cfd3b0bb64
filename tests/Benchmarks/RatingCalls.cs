using System.Collections.Frozen;
using System.Diagnostics;
using NodaTime;
using Relier.Rating;

namespace Relier.Benchmarks;

/// <summary>
/// Rating of calls of 1 to 600 s on one core with a deck of 1,000,000 prefixes, lines included, beside the naive rater: a
/// dictionary of text tried from the longest prefix to the shortest, and a decimal added for every increment. And the look-up
/// of a prefix alone. Both must charge the same, but for what the naive one loses.
/// </summary>
internal static class RatingCalls
{
    private const int Prefixes = 1_000_000;
    private const int ManyPrefixes = 5_000_000;
    private const int Calls = 200_000;
    private const int Rounds = 5;
    private const int Piece = 1_000;

    private static readonly Instant Start = Instant.FromUtc(2026, 11, 20, 10, 0);

    public static Task<bool> RunAsync()
    {
        var random = new Random(30);
        var prefixes = PrefixesOf(random, Prefixes);
        var prices = prefixes.ToDictionary(prefix => prefix, _ => random.Next(1, 5_000) / 1000m);
        var calls = Enumerable.Range(0, Calls).Select(_ => new Call(NumberOf(random, prefixes), random.Next(1, 601))).ToArray();
        var isGood = Compare("60/60", 60, prices, calls, goal: 3m) & Compare("1/1", 1, prices, calls, goal: 8m);
        LookUp(prefixes, random);
        LookUp(PrefixesOf(random, ManyPrefixes), random);
        return Task.FromResult(isGood);
    }

    private static bool Compare(string name, int increment, Dictionary<string, decimal> prices, Call[] calls, decimal goal)
    {
        var rates = prices.Values.Distinct().ToDictionary(
            price => price.ToString(), price => new UsageRate { Tiers = [new(0, UnitPrice.Of(price), 60, increment)] });
        var deck = new RateDeck(prices.Select(price => new DeckEntry(price.Key, price.Value.ToString())), rates);
        var band = new CalendarBand { Name = "always", Deck = "deck" };
        var plan = new RatePlan("plan", new BandCalendar(DateTimeZone.Utc, [band]), new Dictionary<string, RateDeck> { ["deck"] = deck }.ToFrozenDictionary());
        var tariff = new Tariff("plan", new Dictionary<string, RatePlan> { ["plan"] = plan }.ToFrozenDictionary(), null);

        var ratios = new List<decimal>();
        for (var round = 0; round <= Rounds; round++)
        {
            var (naive, naiveTimes, naiveBytes) = Measure(calls, call => Naive(prices, increment, call));
            var (ours, times, bytes) = Measure(calls, call => Rater.Price(tariff, new Usage(UsageKind.Voice, call.To, Start, call.Seconds), []).Amount!.Value);
            // A price of a second has no end as a decimal, so what is added for each of them is off in the last place now and then.
            if (Math.Abs(naive - ours) > ours / 1_000_000m) throw new InvalidOperationException($"The naive rater charges {naive}, Relier {ours}.");
            if (round == 0) continue;
            ratios.Add(naiveTimes / times);
            Console.WriteLine($"{name}, round {round}: naive {naiveTimes:F2} us and {naiveBytes} bytes a record; Relier {times:F2} us and {bytes} bytes ({naiveTimes / times:F1}x)");
        }

        var middle = ratios.Order().ElementAt(ratios.Count / 2);
        Console.WriteLine($"goal: {goal:F0}x at {name} in the middle round: {(middle >= goal ? "met" : "missed")} ({middle:F1}x)");
        return middle >= goal;
    }

    /// <summary>What is charged altogether, the median time of a record in microseconds, and the bytes it takes.</summary>
    private static (decimal Sum, decimal Microseconds, long Bytes) Measure(Call[] calls, Func<Call, decimal> rate)
    {
        var times = new List<TimeSpan>();
        var sum = 0m;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var from = 0; from < calls.Length; from += Piece)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = from; i < from + Piece; i++) sum += rate(calls[i]);
            times.Add(Stopwatch.GetElapsedTime(started));
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / calls.Length;
        return (sum, (decimal)Machine.Percentile([.. times.Order()], 50).TotalMicroseconds / Piece, bytes);
    }

    private static decimal Naive(Dictionary<string, decimal> prices, int increment, Call call)
    {
        for (var length = call.To.Length; length > 0; length--)
        {
            if (!prices.TryGetValue(call.To[..length], out var price)) continue;
            var charge = 0m;
            for (var second = 0; second < call.Seconds; second += increment) charge += price * increment / 60m;
            return Math.Round(charge, 4, MidpointRounding.AwayFromZero);
        }

        throw new InvalidOperationException($"No prefix for {call.To}.");
    }

    private static void LookUp(List<string> prefixes, Random random)
    {
        var made = Stopwatch.GetTimestamp();
        var table = PrefixTable.Of(prefixes, [.. Enumerable.Range(0, prefixes.Count)]);
        var making = Stopwatch.GetElapsedTime(made);
        var numbers = Enumerable.Range(0, Calls).Select(_ => NumberOf(random, prefixes)).ToArray();
        var times = new List<TimeSpan>();
        var found = 0;
        for (var from = 0; from < numbers.Length; from += Piece)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = from; i < from + Piece; i++)
                if (table.Find(numbers[i], out _) is not null) found++;
            times.Add(Stopwatch.GetElapsedTime(started));
        }

        if (found != numbers.Length) throw new InvalidOperationException("A number was not found by its own prefix.");
        var nanoseconds = Machine.Percentile([.. times.Order()], 50).TotalNanoseconds / Piece;
        Console.WriteLine($"{prefixes.Count:N0} prefixes: {nanoseconds:F0} ns a look-up (goal 300), {(decimal)table.Bytes / prefixes.Count:F1} bytes a prefix (goal 40), made in {making.TotalSeconds:F2} s");
    }

    /// <summary>Distinct prefixes of 3 to 10 digits, most of them long, as in the decks of carriers.</summary>
    private static List<string> PrefixesOf(Random random, int count)
    {
        var prefixes = new HashSet<string>(count);
        while (prefixes.Count < count) prefixes.Add(random.NextInt64(1_000_000_000, 10_000_000_000).ToString()[..Math.Min(10, random.Next(5, 14))]);
        return [.. prefixes];
    }

    private static string NumberOf(Random random, List<string> prefixes)
    {
        var prefix = prefixes[random.Next(prefixes.Count)];
        return prefix + random.NextInt64(10_000_000_000).ToString("D10")[..(12 - prefix.Length)];
    }

    private sealed record Call(string To, int Seconds);
}
