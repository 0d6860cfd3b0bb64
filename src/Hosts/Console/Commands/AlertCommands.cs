using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Notifications;

namespace Relier.Cli.Commands;

/// <summary><c>relier alerts</c>: what people were told of.</summary>
internal static class AlertCommands
{
    public static Command Build(GlobalOptions options, Terminal terminal) => new("alerts", "What people were told of.") { List(options, terminal) };

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var kind = new Option<string?>("--kind") { Description = $"Only of this kind: {string.Join(", ", AlertKinds.Words)}.", HelpName = "kind" };
        var listed = new Listed();
        var command = new Command("list", "Alerts, newest first.") { kind, listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation,
                (cursor, limit) => new ListAlerts { Kind = parsed.GetValue(kind), Cursor = cursor, Limit = limit },
                ["AT", "KIND", "SUBJECT", "TEXT"],
                alert => [alert.At.Text(), AlertKinds.Word(alert.Kind), alert.Subject, alert.Text],
                AlertResource.Of),
            prepare: true, cancellationToken));
        return command;
    }
}
