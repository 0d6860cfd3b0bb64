namespace Relier.EntityFramework;

/// <summary>The first answer to a keyed request.</summary>
[RelierTable("relier_first_answer", nameof(TenantId), nameof(Actor), nameof(Key))]
public sealed record FirstAnswerRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Who asked.</summary>
    public required string Actor { get; init; }

    /// <summary>With which key.</summary>
    public required string Key { get; init; }

    /// <summary>For what.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What was made.</summary>
    public string? Resource { get; init; }

    /// <summary>The refusal, as JSON.</summary>
    public string? Refusal { get; init; }

    /// <summary>When. In microseconds since 1970 UTC.</summary>
    public required long AnsweredAtMicros { get; init; }

    /// <summary>When. Not for use in queries.</summary>
    public DateTimeOffset AnsweredAt => RelierUnits.Time(AnsweredAtMicros);
}

/// <summary>A migration that was applied.</summary>
[RelierTable("relier_schema_migrations", nameof(Version))]
public sealed record SchemaMigrationRow
{
    /// <summary>Its number.</summary>
    public required long Version { get; init; }

    /// <summary>What it does.</summary>
    public required string Name { get; init; }

    /// <summary>The SHA-256 of its text.</summary>
    public required string Checksum { get; init; }

    /// <summary>When. In microseconds since 1970 UTC.</summary>
    public required long AppliedAtMicros { get; init; }

    /// <summary>When. Not for use in queries.</summary>
    public DateTimeOffset AppliedAt => RelierUnits.Time(AppliedAtMicros);
}
