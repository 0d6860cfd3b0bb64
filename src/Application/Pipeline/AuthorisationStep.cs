using System.Reflection;
using Relier.Identity;

namespace Relier.Pipeline;

/// <summary>Denies unless the caller has every permission that the use case names.</summary>
internal sealed class AuthorisationStep<TUseCase, TOutcome>(Caller caller) : Step<TUseCase, TOutcome>
{
    private static readonly string[] Needed =
        typeof(TUseCase).GetCustomAttributes<RequiresAttribute>().Select(required => required.Permission).ToArray() is { Length: > 0 } named
            ? named
            : throw new InvalidOperationException($"{typeof(TUseCase).Name} does not say what it requires.");

    protected override Task<TOutcome> HandleAsync(TUseCase useCase, Func<Task<TOutcome>> next, CancellationToken cancellationToken) =>
        Needed.FirstOrDefault(permission => !caller.May(permission)) is { } missing
            ? Task.FromResult(Refuse(new Refusal("forbidden", $"This needs the permission {missing}.").With("permission", missing)))
            : next();
}
