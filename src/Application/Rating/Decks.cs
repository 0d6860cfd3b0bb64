using FluentValidation;
using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Takes in a deck as the next version of it, a draft that nothing is rated by. Refusals: <c>validation_failed</c>,
/// <c>import_unreadable</c>, <c>deck_invalid</c> with the line and column of each fault, <c>currency_differs</c> from that of its
/// versions before. The same prices as its newest version again are that version, and nothing is added.
/// </summary>
/// <param name="Deck">The deck: letters, digits, _ and -.</param>
/// <param name="FileName">How the file is called in messages.</param>
/// <param name="Content">CSV as <see cref="DeckFile"/> reads it. It can be sought in, and is left open.</param>
/// <param name="Currency">The currency of its prices.</param>
[Requires(Permission.WriteTariffs)]
public sealed record ImportDeck(string Deck, string FileName, Stream Content, string Currency) : IUseCase<DeckVersion>
{
    /// <summary>What the deck is called; null for its id.</summary>
    public string? Name { get; init; }
}

/// <summary>
/// Has calls rated by a draft from a time on. A version that was to hold from the very same time is retired: so a wrong price is
/// corrected. Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>deck_not_draft</c>.
/// </summary>
/// <param name="Deck">The deck.</param>
/// <param name="Version">Which version.</param>
[Requires(Permission.WriteTariffs)]
public sealed record ActivateDeck(string Deck, int Version) : IUseCase<DeckVersion>
{
    /// <summary>From when on it holds, RFC 3339; it may lie in the past. Null for now.</summary>
    public string? EffectiveFrom { get; init; }
}

/// <summary>Takes a draft away. Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>deck_not_draft</c>.</summary>
/// <param name="Deck">The deck.</param>
/// <param name="Version">Which version.</param>
[Requires(Permission.WriteTariffs)]
public sealed record DiscardDeck(string Deck, int Version) : IUseCase<DeckVersion>;

/// <summary>All versions of all decks, or of one, by deck, then version. Refusal <c>not_found</c> for a deck that is none.</summary>
/// <param name="Deck">The deck; null for all.</param>
[Requires(Permission.ReadTariffs)]
public sealed record ListDecks(string? Deck) : IUseCase<IReadOnlyList<DeckVersion>>;

internal sealed class ImportDeckRules : AbstractValidator<ImportDeck>
{
    public ImportDeckRules()
    {
        RuleFor(import => import.Deck).IsGiven().IsIdOf<ImportDeck, RateDeck>();
        RuleFor(import => import.Currency).IsGiven().IsCurrency();
        RuleFor(import => import.Name).IsText();
        RuleFor(import => import.Content).Must(content => content is { CanRead: true, CanSeek: true }).WithErrorCode("required").WithMessage("expected a file that can be read twice");
    }
}

internal sealed class ActivateDeckRules : AbstractValidator<ActivateDeck>
{
    public ActivateDeckRules()
    {
        RuleFor(deck => deck.Deck).IsGiven().IsIdOf<ActivateDeck, RateDeck>();
        RuleFor(deck => deck.EffectiveFrom).IsInstant();
    }
}

internal sealed class DiscardDeckRules : AbstractValidator<DiscardDeck>
{
    public DiscardDeckRules() => RuleFor(deck => deck.Deck).IsGiven().IsIdOf<DiscardDeck, RateDeck>();
}

internal sealed class ImportDeckHandler(IStorage storage, IClock clock, Caller caller) : Handler<ImportDeck, DeckVersion>
{
    protected override async Task<Outcome<DeckVersion>> HandleAsync(ImportDeck import, CancellationToken cancellationToken)
    {
        if ((await DeckFile.ReadAsync(import.FileName, import.Content, cancellationToken)).IsRefused(out var unread, out var file)) return unread;
        var parts = file.Entries.OrderBy(entry => entry.Prefix, StringComparer.Ordinal).ThenBy(entry => entry.IsShortCode).Chunk(DeckPart.EntriesMax)
            .Select(entries => new DeckPart(entries, entries.Where(entry => !entry.IsForbidden).Select(entry => entry.Rate).Distinct().ToDictionary(name => name, name => file.Rates[name])))
            .ToList();
        var hash = new DeckHash();
        foreach (var part in parts) hash.Add(part.Entries, part.Rates);
        var draft = new DeckVersion
        {
            Deck = Id<RateDeck>.Parse(import.Deck), Version = 1, Name = import.Name ?? import.Deck, Currency = Currency.Parse(import.Currency), State = VersionState.Draft,
            Hash = hash.End(), Entries = file.Entries.Count, CreatedAt = clock.Now(),
        };
        return await storage.RunAsync(caller.Tenant, session => AddAsync(session, draft, parts, cancellationToken), cancellationToken);
    }

