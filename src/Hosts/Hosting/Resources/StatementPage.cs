using System.Globalization;
using System.Net;
using NodaTime;
using NodaTime.Text;
using Relier.Ledger;

namespace Relier.Hosting.Resources;

/// <summary>
/// A statement as a page for people: one file without scripts or anything from elsewhere, for a phone, a screen in light or
/// dark, and paper. Every text from outside is escaped.
/// </summary>
internal sealed class StatementPage(ResellerStatement statement, TextWriter writer)
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1c2024;--soft:#5b636c;--line:#d9dee3;--paper:#fff;--tint:#f4f6f8;--minus:#a4262c;--plus:#176b3a;--note:#fff6dc}
        @media screen and (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa4ae;--line:#333b43;--paper:#14181c;--tint:#1c2228;--minus:#ff8f8f;--plus:#77d39b;--note:#3a3216}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:2rem 1.25rem 3rem;max-width:64rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        h1{font-size:1.6rem;line-height:1.2;margin:0}h2{font-size:1.05rem;margin:2.25rem 0 .5rem}
        h1,dd,td{overflow-wrap:anywhere}
        .house{color:var(--soft);margin:0 0 .25rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.25rem;margin:1rem 0 0}dt{color:var(--soft)}dd{margin:0}
        .note{background:var(--note);border-radius:.5rem;padding:.6rem .9rem;margin:1.25rem 0 0}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1.5rem 0 0}
        .cards div{background:var(--tint);border:1px solid var(--line);border-radius:.6rem;padding:.7rem .9rem}
        .cards span{display:block;color:var(--soft);font-size:.85rem}.cards b{font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums}
        table{border-collapse:collapse;width:100%}
        th{color:var(--soft);font-weight:500;font-size:.85rem;text-align:left;vertical-align:bottom}
        th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
        th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
        .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        .all td{font-weight:600}.sub{color:var(--soft);font-size:.85rem;display:block}.when{white-space:nowrap}
        .m{color:var(--minus)}.p{color:var(--plus)}
        footer{color:var(--soft);font-size:.85rem;margin-top:2.5rem}
        @media (max-width:40rem){
        body{padding:1.25rem 1rem 2rem}
        .r thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .r,.r tbody{display:block}
        .r tr{display:grid;grid-template-columns:1fr auto;gap:.1rem .75rem;padding:.6rem 0;border-bottom:1px solid var(--line)}
        .r td{display:block;border:0;padding:0}
        .r td:empty{display:none}
        .r td[data-l]{grid-column:1/-1;display:flex;justify-content:space-between;gap:1rem;text-align:left;font-size:.9rem}
        .r td[data-l]::before{content:attr(data-l);color:var(--soft)}
        .r td.what{grid-row:1;grid-column:1}
        .r td.a{grid-row:1;grid-column:2}
        .r td.when{grid-row:2;grid-column:1/-1;color:var(--soft);font-size:.85rem}
        }
        @media print{body{padding:0;max-width:none;font-size:9.5pt}h2{break-after:avoid}tr,.cards{break-inside:avoid}.cards div,.note{border:1px solid #999}thead{display:table-header-group}}
        """;

    private static readonly LocalDatePattern Day = LocalDatePattern.CreateWithInvariantCulture("d MMMM uuuu");
    private static readonly LocalDateTimePattern Time = LocalDateTimePattern.CreateWithInvariantCulture("d MMM uuuu HH:mm:ss");

    private readonly string _wallet = statement.Account.Currency.Code;

    /// <summary>Writes the whole page.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await writer.WriteAsync(Head() + Summary() + TopUps() + Products());
        await LinesAsync(cancellationToken);
        await writer.WriteAsync($"<footer>Dates and times are those of {Text(statement.Tenant.Zone.Id)}. Made {Moment(statement.AsOf)}.</footer>\n</body>\n</html>\n");
    }

    private string Period()
    {
        var last = statement.To.PlusDays(-1);
        return statement.From == last ? Day.Format(last) : $"{Day.Format(statement.From)} to {Day.Format(last)}";
    }

    private string Head() =>
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <title>Statement of {Text(statement.Customer.Name)}, {Period()}</title>
        <style>{Style}</style>
        </head>
        <body>
        <header>
        <p class="house">{Text(statement.Tenant.Name)}</p>
        <h1>Statement</h1>
        <dl>
        <dt>Customer</dt><dd>{Text(statement.Customer.Name)}<span class="sub">{Text(statement.Customer.Id.Value)}</span></dd>
        <dt>Period</dt><dd>{Period()}</dd>
        <dt>Currency</dt><dd>{_wallet}</dd>
        </dl>
        {(statement.IsRunning ? $"<p class=\"note\">This period is not over. The figures are those until now, {Moment(statement.AsOf)}.</p>" : "")}
        </header>

        """;

    private string Summary()
    {
        var cards = new List<(string Title, Money Amount)> { ("Opening balance", statement.Totals.Opening), (ClosingTitle, statement.Totals.Closing) };
        if (statement.IsRunning) cards.AddRange([("Held, not yet charged", statement.Account.Held), ("Available now", statement.Account.Available)]);
        return $"""
            <section class="cards">
            {string.Join('\n', cards.Select(card => $"<div><span>{card.Title}</span><b>{Plain(card.Amount)}</b></div>"))}
            </section>
            <section>
            <h2>What happened</h2>
            <table>
            <thead><tr><th>Event</th><th class="n">Count</th><th class="n">{_wallet}</th></tr></thead>
            <tbody>
            <tr><td>Opening balance</td><td class="n"></td><td class="n">{Plain(statement.Totals.Opening)}</td></tr>
            {string.Concat(statement.Totals.Events.Select(total => $"<tr><td>{StatementWords.TitleOf(total.Kind)}</td><td class=\"n\">{Count(total.Count)}</td>{Signed(total.Amount)}</tr>\n"))}<tr class="all"><td>{ClosingTitle}</td><td class="n">{Count(statement.Totals.Count)}</td><td class="n">{Plain(statement.Totals.Closing)}</td></tr>
            </tbody>
            </table>
            </section>

            """;
    }

    private string ClosingTitle => statement.IsRunning ? "Balance until now" : "Closing balance";

    private string TopUps() => Sales("Top-ups", statement.Totals.TopUps, "What happened", sale => StatementWords.TitleOf(sale.Kind));

    private string Products() => Sales(
        "Top-ups by product and face value", statement.Totals.Sales, "Top-up",
        sale => $"{Sold(sale)}<span class=\"sub\">{StatementWords.TitleOf(sale.Kind)}</span>");

    private static string Sold(SaleTotal sale) =>
        string.Join(' ', new[] { Text(sale.Product), sale.Each is { } each ? $"{Plain(each)} {each.Currency}" : sale.Face is null ? "Not known" : "Other face values" }.Where(part => part.Length > 0));

    private string Sales(string title, IEnumerable<SaleTotal> sales, string first, Func<SaleTotal, string> what)
    {
        var rows = string.Concat(sales.Select(sale =>
            $"<tr><td class=\"what\">{what(sale)}</td><td class=\"n\" data-l=\"Count\">{Count(sale.Count)}</td>{Face(sale.Face, "Face value")}{Face(sale.Commission, "Commission")}{Signed(sale.Amount)}</tr>\n"));
        return rows.Length == 0
            ? ""
            : $"""
              <section>
              <h2>{title}</h2>
              <table class="r">
              <thead><tr><th>{first}</th><th class="n">Count</th><th class="n">Face value</th><th class="n">Commission</th><th class="n">{_wallet}</th></tr></thead>
              <tbody>
              {rows}</tbody>
              </table>
              </section>

              """;
    }

    private async Task LinesAsync(CancellationToken cancellationToken)
    {
        if (statement.Totals.Count == 0)
        {
            await writer.WriteAsync("<section><h2>Postings</h2><p>None in this period.</p></section>\n");
            return;
        }

        await writer.WriteAsync(
            $"""
            <section>
            <h2>Postings</h2>
            <table class="r">
            <thead><tr><th>Date</th><th>Event</th><th class="n">Face value</th><th class="n">Commission</th><th class="n">{_wallet}</th><th class="n">Balance</th></tr></thead>
            <tbody>

            """);
        await foreach (var item in statement.Items.WithCancellation(cancellationToken)) await writer.WriteAsync(Line(item));
        await writer.WriteAsync("</tbody>\n</table>\n</section>\n");
    }

    private string Line(StatementItem item)
    {
        var (line, reference, sale) = item;
        var details = new[] { sale?.Product, reference, PostingResource.AboutOf(line).Id, line.Reason }.Where(text => !string.IsNullOrEmpty(text)).Select(text => $"<span class=\"sub\">{Text(text)}</span>");
        return $"<tr><td class=\"when\">{Moment(line.At)}</td><td class=\"what\">{StatementWords.TitleOf(line.Kind)}{string.Concat(details)}</td>"
            + $"{Face(sale?.Face, "Face value")}{Face(sale?.Commission, "Commission")}{Signed(line.Amount)}<td class=\"n\" data-l=\"Balance\">{Plain(line.Balance)}</td></tr>\n";
    }

    private string Moment(Instant at) => Time.Format(at.InZone(statement.Tenant.Zone).LocalDateTime);

    private static string Signed(Money amount) => $"<td class=\"n a {(amount.IsNegative ? "m" : "p")}\">{(amount.IsNegative ? "" : "+")}{Plain(amount)}</td>";

    private static string Face(Money? amount, string label) =>
        amount is { } some ? $"<td class=\"n\" data-l=\"{label}\">{Plain(some)} {some.Currency}</td>" : "<td class=\"n\"></td>";

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The amount with commas between thousands and a minus that is one.</summary>
    private static string Plain(Money money)
    {
        var amount = money.Abs().Amount;
        var point = amount.IndexOf('.', StringComparison.Ordinal);
        var (whole, rest) = point < 0 ? (amount, "") : (amount[..point], amount[point..]);
        return (money.IsNegative ? "−" : "") + long.Parse(whole, CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture) + rest;
    }

    private static string Text(string? text) => WebUtility.HtmlEncode(text) ?? "";
}
