using System.Collections.Immutable;
using Relier.Rating;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class TariffStore(Session session) : ITariffStore
{
    public Task<long> RevisionAsync(CancellationToken cancellationToken) => session.ReadAsync(rows => rows.TariffRevision, cancellationToken);

    public Task<long> LockAsync(CancellationToken cancellationToken) =>
        session.WriteAsync(rows => (rows with { TariffRevision = rows.TariffRevision + 1 }, rows.TariffRevision + 1), cancellationToken);

    public Task<IReadOnlyList<PlanVersion>> ListPlansAsync(CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<PlanVersion>>(rows => [.. rows.Plans.Values], cancellationToken);

    public Task<IReadOnlyList<DeckVersion>> ListDecksAsync(CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<DeckVersion>>(rows => [.. rows.Decks.Values], cancellationToken);

    public Task AddPlanAsync(PlanVersion plan, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Plans.ContainsKey((plan.Plan.Value, plan.Version))
                ? throw new DuplicateKeyException(UniqueKey.PlanVersion)
                : rows with { Plans = rows.Plans.Add((plan.Plan.Value, plan.Version), plan) },
            cancellationToken);

    public Task RetirePlanAsync(PlanVersion plan, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Plans.TryGetValue((plan.Plan.Value, plan.Version), out var stored) && stored.State == VersionState.Active
                ? rows with { Plans = rows.Plans.SetItem((plan.Plan.Value, plan.Version), stored with { State = plan.State, RetiredAt = plan.RetiredAt }) }
                : throw new StaleVersionException($"Plan {plan.Plan}", plan.Version),
            cancellationToken);

    public Task AddDeckAsync(DeckVersion deck, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Decks.ContainsKey((deck.Deck.Value, deck.Version))
                ? throw new DuplicateKeyException(UniqueKey.DeckVersion)
                : rows with { Decks = rows.Decks.Add((deck.Deck.Value, deck.Version), deck) },
            cancellationToken);

    public Task ChangeDeckAsync(DeckVersion deck, VersionState from, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Decks.TryGetValue((deck.Deck.Value, deck.Version), out var stored) && stored.State == from
                ? rows with
                {
                    Decks = rows.Decks.SetItem(
                        (deck.Deck.Value, deck.Version),
                        stored with { State = deck.State, EffectiveFrom = deck.EffectiveFrom, ActivatedAt = deck.ActivatedAt, RetiredAt = deck.RetiredAt }),
                }
                : throw new StaleVersionException($"Deck {deck.Deck}", deck.Version),
            cancellationToken);

    public Task AddPartAsync(Id<RateDeck> deck, int version, int number, DeckPart part, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                var parts = rows.DeckParts.GetValueOrDefault((deck.Value, version), ImmutableSortedDictionary<int, DeckPart>.Empty);
                if (parts.ContainsKey(number)) throw new DuplicateKeyException(UniqueKey.DeckPart);
                return rows with { DeckParts = rows.DeckParts.SetItem((deck.Value, version), parts.Add(number, part)) };
            },
            cancellationToken);

    public Task<IReadOnlyList<DeckPart>> ReadPartsAsync(Id<RateDeck> deck, int version, int after, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<DeckPart>>(
            rows => [.. rows.DeckParts.GetValueOrDefault((deck.Value, version), ImmutableSortedDictionary<int, DeckPart>.Empty)
                .Where(part => part.Key > after).Take(limit).Select(part => part.Value)],
            cancellationToken);

    public Task<bool> RemoveDraftAsync(Id<RateDeck> deck, int version, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Decks.TryGetValue((deck.Value, version), out var stored) && stored.State == VersionState.Draft
                ? (rows with { Decks = rows.Decks.Remove((deck.Value, version)), DeckParts = rows.DeckParts.Remove((deck.Value, version)) }, true)
                : (rows, false),
            cancellationToken);
}
