using NodaTime;
using Relier.Customers;
using Relier.Tenancy;

namespace Relier.Identity;

/// <summary>
/// A key to the house, as it is kept: the secret itself is shown once and never stored, only its SHA-256 and the first
/// letters, by which it is found and recognised.
/// </summary>
public sealed record ApiKey
{
    /// <summary>Its id.</summary>
    public required Id<ApiKey> Id { get; init; }

    /// <summary>Whose house it opens.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The customer it speaks for; null for a person of the house.</summary>
    public required Id<Customer>? Customer { get; init; }

    /// <summary>What it is called; for an admin, who they are: the name in the audit log.</summary>
    public required string Name { get; init; }

    /// <summary>The first letters of the secret; unique, safe to show.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the whole secret, in lower-case hexadecimal.</summary>
    public required string SecretHash { get; init; }

    /// <summary>What it may do, in the words of <see cref="Permission"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When it was issued.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>When it was last used, at the precision of an hour; null if never.</summary>
    public Instant? LastUsedAt { get; init; }

    /// <summary>When it ends by itself; null for never.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>When it was taken back; null while it holds.</summary>
    public Instant? RevokedAt { get; init; }

    /// <summary>Whether it opens anything at this time.</summary>
    public bool IsValidAt(Instant now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);

    /// <summary>The caller it makes.</summary>
    public Caller ToCaller() =>
        Customer is { } customer ? Caller.OfCustomer(Tenant, customer, Scopes) : Caller.OfAdmin(Tenant, Name, Scopes);
}
