using NodaTime;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.InMemory;

internal sealed class ProviderStore(Session session) : IProviderStore
{
    public Task ObserveAsync(ProviderObservation observation, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Sights.GetValueOrDefault((observation.Provider, observation.Kind)) is { } seen && seen.At > observation.At
                ? rows
                : rows with { Sights = rows.Sights.SetItem((observation.Provider, observation.Kind), observation) },
            cancellationToken);

    public Task<IReadOnlyList<ProviderObservation>> ListAsync(CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<ProviderObservation>>(
            rows => [.. rows.Sights.Values.OrderBy(sight => sight.Provider, StringComparer.Ordinal).ThenBy(sight => sight.Kind)], cancellationToken);

    public Task<IReadOnlyList<ProviderAmount>> UndecidedCostAsync(CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<ProviderAmount>>(
            rows =>
            [
                .. from topUp in rows.TopUps.Values
                   where topUp.IsHeld && topUp.Route is not null
                   group topUp.Route!.Cost by (topUp.Route!.Provider, topUp.Route!.Cost.Currency) into alike
                   orderby alike.Key.Provider, alike.Key.Currency.Code
                   select new ProviderAmount(alike.Key.Provider, alike.Sum(alike.Key.Currency)),
            ],
            cancellationToken);

    public Task<IReadOnlyList<Exposure>> ExposureAsync(Instant now, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<Exposure>>(
            rows =>
            [
                .. from topUp in rows.TopUps.Values
                   where topUp.State is TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview && topUp.Route is not null
                   group topUp by (topUp.Route!.Provider, Age: AgeOf(topUp, now), topUp.Charge!.Value.Currency) into alike
                   orderby alike.Key.Provider, alike.Key.Age, alike.Key.Currency.Code
                   select new Exposure(alike.Key.Provider, alike.Key.Age, alike.LongCount(), alike.Select(topUp => topUp.Charge!.Value).Sum(alike.Key.Currency)),
            ],
            cancellationToken);

    public Task<IReadOnlyList<bool>> LastOutcomesAsync(string provider, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<bool>>(
            rows =>
            [
                .. (from topUp in rows.TopUps.Values
                    from attempt in topUp.Attempts
                    where attempt.Provider == provider && attempt.EndedAt is not null
                    orderby attempt.EndedAt descending, topUp.Id.Value descending, attempt.No descending
                    select attempt.State == AttemptState.Delivered).Take(limit),
            ],
            cancellationToken);

    public Task<Instant?> LastDeliveryAsync(string provider, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => (from topUp in rows.TopUps.Values
                     from attempt in topUp.Attempts
                     where attempt.Provider == provider && attempt.State == AttemptState.Delivered
                     select attempt.EndedAt).Max(),
            cancellationToken);

    public Task<bool> AddMessageAsync(ProviderMessage message, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Messages.Values.Any(known => known.Id == message.Id || (known.Provider, known.MessageId) == (message.Provider, message.MessageId))
                ? (rows, false)
                : (rows with { Messages = rows.Messages.Add(message.Id, message) }, true),
            cancellationToken);

    public Task<ProviderMessage?> FindMessageAsync(Id<ProviderMessage> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Messages.GetValueOrDefault(id), cancellationToken);

    public Task EndMessageAsync(ProviderMessage message, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Messages.GetValueOrDefault(message.Id) is { } stored
                ? rows with { Messages = rows.Messages.SetItem(message.Id, stored with { State = message.State, TopUp = message.TopUp, Note = message.Note }) }
                : rows,
            cancellationToken);

    public Task<Page<ProviderMessage>> ListMessagesAsync(ProviderMessageState? state, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.Messages.Values.Where(message => state is null || message.State == state)
                .ToPage(page, message => new Position(message.At, message.Id.Value)),
            cancellationToken);

    private static ExposureAge AgeOf(TopUp topUp, Instant now) => (now - topUp.UnknownSince!.Value) switch
    {
        var age when age < Duration.FromMinutes(10) => ExposureAge.Minutes,
        var age when age < Duration.FromHours(1) => ExposureAge.Hour,
        var age when age < Duration.FromDays(1) => ExposureAge.Day,
        _ => ExposureAge.Older,
    };
}
