using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Cli.Commands;

/// <summary><c>relier providers</c>: how they stand, what is unknown with them, and the money we keep there.</summary>
internal static class ProviderCommands
{
    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("providers", "Providers: how they stand and what we keep with them.") { List(options, terminal), Exposure(options, terminal), Fund(options, terminal) };

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("list", "How each stands, in the order in which they are asked.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new ListProviders(),
                reports =>
                {
                    var resources = reports.Select(ProviderResource.Of).ToList();
                    if (invocation.Printer.IsJson) invocation.Printer.Document(new ProviderListResource(resources));
                    else
                        invocation.Printer.Table(
                            ["PROVIDER", "TAKES ORDERS", "FUNDS", "LOW", "TOLD BALANCE", "DIFFERENCE", "LAST PROBE"],
                            [.. resources.Select(provider => (string?[])
                            [
                                provider.Id, provider.Takes ? "yes" : "no", Text(provider.Funds), provider.Low ? "yes" : "no", Text(provider.ToldBalance),
                                Text(provider.Difference), provider.Probe is { } probe ? $"{(probe.Well ? "well" : "failed")} {probe.At}" : null,
                            ])]);
                }),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Exposure(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("exposure", "What is held for top-ups nobody can answer for, by provider, age and currency.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new GetExposure(),
                exposures =>
                {
                    var resources = exposures.Select(ExposureResource.Of).ToList();
                    if (invocation.Printer.IsJson) invocation.Printer.Document(new ExposureReportResource(resources));
                    else
                        invocation.Printer.Table(
                            ["PROVIDER", "AGE", "COUNT", "HELD"],
                            [.. resources.Select(exposure => (string?[])[exposure.Provider, exposure.Age, $"{exposure.Count}", Text(exposure.Held)])]);
                }),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Fund(GlobalOptions options, Terminal terminal)
    {
        var provider = new Argument<string>("PROVIDER") { Description = "The provider's id." };
        var amount = new Argument<string>("AMOUNT") { Description = "What was put in; with a minus, what was taken out." };
        var currency = new Argument<string>("CURRENCY") { Description = "The currency of the account there." };
        var reference = new Option<string>("--reference") { Description = "What proves it: the bank's reference.", HelpName = "text", Required = true };
        var lowAt = new Option<string?>("--low-at") { Description = "Below what the account counts as low from now on.", HelpName = "amount" };
        var key = new Option<string?>("--idempotency-key") { Description = "Given again, the money is booked once.", HelpName = "key" };
        var command = new Command("fund", "Book money put into the account we keep with a provider.") { provider, amount, currency, reference, lowAt, key };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation =>
            {
                var name = parsed.GetRequiredValue(provider);
                var fund = new FundProvider(name, parsed.GetRequiredValue(amount), parsed.GetRequiredValue(currency), parsed.GetRequiredValue(reference))
                {
                    LowAt = parsed.GetValue(lowAt), IdempotencyKey = parsed.GetValue(key),
                };
                return invocation.AnswerAsync(
                    fund,
                    funding => invocation.Printer.Show(
                        FundingResource.Of(name, funding),
                        [("Journal", funding.Journal.Id.Value), ("Provider", name), ("Left there", $"{funding.Funds}")], key: funding.Journal.Id.Value));
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static string? Text(MoneyResource? money) => money is null ? null : $"{money.Amount} {money.Currency}";
}
