using System.Collections.Concurrent;
using NodaTime;
using Relier.Customers;

namespace Relier.Identity;

/// <summary>
/// Keys that were looked up a moment ago, with the customers they speak for: never their secrets. What is changed in this
/// process is forgotten at once; what another process changed is seen when <see cref="KeptFor"/> is over. Safe for use from
/// many threads.
/// </summary>
internal sealed class KnownKeys(IClock clock)
{
    /// <summary>How long another process's revocation may go unseen: short enough to wait for, long enough to spare a busy caller nearly every look-up.</summary>
    public static readonly Duration KeptFor = Duration.FromSeconds(10);

    /// <summary>More keys than are busy within that time; beyond it all are forgotten and looked up again.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, KnownKey> _known = new();
    private int _forgotten;

    /// <summary>Counts what was forgotten: take it before looking up, and give it to <see cref="Keep"/>.</summary>
    public int Edition => Volatile.Read(ref _forgotten);

    /// <summary>The key with this prefix, as it was a moment ago; null when it has to be looked up.</summary>
    public KnownKey? Find(string prefix)
    {
        if (!_known.TryGetValue(prefix, out var known)) return null;
        var age = clock.Now() - known.ReadAt;
        return age >= Duration.Zero && age < KeptFor ? known : null;
    }

    /// <summary>Keeps what was looked up, unless something was forgotten since: it may have been read before that.</summary>
    public void Keep(ApiKey key, Customer? customer, int edition, Instant readAt)
    {
        if (_known.Count >= Most) _known.Clear();
        var known = new KnownKey(key, customer, key.ToCaller(), readAt);
        _known[key.Prefix] = known;
        if (edition != Edition) _known.TryRemove(new(key.Prefix, known));
    }

    /// <summary>Forgets a key that was changed. Call it after the commit.</summary>
    public void Forget(ApiKey key)
    {
        Interlocked.Increment(ref _forgotten);
        _known.TryRemove(key.Prefix, out _);
    }

    /// <summary>Forgets the keys of a customer that was changed. Call it after the commit.</summary>
    public void Forget(Id<Customer> customer)
    {
        Interlocked.Increment(ref _forgotten);
        foreach (var known in _known)
            if (known.Value.Customer?.Id == customer)
                _known.TryRemove(known);
    }
}

/// <summary>A key as it was looked up.</summary>
/// <param name="Key">The key.</param>
/// <param name="Customer">The customer it speaks for; null for a person of the house.</param>
/// <param name="Caller">The caller it makes.</param>
/// <param name="ReadAt">When.</param>
internal sealed record KnownKey(ApiKey Key, Customer? Customer, Caller Caller, Instant ReadAt);
