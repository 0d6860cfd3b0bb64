using System.Reflection;
using MediatR;
using Relier.Identity;

namespace Relier;

/// <summary>
/// The one door: every use case, from every host, goes through it and is authorised, validated and measured alike.
/// Safe for use from many threads at once.
/// </summary>
public interface IRelier
{
    /// <summary>
    /// Asks for something on behalf of a caller. An expected no comes back as a refusal: <c>forbidden</c> when the caller
    /// may not, <c>validation_failed</c> with the fields when the request makes no sense, else what the use case documents.
    /// Throws <see cref="Storage.StorageUnavailableException"/> when storage cannot be reached.
    /// </summary>
    Task<Outcome<T>> SendAsync<T>(IUseCase<T> useCase, Caller caller, CancellationToken cancellationToken = default)
        where T : notnull;
}

/// <summary>Something that can be asked for. Each says what its caller needs in a <see cref="RequiresAttribute"/>, or in several.</summary>
public interface IUseCase<T> : IRequest<Outcome<T>>
    where T : notnull;

/// <summary>What a caller needs to be allowed; all of it where there are several.</summary>
/// <param name="permission">A word of <see cref="Permission"/>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class RequiresAttribute(string permission) : Attribute
{
    /// <summary>A word of <see cref="Identity.Permission"/>.</summary>
    public string Permission { get; } = permission;

    /// <summary>
    /// The refusal <c>forbidden</c> for a caller who may not ask this; null for one who may. <see cref="IRelier.SendAsync"/> refuses by itself: this is for
    /// hosts that would take in a large file first.
    /// </summary>
    /// <typeparam name="TUseCase">The use case.</typeparam>
    public static Refusal? Forbids<TUseCase>(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return Of<TUseCase>.Permissions.FirstOrDefault(permission => !caller.May(permission)) is { } missing
            ? new Refusal("forbidden", $"This needs the permission {missing}.").With("permission", missing)
            : null;
    }

    /// <summary>Read once for each use case, not at each request.</summary>
    private static class Of<TUseCase>
    {
        public static readonly string[] Permissions =
            typeof(TUseCase).GetCustomAttributes<RequiresAttribute>().Select(required => required.Permission).ToArray() is { Length: > 0 } named
                ? named
                : throw new InvalidOperationException($"{typeof(TUseCase).Name} does not say what it requires.");
    }
}
