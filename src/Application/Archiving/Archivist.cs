using System.Buffers;
using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Rating;
using Relier.Storage;

namespace Relier.Archiving;

/// <summary>What a run did.</summary>
/// <param name="Parts">Parts that were written.</param>
/// <param name="Calls">Calls in them.</param>
/// <param name="Reports">Reports in them.</param>
/// <param name="Bytes">How large they are together.</param>
/// <param name="Removed">Parts whose time was over, and which were taken away.</param>
public sealed record ArchiveRun(int Parts, long Calls, long Reports, long Bytes, int Removed);

/// <summary>
/// Moves what is old from the storage into the archive, part by part. A part is written and read back before its rows leave the storage, which they do in one
/// transaction with what says where they are: at every moment a row is in the storage, or in a part that the storage knows.
/// </summary>
internal sealed class Archivist(IStorage storage, IEnumerable<IArchive> archives, RelierOptions options, IClock clock)
{
    /// <summary>
    /// How often in a row a part is put together anew because its rows changed, before the run ends and is tried again later. Many, because others who
    /// archive at the same time change them, too; and who loses to these will find nothing left in the end.
    /// </summary>
    private const int MostTries = 100;

    /// <summary>Calls and reports that are read in one transaction; a report can have a megabyte.</summary>
    private const int CallsAtOnce = 1000;
    private const int ReportsAtOnce = 50;

    private static readonly Shelf<FinishedCall, Call> Calls = new(
        ArchiveKind.Calls, CallsAtOnce, (store, from, before, cancellationToken) => store.FirstCallAsync(from, before, cancellationToken),
        (store, window, after, limit, cancellationToken) => store.ListCallsAsync(window, after, limit, cancellationToken),
        (store, part, calls, cancellationToken) => store.AddCallsAsync(part, calls, cancellationToken),
        finished => finished.Call, call => new Position(call.Record.StartedAt, call.Id.Value), ArchiveLines.Write);

    private static readonly Shelf<CallReport, CallReport> Reports = new(
        ArchiveKind.Reports, ReportsAtOnce, (store, from, before, cancellationToken) => store.FirstReportAsync(from, before, cancellationToken),
        (store, window, after, limit, cancellationToken) => store.ListReportsAsync(window, after, limit, cancellationToken),
        (store, part, reports, cancellationToken) => store.AddReportsAsync(part, reports, cancellationToken),
        report => report with { Body = "" }, report => new Position(report.At, report.Id.Value), ArchiveLines.Write);

    /// <summary>The archive; null when none was chosen.</summary>
    public IArchive? Archive { get; } = archives.LastOrDefault();

    /// <summary>Archives all that is old, removes all that is over, and sees to it that the manifests say so. Safe to run at any time, also by several at once.</summary>
    public async Task<ArchiveRun> RunAsync(Caller caller, CancellationToken cancellationToken)
    {
        var archive = Archive ?? throw new InvalidOperationException("There is no archive to run.");
        // A file that says what is not committed is worse than none.
        if (storage.IsInTransaction) throw new InvalidOperationException("The archive is not run inside a transaction. Run it after its commit.");
        var calls = await ArchiveAsync(archive, caller, Calls, cancellationToken);
        var reports = await ArchiveAsync(archive, caller, Reports, cancellationToken);
        var removed = await RemoveAsync(archive, caller, cancellationToken);
        foreach (var (kind, month) in await storage.RunAsync(caller.Tenant, session => session.Archive.ListMonthsAsync(cancellationToken), cancellationToken))
            await SayAsync(archive, caller, kind, month, cancellationToken);
        return new ArchiveRun(calls.Parts + reports.Parts, calls.Rows, reports.Rows, calls.Bytes + reports.Bytes, removed);
    }