    private async Task<Outcome<DeckVersion>> AddAsync(ISession session, DeckVersion draft, List<DeckPart> parts, CancellationToken cancellationToken)
    {
        await session.Tariffs.LockAsync(cancellationToken);
        var newest = (await session.Tariffs.ListDecksAsync(cancellationToken)).LastOrDefault(version => version.Deck == draft.Deck);
        // A plan may name the deck though its only version was discarded.
        var named = (await session.Tariffs.ListPlansAsync(cancellationToken)).FirstOrDefault(plan => plan.Bands.Any(band => band.Deck == draft.Deck.Value));
        if ((newest?.Currency ?? named?.Currency) is { } currency && currency != draft.Currency)
            return new Refusal("currency_differs", $"The prices of {draft.Deck} are in {currency}; expected the same.").With("currency", currency.Code);
        if (newest is not null)
        {
            if (newest.Hash == draft.Hash && newest.State != VersionState.Retired) return newest;
            draft = draft with { Version = newest.Version + 1 };
        }

        await session.Tariffs.AddDeckAsync(draft, cancellationToken);
        for (var i = 0; i < parts.Count; i++) await session.Tariffs.AddPartAsync(draft.Deck, draft.Version, i + 1, parts[i], cancellationToken);
        await session.AuditAsync(caller, clock, "deck.imported", $"{draft.Deck}", null, new { draft.Version, draft.Entries, draft.Hash }, cancellationToken);
        return draft;
    }
}

internal sealed class ActivateDeckHandler(IStorage storage, IClock clock, Caller caller) : Handler<ActivateDeck, DeckVersion>
{
    protected override Task<Outcome<DeckVersion>> HandleAsync(ActivateDeck order, CancellationToken cancellationToken) =>
        storage.RunAsync(
            caller.Tenant,
            async session =>
            {
                await session.Tariffs.LockAsync(cancellationToken);
                var versions = (await session.Tariffs.ListDecksAsync(cancellationToken)).Where(version => version.Deck.Value == order.Deck).ToList();
                if (DeckVersions.DraftOf(versions, order.Deck, order.Version).IsRefused(out var refusal, out var draft)) return refusal;

                var now = clock.Now();
                var active = draft with { State = VersionState.Active, EffectiveFrom = Validation.ReadInstant(order.EffectiveFrom) ?? now, ActivatedAt = now };
                foreach (var replaced in versions.Where(version => version.State == VersionState.Active && version.EffectiveFrom == active.EffectiveFrom))
                    await session.Tariffs.ChangeDeckAsync(replaced with { State = VersionState.Retired, RetiredAt = now }, VersionState.Active, cancellationToken);
                await session.Tariffs.ChangeDeckAsync(active, VersionState.Draft, cancellationToken);
                await session.AuditAsync(caller, clock, "deck.activated", order.Deck, null, new { active.Version, from = $"{active.EffectiveFrom}" }, cancellationToken);
                return (Outcome<DeckVersion>)active;
            },
            cancellationToken);
}

internal sealed class DiscardDeckHandler(IStorage storage, IClock clock, Caller caller) : Handler<DiscardDeck, DeckVersion>
{
    protected override Task<Outcome<DeckVersion>> HandleAsync(DiscardDeck order, CancellationToken cancellationToken) =>
        storage.RunAsync(
            caller.Tenant,
            async session =>
            {
                await session.Tariffs.LockAsync(cancellationToken);
                var versions = (await session.Tariffs.ListDecksAsync(cancellationToken)).Where(version => version.Deck.Value == order.Deck).ToList();
                if (DeckVersions.DraftOf(versions, order.Deck, order.Version).IsRefused(out var refusal, out var draft)) return refusal;
                await session.Tariffs.RemoveDraftAsync(draft.Deck, draft.Version, cancellationToken);
                await session.AuditAsync(caller, clock, "deck.discarded", order.Deck, new { draft.Version, draft.Hash }, null, cancellationToken);
                return (Outcome<DeckVersion>)draft;
            },
            cancellationToken);
}

internal sealed class ListDecksHandler(IStorage storage, Caller caller) : Handler<ListDecks, IReadOnlyList<DeckVersion>>
{
    protected override async Task<Outcome<IReadOnlyList<DeckVersion>>> HandleAsync(ListDecks query, CancellationToken cancellationToken)
    {
        var versions = await storage.RunAsync(caller.Tenant, session => session.Tariffs.ListDecksAsync(cancellationToken), cancellationToken);
        IReadOnlyList<DeckVersion> asked = [.. versions.Where(version => query.Deck is null || version.Deck.Value == query.Deck)];
        return query.Deck is not null && asked.Count == 0 ? Own.NotFound("deck", query.Deck) : Outcome.Of(asked);
    }
}

internal static class DeckVersions
{
    /// <summary>The draft of this number among the versions of a deck. Refusals: <c>not_found</c>, <c>deck_not_draft</c>.</summary>
    public static Outcome<DeckVersion> DraftOf(IReadOnlyList<DeckVersion> versions, string deck, int number)
    {
        if (versions.FirstOrDefault(version => version.Version == number) is not { } found) return Own.NotFound("deck", $"{deck} {number}");
        return found.State == VersionState.Draft
            ? found
            : new Refusal("deck_not_draft", $"Version {number} of {deck} was activated before; take in a new version.").With("version", $"{number}");
    }
}
