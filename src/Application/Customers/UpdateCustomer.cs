using FluentValidation;
using Relier.Auditing;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Customers;

/// <summary>
/// Changes a customer; what is null stays. Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>stale_version</c> when
/// it was changed since it was read, <c>channel_taken</c>, <c>insufficient_credit</c> when a lower limit would not cover
/// what is held.
/// </summary>
/// <param name="Id">The customer.</param>
/// <param name="Version">The version that was read.</param>
[Requires(Permission.WriteCustomers)]
public sealed record UpdateCustomer(string Id, long Version) : IUseCase<CustomerDetails>
{
    /// <summary>Its new name.</summary>
    public string? Name { get; init; }

    /// <summary>Its new channel.</summary>
    public string? Channel { get; init; }

    /// <summary><c>active</c> or <c>suspended</c>.</summary>
    public string? Status { get; init; }

    /// <summary>How far below zero it may go.</summary>
    public string? CreditLimit { get; init; }

    /// <summary>What it may order.</summary>
    public PoliciesInput? Policies { get; init; }
}

internal sealed class UpdateCustomerRules : AbstractValidator<UpdateCustomer>
{
    public UpdateCustomerRules()
    {
        RuleFor(customer => customer.Name).IsGiven().IsText().When(customer => customer.Name is not null);
        RuleFor(customer => customer.Channel).Must(CreateCustomerRules.IsChannel).WithErrorCode("channel_invalid").WithMessage("expected 2 to 40 of a-z, 0-9 and -, and no word that is a path already");
        RuleFor(customer => customer.Status).Must(word => word is null or "active" or "suspended").WithErrorCode("status_invalid").WithMessage("expected active or suspended");
    }
}

internal sealed class UpdateCustomerHandler(IStorage storage, KnownKeys known, IClock clock, Caller caller) : Handler<UpdateCustomer, CustomerDetails>
{
    protected override async Task<Outcome<CustomerDetails>> HandleAsync(UpdateCustomer request, CancellationToken cancellationToken)
    {
        if (!Id<Customer>.TryParse(request.Id, out var id)) return Own.NotFound("customer", request.Id);
        try
        {
            var outcome = await storage.RunAsync(caller.Tenant, session => UpdateAsync(session, id, request, cancellationToken), cancellationToken);
            known.Forget(id);
            return outcome;
        }
        catch (StaleVersionException)
        {
            return Stale(request.Version);
        }
        catch (DuplicateKeyException duplicate) when (duplicate.Key == UniqueKey.CustomerChannel)
        {
            return CustomerFacts.ChannelTaken(request.Channel!);
        }
    }

    private async Task<Outcome<CustomerDetails>> UpdateAsync(ISession session, Id<Customer> id, UpdateCustomer request, CancellationToken cancellationToken)
    {
        if (await session.Customers.FindAsync(id, cancellationToken) is not { } before) return Own.NotFound("customer", request.Id);
        if (before.Version != request.Version) return Stale(request.Version);
        if (Wrong(request, before) is { } wrong) return wrong;

        // Everything that can be refused is decided before the first write: a refusal commits what was written before it.
        var policies = request.Policies?.Onto(before.Policies) ?? before.Policies;
        if (policies.MinAmount > policies.MaxAmount)
            return Validation.Failed([new FieldError("policies.minAmount", "amount_invalid", "expected at most the largest amount")]);

        var wallet = (await session.Ledger.LockAsync(before.Wallet, cancellationToken))!;
        var changed = wallet;
        if (request.CreditLimit is { } text)
        {
            if (Validation.ReadAmount(text, wallet.Currency) is not { IsNegative: false, IsWhole: true } limit)
                return Validation.Failed([new FieldError("creditLimit", "amount_invalid", $"expected a decimal of {wallet.Currency} between 0 and 1000000000, as in 50.00")]);
            if (wallet.LimitCreditTo(limit).IsRefused(out var uncovered, out var limited)) return uncovered;
            changed = limited;
        }

        // Also when nothing of it changes but the version: an order that is decided on what was left, and waits for this lock, must notice.
        changed = await session.Ledger.UpdateAsync(changed, cancellationToken);
        var after = await session.Customers.UpdateAsync(
            before with
            {
                Name = request.Name ?? before.Name,
                Channel = request.Channel ?? before.Channel,
                Status = request.Status is null ? before.Status : request.Status == "active" ? CustomerStatus.Active : CustomerStatus.Suspended,
                Policies = policies,
            },
            cancellationToken);
        await session.AuditAsync(
            caller, clock, "customer.changed", id.Value, CustomerFacts.Of(before, wallet), CustomerFacts.Of(after, changed), cancellationToken);
        return new CustomerDetails(after, changed);
    }

    private static Refusal? Wrong(UpdateCustomer request, Customer before)
    {
        if (request.Policies is not { } policies) return null;
        if (policies.Currency is { } currency && currency != before.Policies.Currency.Code)
            return Validation.Failed([new FieldError("policies.currency", "currency_invalid", "cannot be changed; the limits and what was used of them are in it")]);
        var result = new PoliciesRules(before.Policies.Currency.Code).Validate(policies);
        return result.IsValid
            ? null
            : Validation.Failed([.. result.Errors.Select(error => new FieldError("policies." + FieldNames.Camel(error.PropertyName), error.ErrorCode, error.ErrorMessage))]);
    }

    private static Refusal Stale(long version) =>
        new Refusal("stale_version", $"The customer was changed since version {version}; read it again.").With("version", version.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
