using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.InMemory;

/// <summary>
/// The whole top-up flow on in-memory ports: several processes over one storage and two providers, under a clock and an
/// order of things that follow from a seed alone. Chance orders, delivers, fails, kills and lets time pass; after every
/// step all that Relier promises is checked from outside. Then all becomes calm, and everything must come to its end.
/// </summary>
public sealed partial class SimulationRun
{
    private const int ProcessCount = 3;
    private const int MostUnderWay = 12;

    private static readonly TenantId Tenant = TenantId.Parse("main");

    private readonly SimulationOptions _options;
    private readonly Random _random;
    private readonly Stage _stage;
    private readonly Faults _faults;
    private readonly InMemoryStorage _storage = new();
    private readonly Relier.Storage.IStorage _shared;
    private readonly SimulatedProvider _first;
    private readonly CallbackProvider _second;
    private readonly SimulationChecks _checks;
    private readonly List<SimulatedProcess> _processes = [];
    private readonly List<string> _trace = [];
    private readonly List<Customer> _customers = [];
    private int _underWay;
    private int _step;
    private int _started;

    private SimulationRun(SimulationOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
        _stage = new Stage(_random, Instant.FromUtc(2026, 11, 20, 12, 0));
        _faults = new Faults(_random, isCalm: true) { Tell = Tell };
        _shared = options.AroundStorage(_storage);
        var clock = new StageClock(_stage);
        _first = new SimulatedProvider(clock);
        _second = new CallbackProvider(clock, new CallbackProviderOptions { Balance = Money.Of(1_000_000, Currency.MXN) });
        _checks = new SimulationChecks(_storage, Tenant, _first, _second);
    }

