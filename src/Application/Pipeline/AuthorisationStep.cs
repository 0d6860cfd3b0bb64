using System.Reflection;
using Relier.Identity;

namespace Relier.Pipeline;

/// <summary>Denies unless the caller has the permission that the use case names.</summary>
internal sealed class AuthorisationStep<TUseCase, TOutcome>(Caller caller) : Step<TUseCase, TOutcome>
{
    private static readonly string Needed =
        typeof(TUseCase).GetCustomAttribute<RequiresAttribute>()?.Permission
        ?? throw new InvalidOperationException($"{typeof(TUseCase).Name} does not say what it requires.");

    protected override Task<TOutcome> HandleAsync(TUseCase useCase, Func<Task<TOutcome>> next, CancellationToken cancellationToken) =>
        caller.May(Needed)
            ? next()
            : Task.FromResult(Refuse(new Refusal("forbidden", $"This needs the permission {Needed}.").With("permission", Needed)));
}
