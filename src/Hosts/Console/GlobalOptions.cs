using System.CommandLine;

namespace Relier.Cli;

/// <summary>The options that every command has.</summary>
internal sealed class GlobalOptions
{
    public GlobalOptions()
    {
        // Whoever lists the processes of a machine reads their arguments too.
        Connection.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && HasPassword(text))
                result.AddError("A password does not belong on the command line; set Relier__ConnectionString in the environment instead.");
        });
        Storage.AcceptOnlyFromAmong("sqlite", "postgres", "memory");
        All = [Json, Quiet, Verbose, NoInput, NoColor, Connection, Storage];
        foreach (var option in All) option.Recursive = true;
    }

    public Option<bool> Json { get; } = new("--json") { Description = "Answer as one JSON document; errors as one on the error stream.", Arity = ArgumentArity.Zero };

    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No messages; of something new only its id (of a key its secret).", Arity = ArgumentArity.Zero };

    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Say what happens meanwhile.", Arity = ArgumentArity.Zero };

    public Option<bool> NoInput { get; } = new("--no-input") { Description = "Ask nothing; what would be asked is refused.", Arity = ArgumentArity.Zero };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colours; NO_COLOR in the environment says the same.", Arity = ArgumentArity.Zero };

    public Option<string?> Connection { get; } = new("--connection") { Description = "Where the storage is, instead of Relier:ConnectionString. Without passwords.", HelpName = "text" };

    public Option<string?> Storage { get; } = new("--storage") { Description = "The kind of storage, instead of Relier:Storage." };

    public IReadOnlyList<Option> All { get; }

    public Globals Read(ParseResult parsed) => new()
    {
        Json = parsed.GetValue(Json),
        Quiet = parsed.GetValue(Quiet),
        Verbose = parsed.GetValue(Verbose),
        NoInput = parsed.GetValue(NoInput),
        NoColor = parsed.GetValue(NoColor),
        Connection = Value(parsed, Connection),
        Storage = Value(parsed, Storage),
    };

    private static string? Value(ParseResult parsed, Option<string?> option) => parsed.Errors.Count > 0 ? null : parsed.GetValue(option);

    private static bool HasPassword(string connection) =>
        connection.Contains("password=", StringComparison.OrdinalIgnoreCase) || connection.Contains("pwd=", StringComparison.OrdinalIgnoreCase)
        || (Uri.TryCreate(connection, UriKind.Absolute, out var address) && address.UserInfo.Contains(':'));
}

/// <summary>What was said in the global options.</summary>
internal sealed record Globals
{
    public bool Json { get; init; }

    public bool Quiet { get; init; }

    public bool Verbose { get; init; }

    public bool NoInput { get; init; }

    public bool NoColor { get; init; }

    public string? Connection { get; init; }

    public string? Storage { get; init; }
}
