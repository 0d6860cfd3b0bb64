using NodaTime;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Sql;

internal sealed class ProviderStore(Statements sql, TenantId tenant) : IProviderStore
{
    private const string Observe = """
        INSERT INTO relier_provider_sight (tenant_id, provider, kind, seen_at, is_well, amount, currency, products, detail)
        VALUES (@TenantId, @Provider, @Kind, @SeenAt, @IsWell, @Amount, @Currency, @Products, @Detail)
        ON CONFLICT (tenant_id, provider, kind) DO UPDATE
        SET seen_at = excluded.seen_at, is_well = excluded.is_well, amount = excluded.amount, currency = excluded.currency,
            products = excluded.products, detail = excluded.detail
        WHERE relier_provider_sight.seen_at <= excluded.seen_at
        """;

    private const string List = """
        SELECT provider AS Provider, kind AS Kind, seen_at AS SeenAt, is_well AS IsWell, amount AS Amount, currency AS Currency,
               products AS Products, detail AS Detail
        FROM relier_provider_sight WHERE tenant_id = @TenantId
        """;

    // From the open holds: few, and indexed.
    private const string UndecidedCost = """
        SELECT t.route_provider AS Provider, t.cost_currency AS Currency, CAST(SUM(t.cost_amount) AS BIGINT) AS Amount
        FROM relier_hold h
        JOIN relier_topup t ON t.tenant_id = h.tenant_id AND t.id = h.subject
        WHERE h.tenant_id = @TenantId AND h.state = 'open'
        GROUP BY t.route_provider, t.cost_currency
        """;

    private const string Exposure = """
        SELECT Provider, Age, Currency, COUNT(*) AS Count, CAST(SUM(Held) AS BIGINT) AS Held FROM (
          SELECT route_provider AS Provider, charge_currency AS Currency, charge_amount AS Held,
                 CASE WHEN unknown_since > @TenMinutes THEN 0 WHEN unknown_since > @OneHour THEN 1 WHEN unknown_since > @OneDay THEN 2 ELSE 3 END AS Age
          FROM relier_topup WHERE tenant_id = @TenantId AND state IN ('pending', 'unknown', 'in_review') AND route_provider IS NOT NULL) found
        GROUP BY Provider, Age, Currency
        """;

    private const string LastOutcomes = """
        SELECT state FROM relier_topup_attempt
        WHERE tenant_id = @TenantId AND provider = @Provider AND ended_at IS NOT NULL
        ORDER BY ended_at DESC, topup_id DESC, no DESC LIMIT @Limit
        """;

    private const string LastDelivery = """
        SELECT ended_at FROM relier_topup_attempt
        WHERE tenant_id = @TenantId AND provider = @Provider AND ended_at IS NOT NULL AND state = 'delivered'
        ORDER BY ended_at DESC LIMIT 1
        """;

    private const string AddMessage = """
        INSERT INTO relier_provider_message (
          tenant_id, id, provider, message_id, received_at, body, reference, verdict, transaction_id, state, topup_id, note)
        VALUES (@TenantId, @Id, @Provider, @MessageId, @ReceivedAt, @Body, @Reference, @Verdict, @TransactionId, @State, @TopUpId, @Note)
        ON CONFLICT DO NOTHING
        """;

    private const string MessageColumns =
        "id AS Id, provider AS Provider, message_id AS MessageId, received_at AS ReceivedAt, body AS Body, reference AS Reference, "
        + "verdict AS Verdict, transaction_id AS TransactionId, state AS State, topup_id AS TopUpId, note AS Note";

    private const string FindMessage = $"SELECT {MessageColumns} FROM relier_provider_message WHERE tenant_id = @TenantId AND id = @Id";

    private const string EndMessage =
        "UPDATE relier_provider_message SET state = @State, topup_id = @TopUpId, note = @Note WHERE tenant_id = @TenantId AND id = @Id";

    private const string ListMessages = $"SELECT {MessageColumns} FROM relier_provider_message WHERE tenant_id = @TenantId";

    private const string InState = " AND state = @State";

    private const string PageOfList = " AND received_at <= @At AND (received_at < @At OR id > @After) ORDER BY received_at DESC, id LIMIT @Limit";

    public Task ObserveAsync(ProviderObservation observation, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(Observe, SightRow.Of(tenant, observation), cancellationToken);

    public async Task<IReadOnlyList<ProviderObservation>> ListAsync(CancellationToken cancellationToken) =>
        (await sql.ListAsync<SightRow>(List, new { TenantId = tenant.Value }, cancellationToken))
        .Select(row => row.ToObservation()).OrderBy(sight => sight.Provider, StringComparer.Ordinal).ThenBy(sight => sight.Kind).ToList();

    public async Task<IReadOnlyList<ProviderAmount>> UndecidedCostAsync(CancellationToken cancellationToken) =>
        (await sql.ListAsync<AmountRow>(UndecidedCost, new { TenantId = tenant.Value }, cancellationToken))
        .Select(row => new ProviderAmount(row.Provider, Amounts.ToMoney(row.Amount, row.Currency)))
        .OrderBy(amount => amount.Provider, StringComparer.Ordinal).ThenBy(amount => amount.Amount.Currency.Code, StringComparer.Ordinal).ToList();

    public async Task<IReadOnlyList<Exposure>> ExposureAsync(Instant now, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            TenantId = tenant.Value, TenMinutes = Micros.Of(now - Duration.FromMinutes(10)), OneHour = Micros.Of(now - Duration.FromHours(1)),
            OneDay = Micros.Of(now - Duration.FromDays(1)),
        };
        return (await sql.ListAsync<ExposureRow>(Exposure, parameters, cancellationToken))
            .Select(row => new Exposure(row.Provider, (ExposureAge)row.Age, row.Count, Amounts.ToMoney(row.Held, row.Currency)))
            .OrderBy(found => found.Provider, StringComparer.Ordinal).ThenBy(found => found.Age)
            .ThenBy(found => found.Held.Currency.Code, StringComparer.Ordinal).ToList();
    }

