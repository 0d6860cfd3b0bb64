using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class TopUpDocs
{
    private static readonly QueryParameter[] Filters =
    [
        new("customer", "Only this customer's; a customer sees no others anyway."),
        new("status", "Only in these, with commas between: held, processing, unknown, in_review, succeeded, failed, rejected, reversed, late_delivered.", "succeeded,failed"),
        .. QueryParameter.Period,
        new("phone", "Only for this phone.", "5512345000"),
        new("reference", "Only with this reference.", "ORDER-1001"),
    ];

    public static readonly Operation Request = new("requestTopUp", "Order a top-up",
        """
        Recharges one phone. The money is set aside at once and charged when the delivery is certain; when it certainly failed, it is given back. The answer comes when the outcome is known, or after the wait (25 s unless Prefer says otherwise) with 202: the top-up then goes on by itself, ask again at Location.

        Send a `reference` (your own name for the order, unique for you for ever) or an `Idempotency-Key`. The second request with it gets the answer of the first, also when that was a final no.

        The refusals win in this order: unauthenticated, ip_not_allowed, malformed_request, validation_failed, reference_conflict, duplicate_suspected, amount_out_of_range, amount_not_allowed, amount_not_deliverable, daily_limit_exceeded, fx_unavailable, provider_unavailable, insufficient_credit.
        """)
    {
        Headers = [HeaderParameter.IdempotencyKey, HeaderParameter.Prefer],
        Body = new(typeof(TopUpBody), Examples.Order) { Required = ["phone"] },
        Answers =
        [
            new(201, "Decided: delivered, or definitely not (see status and code).", typeof(TopUpResource), Examples.TopUp),
            new(202, "Not decided yet. The money stays held; Location says where to ask.", typeof(TopUpResource), Examples.Unknown),
        ],
        Refusals =
        [
            "idempotency_key_missing", "idempotency_key_reused", "validation_failed", "not_found", "customer_suspended", "reference_conflict", "duplicate_suspected",
            "amount_out_of_range", "amount_not_allowed", "amount_not_deliverable", "daily_limit_exceeded", "fx_unavailable", "provider_unavailable", "insufficient_credit",
        ],
    };

    public static readonly Operation List = new("listTopUps", "List top-ups", "Newest first. A customer sees their own.")
    {
        Query = [.. Filters, .. QueryParameter.Paging],
        Answers = [new(200, "A part of the list.", typeof(PageResource<TopUpResource>), Examples.TopUps)],
        Refusals = ["validation_failed", "cursor_invalid", "not_found"],
    };

    public static readonly Operation Get = new("getTopUp", "Look up a top-up", "As it stands now. Somebody else's is not found.")
    {
        Answers = [new(200, "The top-up.", typeof(TopUpResource), Examples.TopUp)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Stats = new("getTopUpStats", "Count top-ups",
        "How many went how, and what they come to. The success rate counts the decided ones only; the undecided are shown with what they hold.")
    {
        Query = Filters,
        Answers = [new(200, "The figures.", typeof(TopUpStatsResource), Examples.Stats)],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation Export = new("exportTopUps", "Export top-ups as CSV",
        "Every top-up the filters let through, newest first, however many there are (RFC 4180, UTF-8). Cells that a spreadsheet would take for a formula begin with an apostrophe. An export that breaks off ends without the end of its transfer, never as if it were whole. Cost (USD) is what the customer paid, in wallets of that currency.")
    {
        Query = [.. Filters, new("layout", "admin (default), or reconciliation, which says what providers said and is for people of the house.", "admin")],
        Answers = [new(200, "The file.", typeof(string), "Date,Customer,Phone,Amount (MXN),Cost (USD),Exchange Rate,Status,Transaction ID,Reference,Operator TX ID\r\n", "text/csv")],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation AddEvidence = new("addEvidence", "Prove what became of a top-up",
        "For one that nobody could answer for, or that turned out otherwise. The word of one person is kept; money moves with the word of a second one.")
    {
        Body = new(typeof(EvidenceBody), Examples.Evidence) { Required = ["verdict", "reference"] },
        Answers = [new(200, "The top-up after it.", typeof(TopUpResource), Examples.TopUp)],
        Refusals = ["validation_failed", "not_found", "second_person_required", "invalid_state_transition"],
    };
}
