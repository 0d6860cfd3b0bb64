namespace Relier.TopUps;

/// <summary>
/// What is known after one submission to a provider: a closed set, by what can be proven about delivery. Whatever is
/// not plainly one of the others is <see cref="Unknown"/>.
/// </summary>
public abstract record SubmitOutcome
{
    private SubmitOutcome()
    {
    }

    /// <summary>What the provider said, for the record: as received, shortened, phone numbers masked. Null when nothing was received.</summary>
    public string? Evidence { get; init; }

    /// <summary>No byte of the order left us. The hold may be released and another provider tried.</summary>
    /// <param name="Code">Why: <c>provider_ip_blocked</c>, <c>provider_auth</c>, <c>provider_unreachable</c>.</param>
    /// <param name="Message">For people of the house.</param>
    public sealed record NotSent(string Code, string Message) : SubmitOutcome;

    /// <summary>An explicit no that we recognise. The hold may be released.</summary>
    /// <param name="Class">Which no.</param>
    /// <param name="ProviderCode">The provider's code.</param>
    /// <param name="Message">The provider's text.</param>
    /// <param name="TransactionId">The provider's id for the refused order.</param>
    public sealed record Refused(RefusalClass Class, string? ProviderCode, string? Message, string? TransactionId) : SubmitOutcome;

    /// <summary>An explicit yes.</summary>
    /// <param name="TransactionId">The provider's id.</param>
    /// <param name="OperatorReference">The operator's id, which proves it to the operator.</param>
    /// <param name="Cost">What the provider says it took; null when it does not say. Ignored when negative or in another currency than the face value: what the route reckoned with is then owed.</param>
    public sealed record Delivered(string TransactionId, string? OperatorReference, Money? Cost = null) : SubmitOutcome;

    /// <summary>Taken in; the provider will decide later.</summary>
    /// <param name="TransactionId">The provider's id.</param>
    public sealed record Accepted(string TransactionId) : SubmitOutcome;

    /// <summary>It may have been delivered or not: no answer, a broken one, or one we do not know. Neither released nor tried elsewhere.</summary>
    /// <param name="Code">Why: <c>timeout</c>, <c>connection_lost</c>, <c>http_502</c>, <c>unrecognised_status</c>, <c>echo_mismatch</c>.</param>
    /// <param name="Message">For people of the house.</param>
    /// <param name="TransactionId">The provider's id, when one was read: it makes a look-up possible.</param>
    public sealed record Unknown(string Code, string Message, string? TransactionId = null) : SubmitOutcome;
}

/// <summary>The recognised noes of providers, in one vocabulary. What providers say of duplicates and of operator time-outs is never here: that is unknown.</summary>
public enum RefusalClass
{
    /// <summary>No such subscriber.</summary>
    InvalidNumber,

    /// <summary>The subscriber's tariff does not allow it.</summary>
    PlanNotAllowed,

    /// <summary>The subscriber is barred.</summary>
    SubscriberBarred,

    /// <summary>The number is with another operator.</summary>
    OperatorMismatch,

    /// <summary>The amount is not allowed for the subscriber.</summary>
    AmountNotAllowed,

    /// <summary>The product is not to be had.</summary>
    ProductUnavailable,

    /// <summary>The subscriber has had enough for now.</summary>
    SubscriberLimit,

    /// <summary>We have no money left with the provider.</summary>
    ProviderFunds,

    /// <summary>The provider is closed for maintenance.</summary>
    ProviderMaintenance,
}

/// <summary>What a provider answers when asked about an order it was given.</summary>
public abstract record LookupOutcome
{
    private LookupOutcome()
    {
    }

    /// <summary>What the provider said, as in <see cref="SubmitOutcome.Evidence"/>.</summary>
    public string? Evidence { get; init; }

    /// <summary>It was delivered.</summary>
    /// <param name="TransactionId">The provider's id.</param>
    /// <param name="OperatorReference">The operator's id.</param>
    public sealed record Delivered(string TransactionId, string? OperatorReference) : LookupOutcome;

    /// <summary>It was delivered and taken back.</summary>
    /// <param name="TransactionId">The provider's id for it; null when it gave none.</param>
    public sealed record Reversed(string? TransactionId) : LookupOutcome;

    /// <summary>It was refused, or taken back before we ever counted it as delivered.</summary>
    /// <param name="Class">Which no; null when it was taken back.</param>
    /// <param name="Message">The provider's text.</param>
    public sealed record NotDelivered(RefusalClass? Class, string? Message) : LookupOutcome;

    /// <summary>Not decided yet.</summary>
    public sealed record Pending : LookupOutcome;

    /// <summary>The provider does not know it. Proof only after <see cref="ProviderOffer.NotFoundFinalAfter"/>.</summary>
    public sealed record NotFound : LookupOutcome;

    /// <summary>Nothing was learnt: no answer, or the provider cannot be asked.</summary>
    /// <param name="Reason">Why, for people of the house.</param>
    public sealed record Unavailable(string Reason) : LookupOutcome;
}
