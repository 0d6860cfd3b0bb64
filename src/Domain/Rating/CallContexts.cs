using System.Collections.Immutable;

namespace Relier.Rating;

/// <summary>
/// What the contexts of a switch mean for billing. A switch calls a direction what it sees itself: a subscriber who dials out
/// comes in there. Which way a call went for the account is told by its context alone.
/// </summary>
public sealed record CallContexts
{
    /// <summary>What the id of an account begins with.</summary>
    public const string AccountIdStart = "acc_";

    private const int FrontMax = 16;

    /// <summary>Every call is outbound, every number stays as dialled.</summary>
    public static CallContexts None { get; } = new();

    /// <summary>The contexts whose calls come in to an account.</summary>
    public ImmutableHashSet<string> Inbound { get; init; } = [];

    /// <summary>By context: what is dialled in front of the number there, and is no part of it.</summary>
    public ImmutableDictionary<string, string> Strip { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Which way a call in this context went for the account.</summary>
    public CallDirection DirectionOf(string? context) => context is not null && Inbound.Contains(context) ? CallDirection.Inbound : CallDirection.Outbound;

    /// <summary>The number without what is dialled in front of it; one that is nothing else stays as it is.</summary>
    public string? NumberOf(string? context, string? dialled) =>
        context is not null && dialled is not null && Strip.TryGetValue(context, out var front) && dialled.Length > front.Length && dialled.StartsWith(front, StringComparison.Ordinal)
            ? dialled[front.Length..]
            : dialled;

    /// <summary>
    /// By what the account is found, the surest first: what was set for it on purpose, the account code, the number that was
    /// called, the user. A call that comes in names no user: who calls from outside says what he likes.
    /// </summary>
    public static ImmutableArray<LineRef> LinesOf(CallDirection direction, string? account, string? accountCode, string? to, string? sipUser)
    {
        var lines = ImmutableArray.CreateBuilder<LineRef>(3);
        if (!string.IsNullOrWhiteSpace(account)) lines.Add(new(account.StartsWith(AccountIdStart, StringComparison.Ordinal) ? LineKind.Account : LineKind.AccountCode, account));
        if (!string.IsNullOrWhiteSpace(accountCode)) lines.Add(new(LineKind.AccountCode, accountCode));
        if (direction == CallDirection.Inbound && DigitsOf(to) is { } number) lines.Add(new(LineKind.Number, number));
        if (direction == CallDirection.Outbound && !string.IsNullOrWhiteSpace(sipUser)) lines.Add(new(LineKind.SipUser, sipUser));
        return lines.DrainToImmutable();
    }

    /// <summary>Whether this can be dialled in front of a number.</summary>
    public static bool CanBeDialled(string? text) => text is { Length: > 0 and <= FrontMax } && text.All(letter => char.IsAsciiDigit(letter) || letter is '+' or '*' or '#');

    /// <summary>The digits of a number with its country; null for what is none.</summary>
    public static string? DigitsOf(string? number)
    {
        var digits = number is ['+', ..] ? number[1..] : number;
        return digits is { Length: > 0 } && digits.All(char.IsAsciiDigit) ? digits : null;
    }
}
