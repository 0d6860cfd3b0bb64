using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Storage;

namespace Relier.Cli.Commands;

/// <summary><c>relier db</c>: the schema. Needs a storage and nothing else, so that a fresh installation can begin here.</summary>
internal static class DatabaseCommands
{
    private static readonly string[] Columns = ["VERSION", "NAME", "APPLIED"];

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("db", "The schema of the storage.") { Migrate(options, terminal), Status(options, terminal) };

    private static Command Migrate(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("migrate", "Bring the schema to the version of this program. Run again, it changes nothing.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var storage = invocation.Storage();
                var before = Missing(await storage.MigrationsAsync(cancellationToken)).Select(migration => migration.Version).ToHashSet();
                await storage.MigrateAsync(cancellationToken);
                var after = await storage.MigrationsAsync(cancellationToken);
                var applied = after.Where(migration => before.Contains(migration.Version)).ToList();
                if (invocation.Printer.IsJson) invocation.Printer.Document(new { applied = applied.Select(MigrationDocument.Of), migrations = after.Select(MigrationDocument.Of) });
                else invocation.Printer.Table(Columns, [.. applied.Select(Row)]);
                invocation.Printer.Say(applied.Count == 0 ? "The schema was up to date." : $"Migrations applied: {applied.Count}.");
                return ExitCode.Ok;
            },
            prepare: false, cancellationToken));
        return command;
    }

    private static Command Status(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("status", "Which migrations were applied. Ends with 76 when some are missing.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var migrations = await invocation.Storage().MigrationsAsync(cancellationToken);
                var missing = Missing(migrations).Count();
                if (invocation.Printer.IsJson) invocation.Printer.Document(new { upToDate = missing == 0, migrations = migrations.Select(MigrationDocument.Of) });
                else invocation.Printer.Table(Columns, [.. migrations.Select(Row)]);
                invocation.Printer.Say(missing == 0 ? "The schema is up to date." : $"Migrations not applied: {missing}. Run: relier db migrate");
                return missing == 0 ? ExitCode.Ok : ExitCode.SchemaMismatch;
            },
            prepare: false, cancellationToken));
        return command;
    }

    private static IEnumerable<MigrationStatus> Missing(IEnumerable<MigrationStatus> migrations) => migrations.Where(migration => migration.AppliedAt is null);

    private static IReadOnlyList<string?> Row(MigrationStatus migration) => [$"{migration.Version:D4}", migration.Name, migration.AppliedAt.Text() ?? "no"];
}
