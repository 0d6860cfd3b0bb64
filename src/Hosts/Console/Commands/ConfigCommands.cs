using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Relier.Hosting;

namespace Relier.Cli.Commands;

/// <summary><c>relier config</c>: what an installation was told.</summary>
internal static class ConfigCommands
{
    public static Command Build(GlobalOptions options, Terminal terminal) => new("config", "The configuration.") { Validate(options, terminal) };

    private static Command Validate(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("validate", "Say everything that is wrong with the configuration, without touching the storage. Ends with 78 when something is.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal, invocation => Task.FromResult(Print(invocation)), prepare: false, cancellationToken));
        return command;
    }

    private static int Print(Invocation invocation)
    {
        var (settings, environment) = (invocation.Settings, invocation.Services.GetRequiredService<IHostEnvironment>().EnvironmentName);
        var problems = Problems(invocation);
        if (problems.Count > 0) return invocation.Printer.Refuse(ExitCode.Explain(new RelierConfigurationException(problems)));
        invocation.Printer.Show(
            new { valid = true, environment, storage = settings.Storage, providers = settings.Providers, tenant = settings.Tenant, zone = settings.Zone },
            [
                ("Configuration", "valid"), ("Environment", environment), ("Storage", settings.Storage), ("Providers", string.Join(", ", settings.Providers)),
                ("Tenant", settings.Tenant), ("Zone", settings.Zone),
            ]);
        return ExitCode.Ok;
    }

    private static IReadOnlyList<string> Problems(Invocation invocation)
    {
        try
        {
            if (invocation.Settings.Problems.Count == 0) invocation.Storage();
            return invocation.Services.GetRequiredService<RelierStartup>().Problems();
        }
        catch (RelierConfigurationException adapter)
        {
            // An adapter says what is wrong with its settings when it is made; the rest is to be heard as well.
            return [.. invocation.Settings.Problems, .. adapter.Problems];
        }
    }
}
