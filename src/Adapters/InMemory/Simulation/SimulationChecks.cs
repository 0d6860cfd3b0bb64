using NodaTime;
using Relier.Customers;
using Relier.Ledger;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.InMemory;

/// <summary>
/// All that Relier promises, looked at from outside: over the committed rows, with arithmetic of its own, and against what
/// the providers really did and what callers were told. The names are those of docs/operating.
/// </summary>
internal sealed class SimulationChecks(InMemoryStorage storage, TenantId tenant, SimulatedProvider first, CallbackProvider second)
{
    private readonly Dictionary<(Id<Customer> Customer, string Kind, string Key), Id<TopUp>> _named = [];
    private readonly HashSet<Id<TopUp>> _accepted = [];
    private readonly HashSet<string> _creditsAsked = [];
    private readonly Dictionary<string, Money> _credited = [];
    private TenantRows _before = TenantRows.None;
    private int _submissionsBefore;

    public List<string> Broken { get; } = [];

    public TenantRows Rows => storage.Committed.Of(tenant);

    public void Break(string what) => Broken.Add(what);

    public void Accepted(Id<Customer> customer, string? reference, string? key, TopUp topUp)
    {
        _accepted.Add(topUp.Id);
        foreach (var (kind, name) in new[] { ("reference", reference), ("key", key) })
            if (name is not null && !_named.TryAdd((customer, kind, name), topUp.Id) && _named[(customer, kind, name)] != topUp.Id)
                Break($"I7: {kind} {name} named {_named[(customer, kind, name)]} and then {topUp.Id}.");
    }

    public void CreditAsked(string note) => _creditsAsked.Add(note);

    public void Credited(string note, Money amount)
    {
        if (!_credited.TryAdd(note, amount) && _credited[note] != amount) Break($"I7: credit {note} was {_credited[note]} and then {amount}.");
    }

    /// <summary>After every step.</summary>
    public void Look()
    {
        LookAtProviders();
        var rows = Rows;
        if (ReferenceEquals(rows, _before)) return;
        Broken.AddRange(LedgerVerification.Verify(rows).Select(finding => $"{finding.Kind} of {finding.Subject}: expected {finding.Expected}, found {finding.Found}."));
        foreach (var id in _accepted.Where(id => !rows.TopUps.ContainsKey(id))) Break($"I6: {id} was accepted and is not there.");
        foreach (var (id, topUp) in rows.TopUps)
        {
            var before = _before.TopUps.GetValueOrDefault(id);
            if (ReferenceEquals(before, topUp)) continue;
            LookAt(topUp, rows);
            if (before is not null) Compare(before, topUp);
        }

        foreach (var account in rows.Accounts.Values) LookAt(account, rows);
        foreach (var (key, journal) in rows.Journals)
        {
            if (!_before.Journals.TryGetValue(key, out var before)) LookAt(journal, rows);
            else if (!ReferenceEquals(before, journal)) Break($"INV6: journal {journal.Id} was changed.");
        }

        foreach (var key in _before.Journals.Keys.Where(key => !rows.Journals.ContainsKey(key))) Break($"INV6: journal {key} is gone.");
        LookAtCredits(rows);
        _before = rows;
    }

    /// <summary>When all is calm and everybody has said what they know.</summary>
    public void LookAtTheEnd()
    {
        var rows = Rows;
        foreach (var job in rows.Jobs.Values) Break($"Liveness: job {job.Id} ({job.Kind} of {job.Subject}) is still there: {job.LastError}");
        foreach (var topUp in rows.TopUps.Values)
        {
            if (!topUp.IsFinal) Break($"Liveness: {topUp.Id} is still {TopUpStates.Word(topUp.State)}.");
            if (Contradicts(topUp)) Break($"I4: {topUp.Id} is {TopUpStates.Word(topUp.State)}; with the provider it is {TruthOf(topUp)?.Verdict}.");
        }

        foreach (var account in rows.Accounts.Values.Where(account => !account.Held.IsZero)) Break($"INV10: {account.Held} is still held on {account.Id}.");
    }

