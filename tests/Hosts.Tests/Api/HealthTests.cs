using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using Relier.Api.Http;
using Relier.Storage;

namespace Relier.Hosts.Tests.Api;

internal sealed class HealthTests
{
    [Test]
    public async Task All_is_well()
    {
        await using var world = await ApiWorld.StartAsync();
        world.Clock.Advance(Duration.FromSeconds(90));

        var health = await world.Nobody.AskAsync("/health");

        health.Json.Names().Should().Equal("status", "timestamp", "uptime", "mode", "services");
        health.Json.Text("status").Should().Be("OK");
        health.Json.Text("uptime").Should().Be("90");
        health.Json.At("services.database.connected").GetBoolean().Should().BeTrue();
        foreach (var path in new[] { "live", "ready", "startup" }) (await world.Nobody.AskAsync($"/health/{path}")).Text.Should().Be("""{"status":"Healthy"}""");
        (await world.Nobody.AskAsync("/version")).Json.Text("version").Should().NotBeEmpty();
    }

    [Test]
    public async Task Case_56_a_database_that_is_down_is_not_healthy_and_the_process_is_alive_all_the_same()
    {
        await using var world = await ApiWorld.StartAsync();
        world.Storage.Failure = new StorageUnavailableException("down");

        (await world.Nobody.AskAsync("/health")).Code.Should().Be(503);
        (await world.Nobody.AskAsync("/health/ready")).Code.Should().Be(503);
        (await world.Nobody.AskAsync("/health/live")).Code.Should().Be(200);
        world.Storage.Failure = null;
        (await world.Nobody.AskAsync("/health")).Code.Should().Be(503, "answers are kept for five seconds");
        world.Clock.Advance(Duration.FromSeconds(5));
        (await world.Nobody.AskAsync("/health")).Code.Should().Be(200);
    }

    [Test]
    public async Task Who_was_told_to_stop_wants_no_more_work()
    {
        await using var world = await ApiWorld.StartAsync();
        var vitals = world.Services.GetRequiredService<Vitals>();
        vitals.IsStopping.Should().BeFalse();

        world.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        vitals.IsStopping.Should().BeTrue();
    }
}
