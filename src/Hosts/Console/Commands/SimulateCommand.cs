using System.CommandLine;
using Relier.InMemory;

namespace Relier.Cli.Commands;

/// <summary><c>relier simulate</c>: plays the whole top-up flow in memory under chance, and says whether every promise held. Needs no configuration and touches nothing.</summary>
internal static class SimulateCommand
{
    private const int MostRuns = 100_000;
    private const int MostSteps = 100_000;

    private static readonly int StepsOfNone = new SimulationOptions().Steps;

    public static Command Build(GlobalOptions options, Terminal terminal)
    {
        var seed = new Option<int>("--seed") { Description = "What decides everything: the same seed gives the same run.", DefaultValueFactory = _ => 1 };
        var steps = Whole("--steps", "How many steps things go wrong for, before all becomes calm.", StepsOfNone, MostSteps);
        var runs = Whole("--runs", "How many seeds to run, one after the other from --seed; of more than one only what breaks is told.", 1, MostRuns);
        var command = new Command("simulate", "Play the top-up flow in memory under chance, and check every promise after every step.") { seed, steps, runs };
        command.SetAction(parsed => Run(
            new Printer(terminal, options.Read(parsed)), terminal, parsed.GetValue(seed), parsed.GetValue(steps), parsed.GetValue(runs)));
        return command;
    }

    private static int Run(Printer printer, Terminal terminal, int seed, int steps, int runs)
    {
        var broken = new List<object>();
        for (var run = 0; run < runs; run++)
        {
            var report = SimulationRun.Run(new SimulationOptions { Seed = unchecked(seed + run), Steps = steps });
            if (!report.Holds) broken.Add(Verdict(report));
            if (printer.IsJson)
            {
                if (runs == 1) printer.Document(Whole(report));
                continue;
            }

            if (runs == 1)
                foreach (var line in report.Trace) terminal.Out.WriteLine(line);
            if (runs == 1 || !report.Holds) Tell(terminal, report);
        }

        if (runs > 1 && printer.IsJson) printer.Document(new { seed, steps, runs, broken });
        if (runs > 1 && !printer.IsJson) terminal.Out.WriteLine($"{runs} runs, {broken.Count} broken");
        return broken.Count == 0 ? ExitCode.Ok : ExitCode.Error;
    }

    private static void Tell(Terminal terminal, SimulationReport report)
    {
        if (report.Holds)
        {
            terminal.Out.WriteLine($"Seed {report.Seed}: every promise held; {report.TopUps} orders, {report.Deliveries} deliveries; {report.Hash[..12]}");
            return;
        }

        terminal.Out.WriteLine($"Seed {report.Seed}, step {report.BrokenAt}: broken");
        foreach (var promise in report.Broken) terminal.Out.WriteLine($"  {promise}");
        terminal.Out.WriteLine($"  again: relier simulate --seed {report.Seed} --steps {report.Steps}");
    }

    private static object Verdict(SimulationReport report) => new { report.Seed, report.Steps, report.BrokenAt, report.Broken };

    private static object Whole(SimulationReport report) =>
        new { report.Seed, report.Steps, report.Holds, report.BrokenAt, report.Broken, report.TopUps, report.Deliveries, report.Hash, report.Trace };

    private static Option<int> Whole(string name, string description, int otherwise, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is >= 1 and var count && count <= most) return;
            result.AddError($"{name} is expected to be 1 to {most}.");
        });
        return option;
    }
}
