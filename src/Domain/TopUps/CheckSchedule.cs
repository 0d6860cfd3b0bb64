using NodaTime;

namespace Relier.TopUps;

/// <summary>
/// When to ask again about a top-up whose outcome is not known, by its age: after 5 s, 15 s, 30 s, 1, 5 and 15 minutes,
/// 1 hour, then every 6 hours up to 72; and once when the provider's "not found" begins to be proof, so that money is not
/// held longer than anybody doubts. At 24 hours people are asked to look. None of this moves money.
/// </summary>
public static class CheckSchedule
{
    private static readonly Duration[] Ages =
    [
        Duration.FromSeconds(5), Duration.FromSeconds(15), Duration.FromSeconds(30),
        Duration.FromMinutes(1), Duration.FromMinutes(5), Duration.FromMinutes(15), Duration.FromHours(1),
        .. Enumerable.Range(1, 12).Select(quarter => Duration.FromHours(6 * quarter)),
    ];

    /// <summary>The age at which people are asked to look.</summary>
    public static Duration ReviewAfter { get; } = Duration.FromHours(24);

    /// <summary>The next time to ask, later than now; null when the schedule is at its end.</summary>
    /// <param name="unknownSince">Since when nobody knows.</param>
    /// <param name="now">Now.</param>
    /// <param name="provenFrom">When "not found" begins to be proof; null for never.</param>
    public static Instant? Next(Instant unknownSince, Instant now, Instant? provenFrom = null)
    {
        var next = Ages.Select(age => (Instant?)(unknownSince + age)).FirstOrDefault(at => at > now);
        return provenFrom > now && provenFrom < next ? provenFrom : next;
    }
}
