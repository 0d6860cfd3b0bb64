using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using Relier.Cli.Commands;

namespace Relier.Cli;

/// <summary>The <c>relier</c> command: from arguments to an exit code. The answer goes to one stream, messages and errors to the other.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command. Throws nothing: what goes wrong is said on the error stream and in the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var globals = new GlobalOptions();
        // Without response files, so that a note that begins with @ stays a note.
        var parsed = Build(globals, terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var printer = new Printer(terminal, globals.Read(parsed));
        if (parsed.Action is ParseErrorAction wrong) return printer.Refuse(new Refusal("usage", Explain(wrong, parsed)));
        try
        {
            var streams = new InvocationConfiguration
            {
                Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(streams, cancellationToken);
        }
        catch (Exception error)
        {
            return printer.Fail(error);
        }
    }

    private static Command Build(GlobalOptions globals, Terminal terminal)
    {
        // Not a RootCommand, which is called like the file it is in.
        var root = new Command("relier", "Relier: send and look up top-ups, manage customers and keys, verify the ledger.")
        {
            TopUpCommands.Build(globals, terminal),
            CustomerCommands.Build(globals, terminal),
            KeyCommands.Build(globals, terminal),
            LedgerCommands.Build(globals, terminal),
            RateCommands.Build(globals, terminal),
            ProviderCommands.Build(globals, terminal),
            JobCommands.Build(globals, terminal),
            AlertCommands.Build(globals, terminal),
            TariffCommands.BuildDecks(globals, terminal),
            TariffCommands.BuildPlans(globals, terminal),
            AccountCommands.Build(globals, terminal),
            CallCommands.Build(globals, terminal),
            ArchiveCommands.Build(globals, terminal),
            QuoteCommands.Build(globals, terminal),
            ImportCommand.Build(globals, terminal),
            DatabaseCommands.Build(globals, terminal),
            ConfigCommands.Build(globals, terminal),
            SimulateCommand.Build(globals, terminal),
        };
        foreach (var option in globals.All) root.Options.Add(option);
        root.Options.Add(new VersionOption { Action = new SayVersion(terminal) });
        root.Options.Add(new HelpOption());
        return root;
    }

    /// <summary>What is wrong with the arguments, and what may have been meant instead; for a command that has only begun, its whole help.</summary>
    private static string Explain(ParseErrorAction wrong, ParseResult parsed)
    {
        var hasOnlyBegun = parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0;
        (wrong.ShowTypoCorrections, wrong.ShowHelp) = (!hasOnlyBegun, hasOnlyBegun);
        using var text = new StringWriter();
        parsed.Invoke(new InvocationConfiguration { Output = text, Error = text });
        if (hasOnlyBegun) return text.ToString().Trim();
        // Suggestions stand before a blank line; what follows says the same without them.
        var told = text.ToString().Trim().Split(Environment.NewLine + Environment.NewLine)[0];
        return $"{told}{Environment.NewLine}Help: {Path(parsed.CommandResult)} --help";
    }

    private static string Path(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : command.Command.Name;

    private sealed class SayVersion(Terminal terminal) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            terminal.Out.WriteLine(typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
            return ExitCode.Ok;
        }
    }
}
