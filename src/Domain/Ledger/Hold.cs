using NodaTime;

namespace Relier.Ledger;

/// <summary>
/// Money set aside on an account for one thing that is under way. A row, never a posting. It ends exactly once, by
/// capture of the whole amount or by release.
/// </summary>
public sealed record Hold
{
    /// <summary>The id of what it is for: one top-up has one hold, a session one for each of its messages, as in <c>ses_1/2</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>Where the money is set aside.</summary>
    public required Id<Account> Account { get; init; }

    /// <summary>How much: positive, never changed; in whole minor units except for usage.</summary>
    public required Money Amount { get; init; }

    /// <summary>Whether and how it ended.</summary>
    public required HoldState State { get; init; }

    /// <summary>When the money was set aside.</summary>
    public required Instant OpenedAt { get; init; }

    /// <summary>When it ended; null while open.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>The hold, ended. Throws <see cref="InvalidOperationException"/> when it already was.</summary>
    public Hold End(HoldState how, Instant now)
    {
        if (State != HoldState.Open || how == HoldState.Open)
            throw new InvalidOperationException($"The hold for {Subject} is {State} and cannot become {how}.");
        return this with { State = how, EndedAt = now };
    }
}

/// <summary>Whether and how a hold ended.</summary>
public enum HoldState
{
    /// <summary>Not ended: the money is set aside.</summary>
    Open,

    /// <summary>Ended: the money was spent.</summary>
    Captured,

    /// <summary>Ended: the money is available again.</summary>
    Released,
}
