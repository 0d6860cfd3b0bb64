using NodaTime;

namespace Relier.Notifications;

/// <summary>Something the people of the house should know of. Kept for ever as it was raised.</summary>
public sealed record Alert
{
    /// <summary>Its id: for a receiver, the key by which it knows the same alert again.</summary>
    public required Id<Alert> Id { get; init; }

    /// <summary>What kind of thing happened.</summary>
    public required AlertKind Kind { get; init; }

    /// <summary>To what: the id of a customer, the name of a provider.</summary>
    public required string Subject { get; init; }

    /// <summary>What tells one occasion from the next, for programs: another cause is raised although the last one was a moment ago.</summary>
    public required string Cause { get; init; }

    /// <summary>When it was seen.</summary>
    public required Instant At { get; init; }

    /// <summary>The figures, by name: text or <see cref="Money"/>. Without secrets and phone numbers.</summary>
    public IReadOnlyDictionary<string, object> Facts { get; init; } = new Dictionary<string, object>();

    /// <summary>One or two sentences for people.</summary>
    public required string Text { get; init; }
}

/// <summary>What people are told of.</summary>
public enum AlertKind
{
    /// <summary>A customer's wallet is at or below the amount that counts as low with it; or an account that usage is charged to came down to its low or critical amount, or below zero.</summary>
    LowBalance,

    /// <summary>Ten submissions in a row with one provider did not deliver.</summary>
    FailureStreak,

    /// <summary>So much is unknown with a provider that it gets nothing more.</summary>
    Exposure,

    /// <summary>A provider does not let us in.</summary>
    ProviderDown,

    /// <summary>A provider of which was told that it is down lets us in again.</summary>
    ProviderUp,

    /// <summary>What is left of the money with a provider is below what counts as low.</summary>
    FloatLow,

    /// <summary>Twice in a row a provider told another balance than our books, whatever becomes of what is under way.</summary>
    FloatDifference,
}

/// <summary>The words for the kinds.</summary>
public static class AlertKinds
{
    private static readonly Dictionary<string, AlertKind> Kinds = Enum.GetValues<AlertKind>().ToDictionary(Word);

    /// <summary>All the words.</summary>
    public static IEnumerable<string> Words => Kinds.Keys;

    /// <summary>The word for a kind: <c>low_balance</c>.</summary>
    public static string Word(AlertKind kind) => kind switch
    {
        AlertKind.LowBalance => "low_balance",
        AlertKind.FailureStreak => "failure_streak",
        AlertKind.Exposure => "exposure",
        AlertKind.ProviderDown => "provider_down",
        AlertKind.ProviderUp => "provider_up",
        AlertKind.FloatLow => "float_low",
        AlertKind.FloatDifference => "float_difference",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind this version knows."),
    };

    /// <summary>The kind with this word; null for none.</summary>
    public static AlertKind? Find(string word) => Kinds.TryGetValue(word, out var kind) ? kind : null;
}
