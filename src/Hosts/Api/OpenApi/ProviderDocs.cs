using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class ProviderDocs
{
    private const string At = "2026-11-20T12:00:00.123Z";

    private static readonly ExposureResource Unknowns = new("latcom", "under_10m", 2, new("2.18", "USD"));

    private static readonly ProviderResource Latcom = new(
        "latcom", "production", true, new("4981.00", "MXN"), new("1000.00", "MXN"), false, null, null, new(true, At, "Logged in."), [], [Unknowns]);

    public static readonly Operation List = new("listProviders", "See how providers stand",
        "In the order in which they are asked. One takes no orders while its breaker is open, its last probe failed, or too much of what it was given within ten minutes is unknown; and none that cost more than is left with it, where that is counted.")
    {
        Answers = [new(200, "The providers.", typeof(ProviderListResource), new ProviderListResource([Latcom]))],
    };

    public static readonly Operation Fund = new("fundProvider", "Book money put into a provider's account",
        "Or, with a minus, taken out of it. From the first time on what is left there is counted: orders that cost more go to another provider.")
    {
        Headers = [HeaderParameter.IdempotencyKey with { IsRequired = true }],
        Body = new(typeof(FundBody), new FundBody("5000.00", "MXN", "SPEI 4711", "1000.00")) { Required = ["amount", "currency", "reference"] },
        Answers = [new(201, "What was booked.", typeof(FundingResource), new FundingResource("jnl_01kag1v9zk3m8q0w2x4y6z8a0h", At, "latcom", new("5000.00", "MXN"), "SPEI 4711", new("5000.00", "MXN")))],
        Refusals = ["idempotency_key_missing", "idempotency_key_reused", "validation_failed", "not_found", "currency_mismatch"],
    };

    public static readonly Operation Messages = new("listProviderMessages", "Read what providers told us",
        "As received, newest first. An orphan names a reference that is none of ours; one that contradicts what is decided has moved nothing and waits for people.")
    {
        Query = [new("status", "Only in this one: received, applied, orphan, unreadable, contradicts.", "orphan"), .. QueryParameter.Paging],
        Answers =
        [
            new(200, "A part of the list.", typeof(PageResource<ProviderMessageResource>), new PageResource<ProviderMessageResource>(
                [new("msg_01kag1v9zk3m8q0w2x4y6z8a0i", "provider-2", "m1", At, "applied", "17635968001230041726501", "delivered", "C00000001", "RLR176359680012300417265", null, "{…}")], false, null)),
        ],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Exposure = new("getExposure", "See what nobody can answer for", "Count and sum of what is held for unknown and pending top-ups, by provider, age and currency. Currencies are never added to each other.")
    {
        Answers = [new(200, "The exposure.", typeof(ExposureReportResource), new ExposureReportResource([Unknowns]))],
    };

    public static readonly Operation Reverse = new("reverseTopUp", "Have a top-up taken back",
        "Asks the provider. The charge comes back, exactly as it was made, when the provider says that it was done; asked again, it is done once.")
    {
        Answers = [new(200, "The top-up, reversed.", typeof(TopUpResource), Examples.TopUp with { Status = "reversed" })],
        Refusals = ["not_found", "invalid_state_transition", "reversal_refused", "provider_unavailable"],
    };

    public static readonly Operation Callback = new("receiveCallback", "For providers that call us",
        "Signed as agreed with the provider. Acknowledged, in the provider's own form, when it is kept, and applied right after; the same message again changes nothing. A failure is not acknowledged, so that it is sent again.")
    {
        Answers = [new(200, "Kept.", typeof(string), "RECEIVED", "text/plain")],
        Refusals = ["not_found", "payload_too_large", "validation_failed", "signature_invalid"],
    };
}
