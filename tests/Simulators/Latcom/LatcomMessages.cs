using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relier.Simulators;

/// <summary>Body of <c>POST /api/dislogin</c>.</summary>
internal sealed record LatcomLoginRequest(
    [property: JsonPropertyName("username")] string Username,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("dist_api")] string DistApi,
    [property: JsonPropertyName("user_uid")] string UserUid);

internal sealed record LatcomLoginResponse(string Access);

/// <summary>Body of <c>POST /api/tn/fast</c>.</summary>
internal sealed record LatcomTopUpRequest(
    [property: JsonPropertyName("targetMSISDN")] string Msisdn,
    [property: JsonPropertyName("dist_transid")] string Reference,
    [property: JsonPropertyName("operator")] string Operator,
    [property: JsonPropertyName("country")] string Country,
    [property: JsonPropertyName("currency")] string Currency,
    [property: JsonPropertyName("amount")] decimal Amount,
    [property: JsonPropertyName("productId")] string ProductId,
    [property: JsonPropertyName("skuID")] string SkuId,
    [property: JsonPropertyName("service")] int Service)
{
    /// <summary>What is wrong with the shape of the order, or null.</summary>
    public string? Flaw()
    {
        if (Msisdn.Length != 10 || !Msisdn.All(char.IsAsciiDigit)) return "targetMSISDN must be 10 digits";
        if (string.IsNullOrWhiteSpace(Reference)) return "dist_transid must not be blank";
        if (Operator != "TELEFONICA") return "operator must be TELEFONICA";
        if (Country != "MEXICO") return "country must be MEXICO";
        return null;
    }
}

/// <summary>
/// What <c>tn/fast</c> and <c>transaction/{id}</c> answer, field by field in the recorded order.
/// The simulator keeps its transactions in this form too.
/// </summary>
internal sealed record LatcomTransaction(
    string Uid,
    decimal Amount,
    string ProductId,
    int Service,
    string TransId,
    string? Status,
    string CreatedAt,
    string? VenTransid,
    string? ResponseCode,
    string? ResponseMessage,
    string? VendorResponseMsg,
    string? VendorResponseCode,
    string DistTransid,
    string? EndedAt);

/// <summary>What every 4xx and 5xx carries, as recorded for a refused login.</summary>
internal sealed record LatcomError(string Error, string Message, int Status, string Timestamp);

/// <summary>One row of <c>GET /api/gp</c>; the misspelt field is the provider's.</summary>
internal sealed record LatcomProductRow(
    string VendorName,
    string ProductType,
    decimal Amount,
    string SkuId,
    string ProductDenominatioName,
    string Currency,
    string Product,
    string ProductCategory)
{
    public static LatcomProductRow Of(LatcomProduct product) => new(
        VendorName: "TELEFONICA",
        ProductType: product.Service == 1 ? "BUNDLE" : "AIRTIME",
        Amount: product.FaceValue,
        SkuId: product.SkuId,
        ProductDenominatioName: product.Id.Replace('_', ' '),
        Currency: product.Currency,
        Product: product.Id,
        ProductCategory: product.Kind == LatcomProductKind.OpenRange ? "OPEN RANGE" : "FIXED");
}

/// <summary>How messages look on the wire.</summary>
internal static class LatcomWire
{
    /// <summary>For what comes in: no missing, unknown or doubled field, no number in quotes, no null where a value belongs.</summary>
    public static readonly JsonSerializerOptions Incoming = JsonSerializerOptions.Strict;

    public static readonly JsonSerializerOptions Outgoing = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // a plus sign stays a plus sign, as recorded
    };

    private static readonly TimeSpan transactionOffset = TimeSpan.FromHours(-4);

    /// <summary>
    /// With offset −04:00 and nine fractional digits, as transactions carry it. .NET keeps seven; the last two are made up
    /// from the time itself and never both zero, so that a parser cannot get away with dropping them unseen.
    /// </summary>
    public static string TransactionTime(DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture,
        $"{at.ToOffset(transactionOffset):yyyy-MM-dd'T'HH:mm:ss.fffffff}{at.UtcTicks % 99 + 1:00}-04:00");

    /// <summary>In UTC and milliseconds, as errors carry it.</summary>
    public static string ErrorTime(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'", CultureInfo.InvariantCulture);
}
