using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;
using Relier.Cli;
using Relier.InMemory;
using Relier.TopUps;

namespace Relier.Hosts.Tests.Cli;

/// <summary>Somebody at a machine: runs one command after the other against the same storage, by a clock that stands.</summary>
internal sealed class Shell : IDisposable
{
    private readonly TaskCompletionSource _spoken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _directory = Directory.CreateTempSubdirectory("relier-cli-").FullName;

    public InMemoryStorage Storage { get; } = new();

    public FakeClock Clock { get; } = new();

    /// <summary>Stands in for the simulated provider.</summary>
    public ITopUpProvider? Provider { get; init; }

    public string Environment { get; init; } = "Development";

    public bool IsTerminal { get; init; }

    /// <summary>What is typed when something is asked.</summary>
    public string Typed { get; init; } = "";

    public Dictionary<string, string?> Settings { get; init; } = new() { ["Relier:Storage"] = "memory" };

    /// <summary>A connection string to a file that is not there yet.</summary>
    public string FreshFile => $"Data Source={Path.Combine(_directory, "relier.db")}";

    /// <summary>A customer with a wallet of 100.00 USD, and the rate from MXN: 20.00 MXN are 1.09 USD.</summary>
    public async Task<string> ResellerAsync(string name = "Corner Shop")
    {
        var customer = (await RunAsync("customers", "create", name, "-q")).Out.Trim();
        await RunAsync("customers", "credit", customer, "100.00", "--reason", "payment");
        await RunAsync("rates", "add", "MXN", "USD", "0.0544");
        return customer;
    }

    public Task<Ran> RunAsync(params string[] args) => RunAsync(CancellationToken.None, args);

    /// <summary>Completes when a command has said something to a person.</summary>
    public Task Spoken => _spoken.Task;

    /// <summary>Whether a command still has not ended a moment later: the one thing here that only time can show.</summary>
    public static async Task<bool> StaysAsync(Task command) => await Task.WhenAny(command, Task.Delay(TimeSpan.FromMilliseconds(150))) != command;

    public async Task<Ran> RunAsync(CancellationToken interrupted, params string[] args)
    {
        using StringWriter output = new();
        using var error = new Announcing(_spoken);
        var exit = await CommandLine.RunAsync(args, At(output, error), interrupted);
        return new Ran(exit, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Terminal At(TextWriter output, TextWriter error) => new()
    {
        Out = output, Error = error, In = () => new StringReader(Typed), IsOutTerminal = IsTerminal, IsInTerminal = IsTerminal, NoColor = true,
        User = "maria", Directory = _directory, EnvironmentName = Environment, Settings = Settings, Compose = Compose,
    };

    private sealed class Announcing(TaskCompletionSource spoken) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            spoken.TrySetResult();
        }
    }

    private void Compose(RelierBuilder builder)
    {
        if (Settings.GetValueOrDefault("Relier:Storage") != "memory") return;
        builder.Services.Replace(ServiceDescriptor.Singleton<IClock>(Clock));
        builder.UseStorage(_ => Storage);
        if (Provider is null) return;
        builder.Services.RemoveAll<ITopUpProvider>();
        builder.UseProvider(_ => Provider);
    }
}

/// <summary>What a command left behind.</summary>
internal sealed record Ran(int Exit, string Out, string Error)
{
    /// <summary>The answer as a document.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>The problem as a document.</summary>
    public JsonElement Problem => JsonDocument.Parse(Error).RootElement;
}

/// <summary>A provider that answers when it is told to.</summary>
internal sealed class PatientProvider : ITopUpProvider
{
    private readonly TaskCompletionSource<SubmitOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProviderOffer Offer { get; } = new()
    {
        Provider = "patient", Environment = ProviderEnvironment.Simulator,
        Products = [new ProviderProduct { Id = "ANY", Operator = "TELEFONICA", Min = Money.Of(10, Currency.MXN), Max = Money.Of(500, Currency.MXN) }],
    };

    /// <summary>Completes when a submission has arrived.</summary>
    public Task Asked => _asked.Task;

    public void Deliver() => _answer.SetResult(new SubmitOutcome.Delivered("TX1", "OP1"));

    public Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        return _answer.Task;
    }

    public Task<LookupOutcome> LookUpAsync(Submission submission, string? transactionId, CancellationToken cancellationToken) =>
        Task.FromResult<LookupOutcome>(new LookupOutcome.Unavailable("not asked"));

    public Task<ProbeOutcome> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult(new ProbeOutcome(true, "patient"));
}
