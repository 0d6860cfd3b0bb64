using System.Collections.Immutable;
using FluentValidation;
using NodaTime;
using NodaTime.Text;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Compares a provider's statement or an operator's file with our submissions. Answers with the run when all is done; one
/// file counts once, and asking again after a crash goes on or begins anew, whichever is right. Refusals, in the order in
/// which they win: <c>validation_failed</c>, <c>statement_already_imported</c> or <c>statement_being_imported</c> (the run),
/// <c>statement_unreadable</c> (the line), <c>control_total_mismatch</c> (claimed, found), <c>period_overlaps</c> (the run),
/// <c>supersedes_nothing</c>. After one of them nothing has changed; a file that was read and is wrong leaves a run that says so.
/// </summary>
/// <param name="Content">The file. It is read twice, so it must be able to seek; it is left open.</param>
/// <param name="Provider">The provider whose submissions it is about: the name the provider was added under.</param>
[Requires(Permission.WriteReconciliations)]
public sealed record ReconcileStatement(Stream Content, string Provider) : IUseCase<ReconciliationRun>
{
    /// <summary><c>latcom</c>, <c>operator</c>, or a map as <see cref="StatementLayout"/> describes it. Default: the name of the provider.</summary>
    public string? Map { get; init; }

    /// <summary>What the file is called, for people.</summary>
    public string? FileName { get; init; }

    /// <summary>The first settlement day, ISO; with <see cref="To"/> or not at all. Without them the days of the lines, and what is missing proves nothing.</summary>
    public string? From { get; init; }

    /// <summary>The day after the last settlement day.</summary>
    public string? To { get; init; }

    /// <summary>How many lines the sender declared, without the header.</summary>
    public long? Rows { get; init; }

    /// <summary>What the sender declared as delivered, one for a currency: <c>MXN=1541008.50</c>.</summary>
    public IReadOnlyList<string> Totals { get; init; } = [];

    /// <summary>The run whose place this file takes: then their periods may overlap.</summary>
    public string? Supersedes { get; init; }

    /// <summary>Tries everything and keeps nothing: the answer says what would be found. No money moves.</summary>
    public bool DryRun { get; init; }

    /// <summary>Told how it gets on; null when nobody wants to know.</summary>
    public IProgress<ReconciliationProgress>? Progress { get; init; }
}

/// <summary>How a reconciliation gets on.</summary>
/// <param name="Phase">What is done now: <c>reading</c>, <c>matching</c>, <c>looking for what is not listed</c>, <c>settling</c>.</param>
/// <param name="Done">How much of it is done.</param>
/// <param name="Total">How much there is; zero when that is not known.</param>
public sealed record ReconciliationProgress(string Phase, long Done, long Total);

internal sealed class ReconcileStatementRules : AbstractValidator<ReconcileStatement>
{
    public ReconcileStatementRules()
    {
        RuleFor(import => import.Content).Must(content => content is { CanRead: true, CanSeek: true }).WithErrorCode("required").WithMessage("expected a file that can be read twice");
        RuleFor(import => import.Provider).IsGiven().IsText();
        RuleFor(import => import.FileName).IsText();
        RuleFor(import => import.Map ?? import.Provider).Custom((text, context) =>
        {
            if (!StatementLayout.TryParse(text, out _, out var problem))
                context.AddFailure(new FluentValidation.Results.ValidationFailure("map", problem) { ErrorCode = "map_invalid" });
        });
        RuleFor(import => import.From).Must(IsDay).WithErrorCode("day_invalid").WithMessage("expected a day, as in 2026-11-01");
        RuleFor(import => import.To).Must(IsDay).WithErrorCode("day_invalid").WithMessage("expected a day, as in 2026-11-02");
        RuleFor(import => import.To).Must((import, to) => import.From is null == to is null).WithErrorCode("period_invalid").WithMessage("from and to go together");
        RuleFor(import => import.To).Must((import, to) => !(IsDay(to) && IsDay(import.From)) || to is null || import.From is null || DayOf(import.From) < DayOf(to))
            .WithErrorCode("period_invalid").WithMessage("to is the day after the last one, so it comes after from");
        RuleFor(import => import.Rows).Must(rows => rows is null or >= 0).WithErrorCode("rows_invalid").WithMessage("expected how many lines there are, without the header");
        RuleFor(import => import.Totals).Must(totals => totals.All(total => TotalOf(total) is not null) && totals.Select(total => total[..3]).Distinct().Count() == totals.Count)
            .WithErrorCode("totals_invalid").WithMessage("expected a sum for each currency once, as in MXN=1541008.50");
        RuleFor(import => import.Supersedes).IsIdOf<ReconcileStatement, ReconciliationRun>();
    }

    public static LocalDate DayOf(string text) => LocalDatePattern.Iso.Parse(text).Value;

    public static Money? TotalOf(string text) =>
        text.Split('=') is [var code, var amount] && Currency.TryParse(code, out var currency) && Money.TryParse(amount, currency, out var money) ? money : null;

    private static bool IsDay(string? text) => text is null || LocalDatePattern.Iso.Parse(text) is { Success: true, Value.Year: > 1970 and < 9000 };
}

internal sealed class ReconcileStatementHandler(StatementImport import, Providers providers, Caller caller)
    : Handler<ReconcileStatement, ReconciliationRun>
{
    protected override Task<Outcome<ReconciliationRun>> HandleAsync(ReconcileStatement asked, CancellationToken cancellationToken)
    {
        var known = providers.Offers.Select(offer => offer.Provider).ToList();
        if (!known.Contains(asked.Provider))
            return Task.FromResult<Outcome<ReconciliationRun>>(Validation.Failed([new FieldError("provider", "provider_unknown", $"expected one of {string.Join(", ", known)}")]));
        if (!StatementLayout.TryParse(asked.Map ?? asked.Provider, out var layout, out var problem)) throw new InvalidOperationException(problem);
        return import.RunAsync(
            new StatementOrder
            {
                Content = asked.Content, Provider = asked.Provider, Layout = layout, FileName = asked.FileName,
                From = asked.From is null ? null : ReconcileStatementRules.DayOf(asked.From), To = asked.To is null ? null : ReconcileStatementRules.DayOf(asked.To),
                Rows = asked.Rows, Totals = [.. asked.Totals.Select(total => ReconcileStatementRules.TotalOf(total)!.Value).OrderBy(total => total.Currency.Code, StringComparer.Ordinal)],
                Supersedes = asked.Supersedes is null ? null : Id<ReconciliationRun>.Parse(asked.Supersedes), DryRun = asked.DryRun,
                Tell = asked.Progress is { } progress ? progress.Report : _ => { },
            },
            caller, cancellationToken);
    }
}

/// <summary>What was asked, read.</summary>
internal sealed record StatementOrder
{
    public required Stream Content { get; init; }
    public required string Provider { get; init; }
    public required StatementLayout Layout { get; init; }
    public string? FileName { get; init; }
    public LocalDate? From { get; init; }
    public LocalDate? To { get; init; }
    public long? Rows { get; init; }
    public required ImmutableArray<Money> Totals { get; init; }
    public Id<ReconciliationRun>? Supersedes { get; init; }
    public bool DryRun { get; init; }
    public required Action<ReconciliationProgress> Tell { get; init; }
}
