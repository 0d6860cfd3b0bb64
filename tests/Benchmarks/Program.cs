using System.Globalization;
using Relier.Benchmarks;

// Each benchmark runs its baseline and Relier in turns, on one file or server, in one run: quote the ratio, not the milliseconds.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
var wanted = args.Length > 0 ? args[0] : "all";
if (wanted is not ("all" or "acceptance-sqlite"))
{
    Console.Error.WriteLine($"There is no benchmark '{wanted}'. There are: acceptance-sqlite.");
    return 2;
}

Machine.Describe();
return await AcceptanceOnSqlite.RunAsync();
