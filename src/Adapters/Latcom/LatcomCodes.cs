namespace Relier.Latcom;

/// <summary>Our words for why an outcome is what it is; <c>http_NNN</c> is the one that is made.</summary>
internal static class LatcomCodes
{
    // Not sent.
    public const string IpBlocked = "provider_ip_blocked";
    public const string Auth = "provider_auth";
    public const string Unreachable = "provider_unreachable";
    public const string ProductNotOffered = "product_not_offered";

    // Unknown.
    public const string Timeout = "timeout";
    public const string ConnectionLost = "connection_lost";
    public const string AnswerTooLarge = "answer_too_large";
    public const string UnreadableAnswer = "unreadable_answer";
    public const string UnrecognisedStatus = "unrecognised_status";
    public const string EchoMismatch = "echo_mismatch";
    public const string UnlistedFailure = "unlisted_failure";
    public const string DuplicateAtProvider = "duplicate_at_provider";
    public const string NoTransactionId = "no_transaction_id";
}
