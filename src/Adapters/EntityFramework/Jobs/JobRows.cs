namespace Relier.EntityFramework;

/// <summary>Work to be done; gone when it is done.</summary>
[RelierTable("relier_job", nameof(TenantId), nameof(Id))]
public sealed record JobRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What kind of work: <c>topup.submit</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>On what.</summary>
    public required string Subject { get; init; }

    /// <summary>Not before. In microseconds since 1970 UTC.</summary>
    public required long RunAtMicros { get; init; }

    /// <summary>Not before. Not for use in queries.</summary>
    public DateTimeOffset RunAt => RelierUnits.Time(RunAtMicros);

    /// <summary>How often it was begun.</summary>
    public required long Tries { get; init; }

    /// <summary>Whether it was given up and waits for people.</summary>
    public required bool IsDead { get; init; }

    /// <summary>The process that has it.</summary>
    public string? Owner { get; init; }

    /// <summary>Until when that process has it. In microseconds since 1970 UTC.</summary>
    public long? LeasedUntilMicros { get; init; }

    /// <summary>Until when that process has it. Not for use in queries.</summary>
    public DateTimeOffset? LeasedUntil => RelierUnits.Time(LeasedUntilMicros);

    /// <summary>Why it failed last.</summary>
    public string? LastError { get; init; }

    /// <summary>When it was made. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it was made. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);
}

/// <summary>How many jobs of a kind a process has ended, for life; sum them.</summary>
[RelierTable("relier_job_counter", nameof(TenantId), nameof(Kind), nameof(Owner), nameof(Outcome))]
public sealed record JobCounterRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>What kind of work.</summary>
    public required string Kind { get; init; }

    /// <summary>The process.</summary>
    public required string Owner { get; init; }

    /// <summary><c>completed</c> or <c>failed</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }
}
