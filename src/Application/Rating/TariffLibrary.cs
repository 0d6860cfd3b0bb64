using System.Collections.Concurrent;
using NodaTime;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Rating;

/// <summary>
/// The plans and decks of all tenants, ready to be rated by: read once, and again when somebody changed them. Decks are
/// immutable and shared; a new version takes the place of the old one between two calls, never in one. Thread-safe.
/// </summary>
internal sealed class TariffLibrary(IStorage storage, RelierOptions options)
{
    /// <summary>Parts that are read in one transaction: some hundred thousand entries.</summary>
    private const int PartsAtOnce = 20;

    private readonly ConcurrentDictionary<TenantId, TariffShelf> _shelves = new();
    private readonly ConcurrentDictionary<(TenantId Tenant, Id<RateDeck> Deck, int Version), Lazy<Task<RateDeck>>> _decks = new();
    private readonly ConcurrentDictionary<(TenantId Tenant, Id<RateDeck> Deck, int Version), long> _lastUse = new();
    private long _uses;

    /// <summary>
    /// Runs work that rates, in a transaction: with the tariffs as they are in it. What they need is read before it begins, so that
    /// none is open while a large deck is read; the work is run again when something was missing or has changed, and must have no
    /// effect but through its session.
    /// </summary>
    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, TariffShelf, Task<T>> work, CancellationToken cancellationToken) =>
        RunUncheckedAsync(
            tenant,
            async (session, shelf) =>
            {
                shelf.RequireInForce(await session.Tariffs.RevisionAsync(cancellationToken));
                return await work(session, shelf);
            },
            cancellationToken);

    /// <summary>The same for work that reads the revision together with something else: it calls <see cref="TariffShelf.RequireInForce"/> before it rates.</summary>
    public async Task<T> RunUncheckedAsync<T>(TenantId tenant, Func<ISession, TariffShelf, Task<T>> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            var shelf = await OpenAsync(tenant, cancellationToken);
            try
            {
                return await storage.RunAsync(tenant, session => work(session, shelf), cancellationToken);
            }
            catch (TariffsChangedException)
            {
                _shelves.TryRemove(new(tenant, shelf));
            }
            catch (DeckMissingException missing)
            {
                await shelf.FillAsync(missing.Deck, () => LoadAsync(tenant, missing.Deck, cancellationToken));
            }
        }
    }

    /// <summary>Runs work that rates, in no transaction, by tariffs that are given; run again when a deck was missing, it must have no effect.</summary>
    public async Task<T> RunAsync<T>(TenantId tenant, TariffShelf shelf, Func<T> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return work();
            }
            catch (DeckMissingException missing)
            {
                await shelf.FillAsync(missing.Deck, () => LoadAsync(tenant, missing.Deck, cancellationToken));
            }
        }
    }

    /// <summary>The tariffs of a tenant, as they were a moment ago.</summary>
    public async Task<TariffShelf> OpenAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (_shelves.TryGetValue(tenant, out var known)) return known;
        var book = await storage.RunAsync(
            tenant,
            async session => new TariffBook(
                await session.Tariffs.RevisionAsync(cancellationToken), await session.Tariffs.ListPlansAsync(cancellationToken), await session.Tariffs.ListDecksAsync(cancellationToken)),
            cancellationToken);
        return _shelves[tenant] = new TariffShelf(book);
    }

    /// <summary>A version of a deck. Throws <see cref="InvalidOperationException"/> when it is not what was written.</summary>
    public Task<RateDeck> LoadAsync(TenantId tenant, DeckVersion deck, CancellationToken cancellationToken)
    {
        var key = (tenant, deck.Deck, deck.Version);
        _lastUse[key] = Interlocked.Increment(ref _uses);
        var loading = _decks.GetOrAdd(key, _ => new Lazy<Task<RateDeck>>(() => ReadAsync(tenant, deck)));
        return WaitAsync();

        async Task<RateDeck> WaitAsync()
        {
            try
            {
                var loaded = await loading.Value.WaitAsync(cancellationToken);
                Forget(key);
                return loaded;
            }
            catch when (loading.Value.IsFaulted)
            {
                _decks.TryRemove(new(key, loading));
                throw;
            }
        }
    }

    private async Task<RateDeck> ReadAsync(TenantId tenant, DeckVersion deck)
    {
        var (entries, rates, hash) = (new List<DeckEntry>((int)deck.Entries), new Dictionary<string, UsageRate>(), new DeckHash());
        for (var after = 0; ; after += PartsAtOnce)
        {
            var parts = await storage.RunAsync(tenant, session => session.Tariffs.ReadPartsAsync(deck.Deck, deck.Version, after, PartsAtOnce, CancellationToken.None), CancellationToken.None);
            foreach (var part in parts)
            {
                foreach (var (name, rate) in part.Rates) rates.TryAdd(name, rate);
                entries.AddRange(part.Entries);
                hash.Add(part.Entries, rates);
            }

            if (parts.Count < PartsAtOnce) break;
        }

        return hash.End() == deck.Hash
            ? new RateDeck(entries, rates)
            : throw new InvalidOperationException($"Version {deck.Version} of deck {deck.Deck} is not what was written: {entries.Count} of {deck.Entries} entries, or others.");
    }

    /// <summary>Those that were not used for longest go, until what is left is few enough.</summary>
    private void Forget((TenantId Tenant, Id<RateDeck> Deck, int Version) justUsed)
    {
        var loaded = _decks.Where(deck => deck.Value.IsValueCreated && deck.Value.Value.IsCompletedSuccessfully).ToList();
        var prefixes = loaded.Sum(deck => (long)deck.Value.Value.Result.Count);
        foreach (var deck in loaded.OrderBy(deck => _lastUse.GetValueOrDefault(deck.Key)))
        {
            if (prefixes <= options.DeckPrefixesMax) return;
            if (deck.Key == justUsed) continue;
            prefixes -= deck.Value.Value.Result.Count;
            _decks.TryRemove(deck);
            _lastUse.TryRemove(deck.Key, out _);
        }
    }
}

