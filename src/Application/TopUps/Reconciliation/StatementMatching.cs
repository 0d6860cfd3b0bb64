using NodaTime;
using Relier.Identity;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Gives every line a finding, and every submission of the period that no line speaks of: pass by pass, in the order of the
/// key of the pass, so that what shares a key is always decided together and the result does not depend on the size of a page.
/// </summary>
internal sealed class StatementMatching(IStorage storage, IClock clock)
{
    public async Task<(ReconciliationRun Run, StatementTally Tally)> RunAsync(
        ReconciliationRun run, StatementLayout layout, Caller caller, Action<ReconciliationProgress> tell, CancellationToken cancellationToken)
    {
        var work = new Work(storage, clock, caller, layout, tell, cancellationToken) { Run = run };
        foreach (var pass in new[] { MatchPass.OperatorId, MatchPass.ProviderId, MatchPass.OurReference }) await work.MatchAsync(pass);
        // Before phones are compared: a line that repeats another one must not take a recharge of its own.
        await work.FindLeftAsync(onlyRepeats: true);
        foreach (var pass in new[] { MatchPass.PhoneWithinMinutes, MatchPass.PhoneWithinDay }) await work.MatchAsync(pass);
        await work.FindLeftAsync(onlyRepeats: false);
        if (layout.ListsEverything) await work.FindUnlistedAsync();
        return (work.Run, work.Tally);
    }

