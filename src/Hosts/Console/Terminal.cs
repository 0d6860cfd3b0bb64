namespace Relier.Cli;

/// <summary>Where a command is run: what it reads and writes, by whom, and from where its settings are.</summary>
internal sealed record Terminal
{
    private const int LongestUser = 40;

    /// <summary>The answer: what a next program reads.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Messages and errors: what a person reads.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>The answers of a person who is asked; opened only then, since opening it changes the state of a terminal.</summary>
    public Func<TextReader> In { get; init; } = () => TextReader.Null;

    /// <summary>Whether a person reads the answer, and not a file or a program.</summary>
    public bool IsOutTerminal { get; init; }

    /// <summary>Whether somebody can be asked.</summary>
    public bool IsInTerminal { get; init; }

    /// <summary>Whether the environment asks for no colour (NO_COLOR).</summary>
    public bool NoColor { get; init; }

    /// <summary>The name for the audit log.</summary>
    public required string User { get; init; }

    /// <summary>Where appsettings.json is looked for.</summary>
    public required string Directory { get; init; }

    /// <summary>The name of the environment; null for DOTNET_ENVIRONMENT.</summary>
    public string? EnvironmentName { get; init; }

    /// <summary>Settings on top of those from files and environment.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>A last word about the composition.</summary>
    public Action<RelierBuilder> Compose { get; init; } = _ => { };

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = () => Console.In,
        IsOutTerminal = !Console.IsOutputRedirected,
        IsInTerminal = !Console.IsInputRedirected,
        NoColor = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        User = Named(Environment.UserName),
        Directory = Environment.CurrentDirectory,
    };

    private static string Named(string user)
    {
        var letters = new string([.. user.Where(letter => char.IsLetterOrDigit(letter) || letter is '.' or '_' or '-').Take(LongestUser)]);
        return letters.Length == 0 ? "unknown" : letters;
    }
}
