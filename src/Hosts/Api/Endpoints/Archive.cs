using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Archiving;
using Relier.Hosting.Resources;

namespace Relier.Api.Endpoints;

/// <summary>What is not in the storage any more.</summary>
internal static class ArchiveEndpoints
{
    public static void MapArchive(this IEndpointRouteBuilder api)
    {
        var archive = api.MapGroup("/archive").WithTags(Tags.Calls);
        archive.MapGet("", ListAsync).As(ArchiveDocs.List);
        archive.MapGet("/{id}", OpenAsync).As(ArchiveDocs.Open);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ListArchive { Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() }, http.Caller(), http.RequestAborted)).ToPage(http, ArchivePartResource.Of);

    private static async Task<IResult> OpenAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new OpenArchivePart(id), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var file)
            ? refusal.ToResult()
            : Results.Stream(file.Content, ArchiveDocs.ContentType, $"{file.Part.Id}.ndjson.gz");
}
