using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

/// <summary>
/// The same top-up in each of its states, brought there by lawful moves: ordered and sent at noon, no answer by 12:00:30.
/// </summary>
internal static class TopUpIn
{
    public static readonly Instant NoAnswerAt = A.Noon + Duration.FromSeconds(30);

    public static TopUp Reserved => A.TopUp;

    public static TopUp Submitting => Reserved.Begin(ProviderEnvironment.Simulator, A.Noon).Value;

    public static TopUp Pending => Submitting.Settle(1, new SubmitOutcome.Accepted("LT1"), NoAnswerAt).TopUp;

    public static TopUp Unknown => Submitting.Settle(1, new SubmitOutcome.Unknown("timeout", "no answer in 30 s"), NoAnswerAt).TopUp;

    public static TopUp InReview => Unknown.Weigh(Unavailable, null, Says.NewId(), NoAnswerAt + Duration.FromHours(24)).TopUp;

    public static TopUp Succeeded => Submitting.Settle(1, new SubmitOutcome.Delivered("LT1", "V1"), A.Noon + Duration.FromSeconds(7)).TopUp;

    public static TopUp Failed => Submitting.Settle(1, ProductGone, A.Noon + Duration.FromSeconds(7)).TopUp;

    public static TopUp Rejected => Reserved with
    {
        State = TopUpState.Rejected, Code = "insufficient_credit", Rejection = new Refusal("insufficient_credit", "Too little."), DecidedAt = A.Noon,
    };

    public static TopUp Reversed => Succeeded.Hear(Says.Statement(Verdict.Reversed), A.Noon + Duration.FromDays(1)).Value.TopUp;

    public static TopUp LateDelivered => Failed.Hear(Says.Statement(Verdict.Delivered), A.Noon + Duration.FromDays(1)).Value.TopUp;

    public static TopUp State(TopUpState state) => state switch
    {
        TopUpState.Reserved => Reserved,
        TopUpState.Submitting => Submitting,
        TopUpState.Pending => Pending,
        TopUpState.Unknown => Unknown,
        TopUpState.InReview => InReview,
        TopUpState.Succeeded => Succeeded,
        TopUpState.Failed => Failed,
        TopUpState.Rejected => Rejected,
        TopUpState.Reversed => Reversed,
        TopUpState.LateDelivered => LateDelivered,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Say how a top-up gets there."),
    };

    public static SubmitOutcome ProductGone { get; } =
        new SubmitOutcome.Refused(RefusalClass.ProductUnavailable, "-120054", "Product not Found", "LT1") { Evidence = "{…}" };

    public static LookupOutcome Unavailable { get; } = new LookupOutcome.Unavailable("no answer");
}

/// <summary>Proofs from outside.</summary>
internal static class Says
{
    public static Id<Evidence> NewId() => Id<Evidence>.Parse("evd_1");

    public static Evidence Statement(Verdict verdict) => new()
    {
        Id = NewId(), Verdict = verdict, Source = EvidenceSource.Statement, Reference = "V1", By = "import:2025-10", At = A.Noon,
    };

    public static Evidence Callback(Verdict verdict) => Statement(verdict) with { Source = EvidenceSource.Callback, By = "provider:latcom" };

    public static Evidence Person(string name, Verdict verdict) =>
        Statement(verdict) with { Source = EvidenceSource.Person, By = $"admin:{name}", Reference = "ticket 7" };
}
