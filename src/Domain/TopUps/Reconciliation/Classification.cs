using NodaTime;

namespace Relier.TopUps;

/// <summary>What the two sides say about one recharge, side by side.</summary>
public enum StatementClass
{
    /// <summary>Both say the same.</summary>
    Matched,

    /// <summary>Both say delivered, of different amounts.</summary>
    MatchedAmountDiff,

    /// <summary>Both say the same, but we submitted it outside of the statement's period.</summary>
    MatchedLate,

    /// <summary>They delivered it; we gave the money back.</summary>
    ProviderDeliveredWeFailed,

    /// <summary>They delivered it; we did not know.</summary>
    ProviderDeliveredWeUnknown,

    /// <summary>They did not deliver it, or took it back; we did not know.</summary>
    ProviderFailedWeUnknown,

    /// <summary>They did not deliver it; we charged for it.</summary>
    ProviderFailedWeSucceeded,

    /// <summary>They do not know yet.</summary>
    ProviderUndecided,

    /// <summary>They list it; we have nothing like it.</summary>
    ProviderOnly,

    /// <summary>We submitted it; they do not list it.</summary>
    OurOnly,

    /// <summary>They list it a second time.</summary>
    DuplicateAtProvider,

    /// <summary>They took it back; we did not refund it.</summary>
    ReversedNotRefunded,

    /// <summary>Both say delivered, in different currencies.</summary>
    CurrencyMismatch,
}

/// <summary>The class of a line or a submission, and what follows.</summary>
/// <param name="Class">The class.</param>
/// <param name="Verdict">What the line says of our top-up, where money would move if it counted; null where none would.</param>
/// <param name="NeedsConfirmation">Whether people must confirm that the two belong together.</param>
/// <param name="SettlesItself">Whether the line is proof enough for the money to move by itself.</param>
public sealed record Finding(StatementClass Class, Verdict? Verdict = null, bool NeedsConfirmation = false, bool SettlesItself = false)
{
    /// <summary>Whether people have to look at it.</summary>
    public bool IsBreak => NeedsConfirmation || Class is not (StatementClass.Matched or StatementClass.MatchedLate);
}

/// <summary>
/// What follows from a pair, or from what stayed without a partner. Money moves by itself only where an id matched, both
/// sides name the same amount, and we did not know: to charge what we had given back, or to give back what we had charged,
/// takes a person.
/// </summary>
public static class Classification
{
    /// <summary>How far inside the period a submission must lie for its absence from a complete statement to say anything: the two clocks may differ, and so may the moment at which a recharge counts.</summary>
    public static Duration AbsenceMargin { get; } = Duration.FromHours(1);

    /// <summary>The finding of a pair.</summary>
    public static Finding Of(Pair pair, MatchPass pass, DateInterval period, StatementLayout layout)
    {
        var (row, ours) = (pair.Row, pair.Ours);
        var isProof = pass <= MatchPass.OurReference;
        var finding = Compare(row, ours, period, layout);
        var moves = finding.Verdict is not null;
        return finding with
        {
            NeedsConfirmation = !isProof && (moves || !pair.IsUnique),
            SettlesItself = isProof && moves && ours.IsOpen && row.State is (StatementState.Delivered or StatementState.Failed)
                && row.Amount == ours.AmountFor(layout.AmountOf),
        };
    }

    /// <summary>The finding of a line without a submission.</summary>
    public static Finding Of(StatementRow row, IEnumerable<OurAttempt> taken) =>
        new(taken.Any(attempt => Pairing.Repeats(row, attempt)) ? StatementClass.DuplicateAtProvider : StatementClass.ProviderOnly);

    /// <summary>
    /// The finding of a submission without a line, in a statement that lists everything of its period. Where it is
    /// <paramref name="isComplete"/>, a submission well inside the period that nobody could answer for was not delivered;
    /// unless a delivery to the same phone is left over, which might be it.
    /// </summary>
    public static Finding Of(OurAttempt ours, bool isComplete, bool phoneIsLeftOver, DateInterval period, StatementLayout layout)
    {
        var from = layout.Zone.AtStartOfDay(period.Start).ToInstant() + AbsenceMargin;
        var to = layout.Zone.AtStartOfDay(period.End.PlusDays(1)).ToInstant() - AbsenceMargin;
        var proves = isComplete && !phoneIsLeftOver && ours.IsOpen && from <= ours.StartedAt && ours.StartedAt < to;
        return new Finding(StatementClass.OurOnly, ours.IsOpen ? Verdict.NotDelivered : null, SettlesItself: proves);
    }

