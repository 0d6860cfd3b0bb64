using Relier.Archiving;
using Relier.Customers;
using Relier.Importing;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Rating;
using Relier.TopUps;

namespace Relier.Sql;

/// <summary>
/// The words that stand for the values of an enumeration in the database: for ever, whatever becomes of the names in
/// the code. The CHECK constraints of the migrations list the same words.
/// </summary>
internal sealed class Words<T>(params (T Value, string Word)[] pairs)
    where T : struct, Enum
{
    /// <summary>All the words.</summary>
    public IEnumerable<string> All => pairs.Select(pair => pair.Word);

    /// <summary>The word of a value.</summary>
    public string Of(T value)
    {
        foreach (var pair in pairs)
            if (EqualityComparer<T>.Default.Equals(pair.Value, value))
                return pair.Word;
        throw new ArgumentOutOfRangeException(nameof(value), value, $"There is no word for this {typeof(T).Name}.");
    }

    /// <summary>The value of a word.</summary>
    public T Parse(string word)
    {
        foreach (var pair in pairs)
            if (pair.Word == word)
                return pair.Value;
        throw new FormatException($"'{word}' is no {typeof(T).Name} this version knows.");
    }
}

/// <summary>Every enumeration that is stored.</summary>
internal static class Words
{
    public static readonly Words<CustomerStatus> CustomerStatus = new(
        (Customers.CustomerStatus.Active, "active"),
        (Customers.CustomerStatus.Suspended, "suspended"));

    public static readonly Words<LateDeliveryPolicy> LateDeliveryPolicy = new(
        (Customers.LateDeliveryPolicy.Customer, "customer"),
        (Customers.LateDeliveryPolicy.House, "house"));

    public static readonly Words<HoldState> HoldState = new(
        (Ledger.HoldState.Open, "open"),
        (Ledger.HoldState.Captured, "captured"),
        (Ledger.HoldState.Released, "released"));

    public static readonly Words<JournalKind> JournalKind = new(
        (Ledger.JournalKind.CreditAdded, "credit_added"),
        (Ledger.JournalKind.CreditSubtracted, "credit_subtracted"),
        (Ledger.JournalKind.TopUpCaptured, "topup_captured"),
        (Ledger.JournalKind.TopUpReversed, "topup_reversed"),
        (Ledger.JournalKind.LateDelivery, "late_delivery"),
        (Ledger.JournalKind.DeliveredBeside, "delivered_beside"),
        (Ledger.JournalKind.ProviderFunded, "provider_funded"),
        (Ledger.JournalKind.UsageCharged, "usage_charged"),
        (Ledger.JournalKind.UsageRecharged, "usage_recharged"));

    public static readonly Words<VersionState> VersionState = new(
        (Rating.VersionState.Draft, "draft"),
        (Rating.VersionState.Active, "active"),
        (Rating.VersionState.Retired, "retired"));

    public static readonly Words<ArchiveKind> ArchiveKind = new(
        (Archiving.ArchiveKind.Calls, "calls"),
        (Archiving.ArchiveKind.Reports, "reports"));

    public static readonly Words<PaymentMode> PaymentMode = new(
        (Rating.PaymentMode.Prepaid, "prepaid"),
        (Rating.PaymentMode.Postpaid, "postpaid"));

    public static readonly Words<UsageAccountStatus> UsageAccountStatus = new(
        (Rating.UsageAccountStatus.Active, "active"),
        (Rating.UsageAccountStatus.Suspended, "suspended"),
        (Rating.UsageAccountStatus.Closed, "closed"));

    public static readonly Words<PlanUse> PlanUse = new(
        (Rating.PlanUse.Usage, "usage"),
        (Rating.PlanUse.Inbound, "inbound"),
        (Rating.PlanUse.Calls, "calls"),
        (Rating.PlanUse.Messages, "messages"),
        (Rating.PlanUse.Data, "data"),
        (Rating.PlanUse.Events, "events"));

    public static readonly Words<LineKind> LineKind = new(
        (Rating.LineKind.Account, "account"),
        (Rating.LineKind.AccountCode, "account_code"),
        (Rating.LineKind.Number, "number"),
        (Rating.LineKind.SipUser, "sip_user"));

