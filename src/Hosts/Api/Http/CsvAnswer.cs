using Relier.Hosting.Resources;

namespace Relier.Api.Http;

/// <summary>Rows as CSV, written while they are read: a page in memory, never the file.</summary>
internal static class CsvAnswer
{
    public static async Task<IResult> WriteAsync<T>(HttpContext http, string fileName, string[] header, IAsyncEnumerable<T> rows, Func<T, string?[]> cells)
    {
        // The first page is read before the first byte is written, so that a failure there still is an answer of its own.
        await using var reading = rows.GetAsyncEnumerator(http.RequestAborted);
        var any = await reading.MoveNextAsync();
        http.Response.ContentType = "text/csv; charset=utf-8; header=present";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        await using var csv = new Csv(http.Response.Body);
        await csv.WriteAsync(header);
        for (; any; any = await reading.MoveNextAsync()) await csv.WriteAsync(cells(reading.Current));
        return Results.Empty;
    }
}
