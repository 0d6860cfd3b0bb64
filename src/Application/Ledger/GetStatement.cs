using FluentValidation;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Ledger;

/// <summary>The postings of a customer's wallet, or another account of theirs, with the balance after each, newest first. Refusals <c>validation_failed</c>, <c>not_found</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadBalance)]
public sealed record GetStatement : IUseCase<Listing<StatementLine>>
{
    /// <summary>Whose; a customer need not say.</summary>
    public string? Customer { get; init; }

    /// <summary>Which of the customer's accounts; null for the wallet.</summary>
    public string? Account { get; init; }

    /// <summary>Posted at this time or later: RFC 3339.</summary>
    public string? From { get; init; }

    /// <summary>Posted before this time.</summary>
    public string? To { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

internal sealed class GetStatementRules : AbstractValidator<GetStatement>
{
    public GetStatementRules()
    {
        RuleFor(statement => statement.Customer).IsIdOf<GetStatement, Customer>();
        RuleFor(statement => statement.Account).IsIdOf<GetStatement, Account>();
        RuleFor(statement => statement.From).IsInstant();
        RuleFor(statement => statement.To).IsInstant();
        RuleFor(statement => statement.Limit).IsLimit();
    }
}

internal sealed class GetStatementHandler(IStorage storage, Caller caller) : Handler<GetStatement, Listing<StatementLine>>
{
    protected override async Task<Outcome<Listing<StatementLine>>> HandleAsync(GetStatement query, CancellationToken cancellationToken)
    {
        if (Own.CustomerOf(caller, query.Customer).IsRefused(out var refusal, out var named)) return refusal;
        var customer = await storage.RunAsync(caller.Tenant, session => session.Customers.FindAsync(named.Id, cancellationToken), cancellationToken);
        if (customer is null) return Own.NotFound("customer", named.Id.Value);
        var account = query.Account is { } other ? Id<Account>.Parse(other) : customer.Wallet;
        var found = await storage.RunAsync(caller.Tenant, session => session.Ledger.FindAsync(account, cancellationToken), cancellationToken);
        if (found?.Customer != customer.Id) return Own.NotFound("account", account.Value);
        var (from, to) = (Validation.ReadInstant(query.From), Validation.ReadInstant(query.To));
        return await Listing.ReadAsync(query.Cursor, query.Limit, $"statement {account} {query.From} {query.To}", page =>
            storage.RunAsync(caller.Tenant, session => session.Ledger.StatementAsync(account, from, to, page, cancellationToken), cancellationToken));
    }
}