    /// <summary>Runs one to its end. Everything happens on the calling thread.</summary>
    public static SimulationReport Run(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 1);
        var run = new SimulationRun(options);
        Chance.Follow(new Random(options.Seed));
        try
        {
            return run.Play();
        }
        finally
        {
            Chance.Follow(null);
        }
    }

    private SimulationReport Play()
    {
        Tell($"seed {_options.Seed}: faults {_faults}");
        SettleIn();
        _faults.IsCalm = false;
        while (_step < _options.Steps && Check())
        {
            _step++;
            Step();
        }

        if (_checks.Broken.Count == 0)
        {
            _faults.IsCalm = true;
            CalmDown();
        }

        if (_stage.Escaped > 0) _checks.Break($"{_stage.Escaped} pieces of work came from another thread: the run cannot be repeated.");
        var rows = _checks.Rows;
        Tell($"{(_checks.Broken.Count == 0 ? "everything held" : "BROKEN: " + string.Join("; ", _checks.Broken))}");
        foreach (var topUp in rows.TopUps.Values.OrderBy(topUp => topUp.Id.Value, StringComparer.Ordinal)) Tell($"{topUp.Id} {TopUpStates.Word(topUp.State)}");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _trace))));
        return new SimulationReport(
            _options.Seed, _options.Steps, _trace, hash, [.. _checks.Broken], _checks.Broken.Count == 0 ? null : _step, rows.TopUps.Count,
            _first.Deliveries.Count + _second.Deliveries.Count);
    }

    private void Step()
    {
        _stage.Pass(Duration.FromMilliseconds(_random.Next(20)));
        if (_faults.Strikes(Fault.Jump)) Jump();
        if (_faults.Strikes(Fault.Kill)) Kill();
        if (_faults.Strikes(Fault.Stall)) Stall();
        var die = _random.Next(100);
        if (die < 25 && _underWay < MostUnderWay) BeginSomething();
        else if (die < 85 && _stage.HasPending) _stage.Act();
        else PassTime();
    }

    /// <summary>Whether all promises hold.</summary>
    private bool Check()
    {
        _checks.Look();
        return _checks.Broken.Count == 0;
    }

    private void PassTime()
    {
        var next = _stage.NextDelay is { } due && _random.Next(2) == 0 ? Duration.Max(Duration.Zero, due - _stage.Now) : Duration.FromMilliseconds(_random.Next(20_000));
        _stage.Pass(Duration.Min(next, Duration.FromMinutes(2)));
    }

    private void Jump()
    {
        var jump = Duration.FromMinutes(_random.Next(4) == 0 ? _random.Next(1, 4 * 24 * 60) : _random.Next(1, 60));
        Tell($"the clocks jump by {jump}");
        _stage.Pass(jump);
    }

    private void Kill()
    {
        var process = Any(_processes);
        Tell($"{process.Name} is killed");
        _stage.Kill(process);
        _processes.Remove(process);
        _underWay -= process.UnderWay;
        Start();
    }

    private void Stall()
    {
        var process = Any(_processes);
        process.StalledUntil = _stage.Now + Duration.FromMinutes(_random.Next(1, 40));
        Tell($"{process.Name} stalls until {process.StalledUntil}");
    }

    private void Start()
    {
        var process = new SimulatedProcess(
            $"p{++_started}", Duration.FromMilliseconds(_random.Next(-500, 500)), _stage, _shared,
            [_options.AroundProvider(_first), _options.AroundProvider(_second)], _faults);
        _processes.Add(process);
        Tell($"{process.Name} starts");
    }

    private void SettleIn()
    {
        for (var i = 0; i < ProcessCount; i++) Start();
        var process = _processes[0];
        Do(process, "settle in", async () =>
        {
            await process.Tenants.EnsureAsync(Tenant, "Main", DateTimeZoneProviders.Tzdb["America/Mexico_City"]);
            foreach (var (name, wallet) in new[] { ("Alpha", "USD"), ("Beta", "MXN"), ("Gamma", "USD") })
                _customers.Add((await process.Relier.SendAsync(
                    new CreateCustomer(name)
                    {
                        WalletCurrency = wallet,
                        Policies = name == "Gamma" ? null : new PoliciesInput { LateDelivery = "house", PinnedProvider = name == "Beta" ? CallbackProvider.Id : null },
                    },
                    House())).Value.Customer);
            await process.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), House());
            return "done";
        });
        Drain();
        foreach (var customer in _customers) Credit(customer, "300.00");
        Drain();
    }

    /// <summary>Nothing fails any more, time passes to the end of every schedule, and people say what only they can know.</summary>
    private void CalmDown()
    {
        Tell("calm");
        foreach (var process in _processes) process.StalledUntil = Instant.MinValue;
        Drain();
        for (var round = 0; round < 200 && Check() && IsUnfinished(); round++)
        {
            _step++;
            _second.Decide();
            foreach (var message in _second.Messages.Skip(_heard)) Hear(message);
            _heard = _second.Messages.Count;
            RunJobs(_processes[round % _processes.Count]);
            Drain();
            if (round % 10 == 9) AskPeople();
            Drain();
            _stage.Pass(round < 20 ? Duration.FromMinutes(3) : Duration.FromHours(3));
        }

        AskPeople();
        Drain();
        RunJobs(_processes[0]);
        Drain();
        if (Check()) _checks.LookAtTheEnd();
    }

    private int _heard;

    private bool IsUnfinished() =>
        _checks.Rows.Jobs.Count > 0 || _checks.Rows.TopUps.Values.Any(topUp => !topUp.IsFinal) || _heard < _second.Messages.Count;

    /// <summary>All that is under way comes to its end.</summary>
    private void Drain()
    {
        for (var i = 0; i < 100_000 && (_stage.HasPending || _underWay > 0); i++)
        {
            if (_stage.HasPending) _stage.Act();
            else if (_stage.NextDelay is { } due) _stage.Pass(due - _stage.Now);
            else break;
        }

        if (_underWay > 0) _checks.Break($"{_underWay} pieces of work never come to their end.");
    }

    private void Do(SimulatedProcess process, string what, Func<Task<string>> work)
    {
        Tell($"{process.Name} {what}");
        _underWay++;
        process.UnderWay++;
        _stage.In(process, () => _ = RunAsync());
        _stage.Settle();

        async Task RunAsync()
        {
            string came;
            try
            {
                came = await work();
            }
            catch (Exception error)
            {
                came = $"{error.GetType().Name}: {error.Message}";
            }

            _underWay--;
            process.UnderWay--;
            Tell($"{process.Name} {what} -> {came}");
        }
    }

    private void Tell(string what) =>
        _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{_step,5} {_stage.Now:uuuu-MM-dd HH:mm:ss.fff} {what}"));

    private T Any<T>(IReadOnlyList<T> all) => all[_random.Next(all.Count)];

    private static Caller House(string name = "maria") => Caller.OfAdmin(Tenant, name);

    private sealed class StageClock(Stage stage) : IClock
    {
        public Instant Now() => stage.Now;

        public Task DelayAsync(Duration duration, CancellationToken cancellationToken = default) =>
            duration <= Duration.Zero ? Task.CompletedTask : throw new InvalidOperationException("What waits belongs to a process.");
    }
}
