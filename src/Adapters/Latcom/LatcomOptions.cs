using Relier.TopUps;

namespace Relier.Latcom;

/// <summary>
/// An account with Latcom. What has no default must be set; <see cref="ListProblems"/> says what is missing or out of
/// range. Not thread-safe; the provider reads it once, when it is made.
/// </summary>
public sealed class LatcomOptions
{
    private static readonly TimeSpan TokenLifetimeMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TokenLifetimeMax = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan TimeoutMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromMinutes(2);
    private const decimal TaxRateMax = 100m;
    private const decimal TaxQuantumMax = 100m;
    private const decimal Centavo = 0.01m;
    private const decimal SmallestPercent = 0.0000001m; // a ratio has nine decimals

    /// <summary>
    /// Where Latcom is, without <c>/api</c>; a path before that is kept. No default. <c>https</c>; <c>http</c> only to this
    /// machine. No user, query or fragment in it. (The first version called this LATCOM_DIST_API; that name has also been
    /// used for the distributor key.)
    /// </summary>
    public Uri? BaseAddress { get; set; }

    /// <summary>The user that logs in. No default.</summary>
    public string Username { get; set; } = "";

    /// <summary>Its password. No default; a secret.</summary>
    public string Password { get; set; } = "";

    /// <summary>The distributor key, <c>dist_api</c> at login: 64 hexadecimal digits. No default; a secret.</summary>
    public string DistributorKey { get; set; } = "";

    /// <summary>The user's number, <c>user_uid</c> at login: 8 digits, with leading zeros. No default.</summary>
    public string UserUid { get; set; } = "";

    /// <summary>Whether deliveries there are real. Default <see cref="ProviderEnvironment.Production"/>; a production host never routes to anything else.</summary>
    public ProviderEnvironment Environment { get; set; } = ProviderEnvironment.Production;

    /// <summary>
    /// How long a login is used before the next one. Default 3.5 minutes, from 1 second to 30 minutes. Latcom's papers give a
    /// token 4, 5, 8 or 30 minutes; half a minute below the shortest, no order leaves with a token that dies on its way. Too
    /// long costs a second login after a 401 and nothing else.
    /// </summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(3.5);

    /// <summary>
    /// The longest wait for an order, its login included. Default 30 seconds, from 1 second to 2 minutes. A login alone gets at
    /// most a third of it, so that no order leaves with no time left for its answer; a look-up gets at most 10 seconds.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The tax, in percent, that Latcom adds to what is sent on the open range: 30 sent is 34.80 on the phone. Default 16 (VAT in Mexico), from 0 to 100. Ignored when the open range is off.</summary>
    public decimal TaxRate { get; set; } = 16m;

    /// <summary>
    /// The step, in pesos, of what is sent on the open range. Default 1, from 0.01 to 100, whole centavos. All deliveries ever
    /// observed were whole pesos and tax, so with 1 only faces that come out even are sold (29 is 25 and tax; 25 is not to be
    /// had). With 0.01, 25.86 is sent for 30: only when Latcom has confirmed that it does not round. Ignored when the open
    /// range is off.
    /// </summary>
    public decimal TaxQuantum { get; set; } = 1m;

    /// <summary>What Latcom leaves us of a face value, in percent. Default 0, from 0 to below 100, at most seven decimals. With 5, a top-up of 20.00 is owed with 19.00.</summary>
    public decimal Discount { get; set; }

    /// <summary>
    /// The fixed products switched on for the account, by name: some of <see cref="AllFixedProducts"/>. Default null: all of
    /// them. One that is not switched on at Latcom is refused there as "product not found". Empty: none.
    /// </summary>
    public IList<string>? FixedProducts { get; set; }

    /// <summary>Whether the open range <c>TFE_MXN_20_TO_2000</c> is switched on for the account. Default true.</summary>
    public bool OpenRangeEnabled { get; set; } = true;

    /// <summary>Whether the five bundles (priced in USD, ordered by their name) are switched on for the account. Default true.</summary>
    public bool BundlesEnabled { get; set; } = true;

    /// <summary>
    /// The noes that are believed: Latcom's message, or its code, and what it means. Compared whole, without blanks around and
    /// whatever the case. By default those verified in recorded traffic: <c>Product not Found</c>, <c>product_not_found</c>
    /// and code <c>-120054</c>, <c>Bolton is not allowed for tariff plan</c>. Add one only when it is proven that nothing was
    /// delivered with it. Duplicates and time-outs cannot be listed: the order they speak of may have been delivered.
    /// </summary>
    public IDictionary<string, RefusalClass> RefusalMessages { get; } = new Dictionary<string, RefusalClass>(StringComparer.OrdinalIgnoreCase)
    {
        ["-120054"] = RefusalClass.ProductUnavailable,
        ["Product not Found"] = RefusalClass.ProductUnavailable,
        ["product_not_found"] = RefusalClass.ProductUnavailable,
        ["Bolton is not allowed for tariff plan"] = RefusalClass.PlanNotAllowed,
    };

