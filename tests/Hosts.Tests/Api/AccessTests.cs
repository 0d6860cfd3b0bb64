using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Relier.Customers;
using Relier.Identity;

namespace Relier.Hosts.Tests.Api;

internal sealed class AccessTests
{
    private static readonly string[] Open = ["/health", "/health/live", "/health/ready", "/health/startup", "/version", "/openapi/{documentName}.json", "/callbacks/{provider}"];

    [Test]
    public async Task Every_endpoint_but_the_open_ones_asks_for_credentials()
    {
        await using var world = await ApiWorld.StartAsync();
        var endpoints = world.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        var tried = 0;

        foreach (var endpoint in endpoints)
        {
            var pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/');
            if (Open.Contains(pattern)) continue;
            var path = System.Text.RegularExpressions.Regex.Replace(pattern, @"\{[^}]+\}", "x");
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                foreach (var headers in WrongCredentials(world))
                {
                    var reply = await world.Nobody.AskAsync(new HttpMethod(method), path, null, headers);
                    reply.Code.Should().Be(401, $"{method} {pattern} with {string.Join(", ", headers)}");
                    reply.ErrorCode.Should().Be("unauthenticated");
                    tried++;
                }
            }
        }

        endpoints.Should().HaveCountGreaterThan(50);
        tried.Should().BeGreaterThan(400);
    }

    private static IEnumerable<(string, string)[]> WrongCredentials(ApiWorld world) =>
    [
        [],
        [("X-Api-Key", "")],
        [("X-Admin-Key", "")],
        [("Authorization", "Bearer ")],
        [("Authorization", "Basic " + world.ApiKey)],
        [("X-Api-Key", world.AlmostTheKey), ("X-Customer-Id", world.CustomerId)],
        [("X-Api-Key", world.ApiKey), ("X-Customer-Id", "cus_somebody")],
        [("X-Admin-Key", world.ApiKey)],
    ];

    [Test]
    public async Task Two_different_keys_are_nobody()
    {
        await using var world = await ApiWorld.StartAsync();
        (await world.Reseller.AskAsync("/api/v1/topups", ("X-Admin-Key", world.AdminKey))).Code.Should().Be(401);
        (await world.Reseller.AskAsync("/api/v1/topups", ("Authorization", "Bearer " + world.ApiKey))).Code.Should().Be(200);
    }

    [Test]
    public async Task The_open_ones_say_nothing_about_anybody()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync("5512345000", "20", "R1");

        foreach (var path in new[] { "/health", "/health/live", "/health/ready", "/health/startup", "/version", "/openapi/v1.json", "/docs/index.html" })
        {
            var reply = await world.Nobody.AskAsync(path);
            reply.Code.Should().Be(200, path);
            reply.Text.Should().NotContainAny(world.CustomerId, world.ApiKey, "simulator");
        }
    }

    [Test]
    public async Task Each_of_the_headers_opens_v1()
    {
        await using var world = await ApiWorld.StartAsync();

        foreach (var headers in new (string, string)[][]
        {
            [("Authorization", "Bearer " + world.ApiKey)], [("authorization", "bearer " + world.AdminKey)], [("X-Api-Key", world.ApiKey)],
            [("X-Api-Key", world.ApiKey), ("X-Customer-Id", world.CustomerId)], [("X-Admin-Key", world.AdminKey)],
        })
            (await world.Nobody.AskAsync("/api/v1/topups", headers)).Code.Should().Be(200, string.Join(",", headers));
    }

    [Test]
    public async Task A_customers_key_opens_nothing_of_the_house()
    {
        await using var world = await ApiWorld.StartAsync();

        foreach (var path in new[] { "/api/v1/customers", "/api/v1/keys", "/api/v1/audit", "/api/v1/ledger/verify", "/api/v1/exchange-rates", $"/api/v1/customers/{world.CustomerId}/keys" })
            (await world.Reseller.AskAsync(path)).Code.Should().Be(403, path);
    }

    [Test]
    public async Task Case_55_another_customers_topup_is_not_found_and_a_revoked_key_opens_nothing_from_that_moment()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = (await world.Reseller.OrderAsync("5512345000", "20", "R1")).Json.Text("id");
        var other = await world.ProgramOfAsync(await world.NewCustomerAsync("Other", "other"));
        (await world.OldReseller.AskAsync("/api/balance")).Json.Text("current_balance").Should().Be("9998.91");

        (await other.AskAsync($"/api/v1/topups/{id}")).Code.Should().Be(404);
        (await other.AskAsync($"/api/transaction/{id}")).Code.Should().Be(404);
        var key = (await world.SendAsync(new ListKeys(world.CustomerId))).Data.Single();
        await world.SendAsync(new RevokeKey(key.Id.Value));

        (await world.OldReseller.AskAsync("/api/balance")).Code.Should().Be(401);
    }

    [Test]
    public async Task Case_08_an_address_counts_on_every_path_and_a_forwarded_one_only_from_a_trusted_proxy()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.NewCustomerAsync("Fenced", "fenced", new PoliciesInput { AllowedAddresses = ["203.0.113.0/24"] });
        var program = await world.ProgramOfAsync(id);
        world.RemoteAddress = IPAddress.Parse("198.51.100.7");

        foreach (var path in new[] { "/api/balance", "/api/transaction/x", "/api/v1/balance", "/api/v1/topups", "/api/queue/stats" })
        {
            var reply = await program.AskAsync(path, ("X-Forwarded-For", "203.0.113.5"));
            (reply.Code, reply.ErrorCode, reply.Json.Text("your_ip")).Should().Be((403, "ip_not_allowed", "198.51.100.7"), path);
        }

        (await program.OldOrderAsync("5512345000", 20, "R1", "/api/fenced/topup-async")).Code.Should().Be(403);
        world.RemoteAddress = IPAddress.Parse("::ffff:203.0.113.5");
        (await program.AskAsync("/api/balance")).Code.Should().Be(200);
    }

    [Test]
    public async Task A_trusted_proxy_is_believed()
    {
        await using var world = await ApiWorld.StartAsync(world => world.Settings["Relier:TrustedProxies:0"] = "10.0.0.0/8");
        var program = await world.ProgramOfAsync(await world.NewCustomerAsync("Fenced", "fenced", new PoliciesInput { AllowedAddresses = ["203.0.113.0/24"] }));
        world.RemoteAddress = IPAddress.Parse("10.1.2.3");

        (await program.AskAsync("/api/balance", ("X-Forwarded-For", "203.0.113.5"))).Code.Should().Be(200);
        (await program.AskAsync("/api/balance", ("X-Forwarded-For", "203.0.113.5, 198.51.100.7"))).Code.Should().Be(403);
    }

    [Test]
    public async Task Case_57_no_log_line_holds_a_key_or_a_whole_phone_number()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync("5512345000", "20", "R1");
        await world.Reseller.AskAsync("/api/v1/topups?phone=5512345000");
        await world.OldReseller.OldOrderAsync("5512345004", 20, "R2");

        lock (world.Logs) string.Join('\n', world.Logs).Should().NotContainAny("5512345000", "5512345004", world.ApiKey, world.AdminKey);
        (await world.Admin.AskAsync("/api/v1/keys")).Text.Should().NotContain(world.AdminKey).And.NotContain("secret");
        (await world.Admin.AskAsync("/api/admin/customers")).Text.Should().NotContain(world.ApiKey);
    }
}
