using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Importing;

/// <summary>Takes lines of the past, many in one transaction, each decided on what is there behind the lock.</summary>
internal sealed class ImportHistory(
    IStorage storage, IClock clock, Caller caller, Tenant tenant, string file, ImportSurvey survey, IReadOnlyDictionary<string, Customer?> owners, bool apply, ImportTally tally, Action<ImportRemark> tell)
{
    private const string Source = FirstVersionImport.Source;
    private const int MostTries = 3;

    /// <summary>Why a line cannot be taken, whatever is there already.</summary>
    public ImportRemark? Refuse(FirstVersionTopUp topUp) =>
        survey.FirstLineOf(topUp) is var first && first != topUp.Line.Line ? topUp.Line.No("transaction_id", "id_repeated", $"line {first} has the same id")
        : !owners.ContainsKey(topUp.Customer) ? topUp.Line.No("customer_id", "customer_unknown", "there is no such customer in the customers' file, or they cannot be taken")
        : null;

    public async Task TakeAsync(IReadOnlyList<FirstVersionTopUp> batch, CancellationToken cancellationToken, int tries = 1)
    {
        if (batch.Count == 0) return;
        try
        {
            var taken = await storage.RunAsync(caller.Tenant, session => DecideAsync(session, batch, cancellationToken), cancellationToken);
            foreach (var line in taken) Count(line);
        }
        catch (DuplicateKeyException) when (batch.Count > 1)
        {
            // Nothing was written, and one of them is the reason: in halves, until it stands alone.
            await TakeAsync([.. batch.Take(batch.Count / 2)], cancellationToken);
            await TakeAsync([.. batch.Skip(batch.Count / 2)], cancellationToken);
        }
        catch (DuplicateKeyException) when (tries < MostTries)
        {
            // A live order took the reference a moment ago; asked again, we see it.
            await TakeAsync(batch, cancellationToken, tries + 1);
        }
        catch (DuplicateKeyException)
        {
            Count(new Taken(batch[0], ImportFate.NotTaken) { Remark = batch[0].Line.No("transaction_id", "id_taken", $"another top-up here has the id {batch[0].NewId}") });
        }
    }

    private void Count(Taken taken)
    {
        var topUp = taken.TopUp;
        tally.Count(taken.Fate, topUp.Face, topUp.Charge);
        if (taken.IsChange)
        {
            tally.Round(file, "amount_mxn", topUp.Face.Currency, topUp.Rounded.Face);
            tally.Round(file, "amount_usd", Currency.USD, topUp.Rounded.Charge);
        }

        if (taken.Fate != ImportFate.Known)
            foreach (var remark in topUp.Remarks) tell(remark);
        if (taken.Remark is { } more) tell(more);
    }

    private async Task<IReadOnlyList<Taken>> DecideAsync(ISession session, IReadOnlyList<FirstVersionTopUp> batch, CancellationToken cancellationToken)
    {
        if (apply) await session.Imports.LockAsync(Source, cancellationToken);
        var known = (await session.Imports.FindAsync(Source, ImportedKind.TopUp, [.. batch.Select(topUp => topUp.OldId)], cancellationToken)).ToDictionary(item => item.OldId);
        var used = await UsedReferencesAsync(session, [.. batch.Where(topUp => !known.ContainsKey(topUp.OldId))], cancellationToken);
        var taken = batch.Select(topUp => known.GetValueOrDefault(topUp.OldId) is { } item ? Again(topUp, item) : AsNew(topUp, used)).ToList();
        if (apply) await WriteAsync(session, taken, cancellationToken);
        return taken;
    }

    private static Taken Again(FirstVersionTopUp topUp, ImportedItem item)
    {
        var isSame = item.Fingerprint == topUp.Fingerprint;
        if (item.IsUndecided && item.Fingerprint.StartsWith(topUp.Identity, StringComparison.Ordinal))
            return new Taken(topUp, topUp.IsUndecided ? ImportFate.Undecided : ImportFate.Decided) { Item = item };
        return isSame
            ? new Taken(topUp, ImportFate.Known)
            : new Taken(topUp, ImportFate.NotTaken) { Remark = topUp.Line.No(null, "changed", "it came before and was something else; what is here stays") };
    }

    private Taken AsNew(FirstVersionTopUp topUp, HashSet<(Id<Customer>, string)> used)
    {
        var fate = topUp.State switch { TopUpState.Succeeded => ImportFate.Succeeded, TopUpState.Failed => ImportFate.Failed, _ => ImportFate.Undecided };
        var customer = owners[topUp.Customer];
        var isTaken = topUp.Reference is not null && (!survey.KeepsReference(topUp) || (customer is not null && used.Contains((customer.Id, topUp.Reference))));
        return new Taken(topUp, fate)
        {
            New = customer is null ? null : topUp.ToTopUp(customer, isTaken ? null : topUp.Reference, tenant),
            Remark = isTaken ? topUp.Line.Note("reference", "reference_used", "another top-up has this reference and keeps it; here it is kept beside the top-up") : null,
        };
    }

    private async Task<HashSet<(Id<Customer>, string)>> UsedReferencesAsync(ISession session, IReadOnlyList<FirstVersionTopUp> topUps, CancellationToken cancellationToken)
    {
        var asked = topUps.Where(topUp => topUp.Reference is not null && owners[topUp.Customer] is not null)
            .Select(topUp => (owners[topUp.Customer]!.Id, topUp.Reference!)).ToHashSet();
        if (asked.Count == 0) return [];
        var now = clock.Now();
        var found = await session.Orders.LockAsync(new OrderQuestions { Customers = [], References = asked, TwinsSince = now, Now = now, Day = tenant.DayOf(now) }, cancellationToken);
        return [.. found.TopUps.Select(topUp => (topUp.Customer, topUp.Reference!))];
    }

    private async Task WriteAsync(ISession session, IReadOnlyList<Taken> taken, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var added = taken.Where(line => line.New is not null).ToList();
        if (added.Count > 0)
        {
            var today = tenant.DayOf(now);
            await session.Orders.AddAsync(new OrderEntries { TopUps = [.. added.Select(line => line.New!)], Used = UseOf(added.Select(line => line.New!), today), Day = today }, cancellationToken);
            await session.Imports.AddAsync([.. added.Select(line => line.TopUp.ToItem(Source, line.New!.Reference, now))], cancellationToken);
        }

        var decided = taken.Where(line => line.Fate == ImportFate.Decided).ToList();
        foreach (var line in decided) await DecideAsync(session, line.TopUp, line.Item!, now, cancellationToken);
        if (added.Count + decided.Count == 0) return;
        await session.AuditAsync(
            caller, clock, "topups.imported", Source, null,
            new { file, firstLine = taken[0].TopUp.Line.Line, lastLine = taken[^1].TopUp.Line.Line, added = added.Count, decided = decided.Count }, cancellationToken);
    }

    private async Task DecideAsync(ISession session, FirstVersionTopUp line, ImportedItem item, Instant now, CancellationToken cancellationToken)
    {
        var before = (await session.TopUps.FindAsync(Id<TopUp>.Parse(item.NewId), cancellationToken))!;
        var after = await session.Imports.DecideAsync(line.Decide(before), item with { Fingerprint = line.Fingerprint, IsUndecided = false }, cancellationToken);
        // What was not delivered no longer counts towards the day.
        if (after.State == TopUpState.Failed && after.Day == tenant.DayOf(now)) await session.TopUps.AddUseAsync(after.Customer, after.Day, -after.Face, cancellationToken);
    }

    /// <summary>What counts towards today's limits: the day on which one system takes over from the other has one limit, not two.</summary>
    private static List<DailyUse> UseOf(IEnumerable<TopUp> topUps, LocalDate today) =>
    [
        .. from topUp in topUps
           where topUp.Day == today && topUp.MayHaveBeenDelivered
           group topUp.Face by (topUp.Customer, topUp.Face.Currency) into alike
           select new DailyUse(alike.Key.Customer, alike.Aggregate((sum, face) => sum + face)),
    ];

    /// <summary>A line and what becomes of it.</summary>
    private sealed record Taken(FirstVersionTopUp TopUp, ImportFate Fate)
    {
        /// <summary>The new top-up; null when it is here already, or when nothing is written.</summary>
        public TopUp? New { get; init; }

        /// <summary>What is here of it.</summary>
        public ImportedItem? Item { get; init; }

        public ImportRemark? Remark { get; init; }

        /// <summary>Whether it adds something to what is here, or would.</summary>
        public bool IsChange => Fate is ImportFate.Succeeded or ImportFate.Failed or ImportFate.Decided || (Fate == ImportFate.Undecided && Item is null);
    }
}
