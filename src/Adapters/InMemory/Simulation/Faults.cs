namespace Relier.InMemory;

/// <summary>What goes wrong in a run, and how often: each seed chooses some of it, so that rare meetings come about.</summary>
internal sealed class Faults
{
    private readonly Random _random;
    private readonly Dictionary<Fault, int> _perThousand = [];

    public Faults(Random random, bool isCalm)
    {
        _random = random;
        IsCalm = isCalm;
        LimitsExposure = random.Next(2) == 0;
        AnyRateWillDo = random.Next(3) > 0;
        foreach (var fault in Enum.GetValues<Fault>())
        {
            var isChosen = random.Next(2) == 0;
            var share = fault is Fault.ProviderThrowsBefore or Fault.ProviderThrowsAfter or Fault.AnswerLost or Fault.AnswerLate ? 50 + random.Next(300) : 10 + random.Next(90);
            if (isChosen) _perThousand[fault] = share;
        }
    }

    /// <summary>Nothing goes wrong any more.</summary>
    public bool IsCalm { get; set; }

    public bool LimitsExposure { get; }

    public bool AnyRateWillDo { get; }

    /// <summary>Told of everything that goes wrong.</summary>
    public Action<string> Tell { get; set; } = _ => { };

    public bool Strikes(Fault fault, SimulatedProcess process)
    {
        if (IsCalm || !_perThousand.TryGetValue(fault, out var share) || _random.Next(1000) >= share) return false;
        Tell($"{process.Name} ! {fault}");
        return true;
    }

    /// <summary>The same for what befalls the whole installation, which is asked for at every step.</summary>
    public bool Strikes(Fault fault) => !IsCalm && _perThousand.TryGetValue(fault, out var share) && _random.Next(4000) < share;

    public override string ToString() =>
        _perThousand.Count == 0 ? "none" : string.Join(", ", _perThousand.Select(fault => $"{fault.Key} {fault.Value / 10.0:0.0} %"));
}

internal enum Fault
{
    /// <summary>Storage is away before the work begins.</summary>
    StorageAway,

    /// <summary>The commit fails, and nothing was written.</summary>
    CommitFails,

    /// <summary>The commit is done, and the answer to it lost.</summary>
    CommitAnswerLost,

    /// <summary>The engine gives the work up for another's and runs it again.</summary>
    RunAgain,

    /// <summary>Somebody else was faster.</summary>
    Stale,

    /// <summary>The adapter throws before anything was sent.</summary>
    ProviderThrowsBefore,

    /// <summary>The adapter throws after the provider has decided.</summary>
    ProviderThrowsAfter,

    /// <summary>The provider has decided, and its answer is lost.</summary>
    AnswerLost,

    /// <summary>The provider answers only after the patience for it.</summary>
    AnswerLate,

    /// <summary>A process is gone between two lines.</summary>
    Kill,

    /// <summary>A process does nothing for a while, and then goes on as if nothing had been.</summary>
    Stall,

    /// <summary>The clocks jump, by minutes or by days.</summary>
    Jump,
}