    public static readonly Words<BucketKind> BucketKind = new(
        (Rating.BucketKind.Money, "money"),
        (Rating.BucketKind.Seconds, "seconds"),
        (Rating.BucketKind.Messages, "messages"),
        (Rating.BucketKind.Bytes, "bytes"));

    public static readonly Words<UsageKind> UsageKind = new(
        (Rating.UsageKind.Voice, "voice"),
        (Rating.UsageKind.Data, "data"),
        (Rating.UsageKind.Message, "message"),
        (Rating.UsageKind.Event, "event"));

    public static readonly Words<CallDirection> CallDirection = new(
        (Rating.CallDirection.Outbound, "outbound"),
        (Rating.CallDirection.Inbound, "inbound"));

    public static readonly Words<CallState> CallState = new(
        (Rating.CallState.Received, "received"),
        (Rating.CallState.Rated, "rated"),
        (Rating.CallState.Zero, "zero"),
        (Rating.CallState.Unrated, "unrated"),
        (Rating.CallState.NotCharged, "not_charged"));

    public static readonly Words<SessionState> SessionState = new(
        (Rating.SessionState.Open, "open"),
        (Rating.SessionState.Released, "released"));

    public static readonly Words<UnratedReason> UnratedReason = new(
        (Rating.UnratedReason.NoPlan, "no_plan"),
        (Rating.UnratedReason.NoRate, "no_rate"),
        (Rating.UnratedReason.Forbidden, "forbidden"),
        (Rating.UnratedReason.BadNumber, "bad_number"),
        (Rating.UnratedReason.Loop, "loop"),
        (Rating.UnratedReason.NoAccount, "no_account"),
        (Rating.UnratedReason.TooLarge, "too_large"));

    public static readonly Words<ChargeLineKind> ChargeLineKind = new(
        (Rating.ChargeLineKind.Connect, "connect"),
        (Rating.ChargeLineKind.Tier, "tier"),
        (Rating.ChargeLineKind.Bucket, "bucket"),
        (Rating.ChargeLineKind.MinTopUp, "min_top_up"),
        (Rating.ChargeLineKind.Cap, "cap"),
        (Rating.ChargeLineKind.Rounding, "rounding"),
        (Rating.ChargeLineKind.Credit, "credit"));

    public static readonly Words<DisputeState> DisputeState = new(
        (Rating.DisputeState.Open, "open"),
        (Rating.DisputeState.Credited, "credited"),
        (Rating.DisputeState.Rejected, "rejected"));

    public static readonly Words<CallReportState> CallReportState = new(
        (Rating.CallReportState.Accepted, "accepted"),
        (Rating.CallReportState.Duplicate, "duplicate"),
        (Rating.CallReportState.Conflict, "conflict"),
        (Rating.CallReportState.Malformed, "malformed"),
        (Rating.CallReportState.Discarded, "discarded"));

    public static readonly Words<CapStrategy> CapStrategy = new(
        (Rating.CapStrategy.Free, "free"),
        (Rating.CapStrategy.Disconnect, "disconnect"));

    public static readonly Words<Rounding> Rounding = new(
        (Relier.Rounding.HalfUp, "half_up"),
        (Relier.Rounding.HalfEven, "half_even"),
        (Relier.Rounding.Up, "up"),
        (Relier.Rounding.Down, "down"));

    public static readonly Words<TopUpState> TopUpState = new(
        (TopUps.TopUpState.Reserved, "reserved"),
        (TopUps.TopUpState.Submitting, "submitting"),
        (TopUps.TopUpState.Pending, "pending"),
        (TopUps.TopUpState.Unknown, "unknown"),
        (TopUps.TopUpState.InReview, "in_review"),
        (TopUps.TopUpState.Succeeded, "succeeded"),
        (TopUps.TopUpState.Failed, "failed"),
        (TopUps.TopUpState.Rejected, "rejected"),
        (TopUps.TopUpState.Reversed, "reversed"),
        (TopUps.TopUpState.LateDelivered, "late_delivered"));

