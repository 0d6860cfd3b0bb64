using System.Text;
using Dapper;
using NodaTime;
using Relier.Customers;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Sql;

internal sealed class TopUpStore(Statements sql, TenantId tenant) : ITopUpStore
{
    public const string Insert = """
        INSERT INTO relier_topup (
          tenant_id, id, customer_id, account_id, reference, phone, product, face_amount, face_currency, charge_amount, charge_currency,
          commission_amount, rate, rate_base, rate_quote, rate_as_of, rate_source, route_provider, route_product, route_operator, send_amount, send_currency,
          cost_amount, cost_currency, state, code, rejection, operator_reference, created_at, day, decided_at, unknown_since, next_check_at,
          version)
        VALUES (
          @TenantId, @Id, @CustomerId, @AccountId, @Reference, @Phone, @Product, @FaceAmount, @FaceCurrency, @ChargeAmount, @ChargeCurrency,
          @CommissionAmount, @Rate, @RateBase, @RateQuote, @RateAsOf, @RateSource, @RouteProvider, @RouteProduct, @RouteOperator, @SendAmount, @SendCurrency,
          @CostAmount, @CostCurrency, @State, @Code, @Rejection, @OperatorReference, @CreatedAt, @Day, @DecidedAt, @UnknownSince, @NextCheckAt,
          @Version)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """;

    public const string InsertReference = """
        INSERT INTO relier_topup_reference (tenant_id, reference, customer_id, topup_id)
        VALUES (@TenantId, @Reference, @CustomerId, @Id)
        ON CONFLICT (tenant_id, reference, customer_id) DO NOTHING
        """;

    /// <summary>That something has arrived, or still may.</summary>
    public const string MayHaveBeenDelivered = "state NOT IN ('failed', 'rejected', 'reversed')";

    private const string Remove = "DELETE FROM relier_topup WHERE tenant_id = @TenantId AND id = @Id";

    // The update and what is already there of the parts, in one exchange: the row is ours then, so the parts stand still.
    private const string Update = """
        UPDATE relier_topup
        SET route_provider = @RouteProvider, route_product = @RouteProduct, route_operator = @RouteOperator, send_amount = @SendAmount,
            send_currency = @SendCurrency, cost_amount = @CostAmount, cost_currency = @CostCurrency, state = @State, code = @Code,
            operator_reference = @OperatorReference, decided_at = @DecidedAt, unknown_since = @UnknownSince,
            next_check_at = @NextCheckAt, version = version + 1
        WHERE tenant_id = @TenantId AND id = @Id AND version = @Version
        RETURNING id;
        """;

    private const string Columns =
        "id AS Id, customer_id AS CustomerId, account_id AS AccountId, reference AS Reference, phone AS Phone, product AS Product, "
        + "face_amount AS FaceAmount, face_currency AS FaceCurrency, charge_amount AS ChargeAmount, charge_currency AS ChargeCurrency, "
        + "commission_amount AS CommissionAmount, rate AS Rate, rate_base AS RateBase, rate_quote AS RateQuote, rate_as_of AS RateAsOf, rate_source AS RateSource, "
        + "route_provider AS RouteProvider, route_product AS RouteProduct, route_operator AS RouteOperator, send_amount AS SendAmount, "
        + "send_currency AS SendCurrency, cost_amount AS CostAmount, cost_currency AS CostCurrency, state AS State, code AS Code, "
        + "rejection AS Rejection, operator_reference AS OperatorReference, created_at AS CreatedAt, day AS Day, decided_at AS DecidedAt, "
        + "unknown_since AS UnknownSince, next_check_at AS NextCheckAt, version AS Version";

    private const string Find = $"SELECT {Columns} FROM relier_topup WHERE tenant_id = @TenantId AND id = @Id";

    private const string FindByReference = $"""
        SELECT {Columns} FROM relier_topup
        WHERE tenant_id = @TenantId AND id = (
          SELECT topup_id FROM relier_topup_reference
          WHERE tenant_id = @TenantId AND reference = @Reference AND customer_id = @CustomerId)
        """;

    private const string FindTwin = $"""
        SELECT {Columns} FROM relier_topup
        WHERE tenant_id = @TenantId AND phone = @Phone AND created_at > @Since AND customer_id = @CustomerId
          AND face_amount = @FaceAmount AND face_currency = @FaceCurrency AND {MayHaveBeenDelivered}
        ORDER BY created_at DESC, id DESC LIMIT 1
        """;

    private const string ListByIds = $"SELECT {Columns} FROM relier_topup WHERE tenant_id = @TenantId AND id";

    private const string List = $"SELECT {Columns} FROM relier_topup WHERE tenant_id = @TenantId";

    private const string PageOfList = " AND created_at <= @At AND (created_at < @At OR id < @Id) ORDER BY created_at DESC, id DESC LIMIT @Limit";

