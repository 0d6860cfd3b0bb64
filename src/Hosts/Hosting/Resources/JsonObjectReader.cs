using System.Globalization;
using System.Text.Json;

namespace Relier.Hosting.Resources;

/// <summary>
/// Reads one JSON object member by member and notes what is unknown, missing or of another type, with its path. What is
/// wrong reads as if it were absent: the notes decide, not the values.
/// </summary>
internal sealed class JsonObjectReader
{
    private readonly string _path;
    private readonly List<FieldError> _errors;
    private readonly Dictionary<string, JsonElement> _members = [];
    private readonly List<string> _known = [];

    /// <param name="json">The object.</param>
    /// <param name="path">Where it stands; empty for the document.</param>
    /// <param name="errors">Where notes go.</param>
    public JsonObjectReader(JsonElement json, string path, List<FieldError> errors)
    {
        _path = path;
        _errors = errors;
        if (json.ValueKind != JsonValueKind.Object) Note(path, "type_invalid", "expected an object");
        else
            foreach (var member in json.EnumerateObject())
                if (!_members.TryAdd(member.Name, member.Value)) Note(At(member.Name), "duplicate_member", "expected the member once");
    }

    /// <summary>Where notes go.</summary>
    public List<FieldError> Errors => _errors;

    /// <summary>The path of a member.</summary>
    public string At(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    /// <summary>Notes something about a member.</summary>
    public void Wrong(string name, string code, string expected) => Note(At(name), code, expected);

    public string? Text(string name, bool isRequired = false) =>
        Find(name, isRequired) is not { } value ? null
        : TextOf(value) ?? Failed<string>(name, "expected a string");

    public bool Flag(string name, bool standard = false)
    {
        if (Find(name) is not { } value) return standard;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) Failed<bool>(name, "expected true or false");
        return value.ValueKind == JsonValueKind.True;
    }

    public long? Whole(string name, bool isRequired = false) =>
        Find(name, isRequired) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) ? whole
        : long.TryParse(TextOf(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var written) ? written
        : Failed<long>(name, "expected a whole number");

    /// <summary>A whole number of ordinary size.</summary>
    public int? Small(string name)
    {
        if (Whole(name) is not { } whole) return null;
        if (whole is >= int.MinValue and <= int.MaxValue) return (int)whole;
        Wrong(name, "value_invalid", $"expected a whole number from {int.MinValue} to {int.MaxValue}");
        return null;
    }

    /// <summary>A decimal, written as a string or as a number.</summary>
    public decimal? Number(string name, bool isRequired = false)
    {
        if (Find(name, isRequired) is not { } value) return null;
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : TextOf(value);
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return decimal.TryParse(text, Styles, CultureInfo.InvariantCulture, out var number) ? number : Failed<decimal>(name, "expected a decimal, as in \"1.99\"");
    }

    /// <summary>One of so many words.</summary>
    public T? Word<T>(string name, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (Text(name) is not { } text) return null;
        if (words.TryGetValue(text, out var word)) return word;
        Wrong(name, "value_invalid", $"expected one of {string.Join(", ", words.Keys)}");
        return null;
    }

    /// <summary>What stands in a list, each with its path.</summary>
    public IEnumerable<(JsonElement Item, string Path)> List(string name)
    {
        if (Find(name) is not { } value) return [];
        if (value.ValueKind == JsonValueKind.Array) return value.EnumerateArray().Select((item, place) => (item, $"{At(name)}[{place}]"));
        Failed<object>(name, "expected a list");
        return [];
    }

    /// <summary>The texts of a list.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var (item, path) in List(name))
            if (TextOf(item) is { } text) texts.Add(text);
            else Note(path, "type_invalid", "expected a string");
        return texts;
    }

    /// <summary>The whole numbers of a list, within bounds.</summary>
    public IEnumerable<int> Wholes(string name, int min, int max)
    {
        foreach (var (item, path) in List(name))
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var whole) && whole >= min && whole <= max) yield return whole;
            else Note(path, "value_invalid", $"expected a whole number from {min} to {max}");
    }

    /// <summary>The members of an object whose names are free.</summary>
    public IEnumerable<(string Name, JsonElement Value, string Path)> Named(string name)
    {
        if (Find(name) is not { } value) return [];
        if (value.ValueKind == JsonValueKind.Object) return value.EnumerateObject().Select(member => (member.Name, member.Value, $"{At(name)}.{member.Name}"));
        Failed<object>(name, "expected an object");
        return [];
    }

    /// <summary>An object inside this one; null when it is absent.</summary>
    public JsonObjectReader? Inside(string name, bool isRequired = false) => Find(name, isRequired) is { } value ? new JsonObjectReader(value, At(name), _errors) : null;

    /// <summary>Notes the members that nobody asked for.</summary>
    public void End()
    {
        foreach (var name in _members.Keys.Except(_known)) Note(At(name), "unknown_member", $"is not a member; expected {string.Join(", ", _known)}");
    }

    /// <summary>The text of a string; null when it is none, or broken, as with half a surrogate pair.</summary>
    internal static string? TextOf(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private JsonElement? Find(string name, bool isRequired = false)
    {
        _known.Add(name);
        if (_members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null) return value;
        if (isRequired) Note(At(name), "required", "is required");
        return null;
    }

    private T? Failed<T>(string name, string expected)
    {
        Note(At(name), "type_invalid", expected);
        return default;
    }

    private void Note(string field, string code, string message) => _errors.Add(new FieldError(field.Length <= 100 ? field : field[..100] + "…", code, message));
}
