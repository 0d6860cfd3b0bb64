using System.Collections.Concurrent;
using System.Globalization;
using Relier.InMemory;

namespace Relier.Application.Tests;

/// <summary>The whole top-up flow under chance; a seed that fails is repeated with <c>relier simulate --seed N</c>.</summary>
internal sealed class SimulationTests
{
    private static int SeedCount =>
        int.TryParse(Environment.GetEnvironmentVariable("RELIER_SIMULATION_SEEDS"), CultureInfo.InvariantCulture, out var count) ? count : 200;

    [Test]
    public void Every_promise_holds_after_every_step_whatever_the_seed()
    {
        var broken = new ConcurrentBag<string>();

        Parallel.ForEach(Enumerable.Range(1, SeedCount), seed =>
        {
            var report = SimulationRun.Run(new SimulationOptions { Seed = seed });
            if (!report.Holds) broken.Add($"seed {report.Seed}, step {report.BrokenAt}: {report.Broken[0]}");
        });

        broken.Should().BeEmpty();
    }

    [Test]
    public void What_once_failed_holds()
    {
        foreach (var line in File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "seeds.txt")).Where(line => !line.StartsWith('#')))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var options = new SimulationOptions { Seed = int.Parse(words[0], CultureInfo.InvariantCulture), Steps = int.Parse(words[1], CultureInfo.InvariantCulture) };
            SimulationRun.Run(options).Broken.Should().BeEmpty(line);
        }
    }

    [Test]
    public void The_same_seed_gives_the_same_run([Values(7, 8, 9)] int seed)
    {
        var once = SimulationRun.Run(new SimulationOptions { Seed = seed });
        var again = SimulationRun.Run(new SimulationOptions { Seed = seed });

        again.Trace.Should().Equal(once.Trace);
        again.Hash.Should().Be(once.Hash);
    }

    [Test]
    public void Another_seed_gives_another_run()
    {
        SimulationRun.Run(new SimulationOptions { Seed = 7 }).Hash.Should().NotBe(SimulationRun.Run(new SimulationOptions { Seed = 8 }).Hash);
    }
}
