using System.Text.Json;
using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>Answers a document of quotes: one, or a list of them, each with its answer or its problem.</summary>
internal static class QuoteDocument
{
    /// <summary>Quotes in one document.</summary>
    public const int MostQuotes = 1_000;

    /// <summary>The answer, as a document. Of a list nothing is refused as a whole but its length.</summary>
    /// <param name="document">The quote, or the list.</param>
    /// <param name="ask">Asks one.</param>
    /// <param name="problem">How a refusal is shown in a list.</param>
    public static async Task<Outcome<object>> AnswerAsync(JsonElement document, Func<RatingQuote, Task<Outcome<QuotedUsage>>> ask, Func<Refusal, object> problem)
    {
        if (document.ValueKind != JsonValueKind.Array) return await AnswerAsync(document, ask);
        if (document.GetArrayLength() > MostQuotes) return TooMany();
        var answers = new List<object>();
        foreach (var item in document.EnumerateArray())
            answers.Add((await AnswerAsync(item, ask)).IsRefused(out var refusal, out var answer) ? new { problem = problem(refusal) } : answer);
        return answers;
    }

    private static async Task<Outcome<object>> AnswerAsync(JsonElement document, Func<RatingQuote, Task<Outcome<QuotedUsage>>> ask)
    {
        if (RatingQuoteReader.Read(document).IsRefused(out var unread, out var quote)) return unread;
        return (await ask(quote)).IsRefused(out var refusal, out var answer) ? refusal : RatedUsageResource.Of(answer);
    }

    private static Refusal TooMany() =>
        new("validation_failed", $"Expected at most {MostQuotes} quotes.") { Fields = [new FieldError("", "too_many", $"expected at most {MostQuotes}")] };
}