    private const string InsertProviderReference = """
        INSERT INTO relier_provider_reference (tenant_id, provider, reference, topup_id, attempt_no)
        VALUES (@TenantId, @Provider, @ProviderReference, @TopUpId, @No)
        """;

    // Two tenants never have the same: our references carry ids. Should they, the first is the same one every time.
    private const string FindSubmission = """
        SELECT tenant_id AS TenantId, topup_id AS TopUpId, attempt_no AS AttemptNo FROM relier_provider_reference
        WHERE provider = @Provider AND reference = @Reference ORDER BY tenant_id LIMIT 1
        """;

    private const string InsertAttempt = """
        INSERT INTO relier_topup_attempt (
          tenant_id, topup_id, no, provider, product, operator, send_amount, send_currency, cost_amount, cost_currency, environment, provider_reference, state, started_at, ended_at, transaction_id,
          operator_reference, code, message, evidence)
        VALUES (
          @TenantId, @TopUpId, @No, @Provider, @Product, @Operator, @SendAmount, @SendCurrency, @CostAmount, @CostCurrency, @Environment, @ProviderReference, @State, @StartedAt, @EndedAt, @TransactionId,
          @OperatorReference, @Code, @Message, @Evidence)
        """;

    private const string UpdateAttempt = """
        UPDATE relier_topup_attempt
        SET cost_amount = @CostAmount, state = @State, started_at = @StartedAt, ended_at = @EndedAt, transaction_id = @TransactionId, operator_reference = @OperatorReference, code = @Code,
            message = @Message, evidence = @Evidence
        WHERE tenant_id = @TenantId AND topup_id = @TopUpId AND no = @No
        """;

    private const string AttemptColumns =
        "tenant_id AS TenantId, topup_id AS TopUpId, no AS No, provider AS Provider, product AS Product, operator AS Operator, "
        + "send_amount AS SendAmount, send_currency AS SendCurrency, cost_amount AS CostAmount, cost_currency AS CostCurrency, environment AS Environment, "
        + "provider_reference AS ProviderReference, state AS State, started_at AS StartedAt, ended_at AS EndedAt, "
        + "transaction_id AS TransactionId, operator_reference AS OperatorReference, code AS Code, message AS Message, evidence AS Evidence";

    private const string ListAttempts = $"SELECT {AttemptColumns} FROM relier_topup_attempt WHERE tenant_id = @TenantId AND topup_id";

    private const string ByTopUp = "ORDER BY topup_id, no;";

    private const string ListAttemptsOfOne = $"""
        SELECT {AttemptColumns} FROM relier_topup_attempt WHERE tenant_id = @TenantId AND topup_id = @Id ORDER BY no;
        """;

    private const string InsertEvidence = """
        INSERT INTO relier_topup_evidence (tenant_id, topup_id, no, id, verdict, source, reference, brought_by, attempt_no, heard_at, note)
        VALUES (@TenantId, @TopUpId, @No, @Id, @Verdict, @Source, @Reference, @BroughtBy, @AttemptNo, @HeardAt, @Note)
        """;

    private const string EvidenceColumns =
        "topup_id AS TopUpId, no AS No, id AS Id, verdict AS Verdict, source AS Source, reference AS Reference, "
        + "brought_by AS BroughtBy, attempt_no AS AttemptNo, heard_at AS HeardAt, note AS Note";

    private const string ListEvidence = $"SELECT {EvidenceColumns} FROM relier_topup_evidence WHERE tenant_id = @TenantId AND topup_id";

    private const string ListEvidenceOfOne = $"""
        SELECT {EvidenceColumns} FROM relier_topup_evidence WHERE tenant_id = @TenantId AND topup_id = @Id ORDER BY no;
        """;

    private const string Totals = """
        SELECT state AS State, COUNT(*) AS Count, CAST(SUM(face_amount) AS BIGINT) AS FaceAmount, face_currency AS FaceCurrency,
               CAST(COALESCE(SUM(charge_amount), 0) AS BIGINT) AS ChargeAmount, charge_currency AS ChargeCurrency
        FROM relier_topup WHERE tenant_id = @TenantId
        """;

    private const string GroupOfTotals = " GROUP BY state, face_currency, charge_currency";

    private const string AddUse = """
        INSERT INTO relier_daily_use (tenant_id, customer_id, day, currency, amount)
        VALUES (@TenantId, @CustomerId, @Day, @Currency, @Amount)
        ON CONFLICT (tenant_id, customer_id, day, currency) DO UPDATE SET amount = relier_daily_use.amount + excluded.amount
        """;

