using System.Globalization;
using NodaTime;
using Relier.Api.Endpoints.FirstVersion;
using Relier.Api.Http;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Api.Endpoints;

/// <summary>Top-ups as CSV, written while they are read: a page in memory, never the file.</summary>
internal static class TopUpExport
{
    private static readonly Layout Admin = new(
        "Date,Customer,Phone,Amount (MXN),Cost (USD),Exchange Rate,Status,Transaction ID,Reference,Operator TX ID",
        row => [
            row.TopUp.CreatedAt.Text(), row.Customer.Name, row.TopUp.Phone.National, AmountIn(row.TopUp.Face, Currency.MXN), AmountIn(row.TopUp.Charge, Currency.USD),
            Rates.UsdPerMxn(row.TopUp.Rate)?.ToString(CultureInfo.InvariantCulture), PublicStatus.Of(row.TopUp.State), row.TopUp.Id.Value, row.TopUp.Reference,
            row.TopUp.OperatorReference,
        ]);

    private static readonly Layout Reconciliation = new(
        "Transaction ID,Customer ID,Company,Phone,Amount MXN,Status,Date,Response Time (ms),Latcom Code,Latcom Message,Operator TX ID",
        row => [
            row.TopUp.Id.Value, row.Customer.Id.Value, row.Customer.Name, row.TopUp.Phone.National, AmountIn(row.TopUp.Face, Currency.MXN),
            PublicStatus.Of(row.TopUp.State), row.TopUp.CreatedAt.Text(), Milliseconds(row.TopUp), row.TopUp.Attempts.LastOrDefault()?.Code ?? row.TopUp.Code,
            row.TopUp.Attempts.LastOrDefault()?.Message, row.TopUp.OperatorReference,
        ]);

    public static async Task<IResult> ExportAsync(HttpContext http, IRelier relier, IClock clock)
    {
        var layout = http.Request.Text("layout") switch { null or "admin" => Admin, "reconciliation" => Reconciliation, _ => null };
        if (layout is null) return Refusals.Invalid("layout", "layout_invalid", "expected admin or reconciliation").ToResult();
        if (layout == Reconciliation && !http.Caller().IsOfTheHouse())
            return new Refusal("forbidden", "This layout says what providers said; it is for people of the house.").ToResult();

        var export = TopUpEndpoints.Filtered(new ExportTopUps(), http.Request);
        if ((await relier.SendAsync(export, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var rows)) return refusal.ToResult();
        await WriteAsync(http.Response, layout, FileName(layout, export, clock.Now()), rows, http.RequestAborted);
        return Results.Empty;
    }

    private static async Task WriteAsync(HttpResponse response, Layout layout, string fileName, IAsyncEnumerable<ExportedTopUp> rows, CancellationToken cancellationToken)
    {
        // The first page is read before the first byte is written, so that a failure there still is an answer of its own.
        await using var reading = rows.GetAsyncEnumerator(cancellationToken);
        var any = await reading.MoveNextAsync();
        response.ContentType = "text/csv; charset=utf-8; header=present";
        response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        await using var csv = new Csv(response.Body);
        await csv.WriteAsync(layout.Header.Split(','));
        for (; any; any = await reading.MoveNextAsync()) await csv.WriteAsync(layout.Cells(reading.Current));
    }

    private static string FileName(Layout layout, ExportTopUps export, Instant now)
    {
        if (layout == Reconciliation) return $"reconciliation_{Day(export.From) ?? "begin"}_to_{Day(export.To) ?? Day(now.Text())}.csv";
        var isWhole = export == new ExportTopUps();
        var which = isWhole ? "all" : export == new ExportTopUps { Status = "succeeded" } ? "success" : export == new ExportTopUps { Status = "failed" } ? "failed" : "filtered";
        return $"relier_transactions_{which}_{Day(now.Text())}.csv";
    }

    private static string? Day(string? time) => time?[..10];

    private static string? AmountIn(Money? money, Currency currency) => money is { } some && some.Currency == currency ? some.Amount : null;

    private static string? Milliseconds(TopUp topUp) =>
        topUp.Attempts.LastOrDefault() is { EndedAt: { } ended } attempt
            ? ((long)(ended - attempt.StartedAt).TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
            : null;

    private sealed record Layout(string Header, Func<ExportedTopUp, string?[]> Cells);
}
