using Relier.Importing;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.InMemory;

internal sealed class ImportStore(Session session) : IImportStore
{
    // Transactions run one after the other: there is nothing to lock.
    public Task LockAsync(string source, CancellationToken cancellationToken) => session.ReadAsync(_ => true, cancellationToken);

    public Task<IReadOnlyList<ImportedItem>> FindAsync(string source, ImportedKind kind, IReadOnlyCollection<string> oldIds, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<ImportedItem>>(
            rows => [.. oldIds.Distinct().Select(oldId => rows.Imported.GetValueOrDefault((source, kind, oldId))).OfType<ImportedItem>()], cancellationToken);

    public Task AddAsync(IReadOnlyCollection<ImportedItem> items, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                var (imported, topUps) = (rows.Imported.ToBuilder(), rows.ImportedTopUps.ToBuilder());
                foreach (var item in items)
                    if ((item.Kind == ImportedKind.TopUp && !topUps.Add(item.NewId)) || !imported.TryAdd((item.Source, item.Kind, item.OldId), item))
                        throw new DuplicateKeyException(UniqueKey.ImportedItem);
                return rows with { Imported = imported.ToImmutable(), ImportedTopUps = topUps.ToImmutable() };
            },
            cancellationToken);

    public Task<TopUp> DecideAsync(TopUp topUp, ImportedItem item, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                var key = (item.Source, item.Kind, item.OldId);
                if (item.Kind != ImportedKind.TopUp || item.NewId != topUp.Id.Value || rows.Imported.GetValueOrDefault(key) is not { IsUndecided: true } before || before.NewId != item.NewId
                    || rows.TopUps.GetValueOrDefault(topUp.Id) is not { } stored || stored.Version != topUp.Version)
                    throw new StaleVersionException($"Top-up {topUp.Id}", topUp.Version);
                var decided = stored with
                {
                    State = topUp.State, Charge = topUp.Charge, Rate = topUp.Rate, Code = topUp.Code, OperatorReference = topUp.OperatorReference,
                    DecidedAt = topUp.DecidedAt, UnknownSince = topUp.UnknownSince, Version = topUp.Version + 1,
                };
                var known = before with { Fingerprint = item.Fingerprint, IsUndecided = item.IsUndecided };
                return (rows with { TopUps = rows.TopUps.SetItem(topUp.Id, decided), Imported = rows.Imported.SetItem(key, known) }, decided);
            },
            cancellationToken);
}