    public async Task AddAsync(TopUp topUp, CancellationToken cancellationToken)
    {
        var row = TopUpRow.Of(tenant, topUp);
        await sql.InsertAsync(Insert, row, UniqueKey.TopUp, cancellationToken);
        if (topUp.Reference is not null && await sql.ExecuteAsync(InsertReference, row, cancellationToken) == 0)
        {
            await sql.ExecuteAsync(Remove, row, cancellationToken);
            throw new DuplicateKeyException(UniqueKey.TopUpReference);
        }

        await WritePartsAsync(topUp, [], [], cancellationToken);
    }

    public async Task<TopUp> UpdateAsync(TopUp topUp, CancellationToken cancellationToken)
    {
        // Only a submission that begins can run into a unique key; everything else needs no savepoint.
        return topUp.Attempts.Any(attempt => attempt.State == AttemptState.Submitting)
            ? await sql.AtomicallyAsync(() => WriteAsync(topUp, cancellationToken), cancellationToken)
            : await WriteAsync(topUp, cancellationToken);
    }

    public async Task<TopUp?> FindAsync(Id<TopUp> id, CancellationToken cancellationToken) =>
        await OneAsync(Find, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken);

    public Task<IReadOnlyList<TopUp>> FindManyAsync(IReadOnlyCollection<Id<TopUp>> ids, CancellationToken cancellationToken) =>
        ListAsync([.. ids.Select(id => id.Value).Distinct()], cancellationToken);

    public async Task<TopUp?> FindByReferenceAsync(Id<Customer> customer, string reference, CancellationToken cancellationToken) =>
        await OneAsync(
            FindByReference, new { TenantId = tenant.Value, Reference = reference, CustomerId = customer.Value }, cancellationToken);

    public async Task<TopUp?> FindTwinAsync(
        Id<Customer> customer, Msisdn phone, Money face, Instant since, CancellationToken cancellationToken) =>
        await OneAsync(
            FindTwin,
            new
            {
                TenantId = tenant.Value, CustomerId = customer.Value, Phone = phone.E164, FaceAmount = face.Micros,
                FaceCurrency = face.Currency.Code, Since = Micros.Of(since),
            },
            cancellationToken);

