using Relier.Hosting.Resources;
using Relier.Storage;

namespace Relier.Cli;

// The documents of --json that the REST API has no shape for; all others are its resources.

/// <summary>An expected no, or what went wrong.</summary>
internal sealed record ProblemDocument(string Code, string Message, IReadOnlyList<FieldError> Fields, IReadOnlyDictionary<string, object> Facts)
{
    public static ProblemDocument Of(Refusal refusal) => new(
        refusal.Code, refusal.Message, refusal.Fields,
        refusal.Facts.ToDictionary(fact => fact.Key, fact => fact.Value is Money money ? MoneyResource.Of(money) : fact.Value));
}

/// <summary>A migration of the schema.</summary>
internal sealed record MigrationDocument(int Version, string Name, string? AppliedAt)
{
    public static MigrationDocument Of(MigrationStatus migration) => new(migration.Version, migration.Name, migration.AppliedAt.Text());
}
