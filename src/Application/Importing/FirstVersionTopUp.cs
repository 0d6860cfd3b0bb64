using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;
using Relier.Pipeline;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Importing;

/// <summary>A transaction as the first version kept it.</summary>
internal sealed record FirstVersionTopUp
{
    /// <summary>The columns that must be there.</summary>
    public static readonly string[] Required = ["transaction_id", "customer_id", "phone", "amount_mxn|amount", "status", "created_at"];

    /// <summary>Columns whose text is kept beside the top-up.</summary>
    private static readonly string[] Kept =
        ["provider", "response_time_ms", "latcom_response_code", "latcom_response_message", "error_message", "operator_transaction_id", "amount_usd", "exchange_rate"];

    /// <summary>The columns that are read.</summary>
    public static readonly string[] Read = ["id", .. Required.SelectMany(column => column.Split('|')), .. Kept, "reference", "processed_at", "currency", "updated_at"];

    private const int LongestId = 200;
    private const int LongestDetail = 200;

    // Between pesos and dollars, beyond anything either has ever been worth.
    private static readonly Ratio SmallestRate = Ratio.Of(0.0001m);
    private static readonly Ratio LargestRate = Ratio.Of(10_000m);

    private static readonly Dictionary<string, TopUpState> States = new()
    {
        ["SUCCESS"] = TopUpState.Succeeded, ["FAILED"] = TopUpState.Failed, ["PENDING"] = TopUpState.InReview, ["PROCESSING"] = TopUpState.InReview,
    };

    public required ExportLine Line { get; init; }

    public required string OldId { get; init; }

    /// <summary>Whose it is, in the words of the other system.</summary>
    public required string Customer { get; init; }

    public required Msisdn Phone { get; init; }

    public required Money Face { get; init; }

    /// <summary>What was charged; null where the line does not say.</summary>
    public Money? Charge { get; init; }

    public ExchangeRate? Rate { get; init; }

    public required TopUpState State { get; init; }

    public string? Reference { get; init; }

    public string? OperatorReference { get; init; }

    public required Instant CreatedAt { get; init; }

    public Instant? DecidedAt { get; init; }

    /// <summary>What rounding added to the face value and to the charge.</summary>
    public (decimal Face, decimal Charge) Rounded { get; init; }

    /// <summary>What is to be known of the line though it is taken.</summary>
    public IReadOnlyList<ImportRemark> Remarks { get; init; } = [];

    public bool IsUndecided => State == TopUpState.InReview;

    /// <summary>The id it has here: its own where that can be one, else one made of it, the same every time.</summary>
    public Id<TopUp> NewId => Id<TopUp>.TryParse(OldId, out var same) ? same : Id<TopUp>.Parse("OLD_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(OldId)))[..40]);

    /// <summary>What it is, whatever became of it.</summary>
    public string Identity =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Customer}\n{Phone.E164}\n{Face.Micros}\n{CreatedAt.ToUnixTimeTicks()}")))[..32];

    /// <summary>What it is, and what became of it.</summary>
    public string Fingerprint => string.Create(CultureInfo.InvariantCulture, $"{Identity}-{TopUpStates.Word(State)}-{(IsUndecided ? null : Charge?.Micros)}");

    /// <summary>The top-up of a line; null when it cannot be taken, and the remarks say why.</summary>
    public static FirstVersionTopUp? Parse(ExportLine line, DateTimeZone zone, Instant now, List<ImportRemark> remarks)
    {
        var before = remarks.Count;
        if (!line.IsWhole) remarks.Add(line.No(null, "columns_invalid", $"expected {line.Columns.Count} cells, as in the header; found {line.Cells.Count}"));
        if (line["transaction_id"] is not { } oldId || !ExportText.IsPlain(oldId, LongestId)) remarks.Add(line.No("transaction_id", "text_invalid", $"expected 1 to {LongestId} printable characters"));
        if (line["customer_id"] is null) remarks.Add(line.No("customer_id", "required", "it is empty"));
        if (!Msisdn.TryParse(line["phone"], out var phone)) remarks.Add(line.No("phone", "phone_invalid", $"{line["phone"]?.Length ?? 0} characters that are no Mexican phone number"));
        var faceColumn = line["amount_mxn"] is null ? "amount" : "amount_mxn";
        if (line[faceColumn] is not { } amount || !ExportText.TryAmount(amount, Currency.MXN, out var face, out var faceDifference) || !face.IsPositive)
            (face, faceDifference) = No<Money>(line.No(faceColumn, "amount_invalid", "expected an amount of pesos, more than zero"), remarks);
        var (charge, chargeDifference) = ChargeOf(line, remarks);
        if (line["status"] is not { } status || !States.TryGetValue(status.Trim().ToUpperInvariant(), out var state))
            state = No<TopUpState>(line.No("status", "status_unknown", $"expected one of {string.Join(", ", States.Keys)}, in any case"), remarks).Item1;
        var createdAt = TimeOf(line, "created_at", zone, now, isRequired: true, remarks);
        var processedAt = TimeOf(line, "processed_at", zone, now, isRequired: false, remarks);
        if (remarks.Count > before) return null;

        var isUndecided = state == TopUpState.InReview;
        var topUp = new FirstVersionTopUp
        {
            Line = line, OldId = line["transaction_id"]!, Customer = line["customer_id"]!, Phone = phone, Face = face, State = state, Charge = isUndecided ? null : charge,
            Rate = isUndecided || charge is not { } charged ? null : RateOf(line, face, charged, createdAt!.Value, remarks), CreatedAt = createdAt!.Value,
            DecidedAt = isUndecided ? null : processedAt > createdAt ? processedAt : createdAt, Rounded = (faceDifference, isUndecided ? 0m : chargeDifference),
            Reference = ReferenceOf(line, remarks), OperatorReference = line["operator_transaction_id"] is { } id && ExportText.IsPlain(id, StatementText.LongestId) ? id.Trim() : null,
        };
        if (isUndecided) remarks.Add(line.Note("status", "undecided", "nobody knows whether it was delivered; find out, write SUCCESS or FAILED into this line, and import it again"));
        if (state == TopUpState.Succeeded && charge is null) remarks.Add(line.Note("amount_usd", "charge_unknown", "the line does not say what was charged; it is kept without a charge"));
        return topUp;
    }

