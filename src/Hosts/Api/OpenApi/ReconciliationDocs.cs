using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Api.OpenApi;

internal static class ReconciliationDocs
{
    private const string RunId = "rec_01kag1v9zk3m8q0w2x4y6z8a0b";
    private const string At = "2026-11-20T12:00:00Z";

    private static readonly ReconciliationResource Run = new(
        RunId, "latcom", "provider", "latcom", "latcom-2026-11-19.csv", new string('a', 64), "2026-11-19", "2026-11-20", "done", true, false, 11, 0,
        [new("219.99", "MXN")], new(11, [new("219.99", "MXN")]), [new("matched", 10, new("200.00", "MXN")), new("matched_amount_diff", 1, new("19.99", "MXN"))],
        [new(new("5000.00", "MXN"), new("-219.99", "MXN"), new("4780.01", "MXN"), new("0.00", "MXN"), null)], 0, null, null, "admin:maria", At, "2026-11-20T12:00:02Z");

    private static readonly BreakResource Break = new(
        $"{RunId}-l000000008", RunId, "matched_amount_diff", "open", 8, "RLR176359680012300417265", 1, new("19.99", "MXN"), new("20.00", "MXN"), "OP0000000001", null, false,
        null, null, null, At, 0, null, null);

    private static readonly QueryParameter[] Filters =
    [
        new("reconciliation", "Only of this reconciliation.", RunId),
        new("status", "open or closed.", "open"),
        new("class", $"Only of this class: {string.Join(", ", StatementClasses.All)}.", "provider_delivered_we_failed"),
        new("owner", "Only of this owner; empty for those of nobody."),
    ];

    public static readonly Operation Import = new("importStatement", "Reconcile a statement",
        """
        Compares a provider's statement or an operator's file with our submissions and answers when all is done. The file is the body, as text/csv with a header. One file counts once: its SHA-256 is what makes sending it again safe. What is proven and was unknown settles itself; everything else that differs becomes a break for people.

        `map` is `latcom`, `operator`, or says which column is what: `time=DATE; phone=MSISDN; amount=AMOUNT; currency=MXN; providerId=ID; status=STATUS; delivered=SUCCESS; failed=FAIL`. Declare the period, the count and the totals (the sum of what was delivered, one for a currency): only then does what is missing in a provider's statement prove that it was not delivered.

        With `dryRun=true` everything is tried and nothing kept.

        The refusals win in this order: validation_failed, statement_already_imported or statement_being_imported, statement_unreadable, control_total_mismatch, period_overlaps, supersedes_nothing.
        """)
    {
        Query =
        [
            new("provider", "The provider whose submissions it is about.", "latcom"),
            new("map", "latcom, operator, or a map. Default: the name of the provider.", "latcom"),
            new("fileName", "What the file is called, for people.", "latcom-2026-11-19.csv"),
            new("from", "The first settlement day.", "2026-11-19"),
            new("to", "The day after the last one.", "2026-11-20"),
            new("rows", "How many lines there are, without the header.", "11"),
            new("totals", "What was delivered, one sum for a currency, with commas between.", "MXN=219.99"),
            new("supersedes", "The reconciliation whose place this file takes."),
            new("dryRun", "true to try everything and keep nothing.", "false"),
        ],
        Body = new(typeof(string), "DATETIME,TRANSACTION_ID,VENDOR_TRANSACTION_ID,MSISDN,SKUID,AMOUNT,CURRENCY,STATUS,OPENING_BALANCE,CLOSING_BALANCE\r\n", "text/csv"),
        Answers =
        [
            new(200, "What would be found (dryRun).", typeof(ReconciliationResource), Run with { Status = "dry_run" }),
            new(201, "Done.", typeof(ReconciliationResource), Run),
        ],
        Refusals =
        [
            "validation_failed", "statement_already_imported", "statement_being_imported", "statement_unreadable", "control_total_mismatch", "period_overlaps", "supersedes_nothing",
        ],
    };

    public static readonly Operation List = new("listReconciliations", "List reconciliations", "Newest first, also those whose file was refused as invalid.")
    {
        Query = QueryParameter.Paging,
        Answers = [new(200, "A part of the list.", typeof(PageResource<ReconciliationResource>), new PageResource<ReconciliationResource>([Run], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Get = new("getReconciliation", "Look up a reconciliation", "What was declared, what was found, and how it ended. Sums are of one currency each.")
    {
        Answers = [new(200, "The reconciliation.", typeof(ReconciliationResource), Run)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Matches = new("exportMatches", "Export the lines of a reconciliation as CSV",
        "Every line with its class, and the top-up it was matched with and by what. Cells that a spreadsheet would take for a formula begin with an apostrophe.")
    {
        Answers = [new(200, "The file.", typeof(string), string.Join(',', ReconciliationCsv.MatchColumns) + "\r\n", "text/csv")],
        Refusals = ["not_found"],
    };

    public static readonly Operation Breaks = new("listBreaks", "List breaks", "The work list: what statements and our books differ in, newest first.")
    {
        Query = [.. Filters, .. QueryParameter.Paging],
        Answers = [new(200, "A part of the list.", typeof(PageResource<BreakResource>), new PageResource<BreakResource>([Break], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation BreaksCsv = new("exportBreaks", "Export breaks as CSV",
        "Every break the filters let through, newest first. Cells that a spreadsheet would take for a formula begin with an apostrophe.")
    {
        Query = Filters,
        Answers = [new(200, "The file.", typeof(string), string.Join(',', ReconciliationCsv.BreakColumns) + "\r\n", "text/csv")],
        Refusals = ["validation_failed"],
    };

    public static readonly Operation GetBreak = new("getBreak", "Look up a break", "As it stands now.")
    {
        Answers = [new(200, "The break.", typeof(BreakResource), Break)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Assign = new("assignBreak", "Give a break to somebody", "Or to nobody, with null.")
    {
        Body = new(typeof(OwnerBody), new OwnerBody("jorge")),
        Answers = [new(200, "The break after it.", typeof(BreakResource), Break with { Owner = "jorge" })],
        Refusals = ["validation_failed", "not_found", "break_closed"],
    };

    public static readonly Operation Close = new("closeBreak", "End a break",
        "applied: the statement counts, and money moves as its verdict says (a delivery we had given back is charged late, what they took back is refunded). accepted, claimed and unfounded move nothing. Where line and top-up were only found to be alike, and where a statement merely does not list a top-up, one person's word is kept and the break stays open; the money moves with a second person's.")
    {
        Body = new(typeof(CloseBody), new CloseBody("accepted", "one centavo, borne by us")) { Required = ["outcome", "note"] },
        Answers =
        [
            new(200, "The break after it; still open when a second person must say the same.", typeof(BreakResource), Break with
            {
                Status = "closed", Outcome = "accepted", Note = "one centavo, borne by us", ClosedAt = "2026-11-20T13:00:00Z", ClosedBy = "admin:maria",
            }),
        ],
        Refusals = ["validation_failed", "not_found", "break_closed", "nothing_to_apply", "second_person_required", "invalid_state_transition"],
    };
}
