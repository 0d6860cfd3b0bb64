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

    /// <summary>The queue it stands in: tenant/party.</summary>
    public required string Lane { get; init; }

    /// <summary>How many of its tries do not count.</summary>
    public required long Forgiven { get; init; }

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

/// <summary>A kind of job that people have stopped.</summary>
[RelierTable("relier_job_pause", nameof(TenantId), nameof(Kind))]
public sealed record JobPauseRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>What kind of work.</summary>
    public required string Kind { get; init; }

    /// <summary>When it was stopped. In microseconds since 1970 UTC.</summary>
    public required long PausedAtMicros { get; init; }

    /// <summary>When it was stopped. Not for use in queries.</summary>
    public DateTimeOffset PausedAt => RelierUnits.Time(PausedAtMicros);

    /// <summary>Who stopped it.</summary>
    public required string PausedBy { get; init; }
}

/// <summary>Recurring work.</summary>
[RelierTable("relier_schedule", nameof(TenantId), nameof(Name))]
public sealed record ScheduleRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>What recurs.</summary>
    public required string Name { get; init; }

    /// <summary>When it is due next. In microseconds since 1970 UTC.</summary>
    public required long DueAtMicros { get; init; }

    /// <summary>When it is due next. Not for use in queries.</summary>
    public DateTimeOffset DueAt => RelierUnits.Time(DueAtMicros);
}

/// <summary>A process of the installation, which works for all tenants.</summary>
[RelierTable("relier_process", nameof(Name))]
public sealed record ProcessRow
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The machine it runs on.</summary>
    public required string Host { get; init; }

    /// <summary>The version it runs.</summary>
    public required string Version { get; init; }

    /// <summary>The kinds of jobs it does.</summary>
    public required string Kinds { get; init; }

    /// <summary>When it began. In microseconds since 1970 UTC.</summary>
    public required long StartedAtMicros { get; init; }

    /// <summary>When it began. Not for use in queries.</summary>
    public DateTimeOffset StartedAt => RelierUnits.Time(StartedAtMicros);

    /// <summary>When it was seen last. In microseconds since 1970 UTC.</summary>
    public required long SeenAtMicros { get; init; }

    /// <summary>When it was seen last. Not for use in queries.</summary>
    public DateTimeOffset SeenAt => RelierUnits.Time(SeenAtMicros);
}
