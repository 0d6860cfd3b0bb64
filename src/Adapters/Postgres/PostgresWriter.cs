using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;
using Relier.Sql;

namespace Relier.Postgres;

/// <summary>
/// Many rows in one exchange. An INSERT for one row takes all its rows at once, as an array per column; any other statement
/// is sent once for each row.
/// </summary>
internal static partial class PostgresWriter
{
    private static readonly ConcurrentDictionary<RowStatement, string> Texts = new();

    public static async Task<IReadOnlyList<int>> WriteAsync(NpgsqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var write in writes) Add(batch, write);
        await batch.ExecuteNonQueryAsync(cancellationToken);

        var touched = new int[writes.Count];
        var command = 0;
        for (var i = 0; i < writes.Count; i++)
            for (var sent = IsInsert(writes[i]) ? 1 : writes[i].Rows.Count; sent > 0; sent--)
                touched[i] += (int)batch.BatchCommands[command++].RecordsAffected;
        return touched;
    }

    private static void Add(NpgsqlBatch batch, RowWrite write)
    {
        var text = Texts.GetOrAdd(write.Statement, TextOf);
        if (IsInsert(write))
        {
            var command = new NpgsqlBatchCommand(text);
            foreach (var column in write.Statement.Columns) command.Parameters.Add(new NpgsqlParameter { Value = column.ValuesOf(write.Rows) });
            batch.BatchCommands.Add(command);
            return;
        }

        foreach (var row in write.Rows)
        {
            var command = new NpgsqlBatchCommand(text);
            foreach (var column in write.Statement.Columns) command.Parameters.Add(new NpgsqlParameter { Value = column.ValueOf(row) ?? DBNull.Value });
            batch.BatchCommands.Add(command);
        }
    }

    private static bool IsInsert(RowWrite write) => write.Statement.Sql.StartsWith("INSERT ", StringComparison.Ordinal);

    /// <summary>With numbered parameters, which the driver sends as they are; an INSERT reads its rows out of the arrays, whose columns stand in the order of VALUES.</summary>
    private static string TextOf(RowStatement statement)
    {
        var numbers = statement.Columns.Select((column, index) => (column.Name, Number: index + 1)).ToDictionary(column => column.Name, column => column.Number);
        var text = Name().Replace(statement.Sql, match => $"${numbers[match.Groups[1].Value]}");
        return statement.Sql.StartsWith("INSERT ", StringComparison.Ordinal) ? Values().Replace(text, "SELECT * FROM unnest($1)", 1) : text;
    }

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Name();

    [GeneratedRegex(@"VALUES\s*\(([^()]*)\)")]
    private static partial Regex Values();
}
