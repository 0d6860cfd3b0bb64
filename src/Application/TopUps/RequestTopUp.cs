using FluentValidation;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Orders a recharge of one phone. Money is set aside at once; with <see cref="Wait"/> the answer comes when the outcome
/// is known or the wait is over, whichever is first. What is not decided then goes on by itself: ask again with
/// <see cref="GetTopUp"/>.
/// Refusals, in the order in which they win: <c>forbidden</c>, <c>validation_failed</c>, <c>not_found</c> (the customer),
/// <c>customer_suspended</c>, <c>idempotency_key_reused</c>, then those of <see cref="Ordering.Decide"/>. Asked twice with
/// one reference or key, the first answer is given again, also when it was a final no.
/// </summary>
/// <param name="Phone">The phone: ten digits, with or without +52.</param>
/// <param name="Amount">What shall arrive, as a decimal: <c>20</c>. Null when the product says it.</param>
[Requires(Permission.OrderTopUps)]
public sealed record RequestTopUp(string Phone, string? Amount) : IUseCase<TopUpReceipt>
{
    /// <summary>Who orders; a customer need not say.</summary>
    public string? Customer { get; init; }

    /// <summary>The product; null for the best that delivers the amount.</summary>
    public string? Product { get; init; }

    /// <summary>The operator whose number it is: <c>TELEFONICA</c>; null for the one of the first provider that delivers the amount.</summary>
    public string? Operator { get; init; }

    /// <summary>The currency of the amount; null for MXN.</summary>
    public string? Currency { get; init; }

    /// <summary>Your own name for the order: the second request with it gets the answer of the first. At most 100 characters.</summary>
    public string? Reference { get; init; }

    /// <summary>A key for this request, where there is no reference. Kept for 30 days at least.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Whether the same phone and amount again within two minutes is meant. Ignored with a reference.</summary>
    public bool AllowDuplicate { get; init; }

    /// <summary>
    /// How long to wait for the outcome. Zero answers as soon as the money is set aside. Default 25 s; at most 60. Inside an
    /// application's own transaction it must be zero, else <see cref="InvalidOperationException"/>: nothing is sent before its commit.
    /// </summary>
    public Duration Wait { get; init; } = Duration.FromSeconds(25);
}

/// <summary>The answer to an order.</summary>
/// <param name="TopUp">The top-up, as it stands now.</param>
/// <param name="Replayed">Whether it was ordered by an earlier request.</param>
public sealed record TopUpReceipt(TopUp TopUp, bool Replayed);

internal sealed class RequestTopUpRules : AbstractValidator<RequestTopUp>
{
    private static readonly Duration LongestWait = Duration.FromSeconds(60);

    public RequestTopUpRules()
    {
        RuleFor(request => request.Phone).Cascade(CascadeMode.Stop).IsGiven().IsPhone();
        RuleFor(request => request.Currency).IsCurrency();
        RuleFor(request => request.Amount).IsPositiveAmount(request => request.Currency ?? Ordering.FaceCurrency.Code)
            .When(request => request.Currency is null || Relier.Currency.TryParse(request.Currency, out _));
        RuleFor(request => request.Amount).IsGiven().When(request => request.Product is null);
        RuleFor(request => request.Product).IsText(64);
        RuleFor(request => request.Operator).IsText(64);
        RuleFor(request => request.Reference).IsReference();
        RuleFor(request => request.IdempotencyKey).IsIdempotencyKey();
        RuleFor(request => request.Customer).IsIdOf<RequestTopUp, Customer>();
        RuleFor(request => request.Wait).Must(wait => wait >= Duration.Zero && wait <= LongestWait)
            .WithErrorCode("wait_invalid").WithMessage("expected 0 to 60 seconds");
    }
}

internal sealed class RequestTopUpHandler(Intake intake, TopUpWork work, IStorage storage, IClock clock, Caller caller)
    : Handler<RequestTopUp, TopUpReceipt>
{
    protected override async Task<Outcome<TopUpReceipt>> HandleAsync(RequestTopUp request, CancellationToken cancellationToken)
    {
        if (Own.CustomerOf(caller, request.Customer).IsRefused(out var stranger, out var customer)) return stranger;

        var waits = request.Wait > Duration.Zero;
        if (waits && storage.IsInTransaction)
            throw new InvalidOperationException($"Inside a transaction nothing can be waited for: what it orders is submitted after its commit. Order with {nameof(RequestTopUp.Wait)} = {nameof(Duration)}.{nameof(Duration.Zero)}.");
        if ((await intake.TakeAsync(caller, customer, request, claim: waits, cancellationToken)).IsRefused(out var refusal, out var taken)) return refusal;
        if (taken.Job is not { } job) return new TopUpReceipt(taken.TopUp, Replayed: true);
        if (!waits) return new TopUpReceipt(taken.TopUp, Replayed: false);

        // The work belongs to the process, not to the caller: who gives up waiting undoes nothing.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(work.Run(job), clock.DelayAsync(request.Wait, over.Token));
        over.Cancel();
        var now = await storage.RunAsync(caller.Tenant, session => session.TopUps.FindAsync(taken.TopUp.Id, cancellationToken), cancellationToken);
        return new TopUpReceipt(now ?? taken.TopUp, Replayed: false);
    }
}
