using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;
using Relier.Sql;
using Relier.Storage;

namespace Relier.Postgres;

/// <summary>
/// Many rows in one exchange: a statement for one row takes all its rows at once, as an array per column, and where they are very many they are
/// copied. Rows that must not be there yet are inserted without asking first: the engine does much more for ON CONFLICT DO NOTHING, and a
/// transaction that meets such a row is given up anyway.
/// </summary>
internal static partial class PostgresWriter
{
    /// <summary>From so many rows on, an exchange of its own for a COPY is worth it.</summary>
    private const int CopiedFrom = 1_000;

    private static readonly ConcurrentDictionary<RowStatement, string> Texts = new();
    private static readonly ConcurrentDictionary<RowStatement, string?> Copies = new();

    public static async Task<IReadOnlyList<int>> WriteAsync(NpgsqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        try
        {
            var (touched, waiting) = (new List<int>(writes.Count), new List<RowWrite>());
            foreach (var write in writes)
            {
                if (write.Count < CopiedFrom || Copies.GetOrAdd(write.Statement, CopyOf) is not { } copy)
                {
                    waiting.Add(write);
                    continue;
                }

                touched.AddRange(await ExecuteAsync(transaction, waiting, cancellationToken));
                waiting.Clear();
                var rows = write.Rows.Select(row => write.Statement.Columns.Select(column => column.ValueOf(row)));
                touched.Add(await PostgresCopy.SendAsync(transaction.Connection!, copy, rows, cancellationToken));
            }

            touched.AddRange(await ExecuteAsync(transaction, waiting, cancellationToken));
            return touched;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            var statement = writes.Select(write => write.Statement).First(statement => statement.Sql.StartsWith($"INSERT INTO {refused.TableName} ", StringComparison.Ordinal));
            throw new DuplicateKeyException(statement.UniqueKey, refused);
        }
    }

    private static async Task<IReadOnlyList<int>> ExecuteAsync(NpgsqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        if (writes.Count == 0) return [];
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var write in writes) Add(batch, write);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return [.. batch.BatchCommands.Cast<NpgsqlBatchCommand>().Select(command => (int)command.RecordsAffected)];
    }

    /// <summary>The same as a COPY; null when it does more than insert each row as it is.</summary>
    private static string? CopyOf(RowStatement statement) =>
        Plain().Match(statement.Sql) is { Success: true } plain && Name().Count(plain.Groups["values"].Value) == statement.Columns.Count
            ? $"COPY {plain.Groups["table"].Value} ({plain.Groups["columns"].Value}) FROM STDIN (FORMAT BINARY)"
            : null;

    private static void Add(NpgsqlBatch batch, RowWrite write)
    {
        var command = new NpgsqlBatchCommand(Texts.GetOrAdd(write.Statement, TextOf));
        var rows = write.Rows.ToList();
        foreach (var column in write.Statement.Columns) command.Parameters.Add(new NpgsqlParameter { Value = column.ValuesOf(rows) });
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

    [GeneratedRegex(@"^INSERT INTO (?<table>\w+) \((?<columns>[\w\s,]+)\)\s*VALUES \((?<values>[@\w\s,]+)\)(\s*ON CONFLICT( \([\w\s,]+\))? DO NOTHING)?\s*$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\bWHERE\s")]
    private static partial Regex Where();

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Name();

    [GeneratedRegex(@"\s*ON CONFLICT \([^()]*\) DO NOTHING")]
    private static partial Regex DoNothing();

    [GeneratedRegex(@"VALUES\s*\(([^()]*)\)")]
    private static partial Regex Values();
}
