namespace Relier.EntityFramework;

/// <summary>
/// Says which table a row is of, and the properties of its primary key in order. Every other property that can be set is a
/// column, named like it; a unit at the end of the name (Micros, Billionths) is ours and not the column's.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RelierTableAttribute(string table, params string[] key) : Attribute
{
    public string Table => table;

    public IReadOnlyList<string> Key => key;
}
