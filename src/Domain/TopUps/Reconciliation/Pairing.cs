using NodaTime;

namespace Relier.TopUps;

/// <summary>By what a line was matched with a submission. The first three are ids and prove; the others only suggest.</summary>
public enum MatchPass
{
    /// <summary>The operator's id.</summary>
    OperatorId = 1,

    /// <summary>The provider's id.</summary>
    ProviderId = 2,

    /// <summary>Our reference with the provider.</summary>
    OurReference = 3,

    /// <summary>Phone, amount, and at most ten minutes apart.</summary>
    PhoneWithinMinutes = 4,

    /// <summary>Phone, amount, and at most a day apart.</summary>
    PhoneWithinDay = 5,
}

/// <summary>A line and the submission it is about.</summary>
/// <param name="Row">The line.</param>
/// <param name="Ours">The submission.</param>
/// <param name="IsUnique">Whether neither had another choice in this pass.</param>
public sealed record Pair(StatementRow Row, OurAttempt Ours, bool IsUnique);

/// <summary>
/// Matches lines with submissions one to one, inside a group that shares a key. The same group always gives the same
/// pairs, in whatever order it is given. A pair is never made against what is known: another phone, another reference.
/// </summary>
public static class Pairing
{
    /// <summary>How far apart the clocks of the two sides may be for the fourth pass.</summary>
    public static Duration Near { get; } = Duration.FromMinutes(10);

    /// <summary>How far apart a submission and its line may be for the fifth pass, and by how much more is looked for.</summary>
    public static Duration Far { get; } = Duration.FromDays(1);

    /// <summary>The pairs, by line. Lines of different kinds are matched apart from each other.</summary>
    public static IReadOnlyList<Pair> Match(MatchPass pass, IReadOnlyCollection<StatementRow> rows, IReadOnlyCollection<OurAttempt> ours, StatementLayout layout)
    {
        var possible = (from row in rows from attempt in ours where MayBe(pass, row, attempt, layout) select (Row: row, Ours: attempt)).ToList();
        var ofRow = possible.ToLookup(pair => pair.Row.Line);
        var ofOurs = possible.ToLookup(pair => (pair.Ours.TopUp, pair.Ours.No));
        var (usedRows, usedOurs) = (new HashSet<long>(), new HashSet<(Id<TopUp>, int)>());
        var pairs = new List<Pair>();
        var inOrder = possible
            .OrderBy(pair => pair.Row.Amount == pair.Ours.AmountFor(layout.AmountOf) ? 0 : 1)
            .ThenBy(pair => Says(pair.Row.State))
            .ThenBy(pair => Apart(pair.Row, pair.Ours, layout.Zone))
            .ThenBy(pair => pair.Row.Line)
            .ThenBy(pair => pair.Ours.TopUp.Value, StringComparer.Ordinal).ThenBy(pair => pair.Ours.No);
        foreach (var (row, attempt) in inOrder)
        {
            if (usedRows.Contains(row.Line) || usedOurs.Contains((attempt.TopUp, attempt.No))) continue;
            usedRows.Add(row.Line);
            usedOurs.Add((attempt.TopUp, attempt.No));
            pairs.Add(new Pair(row, attempt, ofRow[row.Line].Count() == 1 && ofOurs[(attempt.TopUp, attempt.No)].Count() == 1));
        }

        return [.. pairs.OrderBy(pair => pair.Row.Line)];
    }

    /// <summary>Whether a line without a submission of its own speaks of this one, which another line has: the other side lists it twice.</summary>
    public static bool Repeats(StatementRow row, OurAttempt taken) =>
        (row.Phone is null || row.Phone == taken.Phone)
        && (Same(row.OperatorId, taken.OperatorReference) || Same(row.ProviderId, taken.TransactionId) || Same(row.ReferenceKey, taken.ProviderReference));

    /// <summary>The key of a line in a pass; null when it has none.</summary>
    public static string? KeyOf(MatchPass pass, StatementRow row) => pass switch
    {
        MatchPass.OperatorId => row.OperatorId,
        MatchPass.ProviderId => row.ProviderId,
        MatchPass.OurReference => row.ReferenceKey,
        MatchPass.PhoneWithinMinutes or MatchPass.PhoneWithinDay => row.Phone,
        _ => throw new ArgumentOutOfRangeException(nameof(pass), pass, "Not a pass this version knows."),
    };

    /// <summary>The key of a submission in a pass, as lines write it; null when it has none.</summary>
    public static string? KeyOf(MatchPass pass, OurAttempt ours) => pass switch
    {
        MatchPass.OperatorId => StatementText.Id(ours.OperatorReference),
        MatchPass.ProviderId => StatementText.Id(ours.TransactionId),
        MatchPass.OurReference => StatementText.Id(ours.ProviderReference),
        MatchPass.PhoneWithinMinutes or MatchPass.PhoneWithinDay => ours.Phone,
        _ => throw new ArgumentOutOfRangeException(nameof(pass), pass, "Not a pass this version knows."),
    };

    private static bool MayBe(MatchPass pass, StatementRow row, OurAttempt ours, StatementLayout layout)
    {
        if (KeyOf(pass, row) is not { } key || key != KeyOf(pass, ours)) return false;
        if (row.Phone is { } phone && phone != ours.Phone) return false;
        if (pass != MatchPass.OurReference && Differ(row.OurReference, ours.ProviderReference)) return false;
        if (pass <= MatchPass.OurReference) return true;

        return row.Amount == ours.AmountFor(layout.AmountOf)
            && !Differ(row.OperatorId, ours.OperatorReference) && !Differ(row.ProviderId, ours.TransactionId)
            && Apart(row, ours, layout.Zone) <= (pass == MatchPass.PhoneWithinMinutes ? Near : Far);
    }

    /// <summary>How far apart in time. A line that knows its day only lies at noon of it for the order, and is never near.</summary>
    private static Duration Apart(StatementRow row, OurAttempt ours, DateTimeZone zone)
    {
        if (row.At is { } at) return at > ours.StartedAt ? at - ours.StartedAt : ours.StartedAt - at;
        var days = Math.Abs(Period.DaysBetween(row.Day, ours.StartedAt.InZone(zone).Date));
        return days == 0 ? Far / 2 : Far * days;
    }

    private static bool Differ(string? theirs, string? ours) => theirs is not null && StatementText.Id(ours) is { } known && theirs != known;

    private static bool Same(string? theirs, string? ours) => theirs is not null && theirs == StatementText.Id(ours);

    /// <summary>Of two lines about one submission the one that says most comes first: a delivery is what somebody must pay for.</summary>
    private static int Says(StatementState state) => state switch
    {
        StatementState.Delivered or StatementState.Reversed => 0,
        StatementState.Failed => 1,
        StatementState.Undecided => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state this version knows."),
    };
}
