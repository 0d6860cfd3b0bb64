using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;

namespace Relier.Rating;

/// <summary>Turns the cells of a file of calls into records, by a layout. May be shared between threads.</summary>
public sealed class CallRowReader
{
    private const char Unreadable = '\uFFFD';
    private const int Id = 0, Leg = 1, Kind = 2, Direction = 3, Account = 4, AccountCode = 5, Number = 6, SipUser = 7, From = 8, To = 9, Context = 10,
        Start = 11, Answer = 12, End = 13, Length = 14, Quantity = 15, Cause = 16;

    private readonly CallLayout _layout;
    private readonly string _source;
    private readonly CallStamp _stamp;
    private readonly int[] _places;
    private readonly string[] _names;
    private readonly bool[] _read;
    private readonly int _cellsMin;
    private readonly int _cellsMax;

    private CallRowReader(CallLayout layout, string source, DateTimeZone zone, int[] places, string[] names, int? cells)
    {
        (_layout, _source, _places, _names) = (layout, source, places, names);
        _stamp = new CallStamp(layout.Zone ?? zone);
        _cellsMin = cells ?? places.Max() + 1;
        _cellsMax = cells ?? CallLayout.CellsMax;
        _read = new bool[places.Max() + 1];
        foreach (var place in places.Where(place => place >= 0)) _read[place] = true;
    }

    /// <summary>
    /// For a file with this header (null for none): names are compared without blanks around them and without case. Refusal
    /// <c>calls_unreadable</c> when a column that must be there is missing, or one that is read is there twice.
    /// </summary>
    /// <param name="layout">Which column says what.</param>
    /// <param name="header">The names of the columns, when the layout says that they stand in the file.</param>
    /// <param name="source">Who reports: the <see cref="CallRecord.Source"/> of all of its records.</param>
    /// <param name="zone">The zone of times without one, where the layout names none.</param>
    public static Outcome<CallRowReader> For(CallLayout layout, IReadOnlyList<string>? header, string source, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(zone);
        if (layout.HasHeader != header is not null) throw new ArgumentException(layout.HasHeader ? "This layout reads a header." : "This layout has no header.", nameof(header));

        var places = new int[CallLayout.KnownRoles.Length];
        var names = CallLayout.KnownRoles.ToArray();
        for (var role = 0; role < places.Length; role++)
        {
            places[role] = -1;
            if (!layout.Columns.TryGetValue(CallLayout.KnownRoles[role], out var column)) continue;
            if (header is null)
            {
                places[role] = CallLayout.PlaceOf(column)!.Value - 1;
                names[role] = $"column {column}";
                continue;
            }

            if (Find(header, column, out var twice) is { } place) (places[role], names[role]) = (place, header[place].Trim());
            if (twice is not null) return Refused(twice, $"the column '{twice}' is there twice");
            if (places[role] < 0 && !column.EndsWith('?')) return Refused(column, $"the column {column.Replace("|", " or ", StringComparison.Ordinal)} is missing");
        }

        return new CallRowReader(layout, source, zone, places, names, header?.Count ?? layout.Cells);
    }

    /// <summary>Whether the cell at this place, from 0 on, is looked at.</summary>
    public bool Reads(int place) => place < _read.Length && _read[place];

