using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime.Text;
using Relier.Ledger;

namespace Relier.Hosting.Resources;

/// <summary>
/// A statement as a document, written while its lines are read. Whoever writes it to where a reader takes half of it for the
/// whole must break off what an exception breaks off here.
/// </summary>
internal abstract class StatementDocument
{
    private static readonly StatementDocument[] All = [new Html(), new Comma(), new Json()];

    /// <summary>The names of all formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. All.Select(document => document.Format)];

    /// <summary>The name of the format, and the end of a file's name.</summary>
    public abstract string Format { get; }

    /// <summary>For the header.</summary>
    public abstract string ContentType { get; }

    /// <summary>The document of this format; null when there is none.</summary>
    public static StatementDocument? Find(string? format) => All.FirstOrDefault(document => document.Format == format);

    /// <summary>Writes the statement to its end.</summary>
    public abstract Task WriteAsync(ResellerStatement statement, TextWriter writer, CancellationToken cancellationToken);

    /// <summary>A name for the file: of letters, digits, _ and - alone.</summary>
    public string FileName(ResellerStatement statement)
    {
        var isMonth = statement.From.Day == 1 && statement.From.PlusMonths(1) == statement.To;
        var period = isMonth
            ? YearMonthPattern.Iso.Format(statement.From.ToYearMonth())
            : $"{LocalDatePattern.Iso.Format(statement.From)}_{LocalDatePattern.Iso.Format(statement.To)}";
        return $"statement_{statement.Customer.Id}_{period}.{Format}";
    }

    private sealed class Html : StatementDocument
    {
        public override string Format => "html";

        public override string ContentType => "text/html; charset=utf-8";

        public override Task WriteAsync(ResellerStatement statement, TextWriter writer, CancellationToken cancellationToken) =>
            new StatementPage(statement, writer).WriteAsync(cancellationToken);
    }

    private sealed class Comma : StatementDocument
    {
        private static readonly OffsetDateTimePattern Time = OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:sso<+HH:mm>");

        public override string Format => "csv";

        public override string ContentType => "text/csv; charset=utf-8; header=present";

        public override async Task WriteAsync(ResellerStatement statement, TextWriter writer, CancellationToken cancellationToken)
        {
            var csv = new Csv(writer);
            var zone = statement.Tenant.Zone;
            var currency = statement.Account.Currency.Code;
            await csv.WriteAsync(StatementCsv.Columns);
            await csv.WriteCellsAsync(Balance(zone.AtStartOfDay(statement.From).ToOffsetDateTime(), "Opening balance", statement.Totals.Opening));
            await foreach (var item in statement.Items.WithCancellation(cancellationToken))
            {
                var (line, reference, sale) = item;
                await csv.WriteCellsAsync(
                [
                    line.Entry.ToString(CultureInfo.InvariantCulture), Time.Format(line.At.InZone(zone).ToOffsetDateTime()), Csv.Cell(StatementWords.TitleOf(line.Kind)),
                    Csv.Cell(PostingResource.AboutOf(line).Id), Csv.Cell(reference), Csv.Cell(sale?.Product), Csv.Amount(sale?.Face), Csv.Amount(sale?.Commission),
                    sale?.Face.Currency.Code ?? "", Csv.Amount(line.Amount), Csv.Amount(line.Balance), currency, Csv.Cell(line.Reason), Csv.Cell(line.Journal.Value),
                ]);
            }

            await csv.WriteCellsAsync(statement.IsRunning
                ? Balance(statement.AsOf.InZone(zone).ToOffsetDateTime(), "Balance until now", statement.Totals.Closing)
                : Balance(zone.AtStartOfDay(statement.To).ToOffsetDateTime(), "Closing balance", statement.Totals.Closing));

            string[] Balance(NodaTime.OffsetDateTime at, string title, Money balance) =>
                ["", Time.Format(at), Csv.Cell(title), "", "", "", "", "", "", "", Csv.Amount(balance), currency, "", ""];
        }
    }

    private sealed class Json : StatementDocument
    {
        private static readonly JsonSerializerOptions Options = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

        public override string Format => "json";

        public override string ContentType => "application/json; charset=utf-8";

        public override async Task WriteAsync(ResellerStatement statement, TextWriter writer, CancellationToken cancellationToken)
        {
            // The summary's closing brace makes way for the lines, which are never all in memory.
            await writer.WriteAsync(JsonSerializer.Serialize(StatementSummaryResource.Of(statement), Options)[..^1] + ",\"lines\":[");
            var comma = "";
            await foreach (var item in statement.Items.WithCancellation(cancellationToken))
            {
                await writer.WriteAsync(comma + JsonSerializer.Serialize(StatementLineResource.Of(item), Options));
                comma = ",";
            }

            await writer.WriteAsync("]}");
        }
    }
}

/// <summary>The columns of a statement as CSV.</summary>
internal static class StatementCsv
{
    public static readonly string[] Columns =
    [
        "Entry", "Date", "Event", "Transaction ID", "Reference", "Product", "Face value", "Commission", "Face currency", "Amount", "Balance", "Currency", "Reason", "Posting ID",
    ];
}
