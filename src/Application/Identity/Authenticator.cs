using System.Net;
using NodaTime;
using Relier.Customers;
using Relier.Storage;

namespace Relier.Identity;

/// <summary>
/// Turns a secret into a caller. Nothing is cached, so that a revoked key opens nothing from that moment on. Refusals:
/// <c>unauthenticated</c> for anything wrong with the credentials, always in the same words; <c>ip_not_allowed</c>.
/// </summary>
public sealed class Authenticator(IStorage storage, IClock clock)
{
    private static readonly Duration UseNotedEvery = Duration.FromHours(1);
    private static readonly string NobodysHash = Secret.HashOf("nobody");

    /// <summary>Who is it?</summary>
    /// <param name="secret">The secret of a key.</param>
    /// <param name="customer">The customer they say they are; null when they do not say. Must be the key's, if given.</param>
    /// <param name="address">Where they come from, as the host trusts it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Outcome<Caller>> AuthenticateAsync(string? secret, string? customer, IPAddress? address, CancellationToken cancellationToken)
    {
        var key = secret is { Length: > Secret.PrefixLength and <= 256 } && secret.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
            ? await storage.RunSystemAsync(session => session.FindKeyAsync(Secret.PrefixOf(secret), cancellationToken), cancellationToken)
            : null;
        var now = clock.Now();
        var matches = Secret.Matches(secret ?? "", key?.SecretHash ?? NobodysHash);
        if (key is null || !matches || !key.IsValidAt(now)) return Unauthenticated();
        if (customer is not null && customer != key.Customer?.Value) return Unauthenticated();

        return await storage.RunAsync<Outcome<Caller>>(
            key.Tenant,
            async session =>
            {
                if (key.Customer is { } id)
                {
                    var found = await session.Customers.FindAsync(id, cancellationToken);
                    if (found is not { Status: CustomerStatus.Active }) return Unauthenticated();
                    if (!found.Policies.Allows(address)) return new Refusal("ip_not_allowed", "Requests with this key may not come from this address.").With("your_ip", address?.ToString() ?? "unknown");
                }

                if (key.LastUsedAt is not { } last || now - last >= UseNotedEvery)
                    await session.Keys.UpdateAsync(key with { LastUsedAt = now }, cancellationToken);
                return key.ToCaller();
            },
            cancellationToken);
    }

    private static Refusal Unauthenticated() => new("unauthenticated", "The credentials are missing or not valid.");
}