    /// <summary>
    /// The record of a line; null, with everything that is wrong, when it is none. A fault names the column as the file does;
    /// codes <c>line_torn</c>, <c>kind_invalid</c>, <c>direction_invalid</c>, and those of <see cref="CallRecord.Check"/>.
    /// </summary>
    public CallRecord? Read(IReadOnlyList<string> cells, out ImmutableArray<FieldError> faults)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count < _cellsMin || cells.Count > _cellsMax)
        {
            faults = [new FieldError("line", "line_torn", _cellsMin == _cellsMax ? $"expected {_cellsMin} cells, found {cells.Count}" : $"expected at least {_cellsMin} cells, found {cells.Count}")];
            return null;
        }

        List<FieldError>? wrong = null;
        var context = Text(cells, Context, ref wrong);
        var to = _layout.Contexts.NumberOf(context, Text(cells, To, ref wrong));
        var direction = DirectionOf(cells, context, ref wrong);
        var (start, answer, end) = (Time(cells, Start, ref wrong), Time(cells, Answer, ref wrong), Time(cells, End, ref wrong));
        if (cells[_places[Start]] is "" or "0") Wrong(ref wrong, Start, "required", "is required");
        var record = new CallRecord
        {
            Source = _source,
            ExternalId = Text(cells, Id, ref wrong) ?? "",
            Leg = Text(cells, Leg, ref wrong) ?? "",
            Kind = KindOf(cells, ref wrong),
            Direction = direction,
            From = Text(cells, From, ref wrong),
            To = to,
            StartedAt = start ?? default,
            AnsweredAt = answer,
            EndedAt = end,
            Duration = Whole(cells, Length, ref wrong) ?? Between(start, end),
            Quantity = Whole(cells, Quantity, ref wrong) ?? Missing(ref wrong),
            Cause = Text(cells, Cause, ref wrong),
            Lines = LinesOf(cells, direction, to, ref wrong),
        };

        if (wrong is null)
            foreach (var fault in record.Check())
                (wrong ??= []).Add(fault with { Field = ColumnOf(fault.Field) });
        faults = wrong is null ? [] : [.. wrong];
        return wrong is null ? record : null;
    }

    private static int? Find(IReadOnlyList<string> header, string column, out string? twice)
    {
        twice = null;
        foreach (var name in column.TrimEnd('?').Split('|', StringSplitOptions.TrimEntries))
        {
            int? found = null;
            for (var place = 0; place < header.Count; place++)
            {
                if (!header[place].AsSpan().Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
                if (found is not null) twice = name;
                found ??= place;
            }

            if (found is not null) return found;
        }

        return null;
    }

    private static Refusal Refused(string column, string why) => new Refusal("calls_unreadable", $"The file cannot be read: {why}.").With("column", column.TrimEnd('?'));

    private string? Text(IReadOnlyList<string> cells, int role, ref List<FieldError>? wrong)
    {
        if (_places[role] < 0 || cells[_places[role]] is not { Length: > 0 } text) return null;
        if (text.Contains(Unreadable)) Wrong(ref wrong, role, "text_invalid", "expected UTF-8");
        return text;
    }

    private Instant? Time(IReadOnlyList<string> cells, int role, ref List<FieldError>? wrong)
    {
        // A switch writes 0 for what never happened.
        if (_places[role] < 0 || cells[_places[role]] is "" or "0") return null;
        if (_stamp.TryRead(cells[_places[role]], out var at)) return at;
        Wrong(ref wrong, role, "instant_invalid", "expected a time with its offset, or as in 2026-11-20 10:00:00");
        return null;
    }

    private long? Whole(IReadOnlyList<string> cells, int role, ref List<FieldError>? wrong)
    {
        if (_places[role] < 0 || cells[_places[role]] is not { Length: > 0 } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        Wrong(ref wrong, role, "quantity_invalid", "expected a whole number from 0");
        return 0;
    }

    private long Missing(ref List<FieldError>? wrong)
    {
        Wrong(ref wrong, Quantity, "required", "is required");
        return 0;
    }

    private CallDirection DirectionOf(IReadOnlyList<string> cells, string? context, ref List<FieldError>? wrong)
    {
        if (Text(cells, Direction, ref wrong) is not { } word) return _layout.Contexts.DirectionOf(context);
        if (_layout.Directions.TryGetValue(word.ToUpperInvariant(), out var direction)) return direction;
        Wrong(ref wrong, Direction, "direction_invalid", $"expected {string.Join(", ", _layout.Directions.Keys.Order(StringComparer.Ordinal))}");
        return default;
    }

    private UsageKind KindOf(IReadOnlyList<string> cells, ref List<FieldError>? wrong)
    {
        switch (Text(cells, Kind, ref wrong)?.ToUpperInvariant())
        {
            case null or "VOICE" or "CALL": return UsageKind.Voice;
            case "MESSAGE" or "SMS": return UsageKind.Message;
            case "DATA": return UsageKind.Data;
            case "EVENT": return UsageKind.Event;
        }

        Wrong(ref wrong, Kind, "kind_invalid", "expected voice, message, data or event");
        return default;
    }

    private ImmutableArray<LineRef> LinesOf(IReadOnlyList<string> cells, CallDirection direction, string? to, ref List<FieldError>? wrong)
    {
        var lines = CallContexts.LinesOf(direction, Text(cells, Account, ref wrong), Text(cells, AccountCode, ref wrong), to, Text(cells, SipUser, ref wrong));
        return CallContexts.DigitsOf(Text(cells, Number, ref wrong)) is { } number ? lines.Add(new(LineKind.Number, number)) : lines;
    }

    private static long Between(Instant? start, Instant? end) => start <= end ? end.Value.ToUnixTimeSeconds() - start.Value.ToUnixTimeSeconds() : 0;

    private void Wrong([NotNull] ref List<FieldError>? wrong, int role, string code, string expected) => (wrong ??= []).Add(new FieldError(_names[role], code, expected));

    private string ColumnOf(string field) => field switch
    {
        "id" => _names[Id],
        "leg" => _names[Leg],
        "from" => _names[From],
        "to" => _names[To],
        "cause" => _names[Cause],
        "quantity" => _names[Quantity],
        "duration" => _names[Length],
        "startedAt" => _names[Start],
        "start" or "answeredAt" => _names[_places[Answer] < 0 ? Start : Answer],
        "endedAt" => _names[End],
        "lines" => _names[AccountCode],
        _ => field,
    };
}
