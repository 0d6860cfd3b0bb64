using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Auditing;
using Relier.Hosting.Resources;
using Relier.Jobs;

namespace Relier.Api.Endpoints;

/// <summary>The audit log and the queue, for those who run the installation.</summary>
internal static class OperationEndpoints
{
    public static void MapOperations(this IEndpointRouteBuilder api)
    {
        var operations = api.MapGroup("").WithTags(Tags.Operations);
        operations.MapGet("/audit", AuditAsync).As(OperationDocs.Audit);
        operations.MapGet("/queue", QueueAsync).As(OperationDocs.Queue);
    }

    private static async Task<IResult> AuditAsync(HttpContext http, IRelier relier)
    {
        var list = new ListAudit { Subject = http.Request.Text("subject"), Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, AuditResource.Of);
    }

    private static async Task<IResult> QueueAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetQueueStats(), http.Caller(), http.RequestAborted)).ToResult(QueueResource.Of);
}