    /// <summary>What the providers' own records say of it; null when they are not decided either.</summary>
    public (Verdict Verdict, Attempt Attempt)? TruthOf(TopUp topUp)
    {
        if (topUp.Attempts.Length == 0) return null;
        var told = topUp.Attempts.Select(attempt => (Verdict: TruthOf(attempt), Attempt: attempt)).ToList();
        if (told.Any(one => one.Verdict is null)) return null;
        var one = told.FirstOrDefault(one => one.Verdict == Verdict.Delivered);
        if (one.Attempt is null) one = told.FirstOrDefault(one => one.Verdict == Verdict.Reversed);
        if (one.Attempt is null) one = told[^1];
        return (one.Verdict!.Value, one.Attempt);
    }

    /// <summary>Whether it stands otherwise than the providers' records say.</summary>
    public bool Contradicts(TopUp topUp) => TruthOf(topUp)?.Verdict switch
    {
        null => false,
        Verdict.Delivered => topUp.State is not (TopUpState.Succeeded or TopUpState.LateDelivered),
        Verdict.Reversed => topUp.State is not (TopUpState.Reversed or TopUpState.Failed),
        _ => topUp.State is not (TopUpState.Failed or TopUpState.Rejected),
    };

    private Verdict? TruthOf(Attempt attempt)
    {
        if (attempt.Provider == SimulatedProvider.Id)
        {
            if (first.Deliveries.Any(delivery => delivery.Reference == attempt.ProviderReference)) return Verdict.Delivered;
            var sent = first.Submissions.FirstOrDefault(submission => submission.Reference == attempt.ProviderReference);
            return sent?.Phone.National.EndsWith("010", StringComparison.Ordinal) == true ? null : Verdict.NotDelivered;
        }

        var submitted = second.Submissions.FirstOrDefault(submission => submission.Reference == attempt.ProviderReference);
        if (submitted is null) return Verdict.NotDelivered;
        return second.LookUpAsync(submitted, null, CancellationToken.None).GetAwaiter().GetResult() switch
        {
            LookupOutcome.Delivered => Verdict.Delivered,
            LookupOutcome.Reversed => Verdict.Reversed,
            LookupOutcome.Pending => null,
            _ => Verdict.NotDelivered,
        };
    }

    private void LookAtProviders()
    {
        var submissions = first.Submissions.Select(sent => (SimulatedProvider.Id, sent)).Concat(second.Submissions.Select(sent => (CallbackProvider.Id, sent))).ToList();
        if (submissions.Count == _submissionsBefore) return;
        _submissionsBefore = submissions.Count;
        foreach (var twice in submissions.GroupBy(one => (one.Item1, one.sent.Reference)).Where(same => same.Count() > 1))
            Break($"INV4: {twice.Key.Reference} was submitted {twice.Count()} times to {twice.Key.Item1}.");
        foreach (var (provider, sent) in submissions.Where(one => !Rows.ProviderReferences.ContainsKey((one.Item1, one.sent.Reference))))
            Break($"INV4: {sent.Reference} was submitted to {provider} before it was committed.");
        var deliveries = first.Deliveries.Select(delivery => delivery.Reference).Concat(second.Deliveries).ToHashSet();
        foreach (var twice in submissions.Where(one => deliveries.Contains(one.sent.Reference)).GroupBy(one => one.sent.TopUp).Where(same => same.Count() > 1))
            Break($"I5: {twice.Key} was delivered {twice.Count()} times.");
    }

