using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class StatementDocs
{
    private const string Meaning =
        "Opening and closing balance, what happened in between by kind, product and face value, and every posting, oldest first. Made of the postings alone: what is held is on no statement until it is charged. "
        + "Days and months are those of the tenant's zone. A period that is not over is told until now. A posting belongs to the period in which it was numbered, so a statement of a period that is over does not change. "
        + "What does not add up is refused and never shown; a transfer that breaks off ends without its end. Another customer's is not found.";

    private static readonly QueryParameter[] Days =
    [
        new("from", "The first day.", "2026-11-01"),
        new("to", "The day after the last one, at most 366 days later.", "2026-12-01"),
    ];

    private static readonly StatementResource Example = new(
        new StatementSummaryResource(
            "cus_01kag1v9zk3m8q0w2x4y6z8a0b", "Demo Reseller", "2026-11-01", "2026-12-01", "America/Mexico_City", false, "2026-12-01T08:00:00Z",
            new("10000.00", "USD"), new("9998.91", "USD"), null, 1, [new("topup_captured", "Top-up", 1, new("-1.09", "USD"))],
            [new("topup_captured", null, null, 1, new("20.00", "MXN"), new("0.00", "MXN"), new("-1.09", "USD"))],
            [new("topup_captured", null, new("20.00", "MXN"), 1, new("20.00", "MXN"), new("0.00", "MXN"), new("-1.09", "USD"))]),
        [
            new(2, "jnl_01kag1v9zk3m8q0w2x4y6z8a0c", "2026-11-20T12:00:00Z", "topup_captured", new("-1.09", "USD"), new("9998.91", "USD"), "RLR176359680012300417265",
                "ORDER-1001", null, new("20.00", "MXN"), null, null),
        ]);

    public static Operation OfMonth(StatementDocument document) =>
        Of(document, $"getMonthStatementAs{Name(document)}", $"Read a month's statement as {document.Format.ToUpperInvariant()}", []);

    public static Operation OfPeriod(StatementDocument document) =>
        Of(document, $"getPeriodStatementAs{Name(document)}", $"Read a period's statement as {document.Format.ToUpperInvariant()}", Days);

    private static Operation Of(StatementDocument document, string id, string summary, QueryParameter[] query) => new(id, summary, Meaning)
    {
        Query = query,
        Answers = [new(200, "The statement.", document.Format == "json" ? typeof(StatementResource) : typeof(string), ExampleOf(document), document.ContentType.Split(';')[0])],
        Refusals = ["validation_failed", "not_found", "statement_out_of_balance"],
    };

    private static object ExampleOf(StatementDocument document) => document.Format switch
    {
        "json" => Example,
        "csv" => string.Join(',', StatementCsv.Columns) + "\r\n",
        _ => "<!DOCTYPE html>\n<html lang=\"en\">",
    };

    private static string Name(StatementDocument document) => char.ToUpperInvariant(document.Format[0]) + document.Format[1..];
}
