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

    /// <summary>The newest rate of a pair, in this direction alone, for <see cref="SqlDialect.ForEach"/>: one step into the index, however many rates there are.</summary>
    public const string NewestOfPair = $"""
        SELECT {Columns} FROM relier_exchange_rate
        WHERE tenant_id = @TenantId AND base = asked.one AND quote = asked.other AND as_of = (
          SELECT MAX(as_of) FROM relier_exchange_rate
          WHERE tenant_id = @TenantId AND base = asked.one AND quote = asked.other AND as_of <= @Now)
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
        var parameters = new { TenantId = tenant.Value, Pairs = Json.Of(BothWays((one, other))), Now = Micros.Of(now) };
        var found = await sql.ListAsync<Row>(sql.Dialect.ForEach("Pairs", NewestOfPair), parameters, cancellationToken);
        return Newest(found.Select(row => row.ToRate()), one, other);
    }

    /// <summary>The pair in either direction, for <see cref="NewestOfPair"/>.</summary>
    public static IEnumerable<(string One, string Other)> BothWays((Currency One, Currency Other) pair) =>
        [(pair.One.Code, pair.Other.Code), (pair.Other.Code, pair.One.Code)];

    /// <summary>The newest of these between the two; of the same moment the one that is quoted straight.</summary>
    public static ExchangeRate? Newest(IEnumerable<ExchangeRate> rates, Currency one, Currency other) =>
        rates.Where(rate => (rate.Base == one && rate.Quote == other) || (rate.Base == other && rate.Quote == one))
            .OrderByDescending(rate => rate.AsOf).ThenByDescending(rate => rate.Base == one).FirstOrDefault();

    public async Task<IReadOnlyList<ExchangeRate>> ListAsync(int limit, CancellationToken cancellationToken) =>
        (await sql.ListAsync<Row>(List, new { TenantId = tenant.Value, Limit = limit }, cancellationToken)).Select(row => row.ToRate()).ToList();

    internal sealed record Row
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
