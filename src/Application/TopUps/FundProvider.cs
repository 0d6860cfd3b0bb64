using FluentValidation;
using Relier.Auditing;
using Relier.Identity;
using Relier.Ledger;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Books money put into the account we keep with a provider (positive) or taken out of it (negative). From the first
/// time on what is left there is counted, and an order that costs more goes to another provider or is refused.
/// Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>currency_mismatch</c>, <c>idempotency_key_reused</c>.
/// </summary>
/// <param name="Provider">The provider.</param>
/// <param name="Amount">The amount, as a decimal; negative for money taken out.</param>
/// <param name="Currency">The currency of the account there: the same every time.</param>
/// <param name="Reference">What proves it: the bank's reference of the transfer.</param>
[Requires(Permission.FundProviders)]
public sealed record FundProvider(string Provider, string Amount, string Currency, string Reference) : IUseCase<ProviderFunding>
{
    /// <summary>Below what the account counts as low from now on; null leaves it as it is.</summary>
    public string? LowAt { get; init; }

    /// <summary>A key for this request: asked again with it, the money is booked once.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Money that was put into the account with a provider, or taken out.</summary>
/// <param name="Journal">What was booked.</param>
/// <param name="Funds">What is left there after it.</param>
public sealed record ProviderFunding(Journal Journal, Money Funds);

internal sealed class FundProviderRules : AbstractValidator<FundProvider>
{
    public FundProviderRules()
    {
        RuleFor(fund => fund.Provider).IsGiven().IsText(64);
        RuleFor(fund => fund.Currency).IsGiven().IsCurrency();
        RuleFor(fund => fund.Amount).Must((fund, amount) => !Relier.Currency.TryParse(fund.Currency, out var currency) || FundProviderHandler.Read(amount, currency) is not null)
            .WithErrorCode("amount_invalid").WithMessage("expected a decimal of the currency, not zero, not finer than its minor unit, as in 5000.00 or -250.00");
        RuleFor(fund => fund.Reference).IsGiven().IsText();
        RuleFor(fund => fund.LowAt).IsPositiveAmount(fund => fund.Currency).When(fund => Relier.Currency.TryParse(fund.Currency, out _));
        RuleFor(fund => fund.IdempotencyKey).IsIdempotencyKey();
    }
}

internal sealed class FundProviderHandler(IStorage storage, Providers providers, IClock clock, Caller caller) : Handler<FundProvider, ProviderFunding>
{
    /// <summary>Money that can be booked; null for anything else.</summary>
    public static Money? Read(string? amount, Currency currency) =>
        amount is not null && Validation.ReadAmount(amount, currency) is { IsZero: false, IsWhole: true } money ? money : null;

    protected override async Task<Outcome<ProviderFunding>> HandleAsync(FundProvider fund, CancellationToken cancellationToken)
    {
        if (providers.Find(fund.Provider) is null) return new Refusal("not_found", $"There is no provider '{fund.Provider}'.");
        for (var collided = false; ; collided = true)
        {
            try
            {
                var outcome = await storage.RunAsync(caller.Tenant, session => BookAsync(session, fund, cancellationToken), cancellationToken);
                providers.Forget(caller.Tenant);
                return outcome;
            }
            catch (DuplicateKeyException) when (!collided && fund.IdempotencyKey is not null)
            {
                // The same key was used by another request a moment ago; asked again, we read its answer.
            }
        }
    }

    private async Task<Outcome<ProviderFunding>> BookAsync(ISession session, FundProvider fund, CancellationToken cancellationToken)
    {
        var currency = Currency.Parse(fund.Currency);
        var amount = Read(fund.Amount, currency)!.Value;
        var fingerprint = $"fund {fund.Provider} {amount} {fund.Reference} {fund.LowAt}";
        if (fund.IdempotencyKey is { } key && await session.Idempotency.FindAsync(caller.Actor, key, cancellationToken) is { } first)
            return first.Fingerprint == fingerprint ? await AgainAsync(session, fund, first.Resource!, cancellationToken) : IdempotencyRefusals.KeyReused();

        var before = (await session.Providers.ListAsync(cancellationToken)).FirstOrDefault(sight => sight.Provider == fund.Provider && sight.Kind == ProviderSight.Float);
        if (before is not null && before.Amount!.Value.Currency != currency)
            return new Refusal("currency_mismatch", $"The account with {fund.Provider} is kept in {before.Amount.Value.Currency}.");

        var now = clock.Now();
        var journal = PostingTable.ProviderFunded(Ids.New<Journal>("jnl", now), now, fund.Provider, amount, fund.Reference);
        await session.Ledger.PostAsync(journal, cancellationToken);
        await session.Providers.ObserveAsync(
            new ProviderObservation
            {
                Provider = fund.Provider, Kind = ProviderSight.Float, At = now, IsWell = true,
                Amount = fund.LowAt is { } low ? Money.Parse(low, currency) : before?.Amount ?? Money.Zero(currency),
            },
            cancellationToken);
        await session.AuditAsync(
            caller, clock, "provider.funded", fund.Provider, null, new { amount = amount.ToString(), fund.Reference, fund.LowAt }, cancellationToken);
        if (fund.IdempotencyKey is { } given)
            await session.Idempotency.AddAsync(new FirstAnswer(caller.Actor, given, fingerprint, journal.Id.Value, null, now), cancellationToken);
        return new ProviderFunding(journal, await LeftAsync(session, fund.Provider, cancellationToken));
    }

    private static async Task<Outcome<ProviderFunding>> AgainAsync(ISession session, FundProvider fund, string journal, CancellationToken cancellationToken)
    {
        var booked = await session.Ledger.FindJournalAsync(JournalKind.ProviderFunded, journal, cancellationToken)
            ?? throw new InvalidOperationException($"The first answer names journal {journal}, which is not there.");
        return new ProviderFunding(booked, await LeftAsync(session, fund.Provider, cancellationToken));
    }

    private static async Task<Money> LeftAsync(ISession session, string provider, CancellationToken cancellationToken) =>
        (await ProviderFunds.ReadAsync(session, await session.Providers.ListAsync(cancellationToken), cancellationToken))
        .First(funds => funds.Provider == provider).Amount;
}
