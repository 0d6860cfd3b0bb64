using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relier.Hosting;
using Relier.Identity;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Cli;

/// <summary>One command under way: Relier as the configuration composes it, and who asks.</summary>
internal sealed class Invocation : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Terminal _terminal;
    private readonly CancellationToken _cancellationToken;

    private Invocation(IHost host, Terminal terminal, Printer printer, CancellationToken cancellationToken)
    {
        _host = host;
        _terminal = terminal;
        _cancellationToken = cancellationToken;
        Printer = printer;
    }

    /// <summary>Where the answer goes.</summary>
    public Printer Printer { get; }

    /// <summary>What the composition holds.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>What the configuration says.</summary>
    public RelierSettings Settings => Services.GetRequiredService<RelierSettings>();

    /// <summary>Composes Relier as the API host does and runs the command, without a job loop and without serving anything.</summary>
    public static async Task<int> RunAsync(
        ParseResult parsed, GlobalOptions options, Terminal terminal, Func<Invocation, Task<int>> command, bool prepare, CancellationToken cancellationToken)
    {
        var globals = options.Read(parsed);
        await using var invocation = new Invocation(Compose(globals, terminal), terminal, new Printer(terminal, globals), cancellationToken);
        if (prepare && invocation.Settings.Problems.Count == 0) invocation.Storage();
        if (prepare) await invocation.Services.GetRequiredService<RelierStartup>().PrepareStorageAsync(cancellationToken);
        return await command(invocation);
    }

    /// <summary>Asks in the name of the person at the machine: the audit log shows <c>system:cli:NAME</c>.</summary>
    public Task<Outcome<T>> AskAsync<T>(IUseCase<T> useCase)
        where T : notnull => Services.GetRequiredService<IRelier>().SendAsync(useCase, Caller(null), _cancellationToken);

    /// <summary>That person, for a tenant; null for the installation's own.</summary>
    public Caller Caller(TenantId? tenant) => Identity.Caller.OfSystem(tenant ?? Services.GetRequiredService<RelierStartup>().Tenant, $"cli:{_terminal.User}");

    /// <summary>Asks, and answers with what comes back.</summary>
    public async Task<int> AnswerAsync<T>(IUseCase<T> useCase, Func<T, int> show)
        where T : notnull => (await AskAsync(useCase)).IsRefused(out var refusal, out var answer) ? Printer.Refuse(refusal) : show(answer);

    /// <summary>Asks, and answers with what comes back and 0.</summary>
    public Task<int> AnswerAsync<T>(IUseCase<T> useCase, Action<T> show)
        where T : notnull =>
        AnswerAsync(useCase, answer =>
        {
            show(answer);
            return ExitCode.Ok;
        });

    /// <summary>The storage. Throws <see cref="RelierConfigurationException"/> when none was chosen or its connection string cannot be read.</summary>
    public IStorage Storage()
    {
        try
        {
            return Services.GetService<IStorage>() ?? throw new RelierConfigurationException([.. Settings.Problems.DefaultIfEmpty($"There is no storage '{Settings.Storage}' in this version.")]);
        }
        catch (ArgumentException error)
        {
            throw new RelierConfigurationException([$"Relier:ConnectionString: {error.Message}"]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host) await host.DisposeAsync();
        else _host.Dispose();
    }

    private static IHost Compose(Globals globals, Terminal terminal)
    {
        var configuration = new ConfigurationManager();
        // A command ends before a file changes; watching would only cost.
        configuration.AddInMemoryCollection([new("hostBuilder:reloadConfigOnChange", "false")]);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Configuration = configuration, ContentRootPath = terminal.Directory, EnvironmentName = terminal.EnvironmentName, ApplicationName = "relier",
        });
        builder.Configuration.AddInMemoryCollection(terminal.Settings).AddInMemoryCollection(Overrides(globals));
        builder.Logging.ClearProviders().SetMinimumLevel(globals.Verbose ? LogLevel.Information : LogLevel.Error).AddProvider(new ErrorStreamLog(terminal.Error, globals.Verbose));
        terminal.Compose(builder.AddRelier());
        return builder.Build();
    }

    private static Dictionary<string, string?> Overrides(Globals globals)
    {
        var overrides = new Dictionary<string, string?>();
        // Another place may be of another kind: which, the place itself says, unless told.
        if (globals.Connection is not null) (overrides["Relier:ConnectionString"], overrides["Relier:Storage"]) = (globals.Connection, null);
        if (globals.Storage is not null) overrides["Relier:Storage"] = globals.Storage;
        return overrides;
    }
}
