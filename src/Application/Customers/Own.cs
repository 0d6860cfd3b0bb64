using Relier.Identity;

namespace Relier.Customers;

/// <summary>Whose objects a caller means and may mean.</summary>
internal static class Own
{
    /// <summary>The customer of a request: a customer's own without a word, for people of the house the one they name. Somebody else's is not found.</summary>
    public static Outcome<CustomerRef> CustomerOf(Caller caller, string? named)
    {
        if (named is null)
            return caller.Customer is { } own
                ? new CustomerRef(own)
                : Pipeline.Validation.Failed([new FieldError("customer", "required", "is required, since you are no customer yourself")]);
        return Id<Customer>.TryParse(named, out var id) && caller.Sees(id) ? new CustomerRef(id) : NotFound("customer", named);
    }

    /// <summary>The one answer for what is not there and for what belongs to somebody else.</summary>
    public static Refusal NotFound(string what, string id) => new Refusal("not_found", $"There is no {what} {id}.").With("id", id);
}

/// <summary>A customer a caller may mean.</summary>
internal sealed record CustomerRef(Id<Customer> Id);