    private async Task<(int Parts, long Rows, long Bytes)> ArchiveAsync<TRow, TKept>(IArchive archive, Caller caller, Shelf<TRow, TKept> shelf, CancellationToken cancellationToken)
    {
        var (now, parts, rows, bytes) = (clock.Now(), 0, 0L, 0L);
        var (from, before) = (Instant.FromUnixTimeTicks(0), options.Retention.HotFrom(now));
        while (await storage.RunAsync(caller.Tenant, session => shelf.First(session.Archive, from, before, cancellationToken), cancellationToken) is { } first)
        {
            var month = Retention.MonthOf(first);
            var window = new ArchiveWindow(Retention.StartOf(month), Retention.StartOf(month.PlusMonths(1)), options.Retention.RestingSince(now));
            await foreach (var part in WriteAsync(archive, caller, shelf, month, window, cancellationToken)) (parts, rows, bytes) = (parts + 1, rows + part.Rows, bytes + part.Bytes);
            from = window.To;
        }

        return (parts, rows, bytes);
    }

    private async IAsyncEnumerable<ArchivePart> WriteAsync<TRow, TKept>(
        IArchive archive, Caller caller, Shelf<TRow, TKept> shelf, YearMonth month, ArchiveWindow window, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Position? after = null;
        for (var tries = 1; ; tries++)
        {
            using var draft = await GatherAsync(caller, shelf, window, after, cancellationToken);
            if (draft.Items.Count == 0) yield break;
            if (await KeepAsync(archive, caller, shelf, month, draft, isLast: tries >= MostTries, cancellationToken) is not { } part) continue;
            await SayAsync(archive, caller, shelf.Kind, month, cancellationToken);
            yield return part;
            (after, tries) = (draft.Last, 0);
        }
    }

    private async Task<PartDraft<TKept>> GatherAsync<TRow, TKept>(Caller caller, Shelf<TRow, TKept> shelf, ArchiveWindow window, Position? after, CancellationToken cancellationToken)
    {
        var draft = new PartDraft<TKept>();
        while (!draft.IsFull(options.ArchiveLinesAtOnce))
        {
            var (place, limit) = (draft.Last ?? after, Math.Min(shelf.AtOnce, options.ArchiveLinesAtOnce - draft.Items.Count));
            var rows = await storage.RunAsync(caller.Tenant, session => shelf.List(session.Archive, window, place, limit, cancellationToken), cancellationToken);
            foreach (var row in rows)
            {
                var kept = shelf.Keep(row);
                draft.Add(kept, shelf.PlaceOf(kept), to => shelf.Write(to, row));
            }

            if (rows.Count < limit) break;
        }

        return draft;
    }

    /// <summary>The part when it is written and its rows are out of the storage; null when others changed a row, or were faster, and nothing was done.</summary>
    private async Task<ArchivePart?> KeepAsync<TRow, TKept>(
        IArchive archive, Caller caller, Shelf<TRow, TKept> shelf, YearMonth month, PartDraft<TKept> draft, bool isLast, CancellationToken cancellationToken)
    {
        var (content, sha256) = draft.Finish();
        var no = 1 + (await storage.RunAsync(caller.Tenant, session => session.Archive.ListMonthAsync(shelf.Kind, month, cancellationToken), cancellationToken)).Select(known => known.No).LastOrDefault();
        var part = new ArchivePart
        {
            Id = ArchivePart.IdOf(shelf.Kind, month, no), Kind = shelf.Kind, Month = month, No = no, Name = ArchivePart.NameOf(caller.Tenant.Value, shelf.Kind, month, no, sha256), Rows = draft.Items.Count,
            Sha256 = sha256, Bytes = content.Length, FirstAt = draft.FirstAt, LastAt = draft.Last!.At, KeepUntil = options.Retention.KeepUntil(month), WrittenAt = clock.Now(),
        };
        await archive.WriteAsync(part.Name, content, cancellationToken);
        if (await ArchiveReading.CheckAsync(archive, part, cancellationToken) is { } wrong)
            throw new StorageUnavailableException($"The archive did not keep {wrong.Name}: expected {wrong.Expected}, found {wrong.Found}. Its rows stay in the storage.");

        // Die before this commit: the file is nobody's, and the next run writes the same one again, or another.
        try
        {
            await storage.RunAsync(
                caller.Tenant,
                async session =>
                {
                    await shelf.Take(session.Archive, part, draft.Items, cancellationToken);
                    await session.AuditAsync(caller, clock, "archive.written", part.Id.Value, null, new { part.Name, part.Rows, part.Bytes, part.Sha256 }, cancellationToken);
                    return true;
                },
                cancellationToken);
            return part;
        }
        catch (Exception lost) when (lost is StaleVersionException or DuplicateKeyException { Key: UniqueKey.ArchivePart })
        {
            // What has the same name has the same content: another process may have written it, and then it is theirs.
            var known = await storage.RunAsync(caller.Tenant, session => session.Archive.FindAsync(part.Id, cancellationToken), cancellationToken);
            if (known?.Name != part.Name) await archive.DeleteAsync(part.Name, cancellationToken);
            if (isLast && lost is StaleVersionException) throw;
            return null;
        }
    }

