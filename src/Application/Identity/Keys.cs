using FluentValidation;
using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Identity;

/// <summary>
/// Issues a key, for a customer or for a named person of the house. The secret is in the answer and nowhere else. Nobody
/// can give what they may not do themselves. Refusals: <c>validation_failed</c>, <c>not_found</c> (the customer), <c>forbidden</c>.
/// </summary>
/// <param name="Name">What it is called; for the house, who they are.</param>
[Requires(Permission.ManageKeys)]
public sealed record CreateKey(string Name) : IUseCase<IssuedKey>
{
    /// <summary>Whom it speaks for; null for a person of the house.</summary>
    public string? Customer { get; init; }

    /// <summary>What it may do; null for all that its kind may.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>When it ends by itself, RFC 3339; null for never.</summary>
    public string? ExpiresAt { get; init; }
}

/// <summary>Issues a new secret with the same rights; the old one ends, after a while if asked. Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>forbidden</c> for a key that may more than you, <c>key_revoked</c>.</summary>
/// <param name="Id">The key.</param>
/// <param name="GraceHours">How long the old secret still works: 0 to 168.</param>
[Requires(Permission.ManageKeys)]
public sealed record RotateKey(string Id, int GraceHours = 0) : IUseCase<IssuedKey>;

/// <summary>Takes a key back at once. Doing it again changes nothing. Refusal <c>not_found</c>.</summary>
/// <param name="Id">The key.</param>
[Requires(Permission.ManageKeys)]
public sealed record RevokeKey(string Id) : IUseCase<ApiKey>;

/// <summary>The keys of a customer, or of the house, without their secrets. Refusal <c>validation_failed</c>.</summary>
/// <param name="Customer">Whose; null for those of the house.</param>
[Requires(Permission.ManageKeys)]
public sealed record ListKeys(string? Customer = null) : IUseCase<Listing<ApiKey>>;

/// <summary>A new key.</summary>
/// <param name="Key">The key as it is kept.</param>
/// <param name="Secret">The secret: shown this once.</param>
public sealed record IssuedKey(ApiKey Key, string Secret);

internal sealed class CreateKeyRules : AbstractValidator<CreateKey>
{
    public CreateKeyRules()
    {
        RuleFor(key => key.Name).IsGiven().IsText(64);
        RuleFor(key => key.Customer).IsIdOf<CreateKey, Customer>();
        RuleForEach(key => key.Scopes).Must((key, scope) => (key.Customer is null ? Permission.OfAdmins : Permission.OfCustomers).Contains(scope))
            .WithErrorCode("scope_invalid").WithMessage("expected a permission that this kind of key can have");
        RuleFor(key => key.Scopes).Must(scopes => scopes is null or { Count: > 0 }).WithErrorCode("scope_invalid").WithMessage("expected at least one");
        RuleFor(key => key.Scopes).Must(scopes => scopes is null || scopes.Distinct().Count() == scopes.Count).WithErrorCode("scope_invalid").WithMessage("expected each once");
        RuleFor(key => key.ExpiresAt).IsInstant();
    }
}

internal sealed class CreateKeyHandler(IStorage storage, IClock clock, Caller caller) : Handler<CreateKey, IssuedKey>
{
    protected override async Task<Outcome<IssuedKey>> HandleAsync(CreateKey request, CancellationToken cancellationToken)
    {
        var customer = request.Customer is null ? (Id<Customer>?)null : Id<Customer>.Parse(request.Customer);
        var scopes = request.Scopes ?? (customer is null ? Permission.OfAdmins : Permission.OfCustomers);
        if (KeyMaking.Beyond(caller, scopes) is { } beyond) return beyond;

        return await storage.RunAsync<Outcome<IssuedKey>>(
            caller.Tenant,
            async session =>
            {
                if (customer is { } id && await session.Customers.FindAsync(id, cancellationToken) is null) return Own.NotFound("customer", id.Value);
                var issued = KeyMaking.New(caller, customer, request.Name, scopes, Validation.ReadInstant(request.ExpiresAt), clock.Now());
                await session.Keys.AddAsync(issued.Key, cancellationToken);
                await session.AuditAsync(caller, clock, "key.created", issued.Key.Id.Value, null, KeyMaking.Facts(issued.Key), cancellationToken);
                return issued;
            },
            cancellationToken);
    }
}

internal sealed class RotateKeyRules : AbstractValidator<RotateKey>
{
    public RotateKeyRules() =>
        RuleFor(rotation => rotation.GraceHours).InclusiveBetween(0, 168).WithErrorCode("grace_invalid").WithMessage("expected 0 to 168 hours");
}