    /// <summary>One run under way.</summary>
    private sealed class Work(
        IStorage storage, IClock clock, Caller caller, StatementLayout layout, Action<ReconciliationProgress> tell, CancellationToken cancellationToken)
    {
        private long _found;

        public required ReconciliationRun Run { get; set; }

        public StatementTally Tally { get; } = new();

        public async Task MatchAsync(MatchPass pass)
        {
            for (var after = ""; after is not null;)
            {
                var from = after;
                after = await InAsync(async session =>
                {
                    var page = await session.Reconciliations.ReadRowsAsync(Run.Id, pass, from, StatementImport.Batch, cancellationToken);
                    var findings = new List<(StatementRow Row, LineFinding Finding, Finding What, OurAttempt? Ours)>();
                    foreach (var kind in page.Rows.GroupBy(row => row.Kind).OrderBy(kind => kind.Key))
                        findings.AddRange(await PairAsync(session, pass, kind.Key, [.. kind]));
                    return (page.NextAfter, findings);
                });
            }
        }

        private async Task<IEnumerable<(StatementRow, LineFinding, Finding, OurAttempt?)>> PairAsync(
            ISession session, MatchPass pass, StatementKind kind, List<StatementRow> rows)
        {
            var groups = rows.ToLookup(row => Pairing.KeyOf(pass, row)!);
            var (from, to) = Window(rows);
            var ours = (await session.Reconciliations.FindAttemptsAsync(Run, kind, pass, [.. groups.Select(group => group.Key)], from, to, cancellationToken))
                .Where(attempt => !attempt.IsTaken).ToLookup(attempt => Pairing.KeyOf(pass, attempt));
            return from key in groups
                   from pair in Pairing.Match(pass, [.. key], [.. ours[key.Key]], layout)
                   let what = Classification.Of(pair, pass, Run.Days, layout)
                   select (pair.Row, new LineFinding(pair.Row.Line, kind, what.Class, pass, pair.Ours.TopUp, pair.Ours.No), what, (OurAttempt?)pair.Ours);
        }

        /// <summary>Lines that no submission is left for: repeats of others, or nothing of ours.</summary>
        public async Task FindLeftAsync(bool onlyRepeats)
        {
            for (long? after = 0; after is not null;)
            {
                var from = after.Value;
                after = await InAsync(async session =>
                {
                    var rows = await session.Reconciliations.ReadLeftRowsAsync(Run.Id, from, StatementImport.Batch, cancellationToken);
                    var taken = onlyRepeats ? await TakenAsync(session, rows) : [];
                    var findings = from row in rows
                                   let what = Classification.Of(row, taken)
                                   where what.Class == StatementClass.DuplicateAtProvider == onlyRepeats
                                   let repeated = onlyRepeats ? taken.First(attempt => Pairing.Repeats(row, attempt)) : null
                                   select (row, new LineFinding(row.Line, row.Kind, what.Class, null, null, null), what, (OurAttempt?)repeated);
                    return (rows.Count < StatementImport.Batch ? (long?)null : rows[^1].Line, findings.ToList());
                });
            }
        }

        private async Task<IReadOnlyList<OurAttempt>> TakenAsync(ISession session, IReadOnlyList<StatementRow> rows)
        {
            var taken = new List<OurAttempt>();
            foreach (var kind in rows.GroupBy(row => row.Kind))
                foreach (var pass in new[] { MatchPass.OperatorId, MatchPass.ProviderId, MatchPass.OurReference })
                {
                    var keys = kind.Select(row => Pairing.KeyOf(pass, row)).OfType<string>().ToHashSet();
                    if (keys.Count == 0) continue;
                    var found = await session.Reconciliations.FindAttemptsAsync(Run, kind.Key, pass, keys, Instant.MinValue, Instant.MaxValue, cancellationToken);
                    taken.AddRange(found.Where(attempt => attempt.IsTaken));
                }

            return [.. taken.DistinctBy(attempt => (attempt.TopUp, attempt.No)).OrderBy(attempt => attempt.TopUp.Value, StringComparer.Ordinal).ThenBy(attempt => attempt.No)];
        }

        public async Task FindUnlistedAsync()
        {
            var from = layout.Zone.AtStartOfDay(Run.Days.Start).ToInstant();
            var to = layout.Zone.AtStartOfDay(Run.Days.End.PlusDays(1)).ToInstant();
            var no = 0;
            for (OurAttempt? after = null; ;)
            {
                var last = after;
                var start = no;
                var (next, run, found) = await storage.RunAsync(
                    caller.Tenant,
                    async session =>
                    {
                        var unlisted = await session.Reconciliations.ReadUnlistedAsync(Run, from, to, last, StatementImport.Batch, cancellationToken);
                        var findings = unlisted.Select(one => (one.Ours, What: Classification.Of(one.Ours, Run.IsComplete, one.PhoneIsLeftOver, Run.Days, layout))).ToList();
                        await session.Reconciliations.AddBreaksAsync([.. findings.Select((one, place) => Break($"o{start + place + 1:D9}", null, one.What, one.Ours))], cancellationToken);
                        var touched = await session.Reconciliations.UpdateAsync(Run with { TouchedAt = clock.Now() }, cancellationToken);
                        return (unlisted.Count < StatementImport.Batch ? null : unlisted[^1].Ours, touched, findings);
                    },
                    cancellationToken);
                Run = run;
                no += found.Count;
                foreach (var (ours, what) in found) Tally.Add(what.Class, ours.AmountFor(layout.AmountOf));
                tell(new ReconciliationProgress("looking for what is not listed", no, 0));
                if (next is null) return;
                after = next;
            }
        }

        /// <summary>One page: its findings and breaks are written together with the run.</summary>
        private async Task<T> InAsync<T>(
            Func<ISession, Task<(T Next, List<(StatementRow Row, LineFinding Finding, Finding What, OurAttempt? Ours)> Findings)>> read)
        {
            var (next, run, findings) = await storage.RunAsync(
                caller.Tenant,
                async session =>
                {
                    var (after, found) = await read(session);
                    if (found.Count > 0)
                    {
                        await session.Reconciliations.AddFindingsAsync(Run.Id, [.. found.Select(one => one.Finding)], cancellationToken);
                        await session.Reconciliations.AddBreaksAsync(
                            [.. found.Where(one => one.What.IsBreak).Select(one => Break($"l{one.Row.Line:D9}", one.Row, one.What, one.Ours))], cancellationToken);
                    }

                    return (after, await session.Reconciliations.UpdateAsync(Run with { TouchedAt = clock.Now() }, cancellationToken), found);
                },
                cancellationToken);
            Run = run;
            foreach (var one in findings) Tally.Add(one.What.Class, one.Row.Amount);
            _found += findings.Count;
            tell(new ReconciliationProgress("matching", _found, Run.Rows));
            return next;
        }

        private ReconciliationBreak Break(string place, StatementRow? row, Finding what, OurAttempt? ours) => new()
        {
            Id = Id<ReconciliationBreak>.Parse($"{Run.Id}-{place}"), Run = Run.Id, Class = what.Class, Verdict = what.Verdict,
            NeedsConfirmation = what.NeedsConfirmation, SettlesItself = what.SettlesItself, Line = row?.Line, TopUp = ours?.TopUp, AttemptNo = ours?.No,
            Theirs = row?.Amount, Ours = ours?.AmountFor(layout.AmountOf), OpenedAt = Run.StartedAt, Version = 1,
            Reference = row is null ? ours!.OperatorReference ?? ours.TransactionId ?? ours.ProviderReference : row.OperatorId ?? row.ProviderId ?? row.OurReference,
        };

        /// <summary>When the submissions of these lines can have begun, as far as phones are compared.</summary>
        private (Instant From, Instant To) Window(List<StatementRow> rows)
        {
            var reach = Pairing.Far * 2;
            var (first, last) = (rows.Min(row => row.Day), rows.Max(row => row.Day));
            return (layout.Zone.AtStartOfDay(first).ToInstant() - reach, layout.Zone.AtStartOfDay(last.PlusDays(1)).ToInstant() + reach);
        }
    }
}