    /// <summary>Removes the months whose time is over: the files first, for a part without its file would look like a loss.</summary>
    private async Task<int> RemoveAsync(IArchive archive, Caller caller, CancellationToken cancellationToken)
    {
        var (now, removed) = (clock.Now(), 0);
        foreach (var (kind, month) in await storage.RunAsync(caller.Tenant, session => session.Archive.ListMonthsAsync(cancellationToken), cancellationToken))
        {
            var parts = await storage.RunAsync(caller.Tenant, session => session.Archive.ListMonthAsync(kind, month, cancellationToken), cancellationToken);
            if (parts.Any(part => !options.Retention.IsOver(part, now))) continue;
            foreach (var part in parts) await archive.DeleteAsync(part.Name, cancellationToken);
            await archive.DeleteAsync(ArchiveReading.ManifestNameOf(caller.Tenant.Value, kind, month), cancellationToken);
            removed += await storage.RunAsync(caller.Tenant, session => ForgetAsync(session, caller, kind, month, parts, cancellationToken), cancellationToken);
        }

        return removed;
    }

    private async Task<int> ForgetAsync(ISession session, Caller caller, ArchiveKind kind, YearMonth month, IReadOnlyList<ArchivePart> parts, CancellationToken cancellationToken)
    {
        // Several may remove the same month at once; who comes second finds nothing, and says nothing.
        var count = await session.Archive.RemoveMonthAsync(kind, month, cancellationToken);
        if (count == 0) return 0;
        await session.AuditAsync(
            caller, clock, "archive.removed", $"{ArchivePart.Word(kind)}-{ArchivePart.MonthText(month)}",
            new { parts = parts.Count, rows = parts.Sum(part => part.Rows), keepUntil = ArchiveLines.Text(parts.Max(part => part.KeepUntil)) }, null, cancellationToken);
        return count;
    }

    /// <summary>Writes the manifest of a month when it does not say what the storage says.</summary>
    private async Task SayAsync(IArchive archive, Caller caller, ArchiveKind kind, YearMonth month, CancellationToken cancellationToken)
    {
        var parts = await storage.RunAsync(caller.Tenant, session => session.Archive.ListMonthAsync(kind, month, cancellationToken), cancellationToken);
        var (name, text) = (ArchiveReading.ManifestNameOf(caller.Tenant.Value, kind, month), ArchiveReading.ManifestOf(caller.Tenant.Value, kind, month, parts));
        if (parts.Count > 0 && !await ArchiveReading.IsManifestAsync(archive, name, text, cancellationToken)) await archive.WriteAsync(name, text, cancellationToken);
    }

    /// <summary>How one kind of rows is found, written and taken out.</summary>
    /// <param name="Kind">Which kind.</param>
    /// <param name="AtOnce">How many are read in one transaction.</param>
    /// <param name="First">The time of the first one between two times.</param>
    /// <param name="List">Those that may go.</param>
    /// <param name="Take">Takes them out.</param>
    /// <param name="Keep">What is remembered of one until it is taken out.</param>
    /// <param name="PlaceOf">Where it stands in the order.</param>
    /// <param name="Write">Writes its line.</param>
    private sealed record Shelf<TRow, TKept>(
        ArchiveKind Kind, int AtOnce, Func<IArchiveStore, Instant, Instant, CancellationToken, Task<Instant?>> First,
        Func<IArchiveStore, ArchiveWindow, Position?, int, CancellationToken, Task<IReadOnlyList<TRow>>> List,
        Func<IArchiveStore, ArchivePart, IReadOnlyList<TKept>, CancellationToken, Task> Take,
        Func<TRow, TKept> Keep, Func<TKept, Position> PlaceOf, Action<IBufferWriter<byte>, TRow> Write);
}
