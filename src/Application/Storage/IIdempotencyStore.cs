using NodaTime;

namespace Relier.Storage;

/// <summary>The first answers to requests with an idempotency key, written in the same transaction as what they did.</summary>
public interface IIdempotencyStore
{
    /// <summary>The first answer; null if the key is new for this caller.</summary>
    Task<FirstAnswer?> FindAsync(string actor, string key, CancellationToken cancellationToken);

    /// <summary>Keeps the first answer. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.IdempotencyKey"/>) when there is one.</summary>
    Task AddAsync(FirstAnswer answer, CancellationToken cancellationToken);
}

/// <summary>What somebody was told the first time they used a key.</summary>
/// <param name="Actor">Who asked: keys of two callers are never the same.</param>
/// <param name="Key">The key.</param>
/// <param name="Fingerprint">What was asked, so that another request under the same key is noticed.</param>
/// <param name="Resource">The id of what it made; null when it was refused for good.</param>
/// <param name="Refusal">The final no; null when it was not refused.</param>
/// <param name="At">When.</param>
public sealed record FirstAnswer(string Actor, string Key, string Fingerprint, string? Resource, Refusal? Refusal, Instant At);
