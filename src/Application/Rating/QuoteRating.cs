using Relier.Identity;
using Relier.Pipeline;

namespace Relier.Rating;

/// <summary>
/// What a call would cost, or how much of it would be granted, by a tariff that is in the question: the same rule that real
/// calls are rated by, and nothing is kept. Refusals: those of <see cref="RatingQuote.Answer"/>.
/// </summary>
/// <param name="Quote">The question.</param>
[Requires(Permission.Quote)]
public sealed record QuoteRating(RatingQuote Quote) : IUseCase<QuotedUsage>;

internal sealed class QuoteRatingHandler : Handler<QuoteRating, QuotedUsage>
{
    protected override Task<Outcome<QuotedUsage>> HandleAsync(QuoteRating question, CancellationToken cancellationToken) => Task.FromResult(question.Quote.Answer());
}
