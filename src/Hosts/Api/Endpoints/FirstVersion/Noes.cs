using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.Endpoints.FirstVersion;

/// <summary>Refusals as clients of the first version know them: <c>{ success: false, code, error, message, … }</c> with numbers.</summary>
internal static class Noes
{
    /// <summary>The status of a code on the paths of the first version.</summary>
    public static int StatusOf(string code) => code switch
    {
        "validation_failed" or "amount_out_of_range" or "amount_not_allowed" => 400,
        "insufficient_credit" => 403,
        _ => Problems.StatusOf(code),
    };

    public static Dictionary<string, object?> Body(Refusal refusal)
    {
        var body = new Dictionary<string, object?>
        {
            ["success"] = false, ["code"] = refusal.Code, ["error"] = ErrorOf(refusal), ["message"] = refusal.Message,
        };
        if (refusal.Fields.Count > 0) body["details"] = refusal.Fields.Select(error => new { error.Field, error.Code, error.Message }).ToList();
        foreach (var (name, fact) in FactsOf(refusal)) body.TryAdd(name, fact);
        return body;
    }

    private static string ErrorOf(Refusal refusal) => refusal.Code switch
    {
        "validation_failed" => "Validation failed",
        "unauthenticated" => "Invalid API credentials",
        "ip_not_allowed" => "IP address not authorized",
        "amount_not_allowed" => "Invalid product amount",
        "amount_out_of_range" => "Validation failed",
        "daily_limit_exceeded" => "Daily transaction limit exceeded",
        "insufficient_credit" => "Insufficient balance",
        "queue_unavailable" => "Queue system not available",
        var code => Problems.TitleOf(code),
    };

    private static IEnumerable<(string Name, object Fact)> FactsOf(Refusal refusal)
    {
        foreach (var (name, fact) in refusal.Facts)
        {
            yield return (refusal.Code, name, fact) switch
            {
                ("daily_limit_exceeded", "limit", Money money) => ("daily_limit_" + Suffix(money), Number(money)),
                ("daily_limit_exceeded", "used", Money money) => ("used_today_" + Suffix(money), Number(money)),
                ("daily_limit_exceeded", _, Money money) => ($"{name}_{Suffix(money)}", Number(money)),
                ("insufficient_credit", "available", Money money) => ("current_balance_" + Suffix(money), Number(money)),
                ("insufficient_credit", "required", Money money) => ("required_" + Suffix(money), Number(money)),
                (_, _, Money money) => (name, Number(money)),
                (_, "allowed_amounts", IEnumerable<string> amounts) => (name, amounts.Select(amount => decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture)).ToList()),
                _ => (name, fact),
            };
        }
    }

    private static string Suffix(Money money) => money.Currency.Code.ToLowerInvariant();

    private static object Number(Money money) => Numbers.Of(money);
}
