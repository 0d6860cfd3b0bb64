using Relier.TopUps;

namespace Relier.Scenarios.Crashes;

/// <summary>
/// The places on the way of a top-up where a process can be made to stand still. Of each transaction: what it will write
/// is decided and nothing is written; its first row is written and the others are not; everything is written and the
/// commit comes next; it is committed and nothing else has happened.
/// </summary>
internal static class Point
{
    public const string ReserveDecided = "reserve.decided";
    public const string ReserveHalfWritten = "reserve.half-written";
    public const string ReserveCommitting = "reserve.committing";
    public const string ReserveCommitted = "reserve.committed";
    public const string ClaimCommitting = "claim.committing";
    public const string ClaimCommitted = "claim.committed";
    public const string BeginDecided = "begin.decided";
    public const string BeginHalfWritten = "begin.half-written";
    public const string BeginCommitting = "begin.committing";
    public const string BeginCommitted = "begin.committed";
    public const string SubmitSending = "submit.sending";
    public const string SubmitAnswered = "submit.answered";
    public const string SettleDecided = "settle.decided";
    public const string SettleHalfWritten = "settle.half-written";
    public const string SettleCommitting = "settle.committing";
    public const string SettleCommitted = "settle.committed";
    public const string LookupAnswered = "lookup.answered";
    public const string CheckCommitting = "check.committing";
    public const string CheckCommitted = "check.committed";

    /// <summary>Which transaction writes this change, told by what it writes.</summary>
    public static string ActOf(TopUp changed)
    {
        if (changed.State == TopUpState.Submitting) return "begin";
        return changed.Evidence.Any(evidence => evidence.Source == EvidenceSource.Lookup) ? "check" : "settle";
    }
}
