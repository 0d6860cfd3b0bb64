using NodaTime;
using Relier.Notifications;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class AlertStore(Statements sql, TenantId tenant) : IAlertStore
{
    // Of two who raise at once the second waits for the first, and then finds that it was raised a moment ago.
    private const string TakeCause = """
        INSERT INTO relier_alert_cause (tenant_id, kind, subject, cause, raised_at)
        VALUES (@TenantId, @Kind, @Subject, @Cause, @RaisedAt)
        ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET cause = @Cause, raised_at = @RaisedAt
        WHERE relier_alert_cause.raised_at IS NULL OR relier_alert_cause.cause <> @Cause OR relier_alert_cause.raised_at <= @QuietSince
        """;

    private const string Insert = """
        INSERT INTO relier_alert (tenant_id, id, kind, subject, cause, raised_at, facts, message)
        VALUES (@TenantId, @Id, @Kind, @Subject, @Cause, @RaisedAt, @Facts, @Message)
        """;

    // An update that changes nothing, because a row that is there already is not returned without one.
    private const string Suspect = """
        INSERT INTO relier_alert_cause (tenant_id, kind, subject, cause, raised_at)
        VALUES (@TenantId, @Kind, @Subject, @Cause, NULL)
        ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET cause = relier_alert_cause.cause
        RETURNING cause
        """;

    private const string End =
        "DELETE FROM relier_alert_cause WHERE tenant_id = @TenantId AND kind = @Kind AND subject = @Subject RETURNING raised_at";

    private const string Columns = "id AS Id, kind AS Kind, subject AS Subject, cause AS Cause, raised_at AS RaisedAt, facts AS Facts, message AS Message";

    private const string Find = $"SELECT {Columns} FROM relier_alert WHERE tenant_id = @TenantId AND id = @Id";

    private const string List = $"SELECT {Columns} FROM relier_alert WHERE tenant_id = @TenantId";

    private const string OfKind = " AND kind = @Kind";

    private const string PageOfList = " AND raised_at <= @At AND (raised_at < @At OR id > @After) ORDER BY raised_at DESC, id LIMIT @Limit";

    public async Task<bool> RaiseAsync(Alert alert, Duration? quietFor, CancellationToken cancellationToken)
    {
        var row = Row.Of(tenant, alert) with { QuietSince = quietFor is { } quiet ? Micros.Of(alert.At - quiet) : long.MinValue };
        if (await sql.ExecuteAsync(TakeCause, row, cancellationToken) == 0) return false;
        await sql.ExecuteAsync(Insert, row, cancellationToken);
        return true;
    }

    public async Task<string> SuspectAsync(AlertKind kind, string subject, string cause, CancellationToken cancellationToken) =>
        (await sql.FindAsync<string>(Suspect, new { TenantId = tenant.Value, Kind = Words.AlertKind.Of(kind), Subject = subject, Cause = cause }, cancellationToken))!;

    public async Task<bool> EndAsync(AlertKind kind, string subject, CancellationToken cancellationToken) =>
        (await sql.ListAsync<long?>(End, new { TenantId = tenant.Value, Kind = Words.AlertKind.Of(kind), Subject = subject }, cancellationToken)).SingleOrDefault() is not null;

    public async Task<Alert?> FindAsync(Id<Alert> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<Row>(Find, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToAlert();

    public async Task<Page<Alert>> ListAsync(AlertKind? kind, PageRequest page, CancellationToken cancellationToken)
    {
        var after = Paging.After(page);
        var rows = await sql.ListAsync<Row>(
            List + (kind is null ? "" : OfKind) + PageOfList,
            new { TenantId = tenant.Value, Kind = kind is { } wanted ? Words.AlertKind.Of(wanted) : "", after.At, After = after.Id, Limit = Paging.Rows(page) },
            cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToAlert()).ToList(), page, alert => new Position(alert.At, alert.Id.Value));
    }

    private sealed record Row
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string Kind { get; init; }
        public required string Subject { get; init; }
        public required string Cause { get; init; }
        public required long RaisedAt { get; init; }
        public long QuietSince { get; init; }
        public required string Facts { get; init; }
        public required string Message { get; init; }

        public static Row Of(TenantId tenant, Alert alert) => new()
        {
            TenantId = tenant.Value, Id = alert.Id.Value, Kind = Words.AlertKind.Of(alert.Kind), Subject = alert.Subject, Cause = alert.Cause,
            RaisedAt = Micros.Of(alert.At), Facts = Json.Of(alert.Facts), Message = alert.Text,
        };

        public Alert ToAlert() => new()
        {
            Id = Id<Alert>.Parse(Id), Kind = Words.AlertKind.Parse(Kind), Subject = Subject, Cause = Cause, At = Micros.ToInstant(RaisedAt),
            Facts = Json.ToFacts(Facts), Text = Message,
        };
    }
}
