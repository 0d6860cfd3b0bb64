namespace Relier.Simulators;

/// <summary>When a top-up reaches the phone.</summary>
internal enum LatcomDelivers { AtOnce, AtFirstLookup, Never }

/// <summary>How the answer travels, or does not.</summary>
internal enum LatcomAnswerWay { Whole, HalfBody, BadGateway, ServerError, Hang, Reset }

/// <summary>What becomes of a top-up, chosen by the last three digits of its number.</summary>
internal sealed record LatcomScenario
{
    public static readonly LatcomScenario Success = new();

    private static readonly Dictionary<string, LatcomScenario> bySuffix = new()
    {
        ["001"] = Refused("Product not Found", "-120054"),
        ["002"] = Refused("Bolton is not allowed for tariff plan"),
        ["003"] = Refused("Subscriber line in transition", "-199999"),
        ["004"] = new() { Way = LatcomAnswerWay.Hang },
        ["005"] = new() { Way = LatcomAnswerWay.Hang, Delivers = LatcomDelivers.Never },
        ["006"] = new() { Way = LatcomAnswerWay.Reset },
        ["007"] = new() { Way = LatcomAnswerWay.BadGateway },
        ["008"] = new() { Way = LatcomAnswerWay.ServerError, Delivers = LatcomDelivers.Never },
        ["009"] = new() { Way = LatcomAnswerWay.HalfBody },
        ["010"] = new() { Delivers = LatcomDelivers.AtFirstLookup },
        ["011"] = new() { ExpiresTokenOnce = true },
        ["012"] = new() { BlocksLogin = true },
        ["013"] = new() { AmountShift = -1 },
        ["014"] = new() { Distort = truth => truth with { DistTransid = "RLR0000000000000" } },
        ["015"] = new() { AcceptsDuplicates = true },
        ["016"] = Success, // a success to be reversed later
        ["033"] = SaysStatus("SUCCESS"),
        ["034"] = SaysStatus("Success "),
        ["035"] = SaysStatus("Succes"),
        ["036"] = SaysStatus("OK"),
        ["037"] = SaysStatus(null),
    };

    public LatcomDelivers Delivers { get; private init; }
    public LatcomAnswerWay Way { get; private init; }

    /// <summary>The vendor's message and code of a top-up that is never delivered.</summary>
    public string? Message { get; private init; }
    public string? Code { get; private init; }

    /// <summary>Added to the amount ordered, both in the answer and on the phone.</summary>
    public decimal AmountShift { get; private init; }

    /// <summary>What the answer says where it differs from the truth; a lookup says the truth.</summary>
    public Func<LatcomTransaction, LatcomTransaction> Distort { get; private init; } = truth => truth;

    public bool ExpiresTokenOnce { get; private init; }
    public bool BlocksLogin { get; private init; }
    public bool AcceptsDuplicates { get; private init; }

    public static LatcomScenario For(string msisdn) => bySuffix.GetValueOrDefault(msisdn[^3..], Success);

    private static LatcomScenario Refused(string message, string? code = null) =>
        new() { Delivers = LatcomDelivers.Never, Message = message, Code = code };

    private static LatcomScenario SaysStatus(string? status) =>
        new() { Distort = truth => truth with { Status = status } };
}
