using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Relier.InMemory;

namespace Relier.Hosts.Tests.Api;

/// <summary>Providers over HTTP: how they stand, what is kept with them, and what they tell us.</summary>
public sealed class ProviderTests
{
    private const string BlockedAtTheFirst = "5512345012";

    [Test]
    public async Task Money_put_into_a_providers_account_is_booked_once_and_counted_from_then_on()
    {
        await using var world = await StartAsync();
        var body = new { amount = "100.00", currency = "MXN", reference = "SPEI 4711", lowAt = "90.00" };

        var first = await world.Admin.PostAsync("/api/v1/providers/simulator/funds", body, ("Idempotency-Key", "k1"));
        var again = await world.Admin.PostAsync("/api/v1/providers/simulator/funds", body, ("Idempotency-Key", "k1"));
        await world.Reseller.OrderAsync("5512345000", "20", "R1");
        var providers = (await world.Admin.AskAsync("/api/v1/providers")).Json.GetProperty("data");

        first.Code.Should().Be(201);
        again.Json.GetProperty("id").GetString().Should().Be(first.Json.GetProperty("id").GetString());
        var simulator = providers[0];
        // 100.00 less 19.00.
        simulator.GetProperty("funds").GetProperty("amount").GetString().Should().Be("81.00");
        simulator.GetProperty("low").GetBoolean().Should().BeTrue();
        simulator.GetProperty("takes").GetBoolean().Should().BeTrue();
        providers[1].GetProperty("funds").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
    }

    [TestCase("/api/v1/providers/nobody/funds", "{\"amount\":\"1.00\",\"currency\":\"MXN\",\"reference\":\"r\"}", 404, "not_found")]
    [TestCase("/api/v1/providers/simulator/funds", "{\"amount\":\"0\",\"currency\":\"MXN\",\"reference\":\"r\"}", 422, "validation_failed")]
    [TestCase("/api/v1/providers/simulator/funds", "{\"amount\":\"0.001\",\"currency\":\"MXN\",\"reference\":\"r\"}", 422, "validation_failed")]
    [TestCase("/api/v1/providers/simulator/funds", "{\"amount\":\"1\",\"currency\":\"XXX\",\"reference\":\"r\"}", 422, "validation_failed")]
    [TestCase("/api/v1/providers/simulator/funds", "{\"amount\":\"1\",\"currency\":\"MXN\"}", 422, "validation_failed")]
    public async Task Funds_that_make_no_sense_are_refused(string path, string body, int code, string error)
    {
        await using var world = await StartAsync();

        var reply = await world.Admin.AskAsync(HttpMethod.Post, path, body, ("Idempotency-Key", "k1"));

        reply.Code.Should().Be(code);
        reply.ErrorCode.Should().Be(error);
    }

    [Test]
    public async Task A_reseller_sees_nothing_of_providers()
    {
        await using var world = await StartAsync();

        foreach (var path in new[] { "/api/v1/providers", "/api/v1/provider-messages", "/api/v1/topups/exposure" })
            (await world.Reseller.AskAsync(path)).ErrorCode.Should().Be("forbidden", path);
    }

    [Test]
    public async Task A_signed_message_is_acknowledged_as_the_provider_wants_and_decides_the_topup()
    {
        await using var world = await StartAsync();
        var taken = await world.Reseller.OrderAsync(BlockedAtTheFirst, "20", "R1");
        var second = world.Services.GetRequiredService<CallbackProvider>();
        second.Decide();

        var reply = await TellAsync(world, second.Messages.Single());
        await world.RunJobsAsync();
        var after = await world.Reseller.AskAsync("/api/v1/topups/" + taken.Json.GetProperty("id").GetString());
        var messages = (await world.Admin.AskAsync("/api/v1/provider-messages?status=applied")).Json.GetProperty("data");

        taken.Code.Should().Be(202);
        reply.Code.Should().Be(HttpStatusCode.OK);
        reply.Text.Should().Be("RECEIVED");
        after.Json.GetProperty("status").GetString().Should().Be("succeeded");
        after.Text.Should().NotContain("simulator", "a customer never learns who delivers");
        messages.GetArrayLength().Should().Be(1);
    }