    /// <summary>Those of these top-ups that are there, in no order.</summary>
    public async Task<IReadOnlyList<TopUp>> ListAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0) return [];
        var rows = await sql.ListAsync<TopUpRow>(ListByIds + sql.Dialect.IsOneOf("Ids"), new { TenantId = tenant.Value, Ids = ids.ToList() }, cancellationToken);
        return await WithPartsAsync(rows, cancellationToken);
    }

    public async Task<Page<TopUp>> ListAsync(TopUpFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        var after = Paging.After(page);
        parameters.Add("At", after.At);
        parameters.Add("Id", after.Id);
        parameters.Add("Limit", Paging.Rows(page));
        var rows = await sql.ListAsync<TopUpRow>(List + where + PageOfList, parameters, cancellationToken);
        var topUps = await WithPartsAsync(rows, cancellationToken);
        return Paging.ToPage(topUps, page, topUp => new Position(topUp.CreatedAt, topUp.Id.Value));
    }

    public async Task<IReadOnlyList<TopUpTotal>> TotalsAsync(TopUpFilter filter, CancellationToken cancellationToken)
    {
        var (where, parameters) = Filtered(filter);
        var rows = await sql.ListLongAsync<TotalRow>(Totals + where + GroupOfTotals, parameters, cancellationToken);
        return rows.Select(row => row.ToTotal())
            .OrderBy(total => total.State)
            .ThenBy(total => total.Face.Currency.Code, StringComparer.Ordinal)
            .ThenBy(total => total.Charge?.Currency.Code, StringComparer.Ordinal)
            .ToList();
    }

    public Task AddUseAsync(Id<Customer> customer, LocalDate day, Money face, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            AddUse,
            new
            {
                TenantId = tenant.Value, CustomerId = customer.Value, Day = TopUpRow.DayOf(day),
                Currency = face.Currency.Code, Amount = face.Micros,
            },
            cancellationToken);

    public static async Task<Submitted?> FindSubmissionAsync(Statements sql, string provider, string reference, CancellationToken cancellationToken) =>
        await sql.FindAsync<SubmittedRow>(FindSubmission, new { Provider = provider, Reference = reference }, cancellationToken) is { } row
            ? new Submitted(Tenancy.TenantId.Parse(row.TenantId), Id<TopUp>.Parse(row.TopUpId), (int)row.AttemptNo)
            : null;

    private async Task<TopUp> WriteAsync(TopUp topUp, CancellationToken cancellationToken)
    {
        var (updated, attempts, evidence) = await sql.BatchAsync(
            Update + ListAttemptsOfOne + ListEvidenceOfOne,
            TopUpRow.Of(tenant, topUp),
            async rows => (
                (await rows.ReadAsync<string>()).Any(),
                (await rows.ReadAsync<AttemptRow>()).ToList(),
                (await rows.ReadAsync<EvidenceRow>()).ToList()),
            cancellationToken);
        if (!updated) throw new StaleVersionException($"Top-up {topUp.Id}", topUp.Version);

        await WritePartsAsync(topUp, attempts, evidence, cancellationToken);
        return topUp with
        {
            Attempts =
            [
                .. attempts.Select(row => row.ToAttempt()).Where(old => topUp.Attempts.All(given => given.No != old.No))
                    .Concat(topUp.Attempts).OrderBy(attempt => attempt.No),
            ],
            Evidence =
            [
                .. evidence.Select(row => row.ToEvidence()),
                .. topUp.Evidence.Where(given => evidence.All(old => old.Id != given.Id.Value)),
            ],
            Version = topUp.Version + 1,
        };
    }

    /// <summary>Adds the attempts and evidence that are not stored yet, and writes the attempts that are not as stored.</summary>
    private async Task WritePartsAsync(
        TopUp topUp, IReadOnlyList<AttemptRow> attempts, IReadOnlyList<EvidenceRow> evidence, CancellationToken cancellationToken)
    {
        foreach (var attempt in topUp.Attempts)
        {
            var row = AttemptRow.Of(tenant, topUp, attempt);
            var stored = attempts.FirstOrDefault(old => old.No == row.No);
            if (stored is null)
            {
                await sql.ExecuteAsync(InsertProviderReference, row, UniqueKey.ProviderReference, cancellationToken);
                await sql.ExecuteAsync(InsertAttempt, row, UniqueKey.OpenAttempt, cancellationToken);
            }
            else if (stored != row)
            {
                await sql.ExecuteAsync(UpdateAttempt, row, UniqueKey.OpenAttempt, cancellationToken);
            }
        }

        var no = evidence.Count;
        foreach (var proof in topUp.Evidence.Where(proof => evidence.All(old => old.Id != proof.Id.Value)))
            await sql.ExecuteAsync(InsertEvidence, EvidenceRow.Of(tenant, topUp, proof, ++no), cancellationToken);
    }

    private async Task<TopUp?> OneAsync(string statement, object parameters, CancellationToken cancellationToken) =>
        await sql.FindAsync<TopUpRow>(statement, parameters, cancellationToken) is { } row
            ? (await WithPartsAsync([row], cancellationToken)).Single()
            : null;

    private async Task<List<TopUp>> WithPartsAsync(List<TopUpRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return [];
        var ofThese = sql.Dialect.IsOneOf("Ids") + ByTopUp;
        var (attempts, evidence) = await sql.BatchAsync(
            ListAttempts + ofThese + ListEvidence + ofThese,
            new { TenantId = tenant.Value, Ids = rows.Select(row => row.Id).ToList() },
            async parts => (
                (await parts.ReadAsync<AttemptRow>()).ToLookup(row => row.TopUpId),
                (await parts.ReadAsync<EvidenceRow>()).ToLookup(row => row.TopUpId)),
            cancellationToken);
        return rows.Select(row => row.ToTopUp(attempts[row.Id], evidence[row.Id])).ToList();
    }

    private (string Where, DynamicParameters Parameters) Filtered(TopUpFilter filter)
    {
        var where = new StringBuilder();
        var parameters = new DynamicParameters();
        parameters.Add("TenantId", tenant.Value);

        void Only(string condition, string name, object? value)
        {
            if (value is null) return;
            where.Append(" AND ").Append(condition);
            parameters.Add(name, value);
        }

        Only("customer_id = @CustomerId", "CustomerId", filter.Customer?.Value);
        Only("state" + sql.Dialect.IsOneOf("States"), "States", filter.States.Count == 0 ? null : filter.States.Select(Words.TopUpState.Of).ToList());
        Only("created_at >= @From", "From", Micros.NotBefore(filter.From));
        Only("created_at < @To", "To", Micros.NotBefore(filter.To));
        Only("phone = @Phone", "Phone", filter.Phone?.E164);
        Only(
            "id IN (SELECT topup_id FROM relier_topup_reference WHERE tenant_id = @TenantId AND reference = @Reference)",
            "Reference", filter.Reference);
        return (where.ToString(), parameters);
    }

    private sealed record SubmittedRow
    {
        public required string TenantId { get; init; }
        public required string TopUpId { get; init; }
        public required long AttemptNo { get; init; }
    }

    private sealed record TotalRow
    {
        public required string State { get; init; }
        public required long Count { get; init; }
        public required long FaceAmount { get; init; }
        public required string FaceCurrency { get; init; }
        public required long ChargeAmount { get; init; }
        public string? ChargeCurrency { get; init; }

        public TopUpTotal ToTotal() => new(
            Words.TopUpState.Parse(State), Count, Amounts.ToMoney(FaceAmount, FaceCurrency),
            ChargeCurrency is null ? null : Amounts.ToMoney(ChargeAmount, ChargeCurrency));
    }
}
