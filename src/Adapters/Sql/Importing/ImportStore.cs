using Relier.Importing;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Sql;

internal sealed class ImportStore(Statements sql, TenantId tenant) : IImportStore
{
    private const string Lock = """
        INSERT INTO relier_import_source (tenant_id, source, claims) VALUES (@TenantId, @Source, 1)
        ON CONFLICT (tenant_id, source) DO UPDATE SET claims = relier_import_source.claims + 1
        """;

    private const string Find = """
        SELECT source AS Source, kind AS Kind, old_id AS OldId, new_id AS NewId, fingerprint AS Fingerprint, is_undecided AS IsUndecided,
               details AS Details, imported_at AS ImportedAt FROM relier_imported
        WHERE tenant_id = @TenantId AND source = @Source AND kind = @Kind AND old_id = asked.one
        """;

    private const string Insert = """
        INSERT INTO relier_imported (tenant_id, source, kind, old_id, new_id, fingerprint, is_undecided, details, imported_at)
        VALUES (@TenantId, @Source, @Kind, @OldId, @NewId, @Fingerprint, @IsUndecided, @Details, @ImportedAt)
        ON CONFLICT DO NOTHING
        """;

    private const string InsertTopUp =
        "INSERT INTO relier_imported_topup (tenant_id, topup_id) VALUES (@TenantId, @NewId) ON CONFLICT DO NOTHING";

    private const string DecideItem = """
        UPDATE relier_imported SET fingerprint = @Fingerprint, is_undecided = @IsUndecided
        WHERE tenant_id = @TenantId AND source = @Source AND kind = @Kind AND old_id = @OldId AND new_id = @NewId AND is_undecided = 1
        """;

    private const string DecideTopUp = """
        UPDATE relier_topup
        SET state = @State, charge_amount = @ChargeAmount, charge_currency = @ChargeCurrency, rate = @Rate, rate_base = @RateBase,
            rate_quote = @RateQuote, rate_as_of = @RateAsOf, rate_source = @RateSource, code = @Code, operator_reference = @OperatorReference,
            decided_at = @DecidedAt, unknown_since = @UnknownSince, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        """;

    private static readonly RowStatement InsertItems = RowStatement.Over<Row>(Insert, UniqueKey.ImportedItem);
    private static readonly RowStatement InsertTopUps = RowStatement.Over<Row>(InsertTopUp, UniqueKey.ImportedItem);

    public Task LockAsync(string source, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(Lock, new { TenantId = tenant.Value, Source = source }, cancellationToken);

    public async Task<IReadOnlyList<ImportedItem>> FindAsync(string source, ImportedKind kind, IReadOnlyCollection<string> oldIds, CancellationToken cancellationToken)
    {
        if (oldIds.Count == 0) return [];
        return await sql.BatchAsync(
            sql.Dialect.ForEach("OldIds", Find),
            new { TenantId = tenant.Value, Source = source, Kind = Words.ImportedKind.Of(kind), OldIds = Json.Of(oldIds.Distinct().Select(oldId => (oldId, ""))) },
            async rows => (await rows.ReadAsync<Row>()).Select(row => row.ToItem()).ToList(),
            cancellationToken);
    }

    public async Task AddAsync(IReadOnlyCollection<ImportedItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0) return;
        var rows = items.Select(item => Row.Of(tenant, item)).ToList();
        var topUps = rows.Where(row => row.Kind == Words.ImportedKind.Of(ImportedKind.TopUp)).ToList();
        RowWrite[] writes = [InsertItems.For(rows), InsertTopUps.For(topUps)];
        await sql.WriteAsync([.. writes.Where(write => write.Count > 0)], cancellationToken);
    }

    public Task<TopUp> DecideAsync(TopUp topUp, ImportedItem item, CancellationToken cancellationToken)
    {
        return sql.AtomicallyAsync(DecideAsync, cancellationToken);

        async Task<TopUp> DecideAsync()
        {
            var written = item.Kind == ImportedKind.TopUp && item.NewId == topUp.Id.Value
                && await sql.ExecuteAsync(DecideItem, Row.Of(tenant, item), cancellationToken) == 1
                && await sql.ExecuteAsync(DecideTopUp, TopUpRow.Of(tenant, topUp), cancellationToken) == 1;
            return written ? topUp with { Version = topUp.Version + 1 } : throw new StaleVersionException($"Top-up {topUp.Id}", topUp.Version);
        }
    }

    private sealed record Row
    {
        public string TenantId { get; init; } = "";
        public required string Source { get; init; }
        public required string Kind { get; init; }
        public required string OldId { get; init; }
        public required string NewId { get; init; }
        public required string Fingerprint { get; init; }
        public required long IsUndecided { get; init; }
        public string? Details { get; init; }
        public required long ImportedAt { get; init; }

        public static Row Of(TenantId tenant, ImportedItem item) => new()
        {
            TenantId = tenant.Value, Source = item.Source, Kind = Words.ImportedKind.Of(item.Kind), OldId = item.OldId, NewId = item.NewId,
            Fingerprint = item.Fingerprint, IsUndecided = item.IsUndecided ? 1 : 0, Details = item.Details, ImportedAt = Micros.Of(item.At),
        };

        public ImportedItem ToItem() => new()
        {
            Source = Source, Kind = Words.ImportedKind.Parse(Kind), OldId = OldId, NewId = NewId, Fingerprint = Fingerprint, IsUndecided = IsUndecided == 1,
            Details = Details, At = Micros.ToInstant(ImportedAt),
        };
    }
}
