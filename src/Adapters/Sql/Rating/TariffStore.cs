using NodaTime;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class TariffStore(Statements sql, TenantId tenant) : ITariffStore
{
    public const string Revision = "SELECT COALESCE(MAX(revision), 0) FROM relier_tariff_revision WHERE tenant_id = @TenantId";

    private const string Lock = """
        INSERT INTO relier_tariff_revision (tenant_id, revision) VALUES (@TenantId, 1)
        ON CONFLICT (tenant_id) DO UPDATE SET revision = relier_tariff_revision.revision + 1
        RETURNING revision
        """;

    private const string ListPlans = """
        SELECT plan_id AS PlanId, version AS Version, name AS Name, currency AS Currency, state AS State, effective_from AS EffectiveFrom,
               definition AS Definition, created_at AS CreatedAt, retired_at AS RetiredAt
        FROM relier_plan_version WHERE tenant_id = @TenantId ORDER BY plan_id, version
        """;

    private const string ListDecks = """
        SELECT deck_id AS DeckId, version AS Version, name AS Name, currency AS Currency, state AS State, effective_from AS EffectiveFrom, hash AS Hash,
               entries AS Entries, created_at AS CreatedAt, activated_at AS ActivatedAt, retired_at AS RetiredAt
        FROM relier_deck_version WHERE tenant_id = @TenantId ORDER BY deck_id, version
        """;

    private const string InsertPlan = """
        INSERT INTO relier_plan_version (tenant_id, plan_id, version, name, currency, state, effective_from, definition, created_at, retired_at)
        VALUES (@TenantId, @PlanId, @Version, @Name, @Currency, @State, @EffectiveFrom, @Definition, @CreatedAt, @RetiredAt)
        ON CONFLICT (tenant_id, plan_id, version) DO NOTHING
        """;

    private const string RetirePlan = """
        UPDATE relier_plan_version SET state = @State, retired_at = @RetiredAt
        WHERE tenant_id = @TenantId AND plan_id = @PlanId AND version = @Version AND state = 'active'
        """;

    private const string InsertDeck = """
        INSERT INTO relier_deck_version (
          tenant_id, deck_id, version, name, currency, state, effective_from, hash, entries, created_at, activated_at, retired_at)
        VALUES (@TenantId, @DeckId, @Version, @Name, @Currency, @State, @EffectiveFrom, @Hash, @Entries, @CreatedAt, @ActivatedAt, @RetiredAt)
        ON CONFLICT (tenant_id, deck_id, version) DO NOTHING
        """;

    private const string ChangeDeck = """
        UPDATE relier_deck_version SET state = @State, effective_from = @EffectiveFrom, activated_at = @ActivatedAt, retired_at = @RetiredAt
        WHERE tenant_id = @TenantId AND deck_id = @DeckId AND version = @Version AND state = @Before
        """;

    private const string InsertPart = """
        INSERT INTO relier_deck_part (tenant_id, deck_id, version, no, rates, entries) VALUES (@TenantId, @DeckId, @Version, @No, @Rates, @Entries)
        ON CONFLICT (tenant_id, deck_id, version, no) DO NOTHING
        """;

    private const string ReadParts = """
        SELECT rates AS Rates, entries AS Entries FROM relier_deck_part
        WHERE tenant_id = @TenantId AND deck_id = @DeckId AND version = @Version AND no > @After ORDER BY no LIMIT @Limit
        """;

    private const string RemoveParts = """
        DELETE FROM relier_deck_part WHERE tenant_id = @TenantId AND deck_id = @DeckId AND version = @Version
          AND EXISTS (
            SELECT 1 FROM relier_deck_version d
            WHERE d.tenant_id = @TenantId AND d.deck_id = @DeckId AND d.version = @Version AND d.state = 'draft')
        """;

    private const string RemoveDraft = "DELETE FROM relier_deck_version WHERE tenant_id = @TenantId AND deck_id = @DeckId AND version = @Version AND state = 'draft'";

    public Task<long> RevisionAsync(CancellationToken cancellationToken) => sql.ScalarAsync<long>(Revision, new { TenantId = tenant.Value }, cancellationToken);

    public Task<long> LockAsync(CancellationToken cancellationToken) => sql.ScalarAsync<long>(Lock, new { TenantId = tenant.Value }, cancellationToken);

    public async Task<IReadOnlyList<PlanVersion>> ListPlansAsync(CancellationToken cancellationToken) =>
        [.. (await sql.ListAsync<PlanRow>(ListPlans, new { TenantId = tenant.Value }, cancellationToken)).Select(row => row.ToPlan())];

    public async Task<IReadOnlyList<DeckVersion>> ListDecksAsync(CancellationToken cancellationToken) =>
        [.. (await sql.ListAsync<DeckRow>(ListDecks, new { TenantId = tenant.Value }, cancellationToken)).Select(row => row.ToDeck())];

    public Task AddPlanAsync(PlanVersion plan, CancellationToken cancellationToken) =>
        sql.InsertAsync(InsertPlan, PlanRow.Of(tenant, plan), UniqueKey.PlanVersion, cancellationToken);

    public async Task RetirePlanAsync(PlanVersion plan, CancellationToken cancellationToken)
    {
        if (await sql.ExecuteAsync(RetirePlan, PlanRow.Of(tenant, plan), cancellationToken) == 0) throw new StaleVersionException($"Plan {plan.Plan}", plan.Version);
    }

    public Task AddDeckAsync(DeckVersion deck, CancellationToken cancellationToken) =>
        sql.InsertAsync(InsertDeck, DeckRow.Of(tenant, deck), UniqueKey.DeckVersion, cancellationToken);

    public async Task ChangeDeckAsync(DeckVersion deck, VersionState from, CancellationToken cancellationToken)
    {
        var row = DeckRow.Of(tenant, deck);
        var parameters = new { row.TenantId, row.DeckId, row.Version, row.State, row.EffectiveFrom, row.ActivatedAt, row.RetiredAt, Before = Words.VersionState.Of(from) };
        if (await sql.ExecuteAsync(ChangeDeck, parameters, cancellationToken) == 0) throw new StaleVersionException($"Deck {deck.Deck}", deck.Version);
    }

    public Task AddPartAsync(Id<RateDeck> deck, int version, int number, DeckPart part, CancellationToken cancellationToken) =>
        sql.InsertAsync(
            InsertPart,
            new { TenantId = tenant.Value, DeckId = deck.Value, Version = (long)version, No = (long)number, Rates = RatingJson.Of(part.Rates), Entries = RatingJson.Of(part.Entries) },
            UniqueKey.DeckPart, cancellationToken);

    public async Task<IReadOnlyList<DeckPart>> ReadPartsAsync(Id<RateDeck> deck, int version, int after, int limit, CancellationToken cancellationToken)
    {
        var rows = await sql.ListAsync<PartRow>(
            ReadParts, new { TenantId = tenant.Value, DeckId = deck.Value, Version = (long)version, After = (long)after, Limit = (long)limit }, cancellationToken);
        return [.. rows.Select(row => new DeckPart(RatingJson.ToEntries(row.Entries), RatingJson.ToRates(row.Rates)))];
    }

    public async Task<bool> RemoveDraftAsync(Id<RateDeck> deck, int version, CancellationToken cancellationToken)
    {
        var parameters = new { TenantId = tenant.Value, DeckId = deck.Value, Version = (long)version };
        await sql.ExecuteAsync(RemoveParts, parameters, cancellationToken);
        return await sql.ExecuteAsync(RemoveDraft, parameters, cancellationToken) == 1;
    }

    private sealed record PartRow
    {
        public required string Rates { get; init; }
        public required string Entries { get; init; }
    }

    private sealed record PlanRow
    {
        public string TenantId { get; init; } = "";
        public required string PlanId { get; init; }
        public required long Version { get; init; }
        public required string Name { get; init; }
        public required string Currency { get; init; }
        public required string State { get; init; }
        public required long EffectiveFrom { get; init; }
        public required string Definition { get; init; }
        public required long CreatedAt { get; init; }
        public long? RetiredAt { get; init; }

        public static PlanRow Of(TenantId tenant, PlanVersion plan) => new()
        {
            TenantId = tenant.Value, PlanId = plan.Plan.Value, Version = plan.Version, Name = plan.Name, Currency = plan.Currency.Code,
            State = Words.VersionState.Of(plan.State), EffectiveFrom = Micros.Of(plan.EffectiveFrom), Definition = RatingJson.Of(plan),
            CreatedAt = Micros.Of(plan.CreatedAt), RetiredAt = Micros.Of(plan.RetiredAt),
        };

        public PlanVersion ToPlan() => RatingJson.ToPlan(Definition, new PlanVersion
        {
            Plan = Id<RatePlan>.Parse(PlanId), Version = (int)Version, Name = Name, Currency = Relier.Currency.Parse(Currency), State = Words.VersionState.Parse(State),
            EffectiveFrom = Micros.ToInstant(EffectiveFrom), Zone = DateTimeZone.Utc, Bands = [], CreatedAt = Micros.ToInstant(CreatedAt), RetiredAt = Micros.ToInstant(RetiredAt),
        });
    }

    private sealed record DeckRow
    {
        public string TenantId { get; init; } = "";
        public required string DeckId { get; init; }
        public required long Version { get; init; }
        public required string Name { get; init; }
        public required string Currency { get; init; }
        public required string State { get; init; }
        public long? EffectiveFrom { get; init; }
        public required string Hash { get; init; }
        public required long Entries { get; init; }
        public required long CreatedAt { get; init; }
        public long? ActivatedAt { get; init; }
        public long? RetiredAt { get; init; }

        public static DeckRow Of(TenantId tenant, DeckVersion deck) => new()
        {
            TenantId = tenant.Value, DeckId = deck.Deck.Value, Version = deck.Version, Name = deck.Name, Currency = deck.Currency.Code,
            State = Words.VersionState.Of(deck.State), EffectiveFrom = Micros.Of(deck.EffectiveFrom), Hash = deck.Hash, Entries = deck.Entries,
            CreatedAt = Micros.Of(deck.CreatedAt), ActivatedAt = Micros.Of(deck.ActivatedAt), RetiredAt = Micros.Of(deck.RetiredAt),
        };

        public DeckVersion ToDeck() => new()
        {
            Deck = Id<RateDeck>.Parse(DeckId), Version = (int)Version, Name = Name, Currency = Relier.Currency.Parse(Currency), State = Words.VersionState.Parse(State),
            EffectiveFrom = Micros.ToInstant(EffectiveFrom), Hash = Hash, Entries = Entries, CreatedAt = Micros.ToInstant(CreatedAt),
            ActivatedAt = Micros.ToInstant(ActivatedAt), RetiredAt = Micros.ToInstant(RetiredAt),
        };
    }
}