/// <summary>The tariffs of a tenant at one revision, with the decks that were needed so far. Thread-safe.</summary>
internal sealed class TariffShelf(TariffBook book)
{
    private readonly ConcurrentDictionary<(Id<RatePlan> Plan, int Turn), TariffInForce> _tariffs = new();
    private readonly ConcurrentDictionary<PinnedTariff, TariffInForce> _pinned = new();
    private readonly ConcurrentDictionary<(Id<RateDeck> Deck, int Version), RateDeck> _decks = new();

    public TariffBook Book => book;

    /// <summary>Throws <see cref="TariffsChangedException"/> unless the tariffs are still at this revision.</summary>
    public void RequireInForce(long revision)
    {
        if (revision != book.Revision) throw new TariffsChangedException();
    }

    /// <summary>What a plan is at a time. Throws <see cref="DeckMissingException"/> for a deck that was not read yet.</summary>
    public TariffInForce Of(Id<RatePlan> plan, Instant at)
    {
        var turn = book.TurnAt(at);
        if (_tariffs.TryGetValue((plan, turn), out var known)) return known;
        return _tariffs.GetOrAdd((plan, turn), Made(plan, book.PartsOf(plan, at)));
    }

    /// <summary>What a plan was when these versions were written down. Throws as <see cref="Of(Id{RatePlan},Instant)"/>.</summary>
    public TariffInForce Of(PinnedTariff pinned) =>
        _pinned.TryGetValue(pinned, out var known) ? known : _pinned.GetOrAdd(pinned, Made(pinned.Plan, book.PartsOf(pinned)));

    private TariffInForce Made(Id<RatePlan> plan, TariffParts parts) =>
        new(parts.ToTariff(plan, deck => _decks.TryGetValue((deck.Deck, deck.Version), out var loaded) ? loaded : throw new DeckMissingException(deck)), parts);

    public async Task FillAsync(DeckVersion deck, Func<Task<RateDeck>> load) => _decks[(deck.Deck, deck.Version)] = await load();
}

/// <summary>Somebody changed the tariffs since they were read.</summary>
internal sealed class TariffsChangedException : Exception;

/// <summary>A deck is needed that was not read yet.</summary>
internal sealed class DeckMissingException(DeckVersion deck) : Exception($"Version {deck.Version} of deck {deck.Deck} was not read yet.")
{
    public DeckVersion Deck => deck;
}