    private static Finding Compare(StatementRow row, OurAttempt ours, DateInterval period, StatementLayout layout)
    {
        switch (row.State)
        {
            case StatementState.Undecided:
                return new Finding(StatementClass.ProviderUndecided);
            case StatementState.Failed:
                if (ours.IsOpen) return new Finding(StatementClass.ProviderFailedWeUnknown, Verdict.NotDelivered);
                return ours.State == AttemptState.Delivered
                    ? new Finding(StatementClass.ProviderFailedWeSucceeded, ours.TopUpState == TopUpState.Succeeded ? Verdict.Reversed : null)
                    : Agreed(ours, period, layout);
            case StatementState.Reversed:
                if (ours.IsOpen) return new Finding(StatementClass.ProviderFailedWeUnknown, Verdict.Reversed);
                if (ours.State != AttemptState.Delivered || ours.TopUpState == TopUpState.Reversed) return Agreed(ours, period, layout);
                return new Finding(StatementClass.ReversedNotRefunded, ours.TopUpState == TopUpState.Succeeded ? Verdict.Reversed : null);
            case StatementState.Delivered:
                if (ours.IsOpen) return new Finding(StatementClass.ProviderDeliveredWeUnknown, Verdict.Delivered);
                if (ours.State != AttemptState.Delivered)
                    return new Finding(StatementClass.ProviderDeliveredWeFailed, Verdict.Delivered);
                if (ours.WasReported) return new Finding(StatementClass.DuplicateAtProvider);
                var expected = ours.AmountFor(layout.AmountOf);
                if (row.Amount.Currency != expected.Currency) return new Finding(StatementClass.CurrencyMismatch);
                return row.Amount != expected ? new Finding(StatementClass.MatchedAmountDiff) : Agreed(ours, period, layout);
            default:
                throw new ArgumentOutOfRangeException(nameof(row), row.State, "Not a state this version knows.");
        }
    }

    private static Finding Agreed(OurAttempt ours, DateInterval period, StatementLayout layout) =>
        new(period.Contains(ours.StartedAt.InZone(layout.Zone).Date) ? StatementClass.Matched : StatementClass.MatchedLate);
}

/// <summary>The classes in words.</summary>
public static class StatementClasses
{
    private static readonly (StatementClass Value, string Word)[] Words =
    [
        (StatementClass.Matched, "matched"), (StatementClass.MatchedAmountDiff, "matched_amount_diff"), (StatementClass.MatchedLate, "matched_late"),
        (StatementClass.ProviderDeliveredWeFailed, "provider_delivered_we_failed"), (StatementClass.ProviderDeliveredWeUnknown, "provider_delivered_we_unknown"),
        (StatementClass.ProviderFailedWeUnknown, "provider_failed_we_unknown"), (StatementClass.ProviderFailedWeSucceeded, "provider_failed_we_succeeded"),
        (StatementClass.ProviderUndecided, "provider_undecided"), (StatementClass.ProviderOnly, "provider_only"), (StatementClass.OurOnly, "our_only"),
        (StatementClass.DuplicateAtProvider, "duplicate_at_provider"), (StatementClass.ReversedNotRefunded, "reversed_not_refunded"),
        (StatementClass.CurrencyMismatch, "currency_mismatch"),
    ];

    /// <summary>All of them, in order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Words.Select(pair => pair.Word)];

    /// <summary>The word of a class, in the API and in storage.</summary>
    public static string Word(StatementClass value) => Words.Single(pair => pair.Value == value).Word;

    /// <summary>The class of a word; null for a word that is none.</summary>
    public static StatementClass? Parse(string? word) => Words.Where(pair => pair.Word == word).Select(pair => (StatementClass?)pair.Value).SingleOrDefault();
}
