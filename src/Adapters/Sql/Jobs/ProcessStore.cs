using NodaTime;
using Relier.Jobs;

namespace Relier.Sql;

internal sealed class ProcessStore(Statements sql) : IProcessStore
{
    private const string Beat = """
        INSERT INTO relier_process (name, host, version, kinds, started_at, seen_at)
        VALUES (@Name, @Host, @Version, @Kinds, @StartedAt, @SeenAt)
        ON CONFLICT (name) DO UPDATE
        SET host = @Host, version = @Version, kinds = @Kinds, started_at = @StartedAt, seen_at = @SeenAt
        """;

    private const string Remove = "DELETE FROM relier_process WHERE name = @Name";

    private const string RemoveUnseen = "DELETE FROM relier_process WHERE seen_at < @Before";

    private const string List = """
        SELECT name AS Name, host AS Host, version AS Version, kinds AS Kinds, started_at AS StartedAt, seen_at AS SeenAt
        FROM relier_process ORDER BY name
        """;

    public Task BeatAsync(ProcessBeat process, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            Beat,
            new Row
            {
                Name = process.Name, Host = process.Host, Version = process.Version, Kinds = Json.Of(process.Kinds),
                StartedAt = Micros.Of(process.StartedAt), SeenAt = Micros.Of(process.SeenAt),
            },
            cancellationToken);

    public Task RemoveAsync(string name, CancellationToken cancellationToken) => sql.ExecuteAsync(Remove, new { Name = name }, cancellationToken);

    public Task RemoveUnseenAsync(Instant before, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(RemoveUnseen, new { Before = Micros.Of(before) }, cancellationToken);

    public async Task<IReadOnlyList<ProcessBeat>> ListAsync(CancellationToken cancellationToken) =>
        (await sql.ListAsync<Row>(List, null, cancellationToken))
        .Select(row => new ProcessBeat(
            row.Name, row.Host, row.Version, Json.ToTexts(row.Kinds), Micros.ToInstant(row.StartedAt), Micros.ToInstant(row.SeenAt))).ToList();

    private sealed record Row
    {
        public required string Name { get; init; }
        public required string Host { get; init; }
        public required string Version { get; init; }
        public required string Kinds { get; init; }
        public required long StartedAt { get; init; }
        public required long SeenAt { get; init; }
    }
}