    private void LookAt(TopUp topUp, TenantRows rows)
    {
        var isDecided = topUp.IsFinal;
        var hold = rows.Holds.GetValueOrDefault(topUp.Id.Value);
        var captures = rows.Journals.ContainsKey((JournalKind.TopUpCaptured, topUp.Id.Value));
        var late = rows.Journals.ContainsKey((JournalKind.LateDelivery, topUp.Id.Value));
        if (topUp.State == TopUpState.Rejected)
        {
            if (hold is not null || captures || late) Break($"INV1: {topUp.Id} was rejected, and there is money for it.");
            return;
        }

        if (hold is null || hold.Amount != topUp.Charge) Break($"INV7: {topUp.Id} costs {topUp.Charge} and holds {hold?.Amount}.");
        if ((hold?.State == HoldState.Open) == isDecided) Break($"I4: {topUp.Id} is {TopUpStates.Word(topUp.State)}, and its hold is {hold?.State}.");
        if ((hold?.State == HoldState.Captured) != captures) Break($"INV1: the hold of {topUp.Id} is {hold?.State}, {(captures ? "with" : "without")} a capture.");
        if (captures && late) Break($"I5: {topUp.Id} was charged twice.");
        var isProven = topUp.Attempts.Any(attempt => attempt.State == AttemptState.Delivered)
            || topUp.Evidence.Any(evidence => evidence.Verdict is Verdict.Delivered or Verdict.Reversed);
        if ((captures || late) && !isProven) Break($"INV2: {topUp.Id} was charged without evidence.");
        if (hold?.State == HoldState.Released && topUp.Attempts.Any(attempt => attempt.IsOpen)) Break($"INV2: {topUp.Id} was released with a submission open.");
        if (topUp.Attempts.Count(attempt => attempt.IsOpen) > 1) Break($"INV3: {topUp.Id} has two submissions open.");
    }

    private void Compare(TopUp before, TopUp after)
    {
        if ((before.Charge, before.Rate, before.Face, before.Phone, before.Reference) != (after.Charge, after.Rate, after.Face, after.Phone, after.Reference))
            Break($"INV7: what {after.Id} was agreed to be has changed.");
        var isAllowed = before.State == after.State || !before.IsFinal || (before.State, after.State) is
            (TopUpState.Succeeded, TopUpState.Reversed) or (TopUpState.Failed, TopUpState.LateDelivered);
        if (!isAllowed) Break($"INV8: {after.Id} went from {before.State} to {after.State}.");
        if (after.Attempts.Length < before.Attempts.Length) Break($"INV4: a submission of {after.Id} is gone.");
    }

    private void LookAt(Account account, TenantRows rows)
    {
        var own = AccountCode.OfCustomer(account.Id);
        var postings = rows.Journals.Values.SelectMany(journal => journal.Postings).Where(posting => posting.Account == own).Select(posting => posting.Amount).Sum(account.Currency);
        if (postings != account.Posted) Break($"I2: {account.Id} stands at {account.Posted}; its postings are {postings}.");
        var undecided = rows.TopUps.Values.Where(topUp => topUp.Account == account.Id && !topUp.IsFinal).Select(topUp => topUp.Charge!.Value).Sum(account.Currency);
        if (undecided != account.Held) Break($"INV10: {account.Held} is held on {account.Id}; undecided is {undecided}.");
    }

    private void LookAt(Journal journal, TenantRows rows)
    {
        foreach (var currency in journal.Postings.GroupBy(posting => posting.Amount.Currency))
            if (!currency.Select(posting => posting.Amount).Sum(currency.Key).IsZero) Break($"I1: journal {journal.Id} is not zero in {currency.Key}.");
        if (journal.Kind != JournalKind.TopUpCaptured) return;
        var topUp = rows.TopUps[Id<TopUp>.Parse(journal.Subject)];
        var own = AccountCode.OfCustomer(topUp.Account);
        var charged = -journal.Postings.Where(posting => posting.Account == own).Select(posting => posting.Amount).Sum(topUp.Charge!.Value.Currency);
        if (charged != topUp.Charge) Break($"INV7: {topUp.Id} was to cost {topUp.Charge} and cost {charged}.");
    }

    private void LookAtCredits(TenantRows rows)
    {
        var booked = rows.Journals.Values.Where(journal => journal.Kind is JournalKind.CreditAdded or JournalKind.CreditSubtracted)
            .GroupBy(journal => journal.Reason!.Split(": ")[^1]).ToDictionary(same => same.Key, same => same.Count());
        foreach (var (note, count) in booked)
        {
            if (count > 1) Break($"I7: credit {note} was booked {count} times.");
            if (!_creditsAsked.Contains(note)) Break($"I6: nobody asked for credit {note}.");
        }

        foreach (var note in _credited.Keys.Where(note => !booked.ContainsKey(note))) Break($"I6: credit {note} was acknowledged and is not booked.");
    }
}
