using FluentValidation;
using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Ledger;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Takes in a file of calls and charges them, a part of it in one transaction: after a crash the file is given again, and what was
/// taken in before is known. Lines that nobody understands, and those that contradict what is known, are kept for people. Refusals:
/// <c>validation_failed</c>, <c>import_unreadable</c> (the line), after which nothing was taken in.
/// </summary>
/// <param name="Content">CSV. Read once from its beginning to its end; left open.</param>
/// <param name="Source">Who reports: with the id of each call its name for ever.</param>
[Requires(Permission.ReportCalls)]
public sealed record ImportCalls(Stream Content, string Source) : IUseCase<CallImport>
{
    /// <summary>
    /// <c>generic</c>, <c>freeswitch</c>, or a map as <see cref="CallLayout"/> describes it. With the name of a kind of switch, and a
    /// switch of this kind as the source, what is set for that switch holds: its clock and its contexts.
    /// </summary>
    public string Layout { get; init; } = "generic";

    /// <summary>The zone of times without one; null for that of the switch, where there is one, and else the tenant's.</summary>
    public string? Zone { get; init; }

    /// <summary>What the file is called, for people.</summary>
    public string? FileName { get; init; }

    /// <summary>Told how many lines were taken in; null when nobody wants to know.</summary>
    public IProgress<long>? Progress { get; init; }
}

/// <summary>What became of a file.</summary>
public sealed record CallImport
{
    /// <summary>What its calls say that they came with.</summary>
    public required string Id { get; init; }

    /// <summary>Lines, without the header and empty ones.</summary>
    public long Lines { get; init; }

    /// <summary>Calls that were not known.</summary>
    public long New { get; init; }

    /// <summary>Lines that said again what is known.</summary>
    public long Duplicates { get; init; }

    /// <summary>Lines that say of a session that ended how much it was in truth: the difference was charged.</summary>
    public long Corrected { get; init; }

    /// <summary>Lines that contradict what is known.</summary>
    public long Conflicts { get; init; }

    /// <summary>Lines that nobody understood.</summary>
    public long Malformed { get; init; }

    /// <summary>The new calls by what became of them: <c>rated</c>, <c>zero</c>, <c>not_charged</c>, and of those without a price the reason: <c>no_rate</c>.</summary>
    public IReadOnlyDictionary<string, long> States { get; init; } = new Dictionary<string, long>();

    /// <summary>What the new calls cost, by currency.</summary>
    public IReadOnlyList<Money> Amounts { get; init; } = [];

    internal CallImport Plus(IReadOnlyList<CallReceipt> receipts, IReadOnlyList<Call> calls, int malformed)
    {
        var states = new Dictionary<string, long>(States);
        var amounts = Amounts.ToDictionary(amount => amount.Currency);
        foreach (var call in calls)
        {
            var word = call.Reason is { } reason ? CallWords.Word(reason) : CallWords.Word(call.State);
            states[word] = states.GetValueOrDefault(word) + 1;
            if (call.Amount is { } amount) amounts[amount.Currency] = amounts.TryGetValue(amount.Currency, out var before) ? before + amount : amount;
        }

        return this with
        {
            Lines = Lines + receipts.Count + malformed, New = New + calls.Count, Duplicates = Duplicates + receipts.Count(receipt => receipt.Fate == CallFate.Duplicate),
            Corrected = Corrected + receipts.Count(receipt => receipt.Fate == CallFate.Corrected), Conflicts = Conflicts + receipts.Count(receipt => receipt.Fate == CallFate.Conflict), Malformed = Malformed + malformed, States = states,
            Amounts = [.. amounts.Values.OrderBy(amount => amount.Currency.Code, StringComparer.Ordinal)],
        };
    }
}

internal sealed class ImportCallsRules : AbstractValidator<ImportCalls>
{
    public ImportCallsRules()
    {
        RuleFor(import => import.Content).Must(content => content is { CanRead: true }).WithErrorCode("required").WithMessage("expected a file");
        RuleFor(import => import.Source).IsGiven().IsText(CallRecord.TextMax);
        RuleFor(import => import.FileName).IsText();
        RuleFor(import => import.Zone).Must(zone => zone is null || DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null).WithErrorCode("zone_unknown").WithMessage("expected a zone of the tz database, as in Asia/Kolkata");
        RuleFor(import => import.Layout).Custom((text, context) =>
        {
            if (!CallLayout.TryParse(text, out _, out var problem)) context.AddFailure(new FluentValidation.Results.ValidationFailure("layout", problem) { ErrorCode = "layout_invalid" });
        });
    }
}

