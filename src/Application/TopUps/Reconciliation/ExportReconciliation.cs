using System.Runtime.CompilerServices;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>Every line of a reconciliation with what was found about it, by line, as a stream that holds a page at a time. Refusal <c>not_found</c>.</summary>
/// <param name="Id">The run.</param>
[Requires(Permission.ReadReconciliations)]
public sealed record ExportFindings(string Id) : IUseCase<IAsyncEnumerable<FoundLine>>;

/// <summary>Every break the filter lets through, newest first, as a stream that holds a page at a time. Refusals as of <see cref="ListBreaks"/>.</summary>
[Requires(Permission.ReadReconciliations)]
public sealed record ExportBreaks : BreakQuery, IUseCase<IAsyncEnumerable<ReconciliationBreak>>;

internal sealed class ExportBreaksRules : BreakQueryRules<ExportBreaks>;

internal sealed class ExportFindingsHandler(IStorage storage, Caller caller) : Handler<ExportFindings, IAsyncEnumerable<FoundLine>>
{
    private const int Lines = 1000;

    protected override async Task<Outcome<IAsyncEnumerable<FoundLine>>> HandleAsync(ExportFindings export, CancellationToken cancellationToken) =>
        Id<ReconciliationRun>.TryParse(export.Id, out var id)
        && await storage.RunAsync(caller.Tenant, session => session.Reconciliations.FindAsync(id, cancellationToken), cancellationToken) is not null
            ? Outcome.Of(ReadAsync(id, CancellationToken.None))
            : Own.NotFound("reconciliation", export.Id);

    private async IAsyncEnumerable<FoundLine> ReadAsync(Id<ReconciliationRun> id, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var after = 0L; ;)
        {
            var lines = await storage.RunAsync(caller.Tenant, session => session.Reconciliations.ListFindingsAsync(id, after, Lines, cancellationToken), cancellationToken);
            foreach (var line in lines) yield return line;
            if (lines.Count < Lines) yield break;
            after = lines[^1].Row.Line;
        }
    }
}

internal sealed class ExportBreaksHandler(IStorage storage, Caller caller) : Handler<ExportBreaks, IAsyncEnumerable<ReconciliationBreak>>
{
    protected override Task<Outcome<IAsyncEnumerable<ReconciliationBreak>>> HandleAsync(ExportBreaks export, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Of(ReadAsync(export.ToFilter(), CancellationToken.None)));

    private async IAsyncEnumerable<ReconciliationBreak> ReadAsync(BreakFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var page = new PageRequest(null, PageRequest.MaxLimit); ;)
        {
            var breaks = await storage.RunAsync(caller.Tenant, session => session.Reconciliations.ListBreaksAsync(filter, page, cancellationToken), cancellationToken);
            foreach (var one in breaks.Data) yield return one;
            if (breaks.Next is null) yield break;
            page = page with { After = breaks.Next };
        }
    }
}
