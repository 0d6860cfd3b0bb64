using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Relier.Hosts.Tests.Api;

internal sealed class DocumentTests
{
    private static readonly string[] Methods = ["get", "post", "patch", "delete", "put"];

    [Test]
    public async Task Every_operation_is_documented_whole()
    {
        await using var world = await ApiWorld.StartAsync();
        var document = (await world.Nobody.AskAsync("/openapi/v1.json")).Json;
        var ids = new List<string>();

        document.Text("openapi").Should().StartWith("3.1.");
        foreach (var path in document.At("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(member => Methods.Contains(member.Name)))
            {
                var what = $"{operation.Name} {path.Name}";
                ids.Add(operation.Value.Text("operationId"));
                operation.Value.Text("summary").Should().NotBeEmpty(what);
                operation.Value.Text("description").Should().NotBeEmpty(what);
                operation.Value.At("tags").GetArrayLength().Should().Be(1, what);
                operation.Value.TryGetProperty("security", out _).Should().BeTrue(what);
                CheckResponses(operation.Value.At("responses"), what);
                if (operation.Value.TryGetProperty("requestBody", out var body))
                    body.At("content").EnumerateObject().Single().Value.TryGetProperty("example", out _).Should().BeTrue(what);
                foreach (var parameter in operation.Value.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().ToArray() : [])
                    parameter.TryGetProperty("description", out _).Should().BeTrue($"{what} {parameter.Text("name")}");
            }
        }

        ids.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(35);
        foreach (var reference in References(document))
            document.At(reference[2..].Replace('/', '.')).ValueKind.Should().Be(JsonValueKind.Object, reference);
    }

    private static void CheckResponses(JsonElement responses, string what)
    {
        responses.Names().Should().Contain(status => status.StartsWith('2'), what);
        responses.Names().Should().Contain("500", what);
        foreach (var response in responses.EnumerateObject())
        {
            response.Value.Text("description").Should().NotBeEmpty(what);
            if (response.Value.TryGetProperty("content", out var content))
                content.EnumerateObject().Single().Value.TryGetProperty("example", out _).Should().BeTrue($"{what} {response.Name}");
        }
    }

    private static IEnumerable<string> References(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => member.Name == "$ref" ? [member.Value.GetString()!] : References(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(References),
        _ => [],
    };

    [Test]
    public async Task Every_endpoint_under_v1_is_in_the_document()
    {
        await using var world = await ApiWorld.StartAsync();
        var document = (await world.Nobody.AskAsync("/openapi/v1.json")).Json;
        var documented = document.At("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name} {path.Name}")).ToHashSet();

        var mapped = world.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method.ToLowerInvariant()} /{endpoint.RoutePattern.RawText!.Trim('/')}"))
            .Where(operation => operation.Contains("/api/v1/", StringComparison.Ordinal));

        mapped.Should().BeSubsetOf(documented);
    }

    [Test]
    public async Task The_document_is_the_committed_one()
    {
        await using var world = await ApiWorld.StartAsync();
        var file = Path.Combine(Root(), "docs", "openapi", "v1.json");

        var document = (await world.Nobody.AskAsync("/openapi/v1.json")).Text.Trim() + "\n";

        if (Environment.GetEnvironmentVariable("RELIER_UPDATE_SNAPSHOTS") == "1") await File.WriteAllTextAsync(file, document);
        (await File.ReadAllTextAsync(file)).Should().Be(document, "a change of the API is a change of docs/openapi/v1.json: run these tests with RELIER_UPDATE_SNAPSHOTS=1 and read the difference");
    }

    [Test]
    public async Task The_page_loads_nothing_from_elsewhere()
    {
        await using var world = await ApiWorld.StartAsync();

        foreach (var path in new[] { "/docs/index.html", "/docs/index.js", "/docs/index.css" })
        {
            var reply = await world.Nobody.AskAsync(path);
            reply.Code.Should().Be(200);
            reply.Text.Should().NotMatchRegex("(src|href)=\"https?://");
            reply.Text.Should().NotContain("validator.swagger.io");
        }
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Relier.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }
}