    /// <summary>The top-up it becomes. Its money was moved where it comes from.</summary>
    public TopUp ToTopUp(Customer customer, string? reference, Tenant tenant) => new()
    {
        Id = NewId, Customer = customer.Id, Account = customer.Wallet, Reference = reference, Phone = Phone, Face = Face, Charge = Charge, Rate = Rate, State = State,
        Code = State == TopUpState.Failed ? TopUp.NotDeliveredCode : null, OperatorReference = OperatorReference, CreatedAt = CreatedAt, Day = tenant.DayOf(CreatedAt),
        DecidedAt = DecidedAt, UnknownSince = IsUndecided ? CreatedAt : null, Version = 1,
    };

    /// <summary>The same top-up, here as undecided, now that it is known.</summary>
    public TopUp Decide(TopUp undecided) => undecided with
    {
        State = State, Charge = Charge, Rate = Rate, Code = State == TopUpState.Failed ? TopUp.NotDeliveredCode : null,
        OperatorReference = OperatorReference ?? undecided.OperatorReference, DecidedAt = DecidedAt, UnknownSince = null,
    };

    /// <summary>What is remembered of where it comes from.</summary>
    public ImportedItem ToItem(string source, string? reference, Instant now) => new()
    {
        Source = source, Kind = ImportedKind.TopUp, OldId = OldId, NewId = NewId.Value, Fingerprint = Fingerprint, IsUndecided = IsUndecided, Details = Details(reference), At = now,
    };

    /// <summary>What the line says that the top-up does not: never a secret, and no more of a text than anybody reads.</summary>
    private string? Details(string? reference)
    {
        var details = Kept.Where(column => Line[column] is not null && !(column == "operator_transaction_id" && OperatorReference is not null))
            .ToDictionary(column => column, column => Cut(Line[column]!));
        if (Rounded.Charge == 0m) details.Remove("amount_usd");
        if (Rate is not null) details.Remove("exchange_rate");
        if (reference is null && Line["reference"] is { } given) details["reference"] = Cut(given);
        return details.Count == 0 ? null : JsonSerializer.Serialize(details, JsonSerializerOptions.Web);
    }

    private static string Cut(string text) => string.Concat(text.EnumerateRunes().Where(rune => !Rune.IsControl(rune)).Take(LongestDetail));

    private static (T, decimal) No<T>(ImportRemark remark, List<ImportRemark> remarks)
        where T : struct
    {
        remarks.Add(remark);
        return (default, 0m);
    }

    private static (Money? Charge, decimal Difference) ChargeOf(ExportLine line, List<ImportRemark> remarks)
    {
        if (line["amount_usd"] is not { } text) return (null, 0m);
        if (!ExportText.TryAmount(text, Currency.USD, out var charge, out var difference) || charge.IsNegative)
            return (null, No<Money>(line.No("amount_usd", "amount_invalid", "expected an amount of dollars, not below zero"), remarks).Item2);
        return charge.IsZero ? (null, 0m) : (charge, difference);
    }

    private static Instant? TimeOf(ExportLine line, string column, DateTimeZone zone, Instant now, bool isRequired, List<ImportRemark> remarks)
    {
        if (line[column] is not { } text)
        {
            if (isRequired) remarks.Add(line.No(column, "required", "it is empty"));
            return null;
        }

        var time = ExportText.Time(text, zone);
        if (time is null) remarks.Add(line.No(column, "time_invalid", "expected a time, as in 2025-10-13 11:05:00.123+00"));
        else if (time > now) remarks.Add(line.No(column, "time_invalid", "it lies in the future; does --zone say where the times are from?"));
        return time;
    }

    private static string? ReferenceOf(ExportLine line, List<ImportRemark> remarks)
    {
        if (line["reference"] is not { } text) return null;
        if (ExportText.IsPlain(text, Validation.MaxReference)) return text;
        remarks.Add(line.Note("reference", "reference_dropped", $"expected 1 to {Validation.MaxReference} printable characters; it is kept beside the top-up, and not as its reference"));
        return null;
    }

    /// <summary>The rate that made the charge. Some lines have dollars for a peso and some the inverse: the one that explains the charge to the cent is right, and where neither does there is none.</summary>
    private static ExchangeRate? RateOf(ExportLine line, Money face, Money charge, Instant at, List<ImportRemark> remarks)
    {
        if (ExportText.Rate(line["exchange_rate"]) is not { } rate || rate < SmallestRate || rate > LargestRate) return null;
        var cent = Money.Of(0.01m, Currency.USD);
        var perPeso = new ExchangeRate { Base = Currency.MXN, Quote = Currency.USD, Rate = rate, AsOf = at, Source = FirstVersionImport.Source };
        foreach (var candidate in new[] { perPeso, perPeso with { Base = Currency.USD, Quote = Currency.MXN } })
            if ((candidate.Convert(face, Rounding.HalfUp) - charge).Abs() <= cent)
                return candidate;
        remarks.Add(line.Note("exchange_rate", "rate_unexplained", "it does not make the charge of the amount, either way round; it is kept beside the top-up"));
        return null;
    }
}
