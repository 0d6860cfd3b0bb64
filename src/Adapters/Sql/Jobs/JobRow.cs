using Relier.Jobs;

namespace Relier.Sql;

internal sealed record JobRow
{
    public const string Columns =
        "tenant_id AS TenantId, id AS Id, lane AS Lane, kind AS Kind, subject AS Subject, run_at AS RunAt, tries AS Tries, forgiven AS Forgiven, is_dead AS IsDead, "
        + "owner AS Owner, leased_until AS LeasedUntil, last_error AS LastError, created_at AS CreatedAt";

    public required string TenantId { get; init; }
    public required string Id { get; init; }
    public required string Lane { get; init; }
    public required string Kind { get; init; }
    public required string Subject { get; init; }
    public required long RunAt { get; init; }
    public required long Tries { get; init; }
    public required long Forgiven { get; init; }
    public required long IsDead { get; init; }
    public string? Owner { get; init; }
    public long? LeasedUntil { get; init; }
    public string? LastError { get; init; }
    public required long CreatedAt { get; init; }

    public static JobRow Of(Job job) => new()
    {
        TenantId = job.Tenant.Value, Id = job.Id.Value, Lane = job.Lane, Kind = job.Kind, Subject = job.Subject, RunAt = Micros.Of(job.RunAt),
        Tries = job.Tries, Forgiven = job.Forgiven, IsDead = job.IsDead ? 1 : 0, Owner = job.Owner, LeasedUntil = Micros.Of(job.LeasedUntil),
        LastError = job.LastError, CreatedAt = Micros.Of(job.CreatedAt),
    };

    public Job ToJob() => new()
    {
        Id = Id<Job>.Parse(Id), Tenant = Tenancy.TenantId.Parse(TenantId), Party = Party, Kind = Kind, Subject = Subject,
        RunAt = Micros.ToInstant(RunAt), Tries = (int)Tries, Forgiven = (int)Forgiven, IsDead = IsDead == 1, Owner = Owner,
        LeasedUntil = Micros.ToInstant(LeasedUntil), LastError = LastError, CreatedAt = Micros.ToInstant(CreatedAt),
    };

    /// <summary>What stands behind the tenant in the lane.</summary>
    private string? Party => Lane.Length > TenantId.Length + 1 ? Lane[(TenantId.Length + 1)..] : null;
}
