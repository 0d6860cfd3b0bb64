using System.Collections.Frozen;
using Relier.TopUps;

namespace Relier.Latcom;

/// <summary>What a reply proves about delivery. Pure: everything that is not proven is unknown.</summary>
internal sealed class LatcomVerdict(LatcomOptions options)
{
    public const string CodeOfSuccess = "0";
    private const string ValidationError = "Validation Error";

    private static readonly string[] SuccessTexts = ["Success", "Top-up successful"];

    // Said of orders that may have been delivered: the first of two, or one whose operator was slow.
    private static readonly string[] PartsOfOpenTexts = ["duplic", "timeout", "time-out", "time out", "timed out", "tiempo de espera"];

    private readonly FrozenDictionary<string, RefusalClass> _refusals =
        options.RefusalMessages.ToFrozenDictionary(listed => listed.Key.Trim(), listed => listed.Value, StringComparer.OrdinalIgnoreCase);

    private readonly bool _unlistedIsRefused = options.TreatUnlistedFailAsRefused;

    /// <summary>Whether a message can never prove that nothing was delivered, whoever lists it.</summary>
    public static bool IsNeverARefusal(string text) =>
        SuccessTexts.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) || IsOpen(text);

    /// <summary>What the reply to an order proves.</summary>
    public SubmitOutcome OfSubmission(Submission submission, LatcomReply reply)
    {
        SubmitOutcome outcome = reply switch
        {
            { Left: false } => new SubmitOutcome.NotSent(reply.Trouble ?? LatcomCodes.Unreachable, reply.Detail),
            { Status: 401 } => new SubmitOutcome.NotSent(LatcomCodes.Auth, "Latcom refused a token that it had just given."),
            { Trouble: { } trouble } => new SubmitOutcome.Unknown(trouble, reply.Detail),
            { Status: 200 } => LatcomAnswer.TryRead(reply.Body) is { } answer
                ? OfAnswer(submission, answer)
                : new SubmitOutcome.Unknown(LatcomCodes.UnreadableAnswer, "The answer is not a JSON object."),
            { Status: 400 or 422 } when RefusalOf(LatcomError.TryRead(reply.Body), reply.Status) is { } refusal => refusal,
            _ => new SubmitOutcome.Unknown($"http_{reply.Status}", $"The order was answered with HTTP {reply.Status}."),
        };
        return outcome with { Evidence = EvidenceOf(submission, reply) };
    }

    /// <summary>What the reply to a question proves.</summary>
    public LookupOutcome OfLookup(Submission submission, string transactionId, LatcomReply reply)
    {
        LookupOutcome outcome = reply switch
        {
            { Trouble: { } trouble } => new LookupOutcome.Unavailable($"{trouble}: {reply.Detail}"),
            { Status: 404 } => new LookupOutcome.NotFound(),
            { Status: 200 } => LatcomAnswer.TryRead(reply.Body) is { } row
                ? OfRow(submission, transactionId, row)
                : new LookupOutcome.Unavailable("The answer is not a JSON object."),
            _ => new LookupOutcome.Unavailable($"The question was answered with HTTP {reply.Status}."),
        };
        return outcome with { Evidence = EvidenceOf(submission, reply) };
    }

    private SubmitOutcome OfAnswer(Submission submission, LatcomAnswer answer)
    {
        // The answer may be to somebody else's order, or to ours as it was not meant; a look-up of its transaction can tell.
        if (answer.MismatchWith(submission, absentIsMismatch: true) is { } part)
            return Unknown(LatcomCodes.EchoMismatch, $"The answer does not echo our {part}. {answer.Describe()}", answer.TransactionId);

        return answer.Status switch
        {
            "success" => (answer.TransactionId ?? answer.Uid) is { } id
                ? new SubmitOutcome.Delivered(id, answer.OperatorReference)
                : Unknown(LatcomCodes.NoTransactionId, answer.Describe(), null),
            "fail" => OfFailure(answer),
            _ => Unknown(LatcomCodes.UnrecognisedStatus, answer.Describe(), answer.TransactionId),
        };
    }

    private SubmitOutcome OfFailure(LatcomAnswer answer)
    {
        // The id of a duplicate is not that of the order it duplicates: looking it up would teach the wrong thing.
        if (answer.Texts.Any(text => text.Contains("duplic", StringComparison.OrdinalIgnoreCase)))
            return Unknown(LatcomCodes.DuplicateAtProvider, answer.Describe(), null);

        return RefusalIn(answer) is { } meaning
            ? new SubmitOutcome.Refused(meaning, answer.Code, answer.Text, answer.TransactionId)
            : Unknown(LatcomCodes.UnlistedFailure, answer.Describe(), answer.TransactionId);
    }

    private LookupOutcome OfRow(Submission submission, string transactionId, LatcomAnswer row)
    {
        if (row.MismatchWith(submission, absentIsMismatch: false) is { } part)
            return new LookupOutcome.Unavailable($"The row found does not carry our {part}. {row.Describe()}");

        return row.Status switch
        {
            "success" => new LookupOutcome.Delivered(row.TransactionId ?? row.Uid ?? transactionId, row.OperatorReference),
            "fail" when RefusalIn(row) is { } meaning => new LookupOutcome.NotDelivered(meaning, row.Text),
            "pending" => new LookupOutcome.Pending(),
            "reversed" => new LookupOutcome.NotDelivered(null, row.Text),
            _ => new LookupOutcome.Unavailable(row.Describe()),
        };
    }

    /// <summary>What a failure means when it proves that nothing was delivered; otherwise null.</summary>
    private RefusalClass? RefusalIn(LatcomAnswer failure)
    {
        if (failure.Texts.Any(IsNeverARefusal)) return null;
        if (failure.Code is { } code && _refusals.TryGetValue(code, out var byCode)) return byCode;
        if (failure.Text is { } text && _refusals.TryGetValue(text, out var byText)) return byText;
        return _unlistedIsRefused && failure.Code != CodeOfSuccess ? RefusalClass.PlanNotAllowed : null;
    }

    // A refused request has no transaction to echo; it must at least be the recorded kind of error about this very status.
    private SubmitOutcome.Refused? RefusalOf(LatcomError? error, int? status) =>
        error?.Message?.Trim() is { } message
        && string.Equals(error.Error?.Trim(), ValidationError, StringComparison.OrdinalIgnoreCase) && error.Status == status
        && !IsNeverARefusal(message) && _refusals.TryGetValue(message, out var meaning)
            ? new SubmitOutcome.Refused(meaning, null, LatcomEvidence.Message(message), null)
            : null;

    private static SubmitOutcome.Unknown Unknown(string code, string message, string? transactionId) => new(code, message, transactionId);

    private static bool IsOpen(string text) => PartsOfOpenTexts.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static string? EvidenceOf(Submission submission, LatcomReply reply) =>
        reply.Evidence?.Replace(submission.Phone.National, submission.Phone.Masked, StringComparison.Ordinal);
}
