using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Relier.Storage;

namespace Relier.Sql;

/// <summary>
/// Brings a database from any earlier version to ours. All missing migrations are one transaction, which waits for any
/// other process that migrates and then finds its work done. A migration that was applied and has other text here now,
/// or one that is not known here, stops everything: this program would work on a schema nobody has tried.
/// </summary>
internal sealed class Migrator(SqlDialect dialect)
{
    private const string CreateTable = """
        CREATE TABLE IF NOT EXISTS relier_schema_migrations (
          version    BIGINT NOT NULL,
          name       {text} NOT NULL,
          checksum   {text} NOT NULL,
          applied_at BIGINT NOT NULL,
          CONSTRAINT relier_schema_migrations_key PRIMARY KEY (version)
        )
        """;

    private const string List =
        "SELECT version AS Version, name AS Name, checksum AS Checksum, applied_at AS AppliedAt FROM relier_schema_migrations ORDER BY version";

    private const string Insert = """
        INSERT INTO relier_schema_migrations (version, name, checksum, applied_at)
        VALUES (@Version, @Name, @Checksum, @AppliedAt)
        """;

    private readonly IReadOnlyList<Migration> _known = Migration.Read(dialect.Name);

    public async Task MigrateAsync(Statements statements, CancellationToken cancellationToken)
    {
        if (dialect.MigrationLock is { } wait) await statements.ExecuteLongAsync(wait, cancellationToken);
        await statements.ExecuteAsync(Spelled(CreateTable), null, cancellationToken);
        var applied = await statements.ListAsync<AppliedRow>(List, null, cancellationToken);
        Compare(applied);

        foreach (var migration in _known.Skip(applied.Count))
        {
            await statements.ExecuteLongAsync(Spelled(migration.Text), cancellationToken);
            var row = new AppliedRow
            {
                Version = migration.Version, Name = migration.Name, Checksum = migration.Checksum,
                AppliedAt = Micros.Of(new MachineClock().Now()),
            };
            await statements.ExecuteAsync(Insert, row, cancellationToken);
        }
    }

    /// <summary>The migrations known here, with when each was applied.</summary>
    public async Task<IReadOnlyList<MigrationStatus>> ListAsync(Statements statements, CancellationToken cancellationToken)
    {
        var applied = (await AppliedAsync(statements, cancellationToken)).ToDictionary(row => row.Version);
        return _known.Select(migration => new MigrationStatus(
            migration.Version, migration.Name,
            applied.TryGetValue(migration.Version, out var row) ? Micros.ToInstant(row.AppliedAt) : null)).ToList();
    }

    /// <summary>Throws <see cref="SchemaMismatchException"/> unless exactly the migrations known here were applied.</summary>
    public async Task VerifyAsync(Statements statements, CancellationToken cancellationToken)
    {
        var applied = await AppliedAsync(statements, cancellationToken);
        Compare(applied);
        if (applied.Count < _known.Count)
            throw new SchemaMismatchException(
                $"The schema is at version {applied.Count}; this program needs {_known.Count}. Migrate it before it is used.");
    }

    private async Task<List<AppliedRow>> AppliedAsync(Statements statements, CancellationToken cancellationToken) =>
        await statements.ScalarAsync<long>(dialect.CountOfMigrationTables, null, cancellationToken) == 0
            ? []
            : await statements.ListAsync<AppliedRow>(List, null, cancellationToken);

    private void Compare(List<AppliedRow> applied)
    {
        for (var i = 0; i < applied.Count; i++)
        {
            if (i >= _known.Count)
                throw new SchemaMismatchException(
                    $"The schema has migration {applied[i].Version} ({applied[i].Name}), which this program does not know: a newer one was here.");
            if (applied[i].Version != _known[i].Version || applied[i].Checksum != _known[i].Checksum)
                throw new SchemaMismatchException(
                    $"Migration {applied[i].Version} ({applied[i].Name}) was applied with other text than this program has as {_known[i].Version} ({_known[i].Name}).");
        }
    }

    private string Spelled(string text) => text.Replace("{text}", dialect.TextType, StringComparison.Ordinal);

    private sealed record AppliedRow
    {
        public required long Version { get; init; }
        public required string Name { get; init; }
        public required string Checksum { get; init; }
        public required long AppliedAt { get; init; }
    }
}

/// <summary>One migration: the text for all engines, then the one engine's companion.</summary>
internal sealed record Migration(int Version, string Name, string Text, string Checksum)
{
    /// <summary>Those embedded here, in order, as they are for an engine.</summary>
    public static IReadOnlyList<Migration> Read(string engine)
    {
        var names = typeof(Migration).Assembly.GetManifestResourceNames();
        return (from name in names
                let parts = name.Split('.')
                where parts is [_, "sql"]
                orderby name
                let text = TextOf(name) + (names.Contains($"{parts[0]}.{engine}.sql") ? TextOf($"{parts[0]}.{engine}.sql") : "")
                select new Migration(
                    int.Parse(parts[0][..4], CultureInfo.InvariantCulture), parts[0][5..], text,
                    Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))))).ToList();
    }

    // A checkout may have changed the ends of lines; that is no other migration.
    private static string TextOf(string resource)
    {
        using var reader = new StreamReader(typeof(Migration).Assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
