using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Relier.Jobs;

namespace Relier.Hosts.Tests.Api;

/// <summary>Jobs, pauses and processes over HTTP.</summary>
internal sealed class JobTests
{
    [Test]
    public async Task A_job_is_set_aside_listed_read_and_retried()
    {
        await using var world = await ApiWorld.StartAsync();
        var job = await OrderAsync(world);

        (await SendAsync(world, HttpMethod.Post, $"/api/v1/jobs/{job}/dead", new { reason = "ask first" })).Status.Should().Be(HttpStatusCode.OK);
        (await SendAsync(world, HttpMethod.Post, $"/api/v1/jobs/{job}/dead", new { reason = "again" })).Should().Match<Answer>(answer => answer.Status == HttpStatusCode.Conflict && answer.Code == "job_dead");
        await world.RunJobsAsync();

        var dead = (await world.Admin.GetFromJsonAsync<JsonElement>("/api/v1/jobs?state=dead")).GetProperty("data").EnumerateArray().Single();
        dead.GetProperty("id").GetString().Should().Be(job);
        dead.GetProperty("lastError").GetString().Should().Be("ask first");
        dead.GetProperty("customer").GetString().Should().Be(world.CustomerId);
        (await world.Admin.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}")).GetProperty("state").GetString().Should().Be("dead");

        (await SendAsync(world, HttpMethod.Post, $"/api/v1/jobs/{job}/retry")).Json.GetProperty("state").GetString().Should().Be("waiting");
        (await SendAsync(world, HttpMethod.Post, $"/api/v1/jobs/{job}/retry")).Code.Should().Be("job_not_dead");
        await world.RunJobsAsync();

        (await SendAsync(world, HttpMethod.Get, $"/api/v1/jobs/{job}")).Status.Should().Be(HttpStatusCode.NotFound);
        (await world.PostedAsync()).Should().Be("9998.91"); // 10,000.00 - 1.09
    }

    [Test]
    public async Task A_kind_is_paused_and_resumed()
    {
        await using var world = await ApiWorld.StartAsync();

        var paused = await SendAsync(world, HttpMethod.Put, "/api/v1/job-pauses/topup.submit");
        await OrderAsync(world);
        await world.RunJobsAsync();
        (await world.HeldAsync()).Should().Be("1.09");
        (await world.Admin.GetFromJsonAsync<JsonElement>("/api/v1/job-pauses")).GetProperty("data")[0].ToString().Should().Be(paused.Json.ToString());
        paused.Json.GetProperty("pausedBy").GetString().Should().Be("admin:maria");

        (await SendAsync(world, HttpMethod.Delete, "/api/v1/job-pauses/topup.submit")).Status.Should().Be(HttpStatusCode.OK);
        (await SendAsync(world, HttpMethod.Delete, "/api/v1/job-pauses/topup.submit")).Status.Should().Be(HttpStatusCode.NotFound);
        await world.RunJobsAsync();
        (await world.HeldAsync()).Should().Be("0.00");
    }

    [Test]
    public async Task A_kind_with_a_slash_in_it_is_the_same_in_the_path_and_elsewhere()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.SendAsync(new PauseJobs("shop/export"));

        var resumed = await SendAsync(world, HttpMethod.Delete, "/api/v1/job-pauses/shop%2Fexport");

        (resumed.Status, resumed.Json.GetProperty("kind").GetString()).Should().Be((HttpStatusCode.OK, "shop/export"));
    }

    [Test]
    public async Task A_process_without_a_loop_is_shown_with_no_kinds()
    {
        await using var world = await ApiWorld.StartAsync();
        var processes = new JsonElement();
        for (var tries = 0; tries < 500 && (processes.ValueKind == JsonValueKind.Undefined || processes.GetArrayLength() == 0); tries++)
        {
            processes = (await world.Admin.GetFromJsonAsync<JsonElement>("/api/v1/processes")).GetProperty("data");
            await Task.Delay(10);
        }

        var process = processes.EnumerateArray().Should().ContainSingle().Subject;
        process.GetProperty("alive").GetBoolean().Should().BeTrue();
        process.GetProperty("kinds").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task Customers_see_no_jobs()
    {
        await using var world = await ApiWorld.StartAsync();

        foreach (var path in new[] { "/api/v1/jobs", "/api/v1/job-pauses", "/api/v1/processes" })
            (await world.Reseller.GetAsync(path)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await world.Reseller.PutAsync("/api/v1/job-pauses/topup.submit", null)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    private static async Task<string> OrderAsync(ApiWorld world)
    {
        using var order = new HttpRequestMessage(HttpMethod.Post, "/api/v1/topups") { Content = JsonContent.Create(new { phone = "5512345000", amount = "20", reference = "R1" }) };
        order.Headers.Add("Prefer", "respond-async");
        (await world.Reseller.SendAsync(order)).EnsureSuccessStatusCode();
        return (await world.Admin.GetFromJsonAsync<JsonElement>("/api/v1/jobs?kind=topup.submit")).GetProperty("data")[0].GetProperty("id").GetString()!;
    }

    private static async Task<Answer> SendAsync(ApiWorld world, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var response = await world.Admin.SendAsync(request);
        return new Answer(response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    private sealed record Answer(HttpStatusCode Status, JsonElement Json)
    {
        public string? Code => Json.TryGetProperty("code", out var code) ? code.GetString() : null;
    }
}
