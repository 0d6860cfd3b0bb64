using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Notifications;

namespace Relier.Api.Endpoints;

/// <summary>What people were told of.</summary>
internal static class AlertEndpoints
{
    public static void MapAlerts(this IEndpointRouteBuilder api) => api.MapGet("/alerts", ListAsync).As(AlertDocs.List).WithTags(Tags.Operations);

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier)
    {
        var list = new ListAlerts { Kind = http.Request.Text("kind"), Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, AlertResource.Of);
    }
}
