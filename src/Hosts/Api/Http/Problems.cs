using System.Diagnostics;
using Relier.Hosting.Resources;

namespace Relier.Api.Http;

/// <summary>The one place where a no becomes a status, and a problem document (RFC 9457).</summary>
internal static class Problems
{
    private const int RetryAfterSeconds = 5;

    /// <summary>Every code this host answers with, and its status.</summary>
    public static IReadOnlyDictionary<string, int> Statuses { get; } = new Dictionary<string, int>
    {
        ["malformed_request"] = 400, ["unknown_parameter"] = 400, ["cursor_invalid"] = 400, ["idempotency_key_missing"] = 400,
        ["unauthenticated"] = 401, ["signature_invalid"] = 401,
        ["insufficient_credit"] = 402,
        ["forbidden"] = 403, ["ip_not_allowed"] = 403, ["customer_suspended"] = 403, ["second_person_required"] = 403,
        ["not_found"] = 404,
        ["method_not_allowed"] = 405,
        ["reference_conflict"] = 409, ["duplicate_suspected"] = 409, ["invalid_state_transition"] = 409, ["channel_taken"] = 409,
        ["statement_already_imported"] = 409, ["statement_being_imported"] = 409, ["period_overlaps"] = 409, ["supersedes_nothing"] = 409,
        ["break_closed"] = 409, ["nothing_to_apply"] = 409,
        ["exchange_rate_exists"] = 409, ["key_revoked"] = 409,
        ["currency_mismatch"] = 409, ["reversal_refused"] = 409,
        ["job_not_dead"] = 409, ["job_dead"] = 409, ["job_active"] = 409,
        ["call_conflict"] = 409, ["call_not_waiting"] = 409, ["report_not_waiting"] = 409, ["reader_unknown"] = 409,
        ["deck_not_draft"] = 409, ["currency_differs"] = 409, ["mode_differs"] = 409, ["fallback_circle"] = 409,
        ["call_disputed"] = 409, ["call_not_charged"] = 409, ["dispute_closed"] = 409, ["credit_too_large"] = 422,
        ["account_taken"] = 409, ["account_closed"] = 409, ["line_taken"] = 409, ["bucket_taken"] = 409,
        ["sequence_conflict"] = 409, ["session_ended"] = 409, ["call_known"] = 409, ["account_not_active"] = 409,
        ["archive_not_set"] = 409,
        ["call_archived"] = 410,
        ["stale_version"] = 412,
        ["payload_too_large"] = 413,
        ["unsupported_media_type"] = 415,
        ["validation_failed"] = 422, ["idempotency_key_reused"] = 422, ["amount_out_of_range"] = 422, ["amount_not_allowed"] = 422,
        ["amount_not_deliverable"] = 422,
        ["balance_out_of_range"] = 422, ["statement_unreadable"] = 422, ["control_total_mismatch"] = 422,
        ["import_unreadable"] = 422, ["deck_invalid"] = 422, ["deck_unknown"] = 422, ["plan_unknown"] = 422,
        ["used_decreased"] = 422, ["no_account"] = 422, ["no_plan"] = 422, ["no_rate"] = 422, ["bad_number"] = 422, ["loop"] = 422, ["too_large"] = 422,
        ["precondition_required"] = 428,
        ["daily_limit_exceeded"] = 429,
        ["internal_error"] = 500, ["statement_out_of_balance"] = 500,
        ["fx_unavailable"] = 503, ["provider_unavailable"] = 503, ["storage_unavailable"] = 503, ["queue_unavailable"] = 503, ["archive_unavailable"] = 503,
    };

    /// <summary>The status of a code. One that is not listed is a no all the same, never a success and never our failure.</summary>
    public static int StatusOf(string code) => Statuses.GetValueOrDefault(code, 422);

    /// <summary>Whether asking the same again later may succeed: nothing was written.</summary>
    public static bool IsRetryable(string code) => StatusOf(code) == 503;

    /// <summary>What every no says in its headers, whatever the shape of its body.</summary>
    public static void WriteHeaders(HttpContext http, Refusal refusal)
    {
        if (refusal.Code == "unauthenticated") http.Response.Headers.WWWAuthenticate = http.GetEndpoint()?.Metadata.GetMetadata<Access>() is { Kind: AccessKind.Switch } ? "Basic realm=\"relier\"" : "Bearer";
        if (IsRetryable(refusal.Code)) http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (refusal.Replayed) http.Response.Headers[Headers.Replayed] = "true";
    }

    /// <summary>The document for a refusal, with its facts as members.</summary>
    public static Dictionary<string, object?> Document(HttpContext http, Refusal refusal)
    {
        var status = StatusOf(refusal.Code);
        var document = new Dictionary<string, object?>
        {
            ["type"] = TypeOf(refusal.Code),
            ["title"] = TitleOf(refusal.Code),
            ["status"] = status,
            ["detail"] = refusal.Message,
            ["instance"] = http.Request.Path.Value,
            ["code"] = refusal.Code,
            ["requestId"] = http.RequestId(),
            ["traceId"] = Activity.Current?.TraceId.ToString(),
            ["retryable"] = IsRetryable(refusal.Code),
        };
        if (refusal.Fields.Count > 0)
            document["errors"] = refusal.Fields.Select(error => new ProblemField(Pointer(error.Field), error.Field, error.Code, error.Message)).ToList();
        foreach (var (name, fact) in refusal.Facts) document.TryAdd(name, Shown(fact));
        return document;
    }

    /// <summary>The address of the page that explains a code.</summary>
    public static string TypeOf(string code) => $"https://docs.relier.dev/errors/{code}";

    /// <summary>The code as words: <c>insufficient_credit</c> is "Insufficient credit".</summary>
    public static string TitleOf(string code) => char.ToUpperInvariant(code[0]) + code[1..].Replace('_', ' ');

    private static object Shown(object fact) => fact is Money money ? MoneyResource.Of(money) : fact;

    private static string Pointer(string field) => "/" + field.Replace("[", ".").Replace("]", "").Replace('.', '/');
}

/// <summary>One wrong field in a problem document.</summary>
/// <param name="Pointer">Where it is, as a JSON pointer.</param>
/// <param name="Field">The same with dots.</param>
/// <param name="Code">What is wrong, stable.</param>
/// <param name="Message">What was expected.</param>
internal sealed record ProblemField(string Pointer, string Field, string Code, string Message);
