using FluentValidation;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Says that the charge of a call is wrong, and holds it: until the dispute ends the call is neither charged again nor invoiced. Refusals:
/// <c>validation_failed</c>, <c>not_found</c>, <c>call_archived</c>, <c>call_disputed</c>, <c>call_not_charged</c>.
/// </summary>
/// <param name="Call">The call; a customer's own.</param>
/// <param name="Reason">What is wrong.</param>
[Requires(Permission.OpenDisputes)]
public sealed record OpenDispute(string Call, string Reason) : IUseCase<CallDispute>;

/// <summary>
/// Ends a dispute, with a credit or without. With one the call costs so much less, and a prepaid balance gets it back. Refusals:
/// <c>validation_failed</c>, <c>not_found</c>, <c>dispute_closed</c>, <c>credit_too_large</c>.
/// </summary>
/// <param name="Dispute">The dispute.</param>
/// <param name="Note">Why it ends so.</param>
[Requires(Permission.CloseDisputes)]
public sealed record CloseDispute(string Dispute, string Note) : IUseCase<CallDispute>
{
    /// <summary>Whether something is given back.</summary>
    public bool Accept { get; init; }

    /// <summary>How much, in the currency of the charge; null for all of it. Only with <see cref="Accept"/>.</summary>
    public string? Credit { get; init; }
}

/// <summary>A dispute; a customer's own. Refusal <c>not_found</c>.</summary>
/// <param name="Id">The dispute.</param>
[Requires(Permission.ReadUsage)]
public sealed record GetDispute(string Id) : IUseCase<CallDispute>;

/// <summary>Disputes, newest first; a customer's own. Refusals <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadUsage)]
public sealed record ListDisputes : IUseCase<Listing<CallDispute>>
{
    /// <summary>Only in this state: <c>open</c>, <c>credited</c> or <c>rejected</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

internal sealed class OpenDisputeRules : AbstractValidator<OpenDispute>
{
    public OpenDisputeRules() => RuleFor(order => order.Reason).IsGiven().IsText();
}

internal sealed class CloseDisputeRules : AbstractValidator<CloseDispute>
{
    public CloseDisputeRules()
    {
        RuleFor(order => order.Note).IsGiven().IsText();
        RuleFor(order => order.Credit).Must((order, credit) => credit is null || order.Accept).WithErrorCode("credit_invalid").WithMessage("a dispute that is not accepted has no credit");
    }
}

internal sealed class ListDisputesRules : AbstractValidator<ListDisputes>
{
    public static readonly Dictionary<string, DisputeState> States = Enum.GetValues<DisputeState>().ToDictionary(CallWords.Word);

    public ListDisputesRules()
    {
        RuleFor(list => list.Status).Must(word => word is null || States.ContainsKey(word)).WithErrorCode("status_invalid").WithMessage($"expected one of {string.Join(", ", States.Keys)}");
        RuleFor(list => list.Limit).IsLimit();
    }
}

internal sealed class OpenDisputeHandler(IStorage storage, IClock clock, Caller caller) : Handler<OpenDispute, CallDispute>
{
    protected override async Task<Outcome<CallDispute>> HandleAsync(OpenDispute order, CancellationToken cancellationToken)
    {
        for (var collided = false; ; collided = true)
        {
            try
            {
                return await OpenAsync(order, cancellationToken);
            }
            catch (StaleVersionException) when (!collided)
            {
                // The call went into the archive at the same moment, which asks no lock of its account; looked at again, it is there.
            }
        }
    }

    private Task<Outcome<CallDispute>> OpenAsync(OpenDispute order, CancellationToken cancellationToken) =>
        storage.RunAsync<Outcome<CallDispute>>(
            caller.Tenant,
            async session =>
            {
                if ((await CallOf.FindAsync(session, caller, order.Call, cancellationToken)).IsRefused(out var unknown, out var known)) return unknown;
                // Whoever changes calls of an account waits here, so that the call is read as it is then.
                if (known.Account is { } account) await session.UsageAccounts.LockAsync([account], cancellationToken);
                if ((await CallOf.FindAsync(session, caller, order.Call, cancellationToken)).IsRefused(out var gone, out var call)) return gone;
                var now = clock.Now();
                if (CallDispute.Open(Ids.New<CallDispute>("dsp", now), call, order.Reason, caller.Actor, now).IsRefused(out var refusal, out var opened)) return refusal;
                await session.Calls.AddDisputeAsync(opened.Dispute, cancellationToken);
                await session.Calls.AddAsync(new CallEntries { Changed = [opened.Call] }, cancellationToken);
                await session.AuditAsync(caller, clock, "dispute.opened", order.Call, null, new { dispute = opened.Dispute.Id.Value, amount = $"{opened.Dispute.Amount}" }, cancellationToken);
                return opened.Dispute;
            },
            cancellationToken);
}

internal sealed class CloseDisputeHandler(IStorage storage, IClock clock, Caller caller) : Handler<CloseDispute, CallDispute>
{
    protected override Task<Outcome<CallDispute>> HandleAsync(CloseDispute order, CancellationToken cancellationToken) =>
        storage.RunAsync(caller.Tenant, session => CloseAsync(session, order, cancellationToken), cancellationToken);

