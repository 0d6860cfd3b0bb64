using System.Buffers;
using System.Net;
using NodaTime;
using Relier.Customers;
using Relier.Storage;

namespace Relier.Identity;

/// <summary>
/// Turns a secret into a caller. What was looked up is kept for ten seconds, so that a busy key does not cost a look-up
/// per request; a key, customer or list of addresses changed in this process counts at once, one changed elsewhere within
/// those ten seconds. The secret itself is compared every time. Refusals: <c>unauthenticated</c> for anything wrong with
/// the credentials, always in the same words; <c>ip_not_allowed</c>.
/// </summary>
public sealed class Authenticator
{
    private static readonly Duration UseNotedEvery = Duration.FromHours(1);
    private static readonly SearchValues<char> Letters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");
    private static readonly string NobodysHash = Secret.HashOf("nobody");

    private readonly IStorage _storage;
    private readonly IClock _clock;
    private readonly KnownKeys _known;
    private readonly SingleFlight<(string Secret, int Edition), KnownKey?> _lookUps = new();

    internal Authenticator(IStorage storage, IClock clock, KnownKeys known) => (_storage, _clock, _known) = (storage, clock, known);

    /// <summary>Who is it?</summary>
    /// <param name="secret">The secret of a key.</param>
    /// <param name="customer">The customer they say they are; null when they do not say. Must be the key's, if given.</param>
    /// <param name="address">Where they come from, as the host trusts it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Outcome<Caller>> AuthenticateAsync(string? secret, string? customer, IPAddress? address, CancellationToken cancellationToken)
    {
        var found = IsShaped(secret) ? _known.Find(Secret.PrefixOf(secret)) ?? await LookUpOnceAsync(secret, address).WaitAsync(cancellationToken) : null;
        var matches = Secret.Matches(secret ?? "", found?.Key.SecretHash ?? NobodysHash);
        if (found is null || !matches || !found.Key.IsValidAt(_clock.Now())) return Unauthenticated();
        if (customer is not null && customer != found.Key.Customer?.Value) return Unauthenticated();
        if (found.Key.Customer is not null)
        {
            if (found.Customer is not { Status: CustomerStatus.Active } speaksFor) return Unauthenticated();
            if (!speaksFor.Policies.Allows(address)) return new Refusal("ip_not_allowed", "Requests with this key may not come from this address.").With("your_ip", address?.ToString() ?? "unknown");
        }

        return found.Caller;
    }

    private static bool IsShaped([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? secret) =>
        secret is { Length: > Secret.PrefixLength and <= 256 } && !secret.AsSpan().ContainsAnyExcept(Letters);

    /// <summary>Those who come with one secret while it is looked up share the answer: a busy key would otherwise be looked up by all its requests at once.</summary>
    private async Task<KnownKey?> LookUpOnceAsync(string secret, IPAddress? address)
    {
        // What a transaction sees may be rolled back with it: it is neither shared nor kept.
        if (_storage.IsInTransaction) return await LookUpAsync(secret, address, CancellationToken.None);

        // What began before something was forgotten is not for those who come after it.
        return await _lookUps.FetchAsync((secret, _known.Edition), () => LookUpAsync(secret, address, CancellationToken.None));
    }

    /// <summary>The key of this secret, from storage, with its use noted; null, and nothing kept, when there is none.</summary>
    private async Task<KnownKey?> LookUpAsync(string secret, IPAddress? address, CancellationToken cancellationToken)
    {
        var edition = _known.Edition;
        var key = await _storage.RunSystemAsync(session => session.FindKeyAsync(Secret.PrefixOf(secret), cancellationToken), cancellationToken);
        var now = _clock.Now();
        if (key is null || !Secret.Matches(secret, key.SecretHash) || !key.IsValidAt(now)) return null;

        var customer = await _storage.RunAsync(
            key.Tenant,
            async session =>
            {
                var speaksFor = key.Customer is { } id ? await session.Customers.FindAsync(id, cancellationToken) : null;
                var letIn = key.Customer is null || (speaksFor is { Status: CustomerStatus.Active } && speaksFor.Policies.Allows(address));
                if (letIn && (key.LastUsedAt is not { } last || now - last >= UseNotedEvery))
                    await session.Keys.UpdateAsync(key with { LastUsedAt = now }, cancellationToken);
                return speaksFor;
            },
            cancellationToken);
        if (!_storage.IsInTransaction) _known.Keep(key, customer, edition, now);
        return new KnownKey(key, customer, key.ToCaller(), now);
    }

    private static Refusal Unauthenticated() => new("unauthenticated", "The credentials are missing or not valid.");
}
