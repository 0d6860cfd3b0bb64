using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Relier.Latcom;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>Writes statements as Latcom would, with the column that it should have: our reference.</summary>
internal sealed class StatementFile
{
    /// <summary>The columns of Latcom's export, and our reference.</summary>
    public const string Map =
        "time=DATETIME; providerId=TRANSACTION_ID; operatorId=VENDOR_TRANSACTION_ID; ourReference=DIST_TRANSID; phone=MSISDN; amount=AMOUNT; "
        + "currencyColumn=CURRENCY; status=STATUS; opening=OPENING_BALANCE; closing=CLOSING_BALANCE; delivered=SUCCESS; failed=FAIL; reversed=REVERSED; undecided=PENDING";

    private const string Header = "DATETIME,TRANSACTION_ID,VENDOR_TRANSACTION_ID,DIST_TRANSID,MSISDN,AMOUNT,CURRENCY,STATUS,OPENING_BALANCE,CLOSING_BALANCE";

    // As Latcom writes them: four hours behind, nine decimals.
    private static readonly OffsetDateTimePattern Time = OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss.fffffffffo<+HH:mm>");

    private readonly List<string[]> _rows = [];
    private decimal _balance = 5000m;

    public long Rows => _rows.Count;

    /// <summary>A line about a top-up, with every id we have of it.</summary>
    public StatementFile With(TopUp topUp, string status = "SUCCESS", decimal? amount = null, string? currency = null, bool withIds = true, Duration? later = null)
    {
        var attempt = topUp.Attempts[^1];
        return With(
            (attempt.StartedAt + (later ?? Duration.FromSeconds(2))), withIds ? attempt.TransactionId : null, withIds ? attempt.OperatorReference : null,
            withIds ? attempt.ProviderReference : null, topUp.Phone.National, amount ?? topUp.Face.ToDecimal(), status, currency ?? topUp.Face.Currency.Code);
    }

    public StatementFile With(
        Instant at, string? transactionId, string? operatorId, string? ourReference, string phone, decimal amount, string status = "SUCCESS", string currency = "MXN", decimal jump = 0)
    {
        var opening = _balance + jump;
        _balance = opening + status switch { "SUCCESS" => -amount, "REVERSED" => amount, _ => 0m };
        _rows.Add(
        [
            Time.Format(at.WithOffset(Offset.FromHours(-4))), transactionId ?? "", operatorId ?? "NULL", ourReference ?? "", phone, Text(amount), currency, status,
            Text(opening), Text(_balance),
        ]);
        return this;
    }

    /// <summary>The last line once more, to the letter.</summary>
    public StatementFile Again(int row)
    {
        var copy = (string[])_rows[row].Clone();
        var amount = decimal.Parse(copy[5], CultureInfo.InvariantCulture);
        (copy[8], copy[9], _balance) = (Text(_balance), Text(_balance - amount), _balance - amount);
        _rows.Add(copy);
        return this;
    }

    public MemoryStream ToStream(string end = "") =>
        new(Encoding.UTF8.GetBytes(string.Join("\r\n", [Header, .. _rows.Select(row => string.Join(',', row))]) + "\r\n" + end));

    private static string Text(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);
}

/// <summary>What reconciling looks like from outside.</summary>
internal static class Reconciling
{
    public static ReconcileStatement Statement(this World world, StatementFile file, string end = "", string? map = null) =>
        new(file.ToStream(end), "latcom") { Map = map ?? StatementFile.Map, FileName = "statement.csv" };

    /// <summary>The same, declared in full: the day of the fake clock, the count, the sum.</summary>
    public static ReconcileStatement Complete(this World world, StatementFile file, params string[] totals) =>
        world.Statement(file) with { From = Day(world, 0), To = Day(world, 1), Rows = file.Rows, Totals = totals };

    public static string Day(World world, int later) =>
        LocalDatePattern.Iso.Format(world.Clock.Now().InZone(DateTimeZoneProviders.Tzdb["America/Mexico_City"]).Date.PlusDays(later));

    /// <summary>Count and sum by class, as <c>matched 6 120.00 MXN</c>.</summary>
    public static IEnumerable<string> Words(this ReconciliationRun run) =>
        run.Classes.Select(total => $"{StatementClasses.Word(total.Class)} {total.Count} {total.Sum}");

    public static async Task<List<string>> FindingsAsync(this World world, ReconciliationRun run)
    {
        var lines = new List<string>();
        await foreach (var line in (await world.Relier.SendAsync(new ExportFindings(run.Id.Value), world.House)).Value)
            lines.Add($"{line.Row.Line} {StatementClasses.Word(line.Finding.Class)} {line.Finding.Pass} {line.Finding.TopUp} {line.Finding.AttemptNo}");
        return lines;
    }

    public static async Task<IReadOnlyList<ReconciliationBreak>> BreaksAsync(this World world, ReconciliationRun run, string? status = null) =>
        (await world.Relier.SendAsync(new ListBreaks { Run = run.Id.Value, Status = status, Limit = 100 }, world.House)).Value.Data;
}
