using Relier.Api.Http;

namespace Relier.Api.OpenApi;

/// <summary>What an endpoint says about itself: read by the document, and by the check of the query.</summary>
/// <param name="Id">Unique, for generated clients.</param>
/// <param name="Summary">In a few words.</param>
/// <param name="Description">What the caller must know: meaning, units, what happens when asked twice.</param>
internal sealed record Operation(string Id, string Summary, string Description)
{
    /// <summary>The parameters behind the question mark. Others are refused.</summary>
    public IReadOnlyList<QueryParameter> Query { get; init; } = [];

    /// <summary>The headers that mean something here, beside the credentials.</summary>
    public IReadOnlyList<HeaderParameter> Headers { get; init; } = [];

    /// <summary>The body.</summary>
    public BodyDescription? Body { get; init; }

    /// <summary>The answers that are no refusals.</summary>
    public IReadOnlyList<AnswerDescription> Answers { get; init; } = [];

    /// <summary>The codes of the refusals, beside those that every endpoint can give.</summary>
    public IReadOnlyList<string> Refusals { get; init; } = [];
}

/// <summary>A header of a request.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
/// <param name="Example">One that works.</param>
/// <param name="IsRequired">Whether the request is refused without it.</param>
internal sealed record HeaderParameter(string Name, string Description, string Example, bool IsRequired = false)
{
    public static HeaderParameter IdempotencyKey { get; } =
        new("Idempotency-Key", "Makes it safe to send the request again: the second one gets the answer of the first. 1 to 255 printable ASCII characters.", "\"5f1c1d7e-order-1001\"");

    public static HeaderParameter Prefer { get; } =
        new("Prefer", "respond-async to be answered at once; wait=N to wait at most N seconds (up to 60) for the outcome. Default wait=25.", "wait=10");
}

/// <summary>The body of a request.</summary>
/// <param name="Type">Its members.</param>
/// <param name="Example">One that works.</param>
/// <param name="ContentType">How it is sent.</param>
/// <param name="IsOptional">Whether it may be left out.</param>
internal sealed record BodyDescription(Type Type, object Example, string ContentType = "application/json", bool IsOptional = false)
{
    /// <summary>The members without which it is refused.</summary>
    public string[] Required { get; init; } = [];
}

/// <summary>An answer.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Description">When it is given.</param>
/// <param name="Type">Its members; null when it has no body.</param>
/// <param name="Example">One as it may look.</param>
/// <param name="ContentType">How it is sent.</param>
internal sealed record AnswerDescription(int Status, string Description, Type? Type, object? Example, string ContentType = "application/json");

/// <summary>Saying it.</summary>
internal static class OperationExtensions
{
    /// <summary>Describes the endpoint, and refuses parameters that it does not name.</summary>
    public static RouteHandlerBuilder As(this RouteHandlerBuilder endpoint, Operation operation)
    {
        endpoint.WithMetadata(operation);
        foreach (var answer in operation.Answers)
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(answer.Status, answer.Type ?? typeof(void), answer.Type is null ? [] : [answer.ContentType]));
        return endpoint.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var access = http.GetEndpoint()!.Metadata.GetMetadata<Access>();
            var isLoose = access is { IsOfFirstVersion: true } or { Kind: AccessKind.Open or AccessKind.Switch };
            return !isLoose && Http.Query.Wrong(http, operation.Query) is { } wrong ? wrong.ToResult() : await next(context);
        });
    }
}
