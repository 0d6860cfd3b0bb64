using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Relier.Rating;

/// <summary>Which way usage went, as seen by the account that it is charged to; never as the switch sees it.</summary>
public enum CallDirection
{
    /// <summary>The account called, or used something.</summary>
    Outbound,

    /// <summary>The account was called.</summary>
    Inbound,
}

/// <summary>By what an account is found.</summary>
public enum LineKind
{
    /// <summary>The id of the account itself.</summary>
    Account,

    /// <summary>What the switch keeps as the account code of a user or a gateway.</summary>
    AccountCode,

    /// <summary>A number that belongs to the account, as digits with the country.</summary>
    Number,

    /// <summary>The user that a telephone registers as.</summary>
    SipUser,
}

/// <summary>Something by which an account is found. Two are the same when both parts are, to the letter.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Its text.</param>
public readonly record struct LineRef(LineKind Kind, string Value);

/// <summary>
/// What a source reports of one leg of a call, or of a message, data or an event: facts as they were told, before anybody
/// looked for its account or its price. (<see cref="Source"/>, <see cref="ExternalId"/>, <see cref="Leg"/>) names it for ever.
/// </summary>
public sealed record CallRecord
{
    /// <summary>The longest text of any part.</summary>
    public const int TextMax = 128;

    /// <summary>Most lines that may be named.</summary>
    public const int LinesMax = 8;

    /// <summary>Who reports: the name of a switch, of a file's sender, of an application.</summary>
    public required string Source { get; init; }

    /// <summary>The source's id of the call.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Which leg of it, where the id does not say so; empty for the only one.</summary>
    public string Leg { get; init; } = "";

    /// <summary>What was used.</summary>
    public UsageKind Kind { get; init; }

    /// <summary>Which way.</summary>
    public CallDirection Direction { get; init; }

    /// <summary>Who called, as reported: a number, an extension.</summary>
    public string? From { get; init; }

    /// <summary>The number that was called, as dialled; null for usage that goes to no number.</summary>
    public string? To { get; init; }

    /// <summary>When it began.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>When it was answered; null when it never was, and for usage that is not answered.</summary>
    public Instant? AnsweredAt { get; init; }

    /// <summary>When it ended.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>Seconds from beginning to end, answered or not.</summary>
    public long Duration { get; init; }

    /// <summary>What is charged for: seconds since the answer, bytes, messages, events. A call is answered when this is more than 0, whatever its cause.</summary>
    public required long Quantity { get; init; }

    /// <summary>Why it ended, in the word of the switch: <c>NORMAL_CLEARING</c>.</summary>
    public string? Cause { get; init; }

    /// <summary>By what its account is to be found: the first that is known counts.</summary>
    public ImmutableArray<LineRef> Lines { get; init; } = [];

    /// <summary>False for a leg that is kept beside the one that is charged.</summary>
    public bool IsCharged { get; init; } = true;

    /// <summary>The source's id of the leg that it belongs to.</summary>
    public string? LinkedTo { get; init; }

    /// <summary>From when on its price is looked for: the answer of a call, else the beginning.</summary>
    public Instant ChargedFrom => AnsweredAt ?? StartedAt;

    /// <summary>What makes it no record that could be kept: codes <c>required</c>, <c>text_invalid</c>, <c>quantity_invalid</c>, <c>instant_invalid</c>, <c>times_crossed</c>, <c>too_many</c>.</summary>
    public IEnumerable<FieldError> Check()
    {
        foreach (var (field, text, isRequired) in new[] { ("source", Source, true), ("id", ExternalId, true), ("leg", Leg, false), ("from", From, false), ("to", To, false), ("cause", Cause, false), ("linkedTo", LinkedTo, false) })
        {
            if (isRequired && string.IsNullOrWhiteSpace(text)) yield return new(field, "required", "is required");
            else if (text is not null && !IsText(text)) yield return new(field, "text_invalid", $"expected at most {TextMax} printable characters");
        }

        foreach (var wrong in new Usage(Kind, To, ChargedFrom, Quantity).Check("")) yield return wrong with { Field = wrong.Field[1..] };
        foreach (var wrong in new Usage(Kind, To, StartedAt, 0).Check("")) yield return new("startedAt", wrong.Code, wrong.Message);
        if (Duration is < 0 or > Usage.SecondsMax) yield return new("duration", "quantity_invalid", $"expected a whole number from 0 to {Usage.SecondsMax}");
        if (AnsweredAt < StartedAt) yield return new("answeredAt", "times_crossed", "expected no time before the beginning");
        if (EndedAt < ChargedFrom) yield return new("endedAt", "times_crossed", "expected no time before the answer");
        if (Lines.Length > LinesMax) yield return new("lines", "too_many", $"expected at most {LinesMax}");
        if (Lines.Any(line => string.IsNullOrEmpty(line.Value) || !IsText(line.Value))) yield return new("lines", "text_invalid", $"expected 1 to {TextMax} printable characters");
    }

    /// <summary>
    /// What it says, as 32 letters: the same for what is charged alike. Times count to the second, because one switch reports
    /// them finer one way than another; what is not charged by (cause, duration, names of lines) does not count.
    /// </summary>
    public string Fingerprint()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)Kind}\n{(int)Direction}\n{From}\n{To}\n{StartedAt.ToUnixTimeSeconds()}\n{AnsweredAt?.ToUnixTimeSeconds()}\n{Quantity}\n{(IsCharged ? 1 : 0)}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    private static bool IsText(string text) => text.Length <= TextMax && !text.Any(char.IsControl) && !text.Any(char.IsSurrogate);
}
