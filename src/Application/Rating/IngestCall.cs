using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using FluentValidation;
using Relier.Identity;
using Relier.Pipeline;

namespace Relier.Rating;

/// <summary>
/// Takes in what a switch reports of a leg. What was not understood is kept for people all the same, so that the switch need not
/// ask again; the same report again changes nothing. Refusals: <c>not_found</c> for a kind of switch that is none,
/// <c>validation_failed</c> for more than <see cref="CallReport.BytesMax"/>.
/// </summary>
/// <param name="Reader">The kind of switch: the name of an <see cref="ICallSource"/>.</param>
/// <param name="Switch">Which one, as it was let in.</param>
/// <param name="Body">The report, as received.</param>
[Requires(Permission.ReportCalls)]
public sealed record IngestCall(string Reader, string Switch, ReadOnlyMemory<byte> Body) : IUseCase<IngestedCall>
{
    /// <summary>Of what type it said it is.</summary>
    public string? ContentType { get; init; }

    /// <summary>The id that stood in the address, if any.</summary>
    public string? CallId { get; init; }
}

/// <summary>What became of a report.</summary>
/// <param name="State">Accepted, duplicate, conflict or malformed.</param>
/// <param name="Report">Where it is kept; null for a duplicate, which is not.</param>
/// <param name="Call">The call that it became, repeats or contradicts; null when it was not understood.</param>
public sealed record IngestedCall(CallReportState State, Id<CallReport>? Report, Id<Call>? Call);

internal sealed class IngestCallRules : AbstractValidator<IngestCall>
{
    public IngestCallRules() =>
        RuleFor(ingest => ingest.Body).Must(body => body.Length <= CallReport.BytesMax).WithErrorCode("too_large").WithMessage($"expected at most {CallReport.BytesMax} bytes");
}

internal sealed class IngestCallHandler(CallDesk desk, IEnumerable<ICallSource> sources, IClock clock, Caller caller) : Handler<IngestCall, IngestedCall>
{
    protected override async Task<Outcome<IngestedCall>> HandleAsync(IngestCall ingest, CancellationToken cancellationToken)
    {
        if (sources.FirstOrDefault(source => source.Name == ingest.Reader) is not { } source) return new Refusal("not_found", $"There is no kind of switch '{ingest.Reader}'.");
        var now = clock.Now();
        var isText = Utf8.IsValid(ingest.Body.Span) && !ingest.Body.Span.Contains((byte)0);
        var report = new CallReport
        {
            // The same report again, because our answer was lost, is the same report.
            Id = CallDesk.ReportIdOf(ingest.Switch, $"{Convert.ToHexStringLower(SHA256.HashData(ingest.Body.Span))}\n{ingest.CallId}"), Source = ingest.Switch, Reader = source.Name, At = now, ContentType = Printable(ingest.ContentType), IsBase64 = !isText,
            Body = isText ? Encoding.UTF8.GetString(ingest.Body.Span) : Convert.ToBase64String(ingest.Body.Span), State = CallReportState.Accepted, Version = 1,
        };
        switch (source.Read(new CallOrigin(ingest.Switch, caller.Tenant), ingest.ContentType, ingest.Body, ingest.CallId))
        {
            case CallReading.Malformed(var reason, var detail):
                var malformed = report with { State = CallReportState.Malformed, Reason = reason, Detail = detail };
                await desk.KeepReportAsync(caller.Tenant, malformed, cancellationToken);
                return new IngestedCall(malformed.State, malformed.Id, null);
            case CallReading.Understood(var record):
                var receipts = await desk.KeepAsync(
                    caller.Tenant, [record], null,
                    (session, receipt) => receipt.Fate == CallFate.Duplicate ? Task.CompletedTask : CallDesk.KeepReportAsync(session, CallReports.After(report, receipt), cancellationToken),
                    cancellationToken);
                var state = CallReports.StateOf(receipts[0].Fate);
                return new IngestedCall(state, state == CallReportState.Duplicate ? null : report.Id, receipts[0].Call);
            case var unknown: throw new InvalidOperationException($"{unknown} is no reading this version knows.");
        }
    }

    private static string? Printable(string? text) => text is { Length: <= Validation.MaxText } && Validation.IsPrintable(text) ? text : null;
}
