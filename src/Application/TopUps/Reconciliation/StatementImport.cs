using System.Security.Cryptography;
using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// One reconciliation from the file to the last settlement, in short transactions. Until settling begins nothing has an
/// effect: a run that dies is thrown away by the next one that wants its place. From then on it is only ever continued.
/// Every transaction writes the run with its version, so a process that was thought dead cannot go on with what is no longer its own.
/// </summary>
internal sealed class StatementImport(IStorage storage, StatementMatching matching, StatementSettling settling, IClock clock)
{
    /// <summary>Lines in one transaction: some hundred milliseconds, some megabytes.</summary>
    public const int Batch = 5000;

    /// <summary>A run gets on every second or so; one that has not for so long has lost its process.</summary>
    public static readonly Duration Patience = Duration.FromMinutes(5);

    public async Task<Outcome<ReconciliationRun>> RunAsync(StatementOrder order, Caller caller, CancellationToken cancellationToken)
    {
        order.Content.Position = 0;
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(order.Content, cancellationToken));
        order.Content.Position = 0;

        var earlier = await storage.RunAsync(caller.Tenant, session => session.Reconciliations.FindByHashAsync(hash, cancellationToken), cancellationToken);
        if (earlier is not null && (!earlier.IsUnderWay || !IsLost(earlier))) return Already(earlier);
        if (earlier is { State: ReconciliationState.Settling })
            return order.DryRun ? Already(earlier) : await FinishAsync(await TakeOverAsync(earlier, caller, cancellationToken), caller, order.Tell, cancellationToken);
        await DiscardLostAsync(caller, cancellationToken);

        var now = clock.Now();
        var run = new ReconciliationRun
        {
            Id = Ids.New<ReconciliationRun>("rec", now), Provider = order.Provider, Source = order.Layout.Source, Layout = order.Layout.Name,
            FileName = order.FileName, FileHash = hash, From = order.From, To = order.To, State = ReconciliationState.Importing,
            Supersedes = order.Supersedes, StartedBy = caller.Actor, StartedAt = now, TouchedAt = now, DeclaredRows = order.Rows,
            DeclaredTotals = order.Totals, Version = 1,
        };
        try
        {
            await storage.RunAsync(caller.Tenant, session => Done(session.Reconciliations.AddAsync(run, cancellationToken)), cancellationToken);
        }
        catch (DuplicateKeyException)
        {
            return new Refusal("statement_being_imported", "Somebody else imports this file at this moment.");
        }

