using System.Collections.Immutable;
using NodaTime;
using Relier.Jobs;

namespace Relier.InMemory;

internal sealed class ProcessStore(Transaction transaction) : IProcessStore
{
    public Task BeatAsync(ProcessBeat process, CancellationToken cancellationToken) =>
        ChangeAsync(processes => processes.SetItem(process.Name, process), cancellationToken);

    public Task RemoveAsync(string name, CancellationToken cancellationToken) => ChangeAsync(processes => processes.Remove(name), cancellationToken);

    public Task RemoveUnseenAsync(Instant before, CancellationToken cancellationToken) =>
        ChangeAsync(
            processes => processes.RemoveRange(processes.Values.Where(process => process.SeenAt < before).Select(process => process.Name).ToList()),
            cancellationToken);

    public Task<IReadOnlyList<ProcessBeat>> ListAsync(CancellationToken cancellationToken) =>
        transaction.ReadAsync<IReadOnlyList<ProcessBeat>>(
            all => all.Processes.Values.OrderBy(process => process.Name, StringComparer.Ordinal).ToList(), cancellationToken);

    private Task ChangeAsync(Func<ImmutableDictionary<string, ProcessBeat>, ImmutableDictionary<string, ProcessBeat>> change, CancellationToken cancellationToken) =>
        transaction.WriteAsync(all => (all with { Processes = change(all.Processes) }, true), cancellationToken);
}