    private async Task<Outcome<CallDispute>> CloseAsync(ISession session, CloseDispute order, CancellationToken cancellationToken)
    {
        if (!Id<CallDispute>.TryParse(order.Dispute, out var id) || await session.Calls.FindDisputeAsync(id, cancellationToken) is not { } known) return Own.NotFound("dispute", order.Dispute);
        // Behind the lock, so that of two who end it at once the second sees that it is ended.
        var facts = (await session.UsageAccounts.LockAsync([known.Account], cancellationToken)).Single();
        var (dispute, now) = ((await session.Calls.FindDisputeAsync(id, cancellationToken))!, clock.Now());
        // Only the call of an open dispute is sure to be in the storage.
        if (dispute.State != DisputeState.Open) return CallDispute.Closed();
        var call = (await session.Calls.FindAsync(known.Call, cancellationToken))!;
        if (!order.Accept)
        {
            if (dispute.Reject(call, order.Note, caller.Actor, now).IsRefused(out var closed, out var rejected)) return closed;
            await session.Calls.AddAsync(new CallEntries { Changed = [rejected.Call] }, cancellationToken);
            return await EndAsync(session, rejected.Dispute, cancellationToken);
        }

        var credit = order.Credit is null ? dispute.Amount : Validation.ReadAmount(order.Credit, dispute.Amount.Currency);
        if (credit is not { IsPositive: true } amount) return Validation.Failed([new FieldError("credit", "amount_invalid", $"expected a positive decimal of {dispute.Amount.Currency}, at most the charge")]);
        if (dispute.Accept(facts, call, amount, order.Note, caller.Actor, Ids.New<Journal>("jnl", now), now).IsRefused(out var refusal, out var credited)) return refusal;
        await session.Calls.AddAsync(
            new CallEntries
            {
                Changed = [credited.Call], Superseded = [(call.Id, credited.Superseded)], Used = [credited.Used], Wallets = credited.Booking is { } booking ? [booking.Account] : [],
                Journals = credited.Booking is { } booked ? [booked.Journal] : [],
            },
            cancellationToken);
        return await EndAsync(session, credited.Dispute, cancellationToken);
    }

    private async Task<CallDispute> EndAsync(ISession session, CallDispute ended, CancellationToken cancellationToken)
    {
        await session.AuditAsync(caller, clock, $"dispute.{CallWords.Word(ended.State)}", ended.Call.Value, null, new { dispute = ended.Id.Value, credit = ended.Credit?.ToString(), ended.Note }, cancellationToken);
        return await session.Calls.UpdateDisputeAsync(ended, cancellationToken);
    }
}

internal sealed class GetDisputeHandler(IStorage storage, Caller caller) : Handler<GetDispute, CallDispute>
{
    protected override Task<Outcome<CallDispute>> HandleAsync(GetDispute query, CancellationToken cancellationToken) =>
        storage.RunAsync<Outcome<CallDispute>>(
            caller.Tenant,
            async session => Id<CallDispute>.TryParse(query.Id, out var id) && await session.Calls.FindDisputeAsync(id, cancellationToken) is { } dispute && caller.Sees(dispute.Customer)
                ? dispute
                : Own.NotFound("dispute", query.Id),
            cancellationToken);
}

internal sealed class ListDisputesHandler(IStorage storage, Caller caller) : Handler<ListDisputes, Listing<CallDispute>>
{
    protected override Task<Outcome<Listing<CallDispute>>> HandleAsync(ListDisputes list, CancellationToken cancellationToken)
    {
        DisputeState? state = list.Status is null ? null : ListDisputesRules.States[list.Status];
        return Listing.ReadAsync(list.Cursor, list.Limit, $"disputes {caller.Customer} {list.Status}", page =>
            storage.RunAsync(caller.Tenant, session => session.Calls.ListDisputesAsync(state, caller.Customer, page, cancellationToken), cancellationToken));
    }
}
