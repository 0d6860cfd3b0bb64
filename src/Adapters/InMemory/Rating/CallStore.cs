using System.Collections.Immutable;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class CallStore(Session session) : ICallStore
{
    public Task<IReadOnlyList<KnownCall>> FindKnownAsync(IReadOnlyCollection<CallName> names, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<KnownCall>>(rows => [.. names.Distinct().Select(name => rows.CallNames.GetValueOrDefault(name)).OfType<KnownCall>()], cancellationToken);

    public Task AddAsync(CallEntries entries, CancellationToken cancellationToken) =>
        session.AtomicallyAsync(async () =>
        {
            await session.WriteAsync(rows => entries.Sessions.Aggregate(rows, Changed), cancellationToken);
            foreach (var wallet in entries.Wallets) await session.Ledger.UpdateAsync(wallet, cancellationToken);
            await session.WriteAsync(rows => entries.Buckets.Aggregate(rows, Changed), cancellationToken);
            await session.WriteAsync(rows => entries.Changed.Aggregate(rows, Changed), cancellationToken);
            await session.WriteAsync(rows => entries.Corrected.Aggregate(rows, Corrected), cancellationToken);
            await session.WriteAsync(
                rows => entries.Superseded.Aggregate(rows, (all, old) => all with { CallRatings = all.CallRatings.SetItem(old.Call, all.CallRatings.GetValueOrDefault(old.Call, []).Add(old.Rating)) }), cancellationToken);
            await session.WriteAsync(rows => entries.New.Aggregate(rows, Added), cancellationToken);
            foreach (var hold in entries.EndedHolds) await session.Ledger.EndHoldAsync(hold, cancellationToken);
            foreach (var hold in entries.Holds) await session.Ledger.AddHoldAsync(hold, cancellationToken);
            foreach (var journal in entries.Journals) await session.Ledger.PostAsync(journal, cancellationToken);
            await session.WriteAsync(
                rows => entries.Used.Aggregate(
                    rows,
                    (all, used) => all with
                    {
                        UsageCounts = all.UsageCounts.SetItem(used.Key, all.UsageCounts.TryGetValue(used.Key, out var before) ? before.Plus(used.Value) : used.Value),
                    }),
                cancellationToken);
            foreach (var job in entries.Jobs) await session.Jobs.AddAsync(job, cancellationToken);
        });

    public Task<Call?> FindAsync(Id<Call> id, CancellationToken cancellationToken) => session.ReadAsync(rows => rows.Calls.GetValueOrDefault(id), cancellationToken);

    public Task<Page<Call>> ListAsync(CallFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => Filtered(rows, filter).ToPage(page, call => new Position(call.Record.StartedAt, call.Id.Value)), cancellationToken);

    public Task<IReadOnlyList<Call>> ListReceivedAsync(Id<Account> account, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<Call>>(
            rows => [.. rows.CallsReceived.GetValueOrDefault(account, []).Select(id => rows.Calls[id])
                .OrderBy(call => call.Record.ChargedFrom).ThenBy(call => call.Id.Value, StringComparer.Ordinal).Take(limit)],
            cancellationToken);

    public Task<IReadOnlyList<Id<Account>>> ListAccountsAsync(CallFilter filter, string after, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<Id<Account>>>(
            rows => [.. Charged(rows, filter).Select(call => call.Account!.Value).Distinct().Where(id => string.CompareOrdinal(id.Value, after) > 0).OrderBy(id => id.Value, StringComparer.Ordinal).Take(limit)],
            cancellationToken);

    public Task<IReadOnlyList<Call>> ListChargedAsync(CallFilter filter, Position? after, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<Call>>(
            rows =>
            [
                .. Charged(rows, filter).Where(call => call.Dispute is null)
                    .Where(call => after is null || call.Record.ChargedFrom > after.At || (call.Record.ChargedFrom == after.At && string.CompareOrdinal(call.Id.Value, after.Id) > 0))
                    .OrderBy(call => call.Record.ChargedFrom).ThenBy(call => call.Id.Value, StringComparer.Ordinal).Take(limit),
            ],
            cancellationToken);

    public Task<IReadOnlyList<SoldCall>> ListSoldAsync(CallFilter filter, Position? after, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<SoldCall>>(
            rows =>
            [
                .. Filtered(rows, filter)
                    .Where(call => call.Record is { Direction: CallDirection.Outbound, Quantity: > 0 } && call.State is CallState.Rated or CallState.Zero or CallState.Unrated)
                    .Where(call => after is null || call.Record.StartedAt < after.At || (call.Record.StartedAt == after.At && string.CompareOrdinal(call.Id.Value, after.Id) > 0))
                    .OrderByDescending(call => call.Record.StartedAt).ThenBy(call => call.Id.Value, StringComparer.Ordinal).Take(limit)
                    .Select(call => new SoldCall(
                        call.Id, call.Record.StartedAt, new Usage(call.Record.Kind, call.Record.To, call.Record.ChargedFrom, call.Record.Quantity), call.Rating?.Destination, call.Amount)),
            ],
            cancellationToken);

    public Task<IReadOnlyList<CallRating>> ListRatingsAsync(Id<Call> call, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<CallRating>>(rows => rows.CallRatings.GetValueOrDefault(call, []), cancellationToken);

    public Task<IReadOnlyList<PeriodTotals>> PeriodTotalsAsync(CallFilter filter, IReadOnlyList<(Instant From, Instant To)> periods, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<PeriodTotals>>(
            rows =>
            [
                .. from period in periods.Distinct().OrderBy(period => period.From)
                   from totals in TotalsOf(Filtered(rows, filter).Where(call => call.Record.StartedAt >= period.From && call.Record.StartedAt < period.To))
                   select new PeriodTotals(period.From, totals),
            ],
            cancellationToken);

    public Task<IReadOnlyList<DestinationTotals>> DestinationTotalsAsync(CallFilter filter, bool byNumber, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<DestinationTotals>>(
            rows =>
            [
                .. (from call in Filtered(rows, filter)
                    let name = byNumber ? call.Record.To : call.Rating?.Destination
                    where call.Record.Direction == CallDirection.Outbound && name is not null
                    group call by (Name: name, Currency: call.Amount?.Currency) into alike
                    select new DestinationTotals(
                        alike.Key.Name, alike.Key.Currency, alike.LongCount(), alike.LongCount(call => call.Record.Quantity > 0), alike.Sum(call => call.Record.Quantity),
                        alike.Key.Currency is { } currency ? alike.Select(call => call.Amount!.Value).Sum(currency) : null))
                    .OrderByDescending(one => one.Calls).ThenBy(one => one.Destination, StringComparer.Ordinal).ThenBy(one => one.Currency?.Code, StringComparer.Ordinal).Take(limit),
            ],
            cancellationToken);

    public Task<IReadOnlyList<CallTotals>> TotalsAsync(CallFilter filter, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<CallTotals>>(rows => [.. TotalsOf(Filtered(rows, filter))], cancellationToken);

    public Task AddDisputeAsync(CallDispute dispute, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.CallDisputes.ContainsKey(dispute.Id) ? throw new DuplicateKeyException(UniqueKey.Dispute) : rows with { CallDisputes = rows.CallDisputes.Add(dispute.Id, dispute) },
            cancellationToken);

    public Task<CallDispute?> FindDisputeAsync(Id<CallDispute> id, CancellationToken cancellationToken) => session.ReadAsync(rows => rows.CallDisputes.GetValueOrDefault(id), cancellationToken);

    public Task<CallDispute> UpdateDisputeAsync(CallDispute dispute, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.CallDisputes.GetValueOrDefault(dispute.Id) is not { } stored || stored.Version != dispute.Version) throw new StaleVersionException($"Dispute {dispute.Id}", dispute.Version);
                var written = stored with { State = dispute.State, Credit = dispute.Credit, ClosedBy = dispute.ClosedBy, ClosedAt = dispute.ClosedAt, Note = dispute.Note, Version = dispute.Version + 1 };
                return (rows with { CallDisputes = rows.CallDisputes.SetItem(dispute.Id, written) }, written);
            },
            cancellationToken);

    public Task<Page<CallDispute>> ListDisputesAsync(DisputeState? state, Id<Customer>? customer, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.CallDisputes.Values.Where(dispute => (state is null || dispute.State == state) && (customer is null || dispute.Customer == customer))
                .ToPage(page, dispute => new Position(dispute.OpenedAt, dispute.Id.Value)),
            cancellationToken);

    public Task AddReportAsync(CallReport report, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.CallReports.ContainsKey(report.Id) ? throw new DuplicateKeyException(UniqueKey.CallReport) : rows with { CallReports = rows.CallReports.Add(report.Id, report) },
            cancellationToken);

    public Task<CallReport?> FindReportAsync(Id<CallReport> id, CancellationToken cancellationToken) => session.ReadAsync(rows => rows.CallReports.GetValueOrDefault(id), cancellationToken);

    public Task<CallReport> UpdateReportAsync(CallReport report, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.CallReports.GetValueOrDefault(report.Id) is not { } stored || stored.Version != report.Version) throw new StaleVersionException($"Report {report.Id}", report.Version);
                var written = stored with { State = report.State, Reason = report.Reason, Detail = report.Detail, Call = report.Call, Version = report.Version + 1 };
                return (rows with { CallReports = rows.CallReports.SetItem(report.Id, written) }, written);
            },
            cancellationToken);

    public Task<Page<CallReport>> ListReportsAsync(CallReportState? state, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.CallReports.Values.Where(report => state is null || report.State == state).ToPage(page, report => new Position(report.At, report.Id.Value)), cancellationToken);

    private static TenantRows Changed(TenantRows rows, AccountBucket bucket)
    {
        if (rows.Buckets.GetValueOrDefault(bucket.Id) is not { } stored || stored.Version != bucket.Version) throw new StaleVersionException($"Bucket {bucket.Id}", bucket.Version);
        var written = stored with { Content = stored.Content with { Left = bucket.Content.Left }, Reserved = bucket.Reserved, Version = bucket.Version + 1 };
        return rows with { Buckets = rows.Buckets.SetItem(bucket.Id, written) };
    }

    private static TenantRows Changed(TenantRows rows, UsageSession session)
    {
        if (rows.UsageSessions.GetValueOrDefault(session.Id) is not { } stored || stored.Version != session.Version) throw new StaleVersionException($"Session {session.Id}", session.Version);
        var written = session with
        {
            Record = stored.Record, Account = stored.Account, Customer = stored.Customer, Line = stored.Line, Mode = stored.Mode, Tariff = stored.Tariff, OpenedAt = stored.OpenedAt,
            Version = session.Version + 1,
        };
        return rows with { UsageSessions = rows.UsageSessions.SetItem(session.Id, written) };
    }

    private static TenantRows Changed(TenantRows rows, Call call)
    {
        if (rows.Calls.GetValueOrDefault(call.Id) is not { } stored || stored.Version != call.Version) throw new StaleVersionException($"Call {call.Id}", call.Version);
        var written = call with { Record = stored.Record, ReceivedAt = stored.ReceivedAt, Batch = stored.Batch, Version = call.Version + 1 };
        return Waiting(rows with { Calls = rows.Calls.SetItem(call.Id, written) }, stored, written);
    }

    private static TenantRows Corrected(TenantRows rows, Call call)
    {
        var name = CallName.Of(call.Record);
        return rows with
        {
            Calls = rows.Calls.SetItem(call.Id, rows.Calls[call.Id] with { Record = call.Record, Batch = call.Batch }),
            CallNames = rows.CallNames.SetItem(name, new KnownCall(name, call.Id, call.Record.Fingerprint())),
        };
    }

    private static TenantRows Added(TenantRows rows, Call call)
    {
        var name = CallName.Of(call.Record);
        if (rows.CallNames.ContainsKey(name) || rows.Calls.ContainsKey(call.Id)) throw new DuplicateKeyException(UniqueKey.Call);
        return Waiting(
            rows with { CallNames = rows.CallNames.Add(name, new KnownCall(name, call.Id, call.Record.Fingerprint())), Calls = rows.Calls.Add(call.Id, call) }, null, call);
    }

    private static TenantRows Waiting(TenantRows rows, Call? before, Call after)
    {
        if (before is { State: CallState.Received, Account: { } old })
            rows = rows with { CallsReceived = rows.CallsReceived.SetItem(old, rows.CallsReceived.GetValueOrDefault(old, []).Remove(before.Id)) };
        return after is { State: CallState.Received, Account: { } account }
            ? rows with { CallsReceived = rows.CallsReceived.SetItem(account, rows.CallsReceived.GetValueOrDefault(account, []).Add(after.Id)) }
            : rows;
    }

    private static IEnumerable<CallTotals> TotalsOf(IEnumerable<Call> calls) =>
        from call in calls
        group call by (call.State, call.Record.Direction, Currency: call.Amount?.Currency) into alike
        orderby alike.Key.State, alike.Key.Direction, alike.Key.Currency?.Code
        select new CallTotals(
            alike.Key.State, alike.Key.Direction, alike.Key.Currency, alike.LongCount(), alike.LongCount(call => call.Record.Quantity > 0),
            alike.Sum(call => call.Record.Duration), alike.Sum(call => call.Record.Quantity), alike.Sum(call => call.Rating?.Billed ?? 0),
            alike.Key.Currency is { } currency ? alike.Select(call => call.Amount!.Value).Sum(currency) : null);

    private static IEnumerable<Call> Charged(TenantRows rows, CallFilter filter) => Filtered(rows, filter).Where(call => call.State is CallState.Rated or CallState.Zero);

    private static IEnumerable<Call> Filtered(TenantRows rows, CallFilter filter) =>
        rows.Calls.Values.Where(call =>
            (filter.Account is null || call.Account == filter.Account) && (filter.Customer is null || call.Customer == filter.Customer)
            && (filter.From is null || call.Record.StartedAt >= filter.From) && (filter.To is null || call.Record.StartedAt < filter.To)
            && (filter.Direction is null || call.Record.Direction == filter.Direction) && (filter.State is null || call.State == filter.State)
            && (filter.Reason is null || call.Reason == filter.Reason) && (filter.Deck is null || call.Rating?.Deck == filter.Deck) && (filter.Plan is null || call.Rating?.Plan == filter.Plan));
}
