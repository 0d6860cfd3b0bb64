using Relier.Storage;

namespace Relier.InMemory;

internal sealed class IdempotencyStore(Session session) : IIdempotencyStore
{
    public Task<FirstAnswer?> FindAsync(string actor, string key, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.FirstAnswers.GetValueOrDefault((actor, key)), cancellationToken);

    public Task AddAsync(FirstAnswer answer, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.FirstAnswers.ContainsKey((answer.Actor, answer.Key))
                ? throw new DuplicateKeyException(UniqueKey.IdempotencyKey)
                : rows with { FirstAnswers = rows.FirstAnswers.Add((answer.Actor, answer.Key), answer) },
            cancellationToken);
}
