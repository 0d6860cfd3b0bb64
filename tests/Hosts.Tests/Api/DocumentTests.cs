using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Relier.Api.Http;
using Relier.Identity;

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
    public async Task Every_path_and_every_code_stands_in_the_handbook()
    {
        await using var world = await ApiWorld.StartAsync();
        var paths = (await world.Nobody.AskAsync("/openapi/v1.json")).Json.At("paths").Names().ToList();

        MissingPaths(paths, Handbook).Should().BeEmpty();
        MissingCodes(Handbook).Should().BeEmpty();
    }

    [TestCase("/sessions/{id}/update", "/sessions")]
    [TestCase("/cdrs", "/cdrs/batch")]
    [TestCase("/health/live", "/health")]
    public async Task A_path_that_is_taken_out_of_the_handbook_is_missed_and_no_longer_one_stands_for_it(string taken, string kept)
    {
        await using var world = await ApiWorld.StartAsync();
        var paths = (await world.Nobody.AskAsync("/openapi/v1.json")).Json.At("paths").Names().ToList();

        var missed = MissingPaths(paths, Regex.Replace(Handbook, Standing(taken), "/elsewhere"));

        missed.Should().Equal(paths.Single(path => path == taken || path == "/api/v1" + taken));
        missed.Should().NotContain(path => path.EndsWith(kept));
    }

    [Test]
    public void A_code_that_is_taken_out_of_the_handbook_is_missed() =>
        MissingCodes(Handbook.Replace("`dispute_closed`", "dispute_closed", StringComparison.Ordinal)).Should().Equal("dispute_closed");

    [Test]
    public void The_handbook_says_what_a_customers_key_may()
    {
        var sentence = Regex.Match(Handbook, "A customer's key has (.*?) unless", RegexOptions.Singleline).Groups[1].Value;

        Regex.Matches(sentence, "`([a-z:]+)`").Select(one => one.Groups[1].Value).Should().BeEquivalentTo(Permission.OfCustomers);
    }

    private static string Handbook { get; } = File.ReadAllText(Path.Combine(Root(), "docs", "api.md"));

    private static List<string> MissingPaths(IEnumerable<string> paths, string text) =>
        [.. paths.Where(path => !Regex.IsMatch(text, Standing(path.StartsWith("/api/v1/", StringComparison.Ordinal) ? path["/api/v1".Length..] : path)))];

    /// <summary>The path in a span of code, alone or behind its method, and no part of a longer one.</summary>
    private static string Standing(string path) => "(?<=`(GET |POST |PUT |PATCH |DELETE )?)" + Regex.Escape(path) + "(?=[`?])";

    private static List<string> MissingCodes(string text) => [.. Problems.Statuses.Keys.Where(code => !text.Contains($"`{code}`", StringComparison.Ordinal))];

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
