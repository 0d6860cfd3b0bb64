using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Relier.Simulators;

internal static class Program
{
    /// <summary>Any option of <see cref="LatcomSimulatorOptions"/> can be given, for example <c>--Latency 00:00:07</c>; of <c>--urls</c> only the port is free.</summary>
    private static async Task<int> Main(string[] args)
    {
        var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
        if (settings["urls"] is { } urls)
        {
            if (!Uri.TryCreate(urls, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || !uri.IsLoopback)
            {
                await Console.Error.WriteLineAsync($"--urls must be one http address of this machine, such as http://127.0.0.1:5299, and was {urls}.");
                return 1;
            }
            settings[nameof(LatcomSimulatorOptions.Port)] = uri.Port.ToString(CultureInfo.InvariantCulture);
        }

        var options = settings.Get<LatcomSimulatorOptions>() ?? new LatcomSimulatorOptions();
        await using var latcom = await LatcomSimulator.StartAsync(options);
        Console.WriteLine($"""
            Latcom simulator   {latcom.Address}
            username           {options.Username}
            password           {options.Password}
            dist_api           {options.DistApi}
            user_uid           {options.UserUid}
            Truth              {latcom.Address}simulator/counters
            Stop with Ctrl+C.
            """);
        await latcom.WaitForShutdownAsync();
        return 0;
    }
}