        try
        {
            return await ImportAsync(run, order, caller, cancellationToken);
        }
        catch (Exception)
        {
            await TryDiscardAsync(run.Id, caller);
            throw;
        }
    }

    private async Task<Outcome<ReconciliationRun>> ImportAsync(ReconciliationRun begun, StatementOrder order, Caller caller, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(begun, order, caller, cancellationToken)).IsRefused(out var wrong, out var run))
            return await RejectAsync(begun.Id, wrong, order, caller, cancellationToken);
        if ((await ClaimPeriodAsync(run, order, caller, cancellationToken)).IsRefused(out var taken, out run))
        {
            await TryDiscardAsync(begun.Id, caller);
            return taken;
        }

        (run, var tally) = await matching.RunAsync(run, order.Layout, caller, order.Tell, cancellationToken);
        run = run with { Classes = tally.Classes };
        if (order.DryRun)
        {
            await DiscardAsync(run, caller, cancellationToken);
            return run;
        }

        run = await storage.RunAsync(caller.Tenant, session => BeginSettlingAsync(session, run, caller, cancellationToken), cancellationToken);
        return await FinishAsync(run, caller, order.Tell, cancellationToken);
    }

    /// <summary>Stages the lines. Refused when the file cannot be read or is not what was declared.</summary>
    private async Task<Outcome<ReconciliationRun>> ReadAsync(ReconciliationRun run, StatementOrder order, Caller caller, CancellationToken cancellationToken)
    {
        var (tally, walk) = (new StatementTally(), new WalletWalk());
        var (first, last, outside) = ((LocalDate?)null, (LocalDate?)null, 0L);
        var batch = new List<StatementRow>(Batch);
        using var csv = new CsvReader(order.Content, order.Layout.Delimiter);
        try
        {
            if (await csv.ReadAsync(cancellationToken) is not { } header) return new Refusal("statement_unreadable", "The file is empty; expected at least a header.");
            if (StatementParser.For(order.Layout, header).IsRefused(out var refusal, out var parser)) return refusal;
            while (await csv.ReadAsync(cancellationToken) is { } cells)
            {
                if (parser.Read(csv.Line, cells).IsRefused(out refusal, out var line)) return refusal;
                tally.Add(line.Row);
                walk.Add(line);
                (first, last) = (first is null || line.Row.Day < first ? line.Row.Day : first, last is null || line.Row.Day > last ? line.Row.Day : last);
                if (order.From is { } from && order.To is { } to && (line.Row.Day < from || line.Row.Day >= to)) outside++;
                batch.Add(line.Row);
                if (batch.Count < Batch) continue;
                run = await StageAsync(run, batch, caller, cancellationToken);
                order.Tell(new ReconciliationProgress("reading", order.Content.Position, order.Content.Length));
            }
        }
        catch (FormatException error)
        {
            return new Refusal("statement_unreadable", error.Message);
        }

        run = await StageAsync(run, batch, caller, cancellationToken);
        if (tally.Against(order.Rows, order.Totals) is { } mismatch) return mismatch;
        if ((order.From ?? first) is not { } begin || (order.To ?? last?.PlusDays(1)) is not { } end)
            return new Refusal("statement_unreadable", "The file has no lines, and no period was given that it could be empty for.");

        var walks = walk.Results;
        return run with
        {
            From = begin, To = end, Rows = tally.Rows, Totals = tally.Delivered, RowsOutside = outside, Walks = walks,
            IsComplete = order.Layout.ListsEverything && order.From is not null && outside == 0
                && tally.IsCoveredBy(order.Rows, order.Totals) && walks.All(result => result.AddsUp),
        };
    }

    private async Task<ReconciliationRun> StageAsync(ReconciliationRun run, List<StatementRow> batch, Caller caller, CancellationToken cancellationToken)
    {
        var touched = await storage.RunAsync(
            caller.Tenant,
            async session =>
            {
                await session.Reconciliations.AddRowsAsync(run.Id, batch, cancellationToken);
                return await session.Reconciliations.UpdateAsync(run with { TouchedAt = clock.Now() }, cancellationToken);
            },
            cancellationToken);
        batch.Clear();
        return touched;
    }

    /// <summary>From here on no other file of the source can have one of these days. Refused when one has already.</summary>
    private async Task<Outcome<ReconciliationRun>> ClaimPeriodAsync(ReconciliationRun run, StatementOrder order, Caller caller, CancellationToken cancellationToken)
    {
        return await storage.RunAsync<Outcome<ReconciliationRun>>(
            caller.Tenant,
            async session =>
            {
                await session.Reconciliations.LockSourceAsync(run.Provider, run.Source, cancellationToken);
                var others = (await session.Reconciliations.OverlappingAsync(run.Provider, run.Source, run.From!.Value, run.To!.Value, cancellationToken))
                    .Where(other => other.Id != run.Id && other.State != ReconciliationState.Importing).ToList();
                if (others.FirstOrDefault(other => other.Id != order.Supersedes || other.State != ReconciliationState.Done) is { } taken)
                    return new Refusal("period_overlaps", $"Run {taken.Id} is about {taken.From} to {taken.To} (the end excluded) of the same source; supersede it, or give another period.").With("run", taken.Id.Value);
                if (order.Supersedes is { } superseded && others.Count == 0)
                    return new Refusal("supersedes_nothing", $"Run {superseded} is not a finished one of the same source and period.").With("run", superseded.Value);
                await session.Reconciliations.RowsAreThereAsync(cancellationToken);
                return await session.Reconciliations.UpdateAsync(run with { State = ReconciliationState.Matching, TouchedAt = clock.Now() }, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<ReconciliationRun> BeginSettlingAsync(ISession session, ReconciliationRun run, Caller caller, CancellationToken cancellationToken)
    {
        if (run.Supersedes is { } superseded && await session.Reconciliations.FindAsync(superseded, cancellationToken) is { State: ReconciliationState.Done } old)
        {
            await session.Reconciliations.SupersedeBreaksAsync(superseded, caller.Actor, clock.Now(), cancellationToken);
            await session.Reconciliations.UpdateAsync(old with { State = ReconciliationState.Superseded }, cancellationToken);
        }

        await session.AuditAsync(caller, clock, "reconciliation.imported", run.Id.Value, null, Summary(run), cancellationToken);
        return await session.Reconciliations.UpdateAsync(run with { State = ReconciliationState.Settling, TouchedAt = clock.Now() }, cancellationToken);
    }

    private async Task<Outcome<ReconciliationRun>> FinishAsync(ReconciliationRun run, Caller caller, Action<ReconciliationProgress> tell, CancellationToken cancellationToken)
    {
        run = await settling.RunAsync(run, caller, tell, cancellationToken);
        return await storage.RunAsync(
            caller.Tenant,
            session => session.Reconciliations.UpdateAsync(
                run with { State = ReconciliationState.Done, FinishedAt = clock.Now(), TouchedAt = clock.Now() }, cancellationToken),
            cancellationToken);
    }

    /// <summary>Keeps the run, so that everybody sees what was wrong, and nothing else of it.</summary>
    private async Task<Outcome<ReconciliationRun>> RejectAsync(
        Id<ReconciliationRun> id, Refusal wrong, StatementOrder order, Caller caller, CancellationToken cancellationToken)
    {
        if (order.DryRun)
        {
            await TryDiscardAsync(id, caller);
            return wrong;
        }

        await RemoveRowsAsync(id, caller, cancellationToken);
        await storage.RunAsync(
            caller.Tenant,
            async session =>
            {
                var run = (await session.Reconciliations.FindAsync(id, cancellationToken))!;
                var now = clock.Now();
                await session.AuditAsync(caller, clock, "reconciliation.rejected", id.Value, null, new { wrong.Code, wrong.Message }, cancellationToken);
                return await session.Reconciliations.UpdateAsync(
                    run with { State = ReconciliationState.Invalid, Problem = $"{wrong.Code}: {wrong.Message}", FinishedAt = now, TouchedAt = now }, cancellationToken);
            },
            cancellationToken);
        return wrong.With("run", id.Value);
    }

    private async Task<ReconciliationRun> TakeOverAsync(ReconciliationRun lost, Caller caller, CancellationToken cancellationToken) =>
        await storage.RunAsync(caller.Tenant, session => session.Reconciliations.UpdateAsync(lost with { TouchedAt = clock.Now() }, cancellationToken), cancellationToken);

    /// <summary>Throws away what dead processes left behind, whatever its file: it would keep others from its days.</summary>
    private async Task DiscardLostAsync(Caller caller, CancellationToken cancellationToken)
    {
        var newest = await storage.RunAsync(
            caller.Tenant, session => session.Reconciliations.ListAsync(new PageRequest(null, PageRequest.MaxLimit), cancellationToken), cancellationToken);
        foreach (var run in newest.Data.Where(run => run.State is ReconciliationState.Importing or ReconciliationState.Matching && IsLost(run)))
            await DiscardAsync(run, caller, cancellationToken);
    }

    /// <summary>Throws away a run of which nothing has an effect yet. Its version is taken first, so that its process, should it live, stops.</summary>
    private async Task DiscardAsync(ReconciliationRun run, Caller caller, CancellationToken cancellationToken)
    {
        await storage.RunAsync(
            caller.Tenant,
            async session => await session.Reconciliations.FindAsync(run.Id, cancellationToken) is { State: ReconciliationState.Importing or ReconciliationState.Matching } found
                ? await session.Reconciliations.UpdateAsync(found, cancellationToken)
                : throw new StaleVersionException($"Run {run.Id}", run.Version),
            cancellationToken);
        await RemoveRowsAsync(run.Id, caller, cancellationToken);
        await storage.RunAsync(caller.Tenant, session => Done(session.Reconciliations.RemoveAsync(run.Id, cancellationToken)), cancellationToken);
    }

    private async Task RemoveRowsAsync(Id<ReconciliationRun> id, Caller caller, CancellationToken cancellationToken)
    {
        while (await storage.RunAsync(caller.Tenant, session => session.Reconciliations.RemoveRowsAsync(id, Batch * 4, cancellationToken), cancellationToken))
        {
        }
    }

    private async Task TryDiscardAsync(Id<ReconciliationRun> id, Caller caller)
    {
        try
        {
            var run = await storage.RunAsync(caller.Tenant, session => session.Reconciliations.FindAsync(id, CancellationToken.None), CancellationToken.None);
            if (run is { State: ReconciliationState.Importing or ReconciliationState.Matching }) await DiscardAsync(run, caller, CancellationToken.None);
        }
        catch (Exception)
        {
            // What went wrong is on its way to the caller; the run that stays is thrown away by the next that wants its place.
        }
    }

    private bool IsLost(ReconciliationRun run) => clock.Now() - run.TouchedAt >= Patience;

    private static Refusal Already(ReconciliationRun run) => run.IsUnderWay
        ? new Refusal("statement_being_imported", $"This file is being imported as run {run.Id}.").With("run", run.Id.Value)
        : new Refusal("statement_already_imported", $"This file was imported as run {run.Id}; its content is the same to the last byte.").With("run", run.Id.Value);

    private static object Summary(ReconciliationRun run) => new
    {
        run.Provider, source = run.Source.ToString(), run.FileHash, from = $"{run.From}", to = $"{run.To}", run.Rows, run.IsComplete, run.IsFlagged,
        supersedes = run.Supersedes?.Value, classes = run.Classes.Select(total => $"{StatementClasses.Word(total.Class)} {total.Count} {total.Sum}"),
    };

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }
}
