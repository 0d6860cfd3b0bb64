using FluentValidation;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>What providers told us unasked, newest first. Refusals: <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadProviders)]
public sealed record ListProviderMessages : IUseCase<Listing<ProviderMessage>>
{
    /// <summary>Only in this state: <c>received</c>, <c>applied</c>, <c>orphan</c>, <c>unreadable</c>, <c>contradicts</c>; null for all.</summary>
    public string? State { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>At most how many: 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

internal sealed class ListProviderMessagesRules : AbstractValidator<ListProviderMessages>
{
    public static readonly Dictionary<string, ProviderMessageState> States =
        Enum.GetValues<ProviderMessageState>().ToDictionary(state => state.ToString().ToLowerInvariant());

    public ListProviderMessagesRules()
    {
        RuleFor(list => list.State).Must(word => word is null || States.ContainsKey(word))
            .WithErrorCode("status_invalid").WithMessage($"expected one of {string.Join(", ", States.Keys)}");
        RuleFor(list => list.Limit).IsLimit();
    }
}

internal sealed class ListProviderMessagesHandler(IStorage storage, Caller caller) : Handler<ListProviderMessages, Listing<ProviderMessage>>
{
    protected override Task<Outcome<Listing<ProviderMessage>>> HandleAsync(ListProviderMessages list, CancellationToken cancellationToken)
    {
        ProviderMessageState? state = list.State is { } word ? ListProviderMessagesRules.States[word] : null;
        return Listing.ReadAsync(
            list.Cursor, list.Limit, $"messages {list.State}",
            page => storage.RunAsync(caller.Tenant, session => session.Providers.ListMessagesAsync(state, page, cancellationToken), cancellationToken));
    }
}
