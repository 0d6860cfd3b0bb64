using Relier.Storage;
using Relier.TopUps;

namespace Relier.Cli;

/// <summary>What a script learns from the end of a command. Stable; README.md lists them for people.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Error = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int Conflict = 4;
    public const int Forbidden = 5;
    public const int Unavailable = 7;
    public const int OutcomeUnknown = 8;
    public const int SchemaMismatch = 76;
    public const int Configuration = 78;
    public const int Interrupted = 130;

    /// <summary>The code for an expected no. One that is about money or limits is a plain 1: trying again changes nothing.</summary>
    public static int Of(Refusal refusal) => refusal.Code switch
    {
        "validation_failed" or "idempotency_key_missing" or "cursor_invalid" or "usage" or "statement_unreadable" or "import_unreadable" or "deck_invalid" => Usage,
        "not_found" => NotFound,
        "reference_conflict" or "duplicate_suspected" or "idempotency_key_reused" or "channel_taken" or "exchange_rate_exists"
            or "statement_already_imported" or "statement_being_imported" or "period_overlaps" or "supersedes_nothing" or "break_closed" or "nothing_to_apply"
            or "job_not_dead" or "job_dead" or "job_active" or "stale_version" or "key_revoked" or "customer_suspended" or "invalid_state_transition" or "second_person_required"
            or "call_not_waiting" or "deck_not_draft" or "currency_differs" or "mode_differs" or "fallback_circle" or "account_taken" or "account_closed" or "line_taken" or "bucket_taken" => Conflict,
        "unauthenticated" or "forbidden" or "ip_not_allowed" => Forbidden,
        "fx_unavailable" or "provider_unavailable" or "storage_unavailable" or "archive_unavailable" => Unavailable,
        "schema_mismatch" => SchemaMismatch,
        "configuration_invalid" or "archive_not_set" => Configuration,
        "interrupted" => Interrupted,
        _ => Error,
    };

    /// <summary>The code for a top-up that was sent: 0 means delivered, and nothing else does.</summary>
    public static int Of(TopUpState state) => state switch
    {
        TopUpState.Succeeded or TopUpState.LateDelivered => Ok,
        TopUpState.Failed or TopUpState.Rejected or TopUpState.Reversed => Error,
        TopUpState.Reserved or TopUpState.Submitting or TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview => OutcomeUnknown,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state this version knows."),
    };

    /// <summary>What went wrong outside, in the same words as an expected no; a bug is <c>internal_error</c>.</summary>
    public static Refusal Explain(Exception error) => error switch
    {
        OperationCanceledException => new Refusal("interrupted", "Interrupted. What was committed before stays."),
        RelierConfigurationException wrong => new Refusal("configuration_invalid", wrong.Message).With("problems", wrong.Problems),
        SchemaMismatchException => new Refusal("schema_mismatch", error.Message),
        StorageUnavailableException => new Refusal("storage_unavailable", error.Message),
        InvalidDataException => new Refusal("configuration_invalid", error.Message),
        _ => new Refusal("internal_error", $"{error.GetType().Name}: {error.Message}"),
    };
}
