using System.Reflection;
using System.Text.RegularExpressions;
using Relier.Storage;

namespace Relier.Sql;

/// <summary>
/// A statement for one row, written once and run for many: what stands behind each <c>@Name</c> in it is the property of
/// that name. Make one per statement and keep it.
/// </summary>
internal sealed partial class RowStatement
{
    private RowStatement(string sql, string uniqueKey, string stale, IReadOnlyList<RowColumn> columns)
    {
        Sql = sql;
        UniqueKey = uniqueKey;
        Stale = stale;
        Columns = columns;
    }

    /// <summary>The statement, for one row.</summary>
    public string Sql { get; }

    /// <summary>Which uniqueness it means when it does nothing for a row; empty when it never does nothing.</summary>
    public string UniqueKey { get; }

    /// <summary>What has changed in the meantime when it does not find every row; empty when it need not.</summary>
    public string Stale { get; }

    /// <summary>The names in the statement, each once, in the order in which they first stand there.</summary>
    public IReadOnlyList<RowColumn> Columns { get; }

    /// <summary>The statement over rows of this type: an INSERT with its unique key, an UPDATE or DELETE with what is stale. Throws <see cref="ArgumentException"/> when a name in it is not a property of text or whole number.</summary>
    public static RowStatement Over<TRow>(string sql, string uniqueKey = "", string stale = "")
    {
        var names = Name().Matches(sql).Select(match => match.Groups[1].Value).Distinct();
        return new RowStatement(sql, uniqueKey, stale, [.. names.Select(ColumnOf<TRow>)]);
    }

    /// <summary>These rows through this statement. They are made where they are written, once; the count must be known before, or they are made here.</summary>
    public RowWrite For(IEnumerable<object> rows) => rows.TryGetNonEnumeratedCount(out var count) ? new RowWrite(this, count, rows) : Made([.. rows]);

    private RowWrite Made(List<object> rows) => new(this, rows.Count, rows);

    private static RowColumn ColumnOf<TRow>(string name)
    {
        var getter = typeof(TRow).GetProperty(name)?.GetMethod ?? throw new ArgumentException($"{typeof(TRow).Name} has no property {name}.", nameof(name));
        if (getter.ReturnType == typeof(string)) return new RowColumn<TRow, string?>(name, getter);
        if (getter.ReturnType == typeof(long)) return new RowColumn<TRow, long>(name, getter);
        if (getter.ReturnType == typeof(long?)) return new RowColumn<TRow, long?>(name, getter);
        throw new ArgumentException($"{typeof(TRow).Name}.{name} is a {getter.ReturnType.Name}; expected text or a whole number.", nameof(name));
    }

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Name();
}

/// <summary>Rows to be written by one statement.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Count">How many rows.</param>
/// <param name="Rows">The rows: to be gone through once.</param>
internal sealed record RowWrite(RowStatement Statement, int Count, IEnumerable<object> Rows)
{
    /// <summary>What it means that only so many rows were touched; null when nothing is wrong.</summary>
    public Exception? TroubleWith(int touched)
    {
        if (touched >= Count) return null;
        if (Statement.UniqueKey.Length > 0) return new DuplicateKeyException(Statement.UniqueKey);
        return Statement.Stale.Length > 0 ? new StaleVersionException(Statement.Stale) : null;
    }
}

/// <summary>What stands for one name of a statement, in every row.</summary>
internal abstract class RowColumn(string name)
{
    public string Name => name;

    /// <summary>Whether its values are text; else they are whole numbers.</summary>
    public abstract bool IsText { get; }

    /// <summary>The value in a row: text, a whole number, or null.</summary>
    public abstract object? ValueOf(object row);

    /// <summary>The values of all rows, as an array of their type.</summary>
    public abstract Array ValuesOf(IReadOnlyList<object> rows);

    /// <summary>Whether two of the rows differ.</summary>
    public abstract bool DiffersIn(IReadOnlyList<object> rows);
}

internal sealed class RowColumn<TRow, TValue>(string name, MethodInfo getter) : RowColumn(name)
{
    private readonly Func<TRow, TValue> _get = getter.CreateDelegate<Func<TRow, TValue>>();

    public override bool IsText => typeof(TValue) == typeof(string);

    public override object? ValueOf(object row) => _get((TRow)row);

    public override Array ValuesOf(IReadOnlyList<object> rows)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = _get((TRow)rows[i]);
        return values;
    }

    public override bool DiffersIn(IReadOnlyList<object> rows)
    {
        var first = _get((TRow)rows[0]);
        for (var i = 1; i < rows.Count; i++)
            if (!EqualityComparer<TValue>.Default.Equals(_get((TRow)rows[i]), first)) return true;
        return false;
    }
}
