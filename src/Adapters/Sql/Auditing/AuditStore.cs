using Relier.Auditing;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class AuditStore(Statements sql, TenantId tenant) : IAuditStore
{
    private const string Insert = """
        INSERT INTO relier_audit_entry (tenant_id, id, happened_at, actor, action, subject, before_json, after_json)
        VALUES (@TenantId, @Id, @HappenedAt, @Actor, @Action, @Subject, @Before, @After)
        """;

    private const string List = """
        SELECT id AS Id, happened_at AS HappenedAt, actor AS Actor, action AS Action, subject AS Subject,
               before_json AS Before, after_json AS After
        FROM relier_audit_entry WHERE tenant_id = @TenantId
        """;

    private const string OfSubject = " AND subject = @Subject";

    private const string PageOfList =
        " AND happened_at <= @At AND (happened_at < @At OR id > @Id) ORDER BY happened_at DESC, id LIMIT @Limit";

    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            Insert,
            new
            {
                TenantId = tenant.Value, Id = entry.Id.Value, HappenedAt = Micros.Of(entry.At), entry.Actor, entry.Action, entry.Subject,
                entry.Before, entry.After,
            },
            cancellationToken);

    public async Task<Page<AuditEntry>> ListAsync(string? subject, PageRequest page, CancellationToken cancellationToken)
    {
        var after = Paging.After(page);
        var rows = await sql.ListAsync<Row>(
            List + (subject is null ? "" : OfSubject) + PageOfList,
            new { TenantId = tenant.Value, Subject = subject, after.At, after.Id, Limit = Paging.Rows(page) },
            cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToEntry()).ToList(), page, entry => new Position(entry.At, entry.Id.Value));
    }

    private sealed record Row
    {
        public required string Id { get; init; }
        public required long HappenedAt { get; init; }
        public required string Actor { get; init; }
        public required string Action { get; init; }
        public required string Subject { get; init; }
        public string? Before { get; init; }
        public string? After { get; init; }

        public AuditEntry ToEntry() =>
            new(Id<AuditEntry>.Parse(Id), Micros.ToInstant(HappenedAt), Actor, Action, Subject, Before, After);
    }
}
