using FluentValidation;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>Top-ups, newest first. A customer sees their own. Refusals <c>validation_failed</c>, <c>not_found</c> (the customer), <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadTopUps)]
public sealed record ListTopUps : TopUpQuery, IUseCase<Listing<TopUp>>
{
    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

/// <summary>Which top-ups, in the words of a client. What is null does not limit.</summary>
public abstract record TopUpQuery
{
    /// <summary>Only this customer's.</summary>
    public string? Customer { get; init; }

    /// <summary>Only in these states: words as in the resource, with commas between.</summary>
    public string? Status { get; init; }

    /// <summary>Ordered at this time or later: RFC 3339.</summary>
    public string? From { get; init; }

    /// <summary>Ordered before this time.</summary>
    public string? To { get; init; }

    /// <summary>Only for this phone.</summary>
    public string? Phone { get; init; }

    /// <summary>Only with this reference.</summary>
    public string? Reference { get; init; }

    /// <summary>As a filter, for what the caller may see.</summary>
    internal Outcome<TopUpFilter> ToFilter(Caller caller)
    {
        Id<Customer>? customer = caller.Customer;
        if (Customer is not null)
        {
            if (Own.CustomerOf(caller, Customer).IsRefused(out var stranger, out var named)) return stranger;
            customer = named.Id;
        }

        return new TopUpFilter
        {
            Customer = customer,
            States = [.. (Status?.Split(',') ?? []).SelectMany(TopUpStates.Behind)],
            From = Validation.ReadInstant(From),
            To = Validation.ReadInstant(To),
            Phone = Phone is null ? null : Msisdn.Parse(Phone),
            Reference = Reference,
        };
    }
}

internal abstract class TopUpQueryRules<T> : AbstractValidator<T>
    where T : TopUpQuery
{
    protected TopUpQueryRules()
    {
        RuleFor(query => query.Customer).IsIdOf<T, Customer>();
        RuleFor(query => query.Status).Must(words => words is null || words.Split(',').All(word => TopUpStates.Behind(word).Count > 0))
            .WithErrorCode("status_invalid").WithMessage($"expected words of {string.Join(", ", Enum.GetValues<TopUpState>().Select(TopUpStates.Word).Distinct())}");
        RuleFor(query => query.From).IsInstant();
        RuleFor(query => query.To).IsInstant();
        RuleFor(query => query.Phone).IsPhone().When(query => query.Phone is not null);
        RuleFor(query => query.Reference).IsReference();
    }
}

internal sealed class ListTopUpsRules : TopUpQueryRules<ListTopUps>
{
    public ListTopUpsRules() => RuleFor(list => list.Limit).IsLimit();
}

internal sealed class ListTopUpsHandler(IStorage storage, Caller caller) : Handler<ListTopUps, Listing<TopUp>>
{
    protected override async Task<Outcome<Listing<TopUp>>> HandleAsync(ListTopUps list, CancellationToken cancellationToken)
    {
        if (list.ToFilter(caller).IsRefused(out var refusal, out var filter)) return refusal;
        var mark = $"topups {filter.Customer} {list.Status} {list.From} {list.To} {list.Phone} {list.Reference}";
        return await Listing.ReadAsync(list.Cursor, list.Limit, mark, page =>
            storage.RunAsync(caller.Tenant, session => session.TopUps.ListAsync(filter, page, cancellationToken), cancellationToken));
    }
}
