using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class AlertDocs
{
    private static readonly AlertResource Low = new(
        "alr_01kag1v9zk3m8q0w2x4y6z8a0j", "low_balance", Examples.CustomerId, "2026-11-20T12:00:00.123Z", "Demo Reseller has 998.91 USD left; 1000.00 USD and less counts as low.",
        AlertResource.FactsOf(new Dictionary<string, object>
        {
            ["customer"] = "Demo Reseller", ["balance"] = Money.Of(998.91m, Currency.USD), ["available"] = Money.Of(998.91m, Currency.USD), ["low"] = Money.Of(1_000m, Currency.USD),
        }));

    public static readonly Operation List = new("listAlerts", "List alerts",
        "What people were told of, newest first. Each cause is told once: a customer's low balance again after 24 hours, a state of a provider again when it was over in between.")
    {
        Query =
        [
            new("kind", "low_balance, failure_streak, exposure, provider_down, provider_up, float_low or float_difference."), .. QueryParameter.Paging,
        ],
        Answers = [new(200, "A part of the list.", typeof(PageResource<AlertResource>), new PageResource<AlertResource>([Low], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };
}
