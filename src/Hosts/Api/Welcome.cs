using Relier.Hosting;

namespace Relier.Api;

/// <summary>What somebody who starts the demo sees first: where it is, the keys, and a line to paste.</summary>
internal static class Welcome
{
    public static void Print(TextWriter output, IEnumerable<string> urls, DemoKeys? keys, string? database)
    {
        var url = (urls.FirstOrDefault(address => address.StartsWith("http:", StringComparison.Ordinal)) ?? urls.FirstOrDefault() ?? "http://localhost:5080")
            .Replace("//[::]:", "//localhost:", StringComparison.Ordinal).Replace("//0.0.0.0:", "//localhost:", StringComparison.Ordinal).TrimEnd('/');
        output.WriteLine();
        output.WriteLine($"Relier answers at {url}    (the API, to look at and to try: {url}/docs)");
        output.WriteLine();
        if (keys is null)
        {
            output.WriteLine("The demo's keys were shown at its first start and are not kept anywhere. For new ones, run:");
            output.WriteLine($"  DOTNET_ENVIRONMENT=Development relier keys create --admin demo --connection '{database}'");
            output.WriteLine("(from a checkout, say `dotnet run --project src/Hosts/Console --` for `relier`), or delete the database and start again.");
        }
        else
        {
            output.WriteLine("A reseller was made to try things with: 10,000 USD of credit nobody paid for, and a provider that");
            output.WriteLine("only plays. Its keys, shown this once:");
            output.WriteLine();
            output.WriteLine($"  API key    {keys.ApiKey}    (customer {keys.Customer})");
            output.WriteLine($"  Admin key  {keys.AdminKey}");
            output.WriteLine();
            output.WriteLine("Recharge a phone with 20 pesos:");
            output.WriteLine();
            output.WriteLine($$"""  curl -s {{url}}/api/v1/topups -H 'X-Api-Key: {{keys.ApiKey}}' -H 'Content-Type: application/json' -d '{"phone":"5512345000","amount":"20","reference":"ORDER-1001"}'""");
            output.WriteLine();
            output.WriteLine("And see what it cost:");
            output.WriteLine();
            output.WriteLine($"  curl -s {url}/api/v1/balance -H 'X-Api-Key: {keys.ApiKey}'");
        }

        output.WriteLine();
        output.Flush();
    }
}
