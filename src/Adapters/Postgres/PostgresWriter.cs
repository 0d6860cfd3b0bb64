using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;
using Relier.Sql;
using Relier.Storage;

namespace Relier.Postgres;

/// <summary>
/// Many rows in one exchange: a statement for one row takes all its rows at once, as an array per column. Rows that must not be there yet are inserted without asking first: the engine does much more
/// for ON CONFLICT DO NOTHING, and a transaction that meets such a row is given up anyway.
/// </summary>
internal static partial class PostgresWriter
{
    private static readonly ConcurrentDictionary<RowStatement, string> Texts = new();

    public static async Task<IReadOnlyList<int>> WriteAsync(NpgsqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var write in writes) Add(batch, write);
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            var statement = writes.Select(write => write.Statement).First(statement => statement.Sql.StartsWith($"INSERT INTO {refused.TableName} ", StringComparison.Ordinal));
            throw new DuplicateKeyException(statement.UniqueKey, refused);
        }

        return [.. batch.BatchCommands.Cast<NpgsqlBatchCommand>().Select(command => (int)command.RecordsAffected)];
    }

    private static void Add(NpgsqlBatch batch, RowWrite write)
    {
        var command = new NpgsqlBatchCommand(Texts.GetOrAdd(write.Statement, TextOf));
        foreach (var column in write.Statement.Columns) command.Parameters.Add(new NpgsqlParameter { Value = column.ValuesOf(write.Rows) });
        batch.BatchCommands.Add(command);
    }

    /// <summary>
    /// With the rows read out of numbered parameters, which the driver sends as they are: the columns of an INSERT stand in the
    /// order of VALUES, any other statement joins the rows by name.
    /// </summary>
    private static string TextOf(RowStatement statement)
    {
        var numbered = statement.Columns.Select((column, index) => (column.Name, Number: index + 1)).ToList();
        if (!statement.Sql.StartsWith("INSERT ", StringComparison.Ordinal))
        {
            // Behind a query the planner does not see how long the lists are, so it has no reason to plan each time anew.
            var arrays = string.Join(", ", numbered.Select(column => $"(SELECT ${column.Number})"));
            var names = string.Join(", ", numbered.Select(column => $"\"{column.Name}\""));
            var joined = statement.Sql.StartsWith("DELETE ", StringComparison.Ordinal) ? "USING" : "FROM";
            return Where().Replace(Name().Replace(statement.Sql, "given.\"$1\""), $"{joined} unnest({arrays}) AS given ({names})\nWHERE ", 1);
        }

        var numbers = numbered.ToDictionary(column => column.Name, column => column.Number);
        var rows = Values().Replace(Name().Replace(statement.Sql, match => $"${numbers[match.Groups[1].Value]}"), "SELECT * FROM unnest($1)", 1);
        return DoNothing().Replace(rows, "");
    }

    [GeneratedRegex(@"\bWHERE\s")]
    private static partial Regex Where();

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Name();

    [GeneratedRegex(@"\s*ON CONFLICT \([^()]*\) DO NOTHING")]
    private static partial Regex DoNothing();

    [GeneratedRegex(@"VALUES\s*\(([^()]*)\)")]
    private static partial Regex Values();
}
