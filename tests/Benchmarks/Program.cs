using System.Globalization;
using Relier.Benchmarks;

// Each benchmark runs its baseline and Relier in turns, on one file or server, in one run: quote the ratio, not the milliseconds.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is [CallsAtScale.Part, var server, var file]) return await CallsAtScale.ImportAsync(server, file) ? 0 : 1;

(string Name, Func<Task<bool>> RunAsync)[] benchmarks =
[
    ("acceptance-sqlite", AcceptanceOnSqlite.RunAsync),
    ("acceptance-one-reseller", () => AcceptanceOverHttp.RunAsync(resellers: 1)),
    ("acceptance-many-resellers", () => AcceptanceOverHttp.RunAsync(resellers: 1_000)),
    ("workers-against-latency", WorkersAgainstLatency.RunAsync),
    ("idle-host", IdleHost.RunAsync),
    ("rating", RatingCalls.RunAsync),
    ("calls", CallsAtScale.RunAsync),
    ("margins", MarginsOfCalls.RunAsync),
    ("sessions", SessionUpdates.RunAsync),
    ("reconciliation", ReconciliationAtScale.RunAsync),
    ("import", ImportAtScale.RunAsync),
];

var wanted = args.Length > 0 ? args[0] : "all";
var chosen = benchmarks.Where(benchmark => wanted == "all" || wanted == benchmark.Name).ToList();
if (chosen.Count == 0)
{
    Console.Error.WriteLine($"There is no benchmark '{wanted}'. There are: {string.Join(", ", benchmarks.Select(benchmark => benchmark.Name))}.");
    return 2;
}

Machine.Describe();
var allGood = true;
foreach (var (name, runAsync) in chosen)
{
    Console.WriteLine($"== {name}");
    allGood &= await runAsync();
}

return allGood ? 0 : 1;
