using System.Text;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Ledger;

namespace Relier.Api.Endpoints;

/// <summary>Resellers' statements of a month or another period, written while they are read: a page of lines in memory, never the file.</summary>
internal static class StatementEndpoints
{
    private const string OfPage = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static void MapStatements(this IEndpointRouteBuilder api)
    {
        foreach (var format in StatementDocument.Formats)
        {
            var document = StatementDocument.Find(format)!;
            api.MapGet($"/customers/{{id}}/statements/{{month}}.{format}", (string id, string month, HttpContext http, IRelier relier) =>
                WriteAsync(http, relier, document, new GetResellerStatement(id) { Month = month })).As(StatementDocs.OfMonth(document)).WithTags(Tags.Ledger);
            api.MapGet($"/customers/{{id}}/statements.{format}", (string id, HttpContext http, IRelier relier) =>
                WriteAsync(http, relier, document, new GetResellerStatement(id) { From = http.Request.Text("from"), To = http.Request.Text("to") }))
                .As(StatementDocs.OfPeriod(document)).WithTags(Tags.Ledger);
        }
    }

    private static async Task<IResult> WriteAsync(HttpContext http, IRelier relier, StatementDocument document, GetResellerStatement asked)
    {
        // All of it was read and added up before the first byte; what fails from here on breaks the transfer off.
        if ((await relier.SendAsync(asked, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var statement)) return refusal.ToResult();
        http.Response.ContentType = document.ContentType;
        var place = document.Format == "csv" ? "attachment" : "inline";
        http.Response.Headers.ContentDisposition = $"{place}; filename=\"{document.FileName(statement)}\"";
        if (document.Format == "html") http.Response.Headers.ContentSecurityPolicy = OfPage;
        await using var writer = new StreamWriter(http.Response.Body, Utf8, bufferSize: 16 * 1024, leaveOpen: true);
        await document.WriteAsync(statement, writer, http.RequestAborted);
        return Results.Empty;
    }
}