    [Test]
    public async Task What_is_not_signed_is_401_what_is_from_nobody_404_and_what_cannot_be_kept_503()
    {
        await using var world = await StartAsync();
        var second = world.Services.GetRequiredService<CallbackProvider>();
        var message = second.Sign("""{"id":"m1","reference":"999","status":"delivered","transaction":"C1"}""");

        (await TellAsync(world, message with { Headers = new Dictionary<string, string> { ["x-signature"] = "t=1,v1=00" } })).Code.Should().Be(HttpStatusCode.Unauthorized);
        (await TellAsync(world, message, "/callbacks/simulator")).Code.Should().Be(HttpStatusCode.NotFound);
        world.Storage.Failure = new Relier.Storage.StorageUnavailableException("Storage is away.");
        (await TellAsync(world, message)).Code.Should().Be(HttpStatusCode.ServiceUnavailable);
        world.Storage.Failure = null;
        (await TellAsync(world, message)).Text.Should().Be("RECEIVED");
    }

    [Test]
    public async Task A_message_that_is_too_large_is_refused()
    {
        await using var world = await StartAsync();
        var large = world.Services.GetRequiredService<CallbackProvider>().Sign("{\"id\":\"" + new string('x', 65 * 1024) + "\"}");

        (await TellAsync(world, large)).Code.Should().Be(HttpStatusCode.UnprocessableEntity);
    }

    [Test]
    public async Task What_nobody_can_answer_for_is_shown_by_provider_and_age()
    {
        await using var world = await StartAsync();
        await world.Reseller.OrderAsync("5512345003", "20", "R1");
        await world.Reseller.OrderAsync("5512345005", "20", "R2");

        var exposure = (await world.Admin.AskAsync("/api/v1/topups/exposure")).Json.GetProperty("data");

        exposure.ToString().Should().Be("""[{"provider":"simulator","age":"under_10m","count":2,"held":{"amount":"2.18","currency":"USD"}}]""");
    }

    [Test]
    public async Task A_topup_is_taken_back_where_the_provider_does_that()
    {
        await using var world = await StartAsync();
        var first = (await world.Reseller.OrderAsync("5512345000", "20", "R1")).Json.GetProperty("id").GetString();
        var second = (await world.Reseller.OrderAsync(BlockedAtTheFirst, "20", "R2")).Json.GetProperty("id").GetString();
        var provider = world.Services.GetRequiredService<CallbackProvider>();
        provider.Decide();
        await TellAsync(world, provider.Messages.Single());
        await world.RunJobsAsync();

        var refused = await world.Admin.AskAsync(HttpMethod.Post, $"/api/v1/topups/{first}/reversal", null);
        var reversed = await world.Admin.AskAsync(HttpMethod.Post, $"/api/v1/topups/{second}/reversal", null);

        refused.ErrorCode.Should().Be("reversal_refused");
        reversed.Json.GetProperty("status").GetString().Should().Be("reversed");
        (await world.PostedAsync()).Should().Be("9998.91");
    }

    private static Task<ApiWorld> StartAsync() => ApiWorld.StartAsync(world =>
    {
        world.Settings["Relier:Providers:0"] = "simulator";
        world.Settings["Relier:Providers:1"] = "callback-simulator";
    });

    private static async Task<(HttpStatusCode Code, string Text)> TellAsync(ApiWorld world, SignedMessage message, string path = "/callbacks/callback-simulator")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(Encoding.UTF8.GetString(message.Body.Span), Encoding.UTF8, "application/json") };
        foreach (var (name, value) in message.Headers) request.Headers.Add(name, value);
        using var reply = await world.Nobody.SendAsync(request);
        return (reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }
}
