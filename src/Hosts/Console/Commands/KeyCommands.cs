using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Identity;

namespace Relier.Cli.Commands;

/// <summary><c>relier keys</c>: issue keys, replace them and take them back. A secret is shown once, where it is issued.</summary>
internal static class KeyCommands
{
    private static readonly string[] Columns = ["ID", "NAME", "PREFIX", "CUSTOMER", "CREATED", "LAST USED", "EXPIRES", "REVOKED"];

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("keys", "Keys of customers and of people of the house.") { Create(options, terminal), Rotate(options, terminal), Revoke(options, terminal), List(options, terminal) };

    private static Command Create(GlobalOptions options, Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "What it is called; for the house, the person who gets it." };
        var customer = new Option<string?>("--customer") { Description = "The customer it speaks for.", HelpName = "id" };
        var admin = new Option<bool>("--admin") { Description = "A person of the house, who may do everything.", Arity = ArgumentArity.Zero };
        var command = new Command("create", "Issue a key.") { name, customer, admin };
        command.Validators.Add(result =>
        {
            if (result.GetResult(customer) is not null == result.GetValue(admin)) result.AddError("Say whose key it is: either --customer ID or --admin.");
        });
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(new CreateKey(parsed.GetRequiredValue(name)) { Customer = parsed.GetValue(customer) }, issued => Print(invocation.Printer, issued)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Rotate(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The key." };
        var grace = new Option<int>("--grace-hours") { Description = "How long the old secret still works, 0 to 168. Default 0.", HelpName = "hours" };
        var command = new Command("rotate", "Issue a new secret with the same rights, and end the old one.") { id, grace };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(new RotateKey(parsed.GetRequiredValue(id), parsed.GetValue(grace)), issued => Print(invocation.Printer, issued)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Revoke(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The key." };
        var command = new Command("revoke", "Take a key back at once.") { id };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(new RevokeKey(parsed.GetRequiredValue(id)), key => Print(invocation.Printer, key, secret: null)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var customer = new Option<string?>("--customer") { Description = "Whose; without it, those of the house.", HelpName = "id" };
        var command = new Command("list", "Keys, newest first, without their secrets.") { customer };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new ListKeys(parsed.GetValue(customer)),
                keys => Listed.Show(
                    invocation.Printer, keys, Columns,
                    key =>
                    [
                        key.Id.Value, key.Name, key.Prefix, key.Customer?.Value, key.CreatedAt.Text(), key.LastUsedAt.Text(), key.ExpiresAt.Text(), key.RevokedAt.Text(),
                    ],
                    KeyResource.Of)),
            prepare: true, cancellationToken));
        return command;
    }

    private static void Print(Printer printer, IssuedKey issued)
    {
        Print(printer, issued.Key, issued.Secret);
        printer.Say("The secret is shown this once and kept nowhere; store it now.");
    }

    private static void Print(Printer printer, ApiKey key, string? secret) => printer.Show(
        KeyResource.Of(key) with { Secret = secret },
        [
            ("Key", key.Id.Value), ("Name", key.Name), ("Customer", key.Customer?.Value), ("Prefix", key.Prefix), ("Scopes", string.Join(' ', key.Scopes)),
            ("Expires", key.ExpiresAt.Text()), ("Revoked", key.RevokedAt.Text()), ("Secret", secret),
        ],
        key: secret ?? key.Id.Value);
}
