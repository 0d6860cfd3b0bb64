using NodaTime;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class ExchangeRateStore(Statements sql, TenantId tenant) : IExchangeRateStore
{
    private const string Columns = "base AS Base, quote AS Quote, rate AS Rate, as_of AS AsOf, source AS Source";

    private const string Insert = """
        INSERT INTO relier_exchange_rate (tenant_id, base, quote, rate, as_of, source)
        VALUES (@TenantId, @Base, @Quote, @Rate, @AsOf, @Source)
        ON CONFLICT (tenant_id, base, quote, as_of) DO NOTHING
        """;

    // The newest of each direction, so that each is one step into the index however many rates there are.
    private const string Find = $"""
        SELECT Base, Quote, Rate, AsOf, Source FROM (
          SELECT * FROM (
            SELECT {Columns}, 1 AS Place FROM relier_exchange_rate
            WHERE tenant_id = @TenantId AND base = @One AND quote = @Other AND as_of <= @Now ORDER BY as_of DESC LIMIT 1) AS straight
          UNION ALL
          SELECT * FROM (
            SELECT {Columns}, 2 AS Place FROM relier_exchange_rate
            WHERE tenant_id = @TenantId AND base = @Other AND quote = @One AND as_of <= @Now ORDER BY as_of DESC LIMIT 1) AS inverse
        ) AS newest
        ORDER BY AsOf DESC, Place LIMIT 1
        """;

    private const string List = $"""
        SELECT {Columns} FROM relier_exchange_rate WHERE tenant_id = @TenantId ORDER BY as_of DESC, base, quote LIMIT @Limit
        """;

    public Task AddAsync(ExchangeRate rate, CancellationToken cancellationToken) =>
        sql.InsertAsync(
            Insert,
            new
            {
                TenantId = tenant.Value, Base = rate.Base.Code, Quote = rate.Quote.Code, Rate = Amounts.BillionthsOf(rate.Rate),
                AsOf = Micros.Of(rate.AsOf), rate.Source,
            },
            UniqueKey.ExchangeRate,
            cancellationToken);

    public async Task<ExchangeRate?> FindAsync(Currency one, Currency other, Instant now, CancellationToken cancellationToken)
    {
        var parameters = new { TenantId = tenant.Value, One = one.Code, Other = other.Code, Now = Micros.Of(now) };
        return (await sql.FindAsync<Row>(Find, parameters, cancellationToken))?.ToRate();
    }

    public async Task<IReadOnlyList<ExchangeRate>> ListAsync(int limit, CancellationToken cancellationToken) =>
        (await sql.ListAsync<Row>(List, new { TenantId = tenant.Value, Limit = limit }, cancellationToken)).Select(row => row.ToRate()).ToList();

    private sealed record Row
    {
        public required string Base { get; init; }
        public required string Quote { get; init; }
        public required long Rate { get; init; }
        public required long AsOf { get; init; }
        public required string Source { get; init; }

        public ExchangeRate ToRate() => new()
        {
            Base = Currency.Parse(Base), Quote = Currency.Parse(Quote), Rate = Amounts.ToRatio(Rate),
            AsOf = Micros.ToInstant(AsOf), Source = Source,
        };
    }
}
