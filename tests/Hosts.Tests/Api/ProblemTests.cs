using System.Text;
using Relier.Api.Http;
using Relier.Storage;

namespace Relier.Hosts.Tests.Api;

internal sealed class ProblemTests
{
    [Test]
    public async Task A_no_is_a_problem_document_with_everything_a_program_needs()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.PostAsync("/api/v1/topups", """{"phone":"123","amount":20,"reference":"R1","pone":"x"}""");

        reply.Code.Should().Be(422);
        reply.ContentHeaders.ContentType!.MediaType.Should().Be("application/problem+json");
        reply.Json.Names().Should().Contain(["type", "title", "status", "detail", "instance", "code", "requestId", "traceId", "retryable", "errors"]);
        reply.Json.Text("status").Should().Be("422");
        reply.Json.Text("instance").Should().Be("/api/v1/topups");
        reply.Json.Text("requestId").Should().Be(reply.Header("Request-Id")).And.MatchRegex("^req_[0-9a-z]{26}$");
        reply.Json.At("errors").EnumerateArray().Select(error => (error.Text("field"), error.Text("code"), error.Text("pointer")))
            .Should().Equal(("amount", "amount_invalid", "/amount"), ("pone", "unknown_member", "/pone"));
    }

    [TestCase("", "malformed_request", 400)]
    [TestCase("{", "malformed_request", 400)]
    [TestCase("[]", "malformed_request", 400)]
    [TestCase("null", "malformed_request", 400)]
    [TestCase("{} {}", "malformed_request", 400)]
    [TestCase("""{"phone":"5512345000",}""", "malformed_request", 400)]
    [TestCase("""{"phone":"5512345000"/* */}""", "malformed_request", 400)]
    [TestCase("""{"reference":"a","reference":"b"}""", "malformed_request", 400)]
    [TestCase("""{"phone":"5512345000","amount":"20","reference":"a\u0000b"}""", "validation_failed", 422)]
    [TestCase("""{"phone":"5512345000","amount":"20","reference":"\ud800"}""", "validation_failed", 422)]
    [TestCase("""{"phone":5512345000,"amount":"20","reference":"R"}""", "validation_failed", 422)]
    [TestCase("""{"Phone":"5512345000","amount":"20","reference":"R"}""", "validation_failed", 422)]
    [TestCase("""{"phone":"5512345000","amount":"2e1","reference":"R"}""", "validation_failed", 422)]
    [TestCase("""{"phone":"5512345000","amount":"99999999999999999999999","reference":"R"}""", "validation_failed", 422)]
    [TestCase("""{"phone":"5512345000","amount":"20","reference":"R","allowDuplicate":"yes"}""", "validation_failed", 422)]
    public async Task A_body_means_one_thing_or_is_refused(string body, string code, int status)
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.PostAsync("/api/v1/topups", body);

        (reply.Code, reply.ErrorCode).Should().Be((status, code));
        world.Provider.Submissions.Should().BeEmpty();
    }

    [Test]
    public async Task Depth_and_broken_text_and_size_and_type_are_refused()
    {
        await using var world = await ApiWorld.StartAsync();
        async Task<(int, string?)> SendAsync(HttpContent content)
        {
            var reply = await world.Reseller.ReadAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/topups") { Content = content });
            return (reply.Code, reply.ErrorCode);
        }

        HttpContent Json(byte[] bytes)
        {
            var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new("application/json");
            return content;
        }

        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40);
        (await SendAsync(Json(Encoding.UTF8.GetBytes(deep)))).Should().Be((400, "malformed_request"));
        (await SendAsync(Json([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']))).Should().Be((400, "malformed_request"));
        (await SendAsync(Json(new byte[Body.MaxBytes + 1]))).Should().Be((413, "payload_too_large"));
        (await SendAsync(new StreamContent(new MemoryStream(new byte[Body.MaxBytes + 1])))).Should().Be((413, "payload_too_large"));
        (await SendAsync(new StringContent("{}", Encoding.UTF8, "text/plain"))).Should().Be((415, "unsupported_media_type"));
        (await SendAsync(new StringContent("{}", Encoding.Latin1, "application/json"))).Should().Be((415, "unsupported_media_type"));
    }

    [Test]
    public async Task Unknown_paths_and_methods_are_problems_too()
    {
        await using var world = await ApiWorld.StartAsync();

        var nowhere = await world.Nobody.AskAsync("/api/v1/nowhere");
        var method = await world.Reseller.AskAsync(HttpMethod.Delete, "/api/v1/topups", null);

        (nowhere.Code, nowhere.ErrorCode).Should().Be((404, "not_found"));
        (method.Code, method.ErrorCode).Should().Be((405, "method_not_allowed"));
        method.ContentHeaders.Allow.Should().BeEquivalentTo("GET", "POST");
    }

    [Test]
    public async Task A_database_that_is_down_is_503_everywhere_and_nothing_is_said_to_have_succeeded()
    {
        await using var world = await ApiWorld.StartAsync();
        world.Storage.Failure = new StorageUnavailableException("host db.internal is down");

        var order = await world.Reseller.OrderAsync("5512345000", "20", "R1");
        var old = await world.OldReseller.OldOrderAsync("5512345000", 20, "R1");

        (order.Code, order.ErrorCode, order.Json.At("retryable").GetBoolean(), order.Header("Retry-After")).Should().Be((503, "storage_unavailable", true, "5"));
        (old.Code, old.ErrorCode, old.Json.At("success").GetBoolean()).Should().Be((503, "storage_unavailable", false));
        (order.Text + old.Text).Should().NotContain("db.internal");
    }

    [Test]
    public async Task A_bug_is_500_with_the_request_id_and_logged_once_under_it()
    {
        await using var world = await ApiWorld.StartAsync();
        world.Storage.Failure = new InvalidOperationException("secret detail");
        world.Logs.Clear();

        var reply = await world.Reseller.AskAsync("/api/v1/topups");

        (reply.Code, reply.ErrorCode).Should().Be((500, "internal_error"));
        reply.Text.Should().NotContainAny("secret detail", " at Relier", "InvalidOperationException");
        world.Logs.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().Contain(reply.Header("Request-Id")).And.Contain("secret detail");
    }

    [Test]
    public async Task Every_answer_has_its_id_and_the_headers_that_keep_browsers_out()
    {
        await using var world = await ApiWorld.StartAsync();

        foreach (var path in new[] { "/health", "/nowhere", "/api/v1/topups", "/docs/index.html" })
        {
            var reply = await world.Reseller.AskAsync(path);
            reply.Header("Request-Id").Should().StartWith("req_");
            reply.Header("X-Content-Type-Options").Should().Be("nosniff");
            reply.Header("X-Frame-Options").Should().Be("DENY");
            reply.Header("Content-Security-Policy").Should().Contain("frame-ancestors 'none'");
            reply.Header("Server").Should().BeNull();
        }

        (await world.Reseller.AskAsync("/api/v1/topups")).Header("Cache-Control").Should().Be("no-store");
        (await world.Nobody.AskAsync("/api/v1/topups")).Header("Cache-Control").Should().Be("no-store");
    }

    [Test]
    public void Every_code_has_a_status_that_is_a_no() =>
        Problems.Statuses.Values.Should().OnlyContain(status => status >= 400 && status <= 599);
}
