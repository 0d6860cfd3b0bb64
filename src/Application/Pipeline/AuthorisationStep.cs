using Relier.Identity;

namespace Relier.Pipeline;

/// <summary>Denies unless the caller has every permission that the use case names.</summary>
internal sealed class AuthorisationStep<TUseCase, TOutcome>(Caller caller) : Step<TUseCase, TOutcome>
{
    protected override Task<TOutcome> HandleAsync(TUseCase useCase, Func<Task<TOutcome>> next, CancellationToken cancellationToken) =>
        RequiresAttribute.Forbids<TUseCase>(caller) is { } refusal ? Task.FromResult(Refuse(refusal)) : next();
}
