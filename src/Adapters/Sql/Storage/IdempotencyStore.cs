using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class IdempotencyStore(Statements sql, TenantId tenant) : IIdempotencyStore
{
    public const string Insert = """
        INSERT INTO relier_first_answer (tenant_id, actor, key, fingerprint, resource, refusal, answered_at)
        VALUES (@TenantId, @Actor, @Key, @Fingerprint, @Resource, @Refusal, @AnsweredAt)
        ON CONFLICT (tenant_id, actor, key) DO NOTHING
        """;

    public const string Columns =
        "actor AS Actor, key AS Key, fingerprint AS Fingerprint, resource AS Resource, refusal AS Refusal, answered_at AS AnsweredAt";

    private const string Find = $"SELECT {Columns} FROM relier_first_answer WHERE tenant_id = @TenantId AND actor = @Actor AND key = @Key";

    public async Task<FirstAnswer?> FindAsync(string actor, string key, CancellationToken cancellationToken) =>
        (await sql.FindAsync<Row>(Find, new { TenantId = tenant.Value, Actor = actor, Key = key }, cancellationToken))?.ToAnswer();

    public Task AddAsync(FirstAnswer answer, CancellationToken cancellationToken) =>
        sql.InsertAsync(Insert, Row.Of(tenant, answer), UniqueKey.IdempotencyKey, cancellationToken);

    internal sealed record Row
    {
        public string TenantId { get; init; } = "";
        public required string Actor { get; init; }
        public required string Key { get; init; }
        public required string Fingerprint { get; init; }
        public string? Resource { get; init; }
        public string? Refusal { get; init; }
        public required long AnsweredAt { get; init; }

        public static Row Of(TenantId tenant, FirstAnswer answer) => new()
        {
            TenantId = tenant.Value, Actor = answer.Actor, Key = answer.Key, Fingerprint = answer.Fingerprint, Resource = answer.Resource,
            Refusal = answer.Refusal is { } refusal ? Json.Of(refusal) : null, AnsweredAt = Micros.Of(answer.At),
        };

        public FirstAnswer ToAnswer() => new(
            Actor, Key, Fingerprint, Resource, Refusal is { } refusal ? Json.ToRefusal(refusal) : null, Micros.ToInstant(AnsweredAt));
    }
}