internal sealed class RotateKeyHandler(IStorage storage, KnownKeys known, IClock clock, Caller caller) : Handler<RotateKey, IssuedKey>
{
    protected override async Task<Outcome<IssuedKey>> HandleAsync(RotateKey request, CancellationToken cancellationToken)
    {
        if (!Id<ApiKey>.TryParse(request.Id, out var id)) return Own.NotFound("key", request.Id);
        ApiKey? changed = null;
        var outcome = await storage.RunAsync<Outcome<IssuedKey>>(
            caller.Tenant,
            async session =>
            {
                var now = clock.Now();
                if (await session.Keys.FindAsync(id, cancellationToken) is not { } old) return Own.NotFound("key", request.Id);
                if (KeyMaking.Beyond(caller, old.Scopes) is { } beyond) return beyond;
                if (!old.IsValidAt(now)) return new Refusal("key_revoked", "This key has ended; issue a new one.");
                var ends = now + Duration.FromHours(request.GraceHours);
                var ending = old with { ExpiresAt = old.ExpiresAt is { } sooner && sooner < ends ? sooner : ends };
                var issued = KeyMaking.New(caller, old.Customer, old.Name, old.Scopes, old.ExpiresAt, now);
                await session.Keys.UpdateAsync(ending, cancellationToken);
                changed = ending;
                await session.Keys.AddAsync(issued.Key, cancellationToken);
                await session.AuditAsync(caller, clock, "key.rotated", id.Value, KeyMaking.Facts(old), KeyMaking.Facts(issued.Key), cancellationToken);
                return issued;
            },
            cancellationToken);
        if (changed is not null) known.Forget(changed);
        return outcome;
    }
}

internal sealed class RevokeKeyHandler(IStorage storage, KnownKeys known, IClock clock, Caller caller) : Handler<RevokeKey, ApiKey>
{
    protected override async Task<Outcome<ApiKey>> HandleAsync(RevokeKey request, CancellationToken cancellationToken)
    {
        if (!Id<ApiKey>.TryParse(request.Id, out var id)) return Own.NotFound("key", request.Id);
        var outcome = await storage.RunAsync<Outcome<ApiKey>>(
            caller.Tenant,
            async session =>
            {
                if (await session.Keys.FindAsync(id, cancellationToken) is not { } key) return Own.NotFound("key", request.Id);
                if (key.RevokedAt is not null) return key;
                var revoked = key with { RevokedAt = clock.Now() };
                await session.Keys.UpdateAsync(revoked, cancellationToken);
                await session.AuditAsync(caller, clock, "key.revoked", id.Value, KeyMaking.Facts(key), null, cancellationToken);
                return revoked;
            },
            cancellationToken);
        if (!outcome.IsRefused(out _, out var ended)) known.Forget(ended);
        return outcome;
    }
}

internal sealed class ListKeysRules : AbstractValidator<ListKeys>
{
    public ListKeysRules() => RuleFor(list => list.Customer).IsIdOf<ListKeys, Customer>();
}

internal sealed class ListKeysHandler(IStorage storage, Caller caller) : Handler<ListKeys, Listing<ApiKey>>
{
    protected override async Task<Outcome<Listing<ApiKey>>> HandleAsync(ListKeys list, CancellationToken cancellationToken)
    {
        var customer = list.Customer is null ? (Id<Customer>?)null : Id<Customer>.Parse(list.Customer);
        return new Listing<ApiKey>(await storage.RunAsync(caller.Tenant, session => session.Keys.ListAsync(customer, cancellationToken), cancellationToken), null);
    }
}

internal static class KeyMaking
{
    /// <summary>Nobody is handed a secret that may do more than they may.</summary>
    public static Refusal? Beyond(Caller caller, IEnumerable<string> scopes) =>
        scopes.FirstOrDefault(scope => !caller.May(scope)) is { } scope
            ? new Refusal("forbidden", $"You cannot give the permission {scope}, which you do not have.").With("permission", scope)
            : null;

    public static IssuedKey New(Caller caller, Id<Customer>? customer, string name, IReadOnlyList<string> scopes, Instant? expiresAt, Instant now)
    {
        var secret = Secret.New(customer is not null);
        return new IssuedKey(
            new ApiKey
            {
                Id = Ids.New<ApiKey>("key", now), Tenant = caller.Tenant, Customer = customer, Name = name, Prefix = Secret.PrefixOf(secret),
                SecretHash = Secret.HashOf(secret), Scopes = scopes, CreatedAt = now, ExpiresAt = expiresAt,
            },
            secret);
    }

    public static object Facts(ApiKey key) => new { key.Name, key.Prefix, customer = key.Customer?.Value, key.Scopes, expiresAt = key.ExpiresAt?.ToString() };
}