    /// <summary>
    /// Whether a failure with a message nobody has listed releases the money. Default false: it is unknown and waits for
    /// proof, since operators have delivered what Latcom called failed. With true it is a refusal of class
    /// <see cref="RefusalClass.PlanNotAllowed"/>, one that is not tried with another provider. Duplicates, time-outs and
    /// failures whose text or code says success stay unknown even then.
    /// </summary>
    public bool TreatUnlistedFailAsRefused { get; set; }

    /// <summary>The fourteen fixed products on record: <c>XOOM_10_MXN</c> to <c>XOOM_500_MXN</c>, cheapest first. No leading zeros in their names.</summary>
    public static IReadOnlyList<string> AllFixedProducts { get; } = LatcomCatalogue.FixedNames;

    /// <summary>Everything that is wrong, one sentence each, beginning with the name of the option; empty when the options can be used. Shows no secret.</summary>
    public IReadOnlyList<string> ListProblems()
    {
        var problems = new List<string>();

        void Require(bool holds, string option, string expected)
        {
            if (!holds) problems.Add($"{nameof(LatcomOptions)}.{option} {expected}.");
        }

        Require(IsUsable(BaseAddress), nameof(BaseAddress), "must be an absolute https address (http only to this machine), without user, query or fragment");
        Require(!string.IsNullOrWhiteSpace(Username), nameof(Username), "is missing");
        Require(!string.IsNullOrWhiteSpace(Password), nameof(Password), "is missing");
        Require(DistributorKey is { Length: 64 } && DistributorKey.All(char.IsAsciiHexDigit), nameof(DistributorKey), $"must be 64 hexadecimal digits; it has {DistributorKey?.Length ?? 0} characters");
        Require(UserUid is { Length: 8 } && UserUid.All(char.IsAsciiDigit), nameof(UserUid), $"must be 8 digits; it has {UserUid?.Length ?? 0} characters");
        Require(Enum.IsDefined(Environment), nameof(Environment), $"is {Environment}, which is none");
        Require(TokenLifetime >= TokenLifetimeMin && TokenLifetime <= TokenLifetimeMax, nameof(TokenLifetime), $"must be from {TokenLifetimeMin} to {TokenLifetimeMax}, and is {TokenLifetime}");
        Require(Timeout >= TimeoutMin && Timeout <= TimeoutMax, nameof(Timeout), $"must be from {TimeoutMin} to {TimeoutMax}, and is {Timeout}");
        Require(TaxRate is >= 0 and <= TaxRateMax && TaxRate % SmallestPercent == 0, nameof(TaxRate), $"must be from 0 to {TaxRateMax} percent, with at most seven decimals, and is {TaxRate}");
        Require(TaxQuantum is >= Centavo and <= TaxQuantumMax && TaxQuantum % Centavo == 0, nameof(TaxQuantum), $"must be from {Centavo} to {TaxQuantumMax} pesos in whole centavos, and is {TaxQuantum}");
        Require(Discount is >= 0 and < 100m && Discount % SmallestPercent == 0, nameof(Discount), $"must be from 0 to below 100 percent, with at most seven decimals, and is {Discount}");

        foreach (var product in FixedProducts ?? [])
            Require(AllFixedProducts.Contains(product), nameof(FixedProducts), $"names '{product}', which is not one of {string.Join(", ", AllFixedProducts)}");
        Require(FixedProducts is null || FixedProducts.Distinct().Count() == FixedProducts.Count, nameof(FixedProducts), "names a product twice");
        Require(FixedProducts is not { Count: 0 } || OpenRangeEnabled || BundlesEnabled, nameof(FixedProducts), "is empty, and the open range and the bundles are off: nothing is left to sell");

        foreach (var (message, meaning) in RefusalMessages)
        {
            Require(!string.IsNullOrWhiteSpace(message), nameof(RefusalMessages), "lists an empty message");
            Require(!LatcomVerdict.IsNeverARefusal(message) && message.Trim() != LatcomVerdict.CodeOfSuccess, nameof(RefusalMessages), $"lists '{message}', after which the order may have been delivered");
            Require(Enum.IsDefined(meaning), nameof(RefusalMessages), $"gives '{message}' the meaning {meaning}, which is none");
        }
        return problems;
    }

    private static bool IsUsable(Uri? address) =>
        address is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" }
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
}
