using Microsoft.Data.Sqlite;
using Relier.Sql;
using SQLitePCL;

namespace Relier.Sqlite;

/// <summary>
/// Writes rows one by one through statements that stay prepared for the life of the connection: the engine is in the
/// process, so it is preparing, not asking, that costs.
/// </summary>
internal sealed class SqliteWriter(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<RowStatement, sqlite3_stmt> _prepared = [];

    public IReadOnlyList<int> Write(IReadOnlyList<RowWrite> writes)
    {
        var touched = new int[writes.Count];
        for (var i = 0; i < touched.Length; i++)
        {
            var statement = Prepared(writes[i].Statement);
            foreach (var row in writes[i].Rows) touched[i] += Write(statement, writes[i].Statement.Columns, row);
        }

        return touched;
    }

    public void Dispose()
    {
        foreach (var statement in _prepared.Values) statement.Dispose();
        _prepared.Clear();
    }

    private int Write(sqlite3_stmt statement, IReadOnlyList<RowColumn> columns, object row)
    {
        for (var i = 0; i < columns.Count; i++) Require(Bind(statement, i + 1, columns[i].ValueOf(row)), raw.SQLITE_OK);
        var code = raw.sqlite3_step(statement);
        var touched = raw.sqlite3_changes(connection.Handle);
        try
        {
            Require(code, raw.SQLITE_DONE);
        }
        finally
        {
            _ = raw.sqlite3_reset(statement);
        }

        return touched;
    }

    private static int Bind(sqlite3_stmt statement, int index, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(statement, index),
        long number => raw.sqlite3_bind_int64(statement, index, number),
        string text => raw.sqlite3_bind_text(statement, index, text),
        _ => throw new ArgumentException($"A {value.GetType().Name} cannot be written; expected text or a whole number.", nameof(value)),
    };

    private sqlite3_stmt Prepared(RowStatement statement)
    {
        if (_prepared.TryGetValue(statement, out var known)) return known;
        Require(raw.sqlite3_prepare_v3(connection.Handle, statement.Sql, raw.SQLITE_PREPARE_PERSISTENT, out var prepared), raw.SQLITE_OK);
        return _prepared[statement] = prepared;
    }

    private void Require(int code, int expected)
    {
        if (code != expected) SqliteException.ThrowExceptionForRC(code, connection.Handle);
    }
}