    public static readonly Words<AttemptState> AttemptState = new(
        (TopUps.AttemptState.Submitting, "submitting"),
        (TopUps.AttemptState.NotSent, "not_sent"),
        (TopUps.AttemptState.Refused, "refused"),
        (TopUps.AttemptState.Delivered, "delivered"),
        (TopUps.AttemptState.Accepted, "accepted"),
        (TopUps.AttemptState.Unknown, "unknown"),
        (TopUps.AttemptState.NotDelivered, "not_delivered"));

    public static readonly Words<ProviderEnvironment> ProviderEnvironment = new(
        (TopUps.ProviderEnvironment.Production, "production"),
        (TopUps.ProviderEnvironment.Sandbox, "sandbox"),
        (TopUps.ProviderEnvironment.Simulator, "simulator"));

    public static readonly Words<ProviderSight> ProviderSight = new(
        (TopUps.ProviderSight.Probe, "probe"),
        (TopUps.ProviderSight.Balance, "balance"),
        (TopUps.ProviderSight.Catalogue, "catalogue"),
        (TopUps.ProviderSight.Float, "float"));

    public static readonly Words<ProviderMessageState> ProviderMessageState = new(
        (TopUps.ProviderMessageState.Received, "received"),
        (TopUps.ProviderMessageState.Applied, "applied"),
        (TopUps.ProviderMessageState.Orphan, "orphan"),
        (TopUps.ProviderMessageState.Unreadable, "unreadable"),
        (TopUps.ProviderMessageState.Contradicts, "contradicts"));

    public static readonly Words<ImportedKind> ImportedKind = new(
        (Importing.ImportedKind.Customer, "customer"),
        (Importing.ImportedKind.TopUp, "topup"));

    public static readonly Words<Verdict> Verdict = new(
        (TopUps.Verdict.Delivered, "delivered"),
        (TopUps.Verdict.NotDelivered, "not_delivered"),
        (TopUps.Verdict.Reversed, "reversed"));

    public static readonly Words<EvidenceSource> EvidenceSource = new(
        (TopUps.EvidenceSource.Lookup, "lookup"),
        (TopUps.EvidenceSource.Person, "person"),
        (TopUps.EvidenceSource.Statement, "statement"),
        (TopUps.EvidenceSource.Callback, "callback"));

    public static readonly Words<StatementSource> StatementSource = new(
        (TopUps.StatementSource.Provider, "provider"),
        (TopUps.StatementSource.Operator, "operator"));

    public static readonly Words<StatementState> StatementState = new(
        (TopUps.StatementState.Delivered, "delivered"),
        (TopUps.StatementState.Failed, "failed"),
        (TopUps.StatementState.Reversed, "reversed"),
        (TopUps.StatementState.Undecided, "undecided"));

    public static readonly Words<StatementKind> StatementKind = new(
        (TopUps.StatementKind.Charge, "charge"),
        (TopUps.StatementKind.Reversal, "reversal"));

    public static readonly Words<ReconciliationState> ReconciliationState = new(
        (TopUps.ReconciliationState.Importing, "importing"),
        (TopUps.ReconciliationState.Matching, "matching"),
        (TopUps.ReconciliationState.Settling, "settling"),
        (TopUps.ReconciliationState.Done, "done"),
        (TopUps.ReconciliationState.Invalid, "invalid"),
        (TopUps.ReconciliationState.Superseded, "superseded"));

    public static readonly Words<AlertKind> AlertKind = new(
        (Notifications.AlertKind.LowBalance, "low_balance"),
        (Notifications.AlertKind.FailureStreak, "failure_streak"),
        (Notifications.AlertKind.Exposure, "exposure"),
        (Notifications.AlertKind.ProviderDown, "provider_down"),
        (Notifications.AlertKind.ProviderUp, "provider_up"),
        (Notifications.AlertKind.FloatLow, "float_low"),
        (Notifications.AlertKind.FloatDifference, "float_difference"));

    public static readonly Words<BreakOutcome> BreakOutcome = new(
        (TopUps.BreakOutcome.Settled, "settled"),
        (TopUps.BreakOutcome.Applied, "applied"),
        (TopUps.BreakOutcome.Accepted, "accepted"),
        (TopUps.BreakOutcome.Claimed, "claimed"),
        (TopUps.BreakOutcome.Unfounded, "unfounded"),
        (TopUps.BreakOutcome.Superseded, "superseded"));
}
