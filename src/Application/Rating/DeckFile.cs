using System.Collections.Immutable;
using System.Globalization;
using Relier.Importing;

namespace Relier.Rating;

/// <summary>
/// A deck as people exchange it: CSV with a header, a line per prefix. Columns: <c>prefix</c> (<c>*</c> for the catch-all) and
/// <c>price</c>; and, where they are, <c>per</c> (60), <c>first</c> (60) and <c>next</c> (as first) for the increments,
/// <c>connect_fee</c>, <c>grace_seconds</c>, <c>min_charge</c>, <c>max_charge</c>, <c>rounding</c> (halfUp), <c>scale</c> (4),
/// <c>destination</c>, <c>short_code</c> and <c>forbidden</c> (1 for yes). Lines that say the same of a call share one rate.
/// </summary>
/// <param name="Entries">The prefixes.</param>
/// <param name="Rates">The rates, by what they say.</param>
public sealed record DeckFile(IReadOnlyList<DeckEntry> Entries, IReadOnlyDictionary<string, UsageRate> Rates)
{
    /// <summary>Faults that are listed; a file with more is of another kind.</summary>
    public const int MostFaults = 100;

    private static readonly string[] Wanted = ["prefix", "price"];

    private static readonly Dictionary<string, Rounding> Roundings = new()
    {
        ["halfUp"] = Rounding.HalfUp, ["halfEven"] = Rounding.HalfEven, ["up"] = Rounding.Up, ["down"] = Rounding.Down,
    };

    /// <summary>The deck, ready to be looked up.</summary>
    public RateDeck ToDeck() => new(Entries, Rates);

    /// <summary>
    /// Reads a file. Refusals: <c>import_unreadable</c> for what is no such file; <c>deck_invalid</c> with the line and the column
    /// of each fault, the first <see cref="MostFaults"/>.
    /// </summary>
    public static async Task<Outcome<DeckFile>> ReadAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        try
        {
            var reading = new Reading();
            var table = await ExportTable.OpenAsync(new ImportFile(name, content), Wanted, cancellationToken);
            await foreach (var line in table.ReadAsync(cancellationToken)) reading.Add(line);
            return reading.End();
        }
        catch (UnreadableExportException unreadable)
        {
            return unreadable.ToRefusal();
        }
    }

    private sealed class Reading
    {
        private readonly List<DeckEntry> _entries = [];
        private readonly List<long> _lines = [];
        private readonly Dictionary<string, UsageRate> _rates = [];
        private readonly List<FieldError> _faults = [];

        public void Add(ExportLine line)
        {
            if (!line.IsWhole) Fault(line, "line", "line_torn", $"expected {line.Columns.Count} cells");
            if (line["prefix"] is not { } prefix)
            {
                Fault(line, "prefix", "required", "is required");
                return;
            }

            var isForbidden = Flag(line, "forbidden");
            _lines.Add(line.Line);
            _entries.Add(new DeckEntry(prefix == "*" ? "" : prefix, isForbidden ? "" : RateOf(line))
            {
                IsShortCode = Flag(line, "short_code"), IsForbidden = isForbidden, Destination = line["destination"] is { } destination ? string.Intern(destination) : null,
            });
        }

        public Outcome<DeckFile> End()
        {
            foreach (var isShortCode in new[] { false, true })
            {
                var places = Enumerable.Range(0, _entries.Count).Where(place => _entries[place].IsShortCode == isShortCode).ToList();
                foreach (var (place, code) in PrefixTable.Check([.. places.Select(place => _entries[place].Prefix)]))
                    Fault(_lines[places[place]], "prefix", code, code == "prefix_duplicate" ? $"expected each prefix once; '{_entries[places[place]].Prefix}' is there before" : "expected up to 17 digits, or *");
            }

            foreach (var mixed in RateDeck.CheckUnits(_rates.Values, "per")) Fault(1, mixed.Field, mixed.Code, mixed.Message);
            if (_entries.Count == 0) Fault(1, "prefix", "required", "expected at least one line");
            return _faults.Count == 0
                ? new DeckFile(_entries, _rates)
                : new Refusal("deck_invalid", $"The deck cannot be rated by: {_faults[0].Field}: {_faults[0].Message}.") { Fields = _faults };
        }

        /// <summary>The name of the rate, which is what the line says of it.</summary>
        private string RateOf(ExportLine line)
        {
            string?[] said = [line["price"], line["per"], line["first"], line["next"], line["connect_fee"], line["grace_seconds"], line["min_charge"], line["max_charge"], line["rounding"], line["scale"]];
            var name = string.Join('/', said);
            if (_rates.ContainsKey(name)) return name;

            var faults = _faults.Count;
            var (price, per, first) = (Price(line, "price", isRequired: true) ?? UnitPrice.Free, Whole(line, "per") ?? 60, Whole(line, "first") ?? 60);
            var next = Whole(line, "next") ?? first;
            ImmutableArray<Tier> tiers = first == next ? [new(0, price, per, first)] : [new(0, price, per, first), new(first, price, per, next)];
            var rate = new UsageRate
            {
                Tiers = tiers, ConnectFee = Price(line, "connect_fee") ?? UnitPrice.Free, GraceSeconds = Whole(line, "grace_seconds") ?? 0,
                MinCharge = Price(line, "min_charge"), MaxCharge = Price(line, "max_charge"),
                Rounding = new(RoundingOf(line), (int)Math.Clamp(Whole(line, "scale") ?? ChargeRounding.Standard.Scale, -1, 100)),
            };
            if (_faults.Count == faults)
                foreach (var wrong in rate.Check("rate"))
                    Fault(line, wrong.Field["rate.".Length..], wrong.Code, wrong.Message);
            _rates[name] = rate;
            return name;
        }

        private UnitPrice? Price(ExportLine line, string column, bool isRequired = false)
        {
            if (line[column] is not { } text)
            {
                if (isRequired) Fault(line, column, "required", "is required");
                return null;
            }

            if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && UnitPrice.TryOf(number, out var price)) return price;
            Fault(line, column, "price_invalid", $"expected a decimal from 0 to {UnitPrice.Max} with at most nine decimals");
            return null;
        }

        private long? Whole(ExportLine line, string column)
        {
            if (line[column] is not { } text) return null;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
            Fault(line, column, "number_invalid", "expected a whole number");
            return null;
        }

        private Rounding RoundingOf(ExportLine line)
        {
            if (line["rounding"] is not { } text) return Rounding.HalfUp;
            if (Roundings.TryGetValue(text, out var rounding)) return rounding;
            Fault(line, "rounding", "rounding_invalid", $"expected one of {string.Join(", ", Roundings.Keys)}");
            return Rounding.HalfUp;
        }

        private bool Flag(ExportLine line, string column)
        {
            if (line[column] is not { } text || text == "0") return false;
            if (text != "1") Fault(line, column, "flag_invalid", "expected 1 or 0");
            return true;
        }

        private void Fault(ExportLine line, string column, string code, string message) => Fault(line.Line, column, code, message);

        private void Fault(long line, string column, string code, string message)
        {
            if (_faults.Count < MostFaults) _faults.Add(new FieldError($"line {line}, {column}", code, message));
        }
    }
}
