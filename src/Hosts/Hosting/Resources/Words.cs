using System.Text.Json;

namespace Relier.Hosting.Resources;

/// <summary>Names of closed sets in JSON: lower_snake_case.</summary>
internal static class Words
{
    /// <summary><c>NotDelivered</c> is <c>not_delivered</c>; a top-up is one word.</summary>
    public static string Of<T>(T name)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(name.ToString().Replace("TopUp", "Topup", StringComparison.Ordinal));
}
