using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
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

    private static readonly ConcurrentDictionary<(RowStatement Statement, bool IsOneRow, bool IsChecked), string> Texts = new();
    private static readonly ConcurrentDictionary<RowStatement, string?> Copies = new();

    public static async Task<IReadOnlyList<int>> WriteAsync(NpgsqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        try
        {
            var (touched, waiting) = (new List<int>(writes.Count), new List<RowWrite>());
            foreach (var write in writes)
            {
                if (CopyOf(write) is not { } copy)
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
            throw DuplicateOf(writes, refused);
        }
    }

    /// <summary>Whether none of these rows needs an exchange of its own.</summary>
    public static bool CommitsWith(IReadOnlyList<RowWrite> writes) => writes.All(write => CopyOf(write) is null);

    /// <summary>Writes the rows and commits in one exchange. What follows a statement that failed is not done by the server, the commit least of all.</summary>
    public static async Task CommitAsync(NpgsqlTransaction transaction, IReadOnlyList<RowWrite> writes)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var write in writes) Add(batch, write, isChecked: true);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        try
        {
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw DuplicateOf(writes, refused);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            throw new StaleVersionException(string.Join(" or ", writes.Select(write => write.Statement.Stale).Where(stale => stale.Length > 0)));
        }
    }

    private static DuplicateKeyException DuplicateOf(IReadOnlyList<RowWrite> writes, PostgresException refused) =>
        new(writes.First(write => write.Statement.Sql.StartsWith($"INSERT INTO {refused.TableName} ", StringComparison.Ordinal)).Statement.UniqueKey, refused);

    private static async Task<IReadOnlyList<int>> ExecuteAsync(NpgsqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        if (writes.Count == 0) return [];
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var write in writes) Add(batch, write, isChecked: false);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return [.. batch.BatchCommands.Cast<NpgsqlBatchCommand>().Select(command => (int)command.RecordsAffected)];
    }

    /// <summary>As a COPY; null when they are not so many.</summary>
    private static string? CopyOf(RowWrite write) => write.Count < CopiedFrom ? null : Copies.GetOrAdd(write.Statement, CopyOf);

    /// <summary>The same as a COPY; null when it does more than insert each row as it is.</summary>
    private static string? CopyOf(RowStatement statement) =>
        Plain().Match(statement.Sql) is { Success: true } plain && Name().Count(plain.Groups["values"].Value) == statement.Columns.Count
            ? $"COPY {plain.Groups["table"].Value} ({plain.Groups["columns"].Value}) FROM STDIN (FORMAT BINARY)"
            : null;

    private static void Add(NpgsqlBatch batch, RowWrite write, bool isChecked)
    {
        var (statement, rows) = (write.Statement, write.Rows.ToList());
        var mustFindAll = isChecked && statement.Stale.Length > 0;
        var command = new NpgsqlBatchCommand(Texts.GetOrAdd((statement, rows.Count == 1, mustFindAll), TextOf));
        foreach (var column in statement.Columns) command.Parameters.Add(rows.Count == 1 ? ParameterOf(column, rows[0]) : new NpgsqlParameter { Value = column.ValuesOf(rows) });
        if (mustFindAll && rows.Count > 1) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = rows.Count });
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter ParameterOf(RowColumn column, object row) =>
        new() { NpgsqlDbType = column.IsText ? NpgsqlDbType.Text : NpgsqlDbType.Bigint, Value = column.ValueOf(row) ?? DBNull.Value };

    private static string TextOf((RowStatement Statement, bool IsOneRow, bool IsChecked) asked)
    {
        var text = asked.IsOneRow ? TextOfOne(asked.Statement) : TextOfMany(asked.Statement);
        if (!asked.IsChecked) return text;

        // Behind the commit it would be too late to count the rows that were found, so the server divides by whether it found all.
        var all = asked.IsOneRow ? "1" : $"${asked.Statement.Columns.Count + 1}";
        return $"WITH found AS ({text} RETURNING 1) SELECT 1 / (count(*) = {all})::int FROM found";
    }

    /// <summary>As it was written: a list of one costs the server more than the row.</summary>
    private static string TextOfOne(RowStatement statement)
    {
        var numbers = NumbersOf(statement);
        return DoNothing().Replace(Name().Replace(statement.Sql, match => $"${numbers[match.Groups[1].Value]}"), "");
    }

    private static Dictionary<string, int> NumbersOf(RowStatement statement) =>
        statement.Columns.Select((column, index) => (column.Name, Number: index + 1)).ToDictionary(column => column.Name, column => column.Number);

    /// <summary>
    /// With the rows read out of numbered parameters, which the driver sends as they are: the columns of an INSERT stand in the
    /// order of VALUES, any other statement joins the rows by name.
    /// </summary>
    private static string TextOfMany(RowStatement statement)
    {
        var numbers = NumbersOf(statement);
        if (!statement.Sql.StartsWith("INSERT ", StringComparison.Ordinal))
        {
            // Behind a query the planner does not see how long the lists are, so it has no reason to plan each time anew.
            var arrays = string.Join(", ", statement.Columns.Select(column => $"(SELECT ${numbers[column.Name]})"));
            var names = string.Join(", ", statement.Columns.Select(column => $"\"{column.Name}\""));
            var joined = statement.Sql.StartsWith("DELETE ", StringComparison.Ordinal) ? "USING" : "FROM";
            return Where().Replace(Name().Replace(statement.Sql, "given.\"$1\""), $"{joined} unnest({arrays}) AS given ({names})\nWHERE ", 1);
        }

        var rows = Values().Replace(Name().Replace(statement.Sql, match => $"${numbers[match.Groups[1].Value]}"), "SELECT * FROM unnest($1)", 1);
        return DoNothing().Replace(rows, "");
    }

    [GeneratedRegex(@"^INSERT INTO (?<table>\w+) \((?<columns>[\w\s,]+)\)\s*VALUES \((?<values>[@\w\s,]+)\)(\s*ON CONFLICT( \([\w\s,]+\))? DO NOTHING)?\s*$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\bWHERE\s")]
    private static partial Regex Where();

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Name();

    [GeneratedRegex(@"\s*ON CONFLICT( \([^()]*\))? DO NOTHING")]
    private static partial Regex DoNothing();

    [GeneratedRegex(@"VALUES\s*\(([^()]*)\)")]
    private static partial Regex Values();
}
