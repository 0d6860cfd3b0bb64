using System.Text.Json.Serialization;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Api.Endpoints.FirstVersion;

/// <summary>A top-up as the first version showed it. Never says who delivers.</summary>
internal sealed record Transaction
{
    [JsonPropertyName("id")] public required string Id { get; init; }

    [JsonPropertyName("status")] public required string Status { get; init; }

    [JsonPropertyName("amount")] public required decimal Amount { get; init; }

    [JsonPropertyName("amount_mxn"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? AmountMxn { get; init; }

    [JsonPropertyName("amount_usd"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? AmountUsd { get; init; }

    [JsonPropertyName("exchange_rate"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? ExchangeRate { get; init; }

    [JsonPropertyName("usd_per_mxn"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? UsdPerMxn { get; init; }

    [JsonPropertyName("mxn_per_usd"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? MxnPerUsd { get; init; }

    [JsonPropertyName("phone")] public required string Phone { get; init; }

    [JsonPropertyName("reference")] public string? Reference { get; init; }

    [JsonPropertyName("operatorTransactionId")] public string? OperatorTransactionId { get; init; }

    [JsonPropertyName("currency")] public required string Currency { get; init; }

    [JsonPropertyName("queuedAt")] public required string QueuedAt { get; init; }

    [JsonPropertyName("processedAt")] public string? ProcessedAt { get; init; }

    [JsonPropertyName("final")] public required bool Final { get; init; }

    [JsonPropertyName("code"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Code { get; init; }

    [JsonPropertyName("outcome"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Outcome { get; init; }

    [JsonPropertyName("next_check_at"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? NextCheckAt { get; init; }

    [JsonPropertyName("customer_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? CustomerId { get; init; }

    public static Transaction Of(TopUp topUp) => new()
    {
        Id = topUp.Id.Value,
        Status = PublicStatus.Of(topUp.State),
        Amount = Numbers.Of(topUp.Face),
        AmountMxn = topUp.Face.Currency == Relier.Currency.MXN ? Numbers.Of(topUp.Face) : null,
        AmountUsd = topUp.Charge is { } charge && charge.Currency == Relier.Currency.USD ? Numbers.Of(charge) : null,
        ExchangeRate = Rates.UsdPerMxn(topUp.Rate),
        UsdPerMxn = Rates.UsdPerMxn(topUp.Rate),
        MxnPerUsd = Rates.MxnPerUsd(topUp.Rate),
        Phone = topUp.Phone.National,
        Reference = topUp.Reference,
        OperatorTransactionId = topUp.OperatorReference,
        Currency = topUp.Face.Currency.Code,
        QueuedAt = topUp.CreatedAt.Text(),
        ProcessedAt = topUp.DecidedAt.Text(),
        Final = topUp.IsFinal,
        Code = topUp.Code,
        Outcome = topUp.State switch { TopUpState.Unknown => "unknown", TopUpState.InReview => "in_review", _ => null },
        NextCheckAt = topUp.NextCheckAt.Text(),
    };
}

/// <summary>What a top-up took from the wallet, as it was posted.</summary>
internal sealed record Billing
{
    [JsonPropertyName("currency")] public required string Currency { get; init; }

    [JsonPropertyName("deducted")] public required decimal Deducted { get; init; }

    [JsonPropertyName("balance_before")] public required decimal BalanceBefore { get; init; }

    [JsonPropertyName("balance_after")] public required decimal BalanceAfter { get; init; }

    [JsonPropertyName("deducted_usd"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? DeductedUsd { get; init; }

    [JsonPropertyName("balance_before_usd"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? BalanceBeforeUsd { get; init; }

    [JsonPropertyName("balance_after_usd"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? BalanceAfterUsd { get; init; }

    [JsonPropertyName("exchange_rate"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? ExchangeRate { get; init; }

    [JsonPropertyName("usd_per_mxn"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? UsdPerMxn { get; init; }

    [JsonPropertyName("mxn_per_usd"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public decimal? MxnPerUsd { get; init; }

    public static Billing Of(Relier.Ledger.StatementLine line, ExchangeRate? rate)
    {
        var (deducted, before, after) = (Numbers.Of(-line.Amount), Numbers.Of(line.Balance - line.Amount), Numbers.Of(line.Balance));
        var inDollars = line.Amount.Currency == Relier.Currency.USD;
        return new Billing
        {
            Currency = line.Amount.Currency.Code,
            Deducted = deducted,
            BalanceBefore = before,
            BalanceAfter = after,
            DeductedUsd = inDollars ? deducted : null,
            BalanceBeforeUsd = inDollars ? before : null,
            BalanceAfterUsd = inDollars ? after : null,
            ExchangeRate = Rates.UsdPerMxn(rate),
            UsdPerMxn = Rates.UsdPerMxn(rate),
            MxnPerUsd = Rates.MxnPerUsd(rate),
        };
    }
}