    public async Task<IReadOnlyList<bool>> LastOutcomesAsync(string provider, int limit, CancellationToken cancellationToken)
    {
        var delivered = Words.AttemptState.Of(AttemptState.Delivered);
        var parameters = new { TenantId = tenant.Value, Provider = provider, Limit = limit };
        return (await sql.ListAsync<string>(LastOutcomes, parameters, cancellationToken)).Select(state => state == delivered).ToList();
    }

    public async Task<Instant?> LastDeliveryAsync(string provider, CancellationToken cancellationToken) =>
        Micros.ToInstant((await sql.ListAsync<long?>(LastDelivery, new { TenantId = tenant.Value, Provider = provider }, cancellationToken)).SingleOrDefault());

    public async Task<bool> AddMessageAsync(ProviderMessage message, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(AddMessage, MessageRow.Of(tenant, message), cancellationToken) == 1;

    public async Task<ProviderMessage?> FindMessageAsync(Id<ProviderMessage> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<MessageRow>(FindMessage, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToMessage();

    public Task EndMessageAsync(ProviderMessage message, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(EndMessage, MessageRow.Of(tenant, message), cancellationToken);

    public async Task<Page<ProviderMessage>> ListMessagesAsync(ProviderMessageState? state, PageRequest page, CancellationToken cancellationToken)
    {
        var after = Paging.After(page);
        var parameters = new
        {
            TenantId = tenant.Value, State = state is { } wanted ? Words.ProviderMessageState.Of(wanted) : "", after.At, After = after.Id, Limit = Paging.Rows(page),
        };
        var rows = await sql.ListAsync<MessageRow>(ListMessages + (state is null ? "" : InState) + PageOfList, parameters, cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToMessage()).ToList(), page, message => new Position(message.At, message.Id.Value));
    }

    private sealed record SightRow
    {
        public string TenantId { get; init; } = "";
        public required string Provider { get; init; }
        public required string Kind { get; init; }
        public required long SeenAt { get; init; }
        public required long IsWell { get; init; }
        public long? Amount { get; init; }
        public string? Currency { get; init; }
        public required string Products { get; init; }
        public string? Detail { get; init; }

        public static SightRow Of(TenantId tenant, ProviderObservation sight) => new()
        {
            TenantId = tenant.Value, Provider = sight.Provider, Kind = Words.ProviderSight.Of(sight.Kind), SeenAt = Micros.Of(sight.At),
            IsWell = sight.IsWell ? 1 : 0, Amount = sight.Amount?.Micros, Currency = sight.Amount?.Currency.Code,
            Products = Json.Of(sight.Products), Detail = sight.Detail,
        };

        public ProviderObservation ToObservation() => new()
        {
            Provider = Provider, Kind = Words.ProviderSight.Parse(Kind), At = Micros.ToInstant(SeenAt), IsWell = IsWell == 1,
            Amount = Amounts.ToMoney(Amount, Currency), Products = Json.ToTexts(Products), Detail = Detail,
        };
    }

    private sealed record AmountRow
    {
        public required string Provider { get; init; }
        public required string Currency { get; init; }
        public required long Amount { get; init; }
    }

    private sealed record ExposureRow
    {
        public required string Provider { get; init; }
        public required long Age { get; init; }
        public required string Currency { get; init; }
        public required long Count { get; init; }
        public required long Held { get; init; }
    }

    private sealed record MessageRow
    {
        public string TenantId { get; init; } = "";
        public required string Id { get; init; }
        public required string Provider { get; init; }
        public required string MessageId { get; init; }
        public required long ReceivedAt { get; init; }
        public required string Body { get; init; }
        public string? Reference { get; init; }
        public string? Verdict { get; init; }
        public string? TransactionId { get; init; }
        public required string State { get; init; }
        public string? TopUpId { get; init; }
        public string? Note { get; init; }

        public static MessageRow Of(TenantId tenant, ProviderMessage message) => new()
        {
            TenantId = tenant.Value, Id = message.Id.Value, Provider = message.Provider, MessageId = message.MessageId,
            ReceivedAt = Micros.Of(message.At), Body = message.Body, Reference = message.Reference,
            Verdict = message.Verdict is { } verdict ? Words.Verdict.Of(verdict) : null, TransactionId = message.TransactionId,
            State = Words.ProviderMessageState.Of(message.State), TopUpId = message.TopUp?.Value, Note = message.Note,
        };

        public ProviderMessage ToMessage() => new()
        {
            Id = Id<ProviderMessage>.Parse(Id), Provider = Provider, MessageId = MessageId, At = Micros.ToInstant(ReceivedAt), Body = Body,
            Reference = Reference, Verdict = Verdict is { } verdict ? Words.Verdict.Parse(verdict) : null, TransactionId = TransactionId,
            State = Words.ProviderMessageState.Parse(State), TopUp = TopUpId is { } topUp ? Id<TopUp>.Parse(topUp) : null, Note = Note,
        };
    }
}