internal sealed class ImportCallsHandler(IStorage storage, CallDesk desk, IEnumerable<ICallSource> switches, RelierOptions options, IClock clock, Caller caller) : Handler<ImportCalls, CallImport>
{
    protected override async Task<Outcome<CallImport>> HandleAsync(ImportCalls import, CancellationToken cancellationToken)
    {
        if (!CallLayout.TryParse(import.Layout, out var layout, out var problem)) throw new InvalidOperationException(problem);
        var tenant = await storage.RunSystemAsync(session => session.Tenants.FindAsync(caller.Tenant, cancellationToken), cancellationToken)
            ?? throw new InvalidOperationException($"Tenant {caller.Tenant} is not there.");
        var given = import.Zone is { } name ? DateTimeZoneProviders.Tzdb[name] : null;
        if (switches.FirstOrDefault(kind => kind.Name == import.Layout)?.LayoutOf(new CallOrigin(import.Source, caller.Tenant)) is { } own) layout = own with { Zone = given ?? own.Zone };
        var report = new CallImport { Id = Ids.New<CallImport>("imp", clock.Now()).Value };
        var lines = CallRecordFile.ReadAsync(import.FileName ?? "calls", import.Content, layout, import.Source, given ?? tenant.Zone, cancellationToken);
        try
        {
            await foreach (var part in PartsAsync(lines))
            {
                report = await TakeAsync(report, import.Source, part, cancellationToken);
                import.Progress?.Report(report.Lines);
            }
        }
        catch (Exception error) when (CallRecordFile.Explain(error) is { } unreadable)
        {
            return unreadable;
        }

        await storage.RunAsync(
            caller.Tenant,
            async session =>
            {
                await session.AuditAsync(caller, clock, "calls.imported", report.Id, null, new { import.Source, import.FileName, report.Lines, report.New, report.Corrected, report.Conflicts, report.Malformed }, cancellationToken);
                return true;
            },
            cancellationToken);
        return report;
    }

    private async Task<CallImport> TakeAsync(CallImport report, string source, IReadOnlyList<CallLine> part, CancellationToken cancellationToken)
    {
        var (records, texts, malformed, now) = (new List<CallRecord>(part.Count), new Dictionary<CallRecord, string>(ReferenceEqualityComparer.Instance), new List<CallReport>(), clock.Now());
        foreach (var line in part)
        {
            if (line.Record is { } record)
            {
                records.Add(record);
                texts.Add(record, line.Text!);
            }
            else
            {
                malformed.Add(new CallReport
                {
                    Id = CallDesk.ReportIdOf(source, line.Text ?? $"{report.Id} {line.Line}"), Source = source, At = now, ContentType = "text/csv", Body = Kept(line.Text ?? ""), State = CallReportState.Malformed,
                    Reason = line.Faults[0].Code, Detail = string.Join("; ", line.Faults.Select(fault => $"line {line.Line}, {fault.Field}: {fault.Message}")), Version = 1,
                });
            }
        }

        var taken = await desk.ChargeAsync(caller.Tenant, records, record => Kept(texts[record]), [.. malformed.DistinctBy(one => one.Id)], report.Id, cancellationToken);
        return report.Plus(taken.Receipts, taken.New, malformed.Count);
    }

    /// <summary>As it can be kept on every engine.</summary>
    private static string Kept(string text) => text.Replace('\0', '\uFFFD');

    private async IAsyncEnumerable<IReadOnlyList<CallLine>> PartsAsync(IAsyncEnumerable<CallLine> lines)
    {
        var part = new List<CallLine>(options.ImportLinesAtOnce);
        await foreach (var line in lines)
        {
            part.Add(line);
            if (part.Count < options.ImportLinesAtOnce) continue;
            yield return part;
            part = new List<CallLine>(options.ImportLinesAtOnce);
        }

        if (part.Count > 0) yield return part;
    }
}
