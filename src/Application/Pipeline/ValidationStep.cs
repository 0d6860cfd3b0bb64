using FluentValidation;

namespace Relier.Pipeline;

/// <summary>Refuses a request that makes no sense, with every field that is wrong, before anything is read or written.</summary>
internal sealed class ValidationStep<TUseCase, TOutcome>(IEnumerable<IValidator<TUseCase>> validators) : Step<TUseCase, TOutcome>
{
    protected override async Task<TOutcome> HandleAsync(TUseCase useCase, Func<Task<TOutcome>> next, CancellationToken cancellationToken)
    {
        var errors = new List<FieldError>();
        foreach (var validator in validators)
        {
            // Nothing is asked of storage here, so there is nothing to wait for.
            errors.AddRange(validator.Validate(useCase).Errors.Select(error => new FieldError(FieldNames.Camel(error.PropertyName), error.ErrorCode, error.ErrorMessage)));
        }

        return errors.Count == 0 ? await next() : Refuse(Validation.Failed(errors));
    }
}
