using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Relier.Api.Http;

namespace Relier.Api.OpenApi;

/// <summary>Makes the OpenAPI document of what the endpoints say about themselves.</summary>
internal static class Documentation
{
    public const string Name = "v1";

    private static readonly string[] Everywhere = ["internal_error", "storage_unavailable"];
    private static readonly string[] WithCredentials = ["unauthenticated", "ip_not_allowed", "forbidden"];

    public static void AddDocumentation(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.CreateSchemaReferenceId = type => OpenApiOptions.CreateDefaultSchemaReferenceId(type)?.Replace("Resource", "", StringComparison.Ordinal);
        options.AddDocumentTransformer((document, _, _) =>
        {
            Introduce(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeAsync);
    });

    private static void Introduce(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Relier",
            Version = Name,
            Description = """
                Prepaid top-ups, calls, and the money behind them. Every path under /api/v1 also answers under /api, with the same shapes, unless a path of the first version is there.

                Money is `{"amount":"1.09","currency":"USD"}`, the amount a decimal string. Times are RFC 3339 in UTC. Requests are strict: an unknown member or parameter is refused, by name.

                A refusal is a problem document (RFC 9457). Programs decide by its `code`; `retryable` says whether asking the same again may help. Requests that move money carry an `Idempotency-Key` or a `reference`, and are safe to send again: the answer is the first one, with the header `Idempotency-Replayed: true`.

                A top-up whose outcome nobody knows yet is answered 202, never as failed: its money stays held until there is proof.
                """,
        };
        // Where it runs is for whoever reads it to know; an address here would be the builder's.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        // Requests are strict; answers may grow members, and clients must let them.
        foreach (var schema in (document.Components.Schemas ?? new Dictionary<string, IOpenApiSchema>()).Values.OfType<OpenApiSchema>()) schema.AdditionalPropertiesAllowed = true;
        document.AddComponent(ProblemName, ProblemSchema());
        document.AddComponent(NoName, NoSchema());
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The secret of any key." },
            [Basic] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "basic", Description = "The name and the password of a switch." },
            [ApiKey] = InHeader(Headers.ApiKey, "The secret of a customer's key."),
            [CustomerId] = InHeader(Headers.CustomerId, "The id of the customer whose key it is; only the paths of the first version ask for it."),
            [AdminKey] = InHeader(Headers.AdminKey, "The secret of an admin's key."),
        };
        document.Tags = Tags.All.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }).ToHashSet();
    }

    private const string ProblemName = "Problem";
    private const string NoName = "RefusalOfFirstVersion";
    private const string Bearer = "bearer";
    private const string ApiKey = "apiKey";
    private const string CustomerId = "customerId";
    private const string AdminKey = "adminKey";
    private const string Basic = "basic";

    private static OpenApiSecurityScheme InHeader(string name, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = name, Description = description };

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<Operation>().FirstOrDefault() is not { } described) return;
        var access = metadata.OfType<Access>().LastOrDefault() ?? new Access(AccessKind.AnyKey);
        operation.OperationId = described.Id;
        operation.Summary = described.Summary;
        operation.Description = described.Description;
        operation.Security = SecurityOf(access.Kind, context.Document!);
        operation.Parameters = [.. operation.Parameters ?? [], .. described.Query.Select(ToParameter), .. described.Headers.Select(ToParameter)];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Path))
            parameter.Description ??= parameter.Name switch { "channel" => "The channel of the customer.", "month" => "The month, as in 2026-11.", "deck" => "The deck.", "version" => "The version, from 1.", "plan" => "The plan.", "kind" => "accountCode, number or sipUser.", "value" => "The text of the line.", "reader" => "The kind of switch: freeswitch.", _ => "The id." };

        if (described.Body is { } body) operation.RequestBody = await BodyAsync(body, context, cancellationToken);
        operation.Responses ??= [];
        foreach (var answer in described.Answers)
        {
            if (!operation.Responses.TryGetValue(Text(answer.Status), out var known) || known is not OpenApiResponse response) continue;
            response.Description = answer.Description;
            if (answer.Example is { } example && response.Content?.TryGetValue(answer.ContentType, out var media) == true) media.Example = Node(example);
        }

        AddRefusals(operation.Responses, described, access, context.Document!);
    }

    /// <summary>Said here and not by the framework's own metadata, which would have the router refuse other media types before anybody asked who it is.</summary>
    private static async Task<OpenApiRequestBody> BodyAsync(BodyDescription body, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(body.Type, null, cancellationToken);
        schema.Required = body.Required.ToHashSet();
        return new OpenApiRequestBody
        {
            Required = !body.IsOptional,
            Content = new Dictionary<string, OpenApiMediaType> { [body.ContentType] = new() { Schema = schema, Example = WithoutNulls(Node(body.Example)) } },
        };
    }

    private static JsonNode? Node(object example) => JsonSerializer.SerializeToNode(example, Json.Options);

    /// <summary>An example of a request shows what is needed; an explicit null means something only in a patch, which is an object of its own.</summary>
    private static JsonNode? WithoutNulls(JsonNode? example)
    {
        if (example is not JsonObject json || json.ContainsKey("status")) return example;
        foreach (var name in json.Where(member => member.Value is null).Select(member => member.Key).ToList()) json.Remove(name);
        foreach (var member in json) WithoutNulls(member.Value);
        return json;
    }

    private static void AddRefusals(OpenApiResponses responses, Operation operation, Access access, OpenApiDocument document)
    {
        var codes = operation.Refusals.Concat(Everywhere).Concat(access.Kind == AccessKind.Open ? [] : WithCredentials)
            .Concat(operation.Query.Count > 0 && !access.IsOfFirstVersion ? ["unknown_parameter"] : Array.Empty<string>())
            .Concat(operation.Body is null ? [] : ["malformed_request", "payload_too_large", "unsupported_media_type"])
            .Distinct();
        foreach (var status in codes.GroupBy(code => access.IsOfFirstVersion ? Endpoints.FirstVersion.Noes.StatusOf(code) : Problems.StatusOf(code)).OrderBy(status => status.Key))
        {
            var response = new OpenApiResponse { Description = $"Refused: {string.Join(", ", status)}." };
            var example = access.IsOfFirstVersion ? Examples.NoOfFirstVersion(status.First()) : Examples.Problem(status.First());
            response.Content = new Dictionary<string, OpenApiMediaType>
            {
                [access.IsOfFirstVersion ? "application/json" : "application/problem+json"] = new() { Schema = new OpenApiSchemaReference(access.IsOfFirstVersion ? NoName : ProblemName, document), Example = example },
            };
            responses.TryAdd(Text(status.Key), response);
        }
    }

    private static OpenApiSchema ProblemSchema()
    {
        var problem = Schema(
            ("type", JsonSchemaType.String), ("title", JsonSchemaType.String), ("status", JsonSchemaType.Integer), ("detail", JsonSchemaType.String),
            ("instance", JsonSchemaType.String), ("code", JsonSchemaType.String), ("requestId", JsonSchemaType.String), ("retryable", JsonSchemaType.Boolean));
        problem.Description = "A refusal (RFC 9457). The facts of the refusal, as the limit or what is available, are members too.";
        problem.Properties!["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null };
        problem.Properties["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "The fields that are wrong; only with validation_failed.",
            Items = Schema(("pointer", JsonSchemaType.String), ("field", JsonSchemaType.String), ("code", JsonSchemaType.String), ("message", JsonSchemaType.String)),
        };
        return problem;
    }

    private static OpenApiSchema NoSchema() => Schema(
        ("success", JsonSchemaType.Boolean), ("code", JsonSchemaType.String), ("error", JsonSchemaType.String), ("message", JsonSchemaType.String));

    private static OpenApiSchema Schema(params (string Name, JsonSchemaType Type)[] members) => new()
    {
        Type = JsonSchemaType.Object,
        Required = members.Select(member => member.Name).ToHashSet(),
        Properties = members.ToDictionary(member => member.Name, member => (IOpenApiSchema)new OpenApiSchema { Type = member.Type }),
    };

    private static IOpenApiParameter ToParameter(QueryParameter parameter) => new OpenApiParameter
    {
        Name = parameter.Name, In = ParameterLocation.Query, Description = parameter.Description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = parameter.Example is null ? null : JsonValue.Create(parameter.Example),
    };

    private static IOpenApiParameter ToParameter(HeaderParameter header) => new OpenApiParameter
    {
        Name = header.Name, In = ParameterLocation.Header, Description = header.Description, Required = header.IsRequired,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = JsonValue.Create(header.Example),
    };

    private static List<OpenApiSecurityRequirement> SecurityOf(AccessKind kind, OpenApiDocument document)
    {
        OpenApiSecurityRequirement All(params string[] names)
        {
            var requirement = new OpenApiSecurityRequirement();
            foreach (var name in names) requirement[new OpenApiSecuritySchemeReference(name, document)] = [];
            return requirement;
        }

        return kind switch
        {
            AccessKind.Open => [],
            AccessKind.Switch => [All(Basic)],
            AccessKind.CustomerKeyAndId => [All(ApiKey, CustomerId)],
            AccessKind.AdminKey => [All(AdminKey)],
            AccessKind.AnyKey => [All(Bearer), All(ApiKey), All(AdminKey)],
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not credentials this version knows."),
        };
    }

    private static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The chapters of the document.</summary>
internal static class Tags
{
    public const string TopUps = "Top-ups";
    public const string Providers = "Providers";
    public const string Reconciliation = "Reconciliation";
    public const string Ledger = "Ledger";
    public const string Customers = "Customers";
    public const string Keys = "Keys";
    public const string ExchangeRates = "Exchange rates";
    public const string Quotes = "Quotes";
    public const string Calls = "Calls";
    public const string Sessions = "Sessions";
    public const string Accounts = "Accounts";
    public const string Tariffs = "Tariffs";
    public const string Operations = "Operations";
    public const string FirstVersion = "First version";

    public static (string Name, string Description)[] All { get; } =
    [
        (TopUps, "Recharging phones: order, look up, list, export, prove."),
        (Providers, "How they stand, what nobody can answer for, the money kept with them, what they tell us."),
        (Reconciliation, "Statements of providers and operators against our books, and what differs."),
        (Ledger, "Balances, statements, credit, and the books' own account of themselves."),
        (Customers, "The resellers, and what they may order."),
        (Keys, "Keys for customers and for people of the house. A secret is shown once."),
        (Calls, "Call records: reported once, priced once, explained; and the reports that wait for people."),
        (Sessions, "Usage that is under way: granted, charged by what it comes to, given back."),
        (Accounts, "What usage is charged to: plans, lines, buckets, and what was used."),
        (Tariffs, "Decks of prices and plans, in versions that hold from a time on."),
        (Quotes, "What something would cost, by what is in the question alone."),
        (ExchangeRates, "Dated rates of exchange; never changed, only followed by newer ones."),
        (Operations, "Whether it runs, which version, what waits."),
        (FirstVersion, "Paths and shapes of the first version, for its clients. New programs use /api/v1."),
    ];
}
