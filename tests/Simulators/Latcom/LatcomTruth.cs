namespace Relier.Simulators;

/// <summary>One top-up that reached a phone.</summary>
/// <param name="Msisdn">The ten national digits.</param>
/// <param name="Amount">What the phone got, in <paramref name="Currency"/>: with VAT for the open range, the price of a bundle for a bundle.</param>
/// <param name="Currency"><c>MXN</c>, or <c>USD</c> for bundles.</param>
/// <param name="ProductId">As ordered.</param>
/// <param name="OurReference">The <c>dist_transid</c> it was ordered under.</param>
/// <param name="TransId">Latcom's number: <c>LT</c> and eight digits.</param>
/// <param name="Uid">Latcom's other number, a UUID.</param>
/// <param name="VendorTransactionId">The operator's number.</param>
/// <param name="At">When it was delivered.</param>
/// <param name="ReversedAt">When it was taken back; null when it was not.</param>
public sealed record LatcomDelivery(
    string Msisdn,
    decimal Amount,
    string Currency,
    string ProductId,
    string OurReference,
    string TransId,
    string Uid,
    string VendorTransactionId,
    DateTimeOffset At,
    DateTimeOffset? ReversedAt);

/// <summary>One request that reached <c>tn/fast</c>. What it asked for is null when the body was not readable.</summary>
/// <param name="Reference">Its <c>dist_transid</c>.</param>
/// <param name="Msisdn">Its <c>targetMSISDN</c>.</param>
/// <param name="ProductId">Its product.</param>
/// <param name="Amount">The amount it asked to send.</param>
/// <param name="TokenValid">False when it was answered 401.</param>
/// <param name="Answer">What was answered, for people: <c>200 Success</c>, <c>200 Fail product_not_found</c>, <c>401 Token expired</c>, <c>Hang</c>.</param>
/// <param name="At">When it arrived.</param>
public sealed record LatcomSubmission(
    string? Reference,
    string? Msisdn,
    string? ProductId,
    decimal? Amount,
    bool TokenValid,
    string Answer,
    DateTimeOffset At);

/// <summary>What a simulator has counted since its start or its last reset.</summary>
/// <param name="Logins">Logins given a token.</param>
/// <param name="LoginsRefused">Logins refused: address, credentials or shape.</param>
/// <param name="Submissions">Requests to <c>tn/fast</c>.</param>
/// <param name="Lookups">Requests to <c>transaction/{id}</c> with a valid token.</param>
/// <param name="Deliveries">Top-ups delivered, reversed ones included.</param>
/// <param name="DeliveriesByMsisdn">The same, by number.</param>
/// <param name="BlockLogin">Whether logins are refused now.</param>
public sealed record LatcomCounters(
    int Logins,
    int LoginsRefused,
    int Submissions,
    int Lookups,
    int Deliveries,
    IReadOnlyDictionary<string, int> DeliveriesByMsisdn,
    bool BlockLogin);
