using FluentValidation;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Notifications;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Ledger;

/// <summary>
/// Adds credit to a customer's wallet, or another account of theirs, or with a negative amount subtracts it. Refusals: <c>validation_failed</c>,
/// <c>not_found</c>, <c>idempotency_key_reused</c>, <c>insufficient_credit</c>, <c>balance_out_of_range</c> (both final for
/// their key). Asked twice with one key, the first answer is given again.
/// </summary>
/// <param name="Customer">Whose wallet.</param>
/// <param name="Amount">In the wallet's currency, as a decimal: <c>-50.00</c>. Not zero.</param>
/// <param name="Reason"><c>payment</c>, <c>payout</c>, <c>correction</c>, <c>goodwill</c> or <c>opening_balance</c>.</param>
[Requires(Permission.AdjustCredit)]
public sealed record AdjustCredit(string Customer, string Amount, string Reason) : IUseCase<CreditReceipt>
{
    /// <summary>Which of the customer's accounts; null for the wallet.</summary>
    public string? Account { get; init; }

    /// <summary>Anything else worth keeping.</summary>
    public string? Note { get; init; }

    /// <summary>A key for this request: with it, a second one does nothing.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Credit that was added or subtracted.</summary>
/// <param name="Posting">The event in the books.</param>
/// <param name="Before">The posted balance before.</param>
/// <param name="After">The posted balance after.</param>
/// <param name="Replayed">Whether an earlier request did it.</param>
public sealed record CreditReceipt(StatementLine Posting, Money Before, Money After, bool Replayed);

internal sealed class AdjustCreditRules : AbstractValidator<AdjustCredit>
{
    public static readonly Dictionary<string, CreditReason> Reasons =
        Enum.GetValues<CreditReason>().ToDictionary(PostingTable.Word);

    public AdjustCreditRules()
    {
        RuleFor(credit => credit.Customer).IsGiven().IsIdOf<AdjustCredit, Customer>();
        RuleFor(credit => credit.Account).IsIdOf<AdjustCredit, Account>();
        RuleFor(credit => credit.Amount).IsGiven();
        RuleFor(credit => credit.Reason).Must(word => word is not null && Reasons.ContainsKey(word))
            .WithErrorCode("reason_invalid").WithMessage($"expected one of {string.Join(", ", Reasons.Keys)}");
        RuleFor(credit => credit.Note).IsText();
        RuleFor(credit => credit.IdempotencyKey).IsIdempotencyKey();
    }
}

internal sealed class AdjustCreditHandler(IStorage storage, Alerts alerts, IClock clock, Caller caller) : Handler<AdjustCredit, CreditReceipt>
{
    protected override async Task<Outcome<CreditReceipt>> HandleAsync(AdjustCredit credit, CancellationToken cancellationToken)
    {
        for (var collided = false; ; collided = true)
        {
            try
            {
                return await storage.RunAsync(caller.Tenant, session => AdjustAsync(session, credit, cancellationToken), cancellationToken);
            }
            catch (DuplicateKeyException) when (!collided && credit.IdempotencyKey is not null)
            {
                // The same key was used by another request a moment ago; asked again, we read its answer.
            }
        }
    }

    private async Task<Outcome<CreditReceipt>> AdjustAsync(ISession session, AdjustCredit credit, CancellationToken cancellationToken)
    {
        var customer = await session.Customers.FindAsync(Id<Customer>.Parse(credit.Customer), cancellationToken);
        if (customer is null) return Own.NotFound("customer", credit.Customer);
        var asked = credit.Account is { } other ? Id<Account>.Parse(other) : customer.Wallet;
        if (await session.Ledger.LockAsync(asked, cancellationToken) is not { } account || account.Customer != customer.Id) return Own.NotFound("account", asked.Value);
        if (Validation.ReadAmount(credit.Amount, account.Currency) is not { IsZero: false, IsWhole: true } amount)
            return Validation.Failed([new FieldError("amount", "amount_invalid", $"expected a decimal of {account.Currency}, at most 1000000000 either way, not zero, not finer than its minor unit, as in -50.00")]);

        var fingerprint = $"credit {customer.Id} {amount} {credit.Reason} {credit.Note}{(credit.Account is null ? "" : $" {account.Id}")}";
        if (credit.IdempotencyKey is { } key && await session.Idempotency.FindAsync(caller.Actor, key, cancellationToken) is { } first)
            return first.Fingerprint != fingerprint ? IdempotencyRefusals.KeyReused()
                : first.Refusal is { } no ? no with { Replayed = true }
                : await AgainAsync(session, amount, Id<Journal>.Parse(first.Resource!), cancellationToken);

        var now = clock.Now();
        var booked = PostingTable.Credit(Ids.New<Journal>("jnl", now), now, account, amount, AdjustCreditRules.Reasons[credit.Reason], credit.Note);
        if (credit.IdempotencyKey is { } used)
            await session.Idempotency.AddAsync(
                new FirstAnswer(caller.Actor, used, fingerprint, booked.Refusal is null ? booked.Value.Journal.Id.Value : null, booked.Refusal, now), cancellationToken);
        if (booked.IsRefused(out var refusal, out var booking)) return refusal;

        await session.Ledger.UpdateAsync(booking.Account, cancellationToken);
        await session.Ledger.PostAsync(booking.Journal, cancellationToken);
        if (account.Id == customer.Wallet) await alerts.AfterMoveAsync(session, account, booking.Account, cancellationToken);
        await session.AuditAsync(
            caller, clock, amount.IsPositive ? "credit.added" : "credit.subtracted", customer.Id.Value,
            new { balance = account.Posted.ToString() }, new { balance = booking.Account.Posted.ToString(), booking.Journal.Reason }, cancellationToken);
        return ToReceipt(booking.Journal, amount, replayed: false);
    }

    private static async Task<Outcome<CreditReceipt>> AgainAsync(ISession session, Money amount, Id<Journal> id, CancellationToken cancellationToken)
    {
        var kind = amount.IsPositive ? JournalKind.CreditAdded : JournalKind.CreditSubtracted;
        var journal = await session.Ledger.FindJournalAsync(kind, id.Value, cancellationToken)
            ?? throw new InvalidOperationException($"The first answer names journal {id}, which is not there.");
        return ToReceipt(journal, amount, replayed: true);
    }

    private static CreditReceipt ToReceipt(Journal journal, Money amount, bool replayed)
    {
        var posting = journal.Postings.Single(part => part.Balance is not null);
        var after = posting.Balance!.Value;
        var line = new StatementLine(journal.Id, journal.At, journal.Kind, journal.Subject, journal.Reason, amount, after, posting.Entry!.Value);
        return new CreditReceipt(line, after - amount, after, replayed);
    }
}
