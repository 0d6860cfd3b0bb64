using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Relier.Hosting;

namespace Relier.Hosts.Tests.Hosting;

public sealed class SettingsTests
{
    [Test]
    public void Settings_that_are_written_somewhere_show_no_secret()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Relier:ConnectionString"] = "Host=db;Username=relier;Password=of-the-database", ["Relier:AdminKey"] = "ra_of-the-first-admin-0123456789abc",
            ["Relier:Alerts:Webhook"] = "https://chat.example/hooks/of-the-chat", ["Relier:Alerts:Secret"] = "of-the-receiver-and-of-the-house-alone",
        }).Build();

        var settings = RelierSettings.Read(configuration, new HostingEnvironment { EnvironmentName = "Production", ContentRootPath = "/" });

        settings.AlertSecret.Should().NotBeNull();
        $"{settings}".Should().StartWith(nameof(RelierSettings)).And.NotContain("of-the-");
    }
}
