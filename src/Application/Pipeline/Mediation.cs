using System.Collections.Concurrent;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Relier.Identity;

namespace Relier.Pipeline;

// Everything that depends on MediatR's version is in this file; its types are never registered for the application
// that embeds us, whose own mediator and behaviours are left alone.

/// <summary>One use case's handler, as the rest of the code writes it.</summary>
internal abstract class Handler<TUseCase, T> : IRequestHandler<TUseCase, Outcome<T>>
    where TUseCase : IUseCase<T>
    where T : notnull
{
    public Task<Outcome<T>> Handle(TUseCase request, CancellationToken cancellationToken) => HandleAsync(request, cancellationToken);

    protected abstract Task<Outcome<T>> HandleAsync(TUseCase useCase, CancellationToken cancellationToken);
}

/// <summary>A step around every handler.</summary>
internal abstract class Step<TUseCase, TOutcome> : IPipelineBehavior<TUseCase, TOutcome>
{
    private static readonly Func<Refusal, TOutcome> Wrap = typeof(TOutcome).GetMethod("op_Implicit", [typeof(Refusal)])!.CreateDelegate<Func<Refusal, TOutcome>>();

    public Task<TOutcome> Handle(TUseCase request, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next) =>
        HandleAsync(request, () => next(), cancellationToken);

    protected abstract Task<TOutcome> HandleAsync(TUseCase useCase, Func<Task<TOutcome>> next, CancellationToken cancellationToken);

    protected static TOutcome Refuse(Refusal refusal) => Wrap(refusal);
}

/// <summary>The façade over a scope and a mediator of its own per request.</summary>
internal sealed class MediatedRelier(IServiceScopeFactory scopes) : IRelier
{
    private static readonly Type[] Steps = [typeof(TelemetryStep<,>), typeof(AuthorisationStep<,>), typeof(ValidationStep<,>)];

    /// <summary>How the steps around a use case are made, by the list of steps that is asked for; null for anything else.</summary>
    private static readonly ConcurrentDictionary<Type, Func<IServiceProvider, object>?> Factories = new();

    public async Task<Outcome<T>> SendAsync<T>(IUseCase<T> useCase, Caller caller, CancellationToken cancellationToken)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(useCase);
        ArgumentNullException.ThrowIfNull(caller);
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerHolder>().Caller = caller;
        return await new Mediator(type => Resolve(scope.ServiceProvider, type)).Send(useCase, cancellationToken);
    }

    private static object Resolve(IServiceProvider services, Type type) =>
        Factories.GetOrAdd(type, FactoryOf) is { } make ? make(services) : services.GetRequiredService(type);

    private static Func<IServiceProvider, object>? FactoryOf(Type type)
    {
        var isSteps = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>)
            && type.GenericTypeArguments[0] is { IsGenericType: true } element
            && element.GetGenericTypeDefinition() == typeof(IPipelineBehavior<,>);
        if (!isSteps) return null;

        var step = type.GenericTypeArguments[0];
        var factories = Steps.Select(open => ActivatorUtilities.CreateFactory(open.MakeGenericType(step.GenericTypeArguments), [])).ToArray();
        return services =>
        {
            var steps = Array.CreateInstance(step, factories.Length);
            for (var i = 0; i < factories.Length; i++) steps.SetValue(factories[i](services, []), i);
            return steps;
        };
    }
}

/// <summary>Carries the caller from the façade to the handlers of the same request.</summary>
internal sealed class CallerHolder
{
    private Caller? _caller;

    public Caller Caller
    {
        get => _caller ?? throw new InvalidOperationException("A handler was made outside of a request.");
        set => _caller = value;
    }
}
