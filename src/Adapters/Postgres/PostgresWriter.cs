using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using Relier.Sql;
using Relier.Storage;

namespace Relier.Postgres;

/// <summary>
/// Many rows in one exchange: a statement for one row takes all its rows at once, what differs between them as a list per column, and where they
/// are very many they are copied. Rows that must not be there yet are inserted without asking first: the engine does much more for ON CONFLICT DO NOTHING, and a
/// transaction that meets such a row is given up anyway.
/// </summary>
internal static partial class PostgresWriter
{
    /// <summary>From so many rows on, an exchange of its own for a COPY is worth it.</summary>
    private const int CopiedFrom = 1_000;

    private static readonly ConcurrentDictionary<RowStatement, string> Singles = new();
    private static readonly ConcurrentDictionary<RowStatement, ManyRows> Manys = new();
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
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var write in writes.Where(write => write.Count > 0)) Add(batch, write, isChecked: false);
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
        var touched = new Queue<int>(batch.BatchCommands.Cast<NpgsqlBatchCommand>().Select(command => (int)command.RecordsAffected));
        return [.. writes.Select(write => write.Count > 0 ? touched.Dequeue() : 0)];
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
        var many = rows.Count == 1 ? null : ManyFor(statement, rows);
        var text = many?.Text ?? Singles.GetOrAdd(statement, TextOfOne);
        var command = new NpgsqlBatchCommand(text);
        for (var i = 0; i < statement.Columns.Count; i++)
        {
            var column = statement.Columns[i];
            command.Parameters.Add(many?.Varies[i] == true ? new NpgsqlParameter { Value = column.ValuesOf(rows) } : ParameterOf(column, rows[0]));
        }

        if (isChecked && statement.Stale.Length > 0)
        {
            // Behind the commit it would be too late to count the rows that were found, so the server divides by whether it found all.
            command.CommandText = $"WITH found AS ({text} RETURNING 1) SELECT 1 / (count(*) = ${statement.Columns.Count + 1})::int FROM found";
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = rows.Count });
        }

        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter ParameterOf(RowColumn column, object row) =>
        new() { NpgsqlDbType = column.IsText ? NpgsqlDbType.Text : NpgsqlDbType.Bigint, Value = column.ValueOf(row) ?? DBNull.Value };

    /// <summary>As it was written: a list of one costs the server more than the row.</summary>
    private static string TextOfOne(RowStatement statement)
    {
        var numbers = NumbersOf(statement);
        return DoNothing().Replace(Name().Replace(statement.Sql, match => $"${numbers[match.Groups[1].Value]}"), "");
    }

    private static Dictionary<string, int> NumbersOf(RowStatement statement) =>
        statement.Columns.Select((column, index) => (column.Name, Number: index + 1)).ToDictionary(column => column.Name, column => column.Number);

    /// <summary>The statement for these rows, and for all that differ in no other column.</summary>
    private static ManyRows ManyFor(RowStatement statement, IReadOnlyList<object> rows)
    {
        var known = Manys.GetOrAdd(statement, static (asked, first) => ManyRows.Of(asked, first), rows);
        return known.Holds(rows) ? known : Manys.AddOrUpdate(statement, _ => known.With(rows), (_, now) => now.With(rows));
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

    /// <summary>
    /// A statement over many rows. A column of an INSERT in which no two rows of one statement have differed so far is sent once, the others as a list each:
    /// orders of one reseller differ in three columns of thirty-four. Columns only ever become lists, so there are few texts to prepare.
    /// </summary>
    private sealed class ManyRows
    {
        private readonly RowStatement _statement;

        private ManyRows(RowStatement statement, bool[] varies)
        {
            // One list there must be: it says how many rows there are.
            varies[0] |= !varies.Contains(true);
            (_statement, Varies, Text) = (statement, varies, TextOf(statement, varies));
        }

        /// <summary>For each column whether it is sent as a list.</summary>
        public IReadOnlyList<bool> Varies { get; }

        public string Text { get; }

        public static ManyRows Of(RowStatement statement, IReadOnlyList<object> rows) =>
            new(statement, [.. statement.Columns.Select(column => !IsInsert(statement) || column.DiffersIn(rows))]);

        public bool Holds(IReadOnlyList<object> rows)
        {
            for (var i = 0; i < Varies.Count; i++)
                if (!Varies[i] && _statement.Columns[i].DiffersIn(rows)) return false;
            return true;
        }

        public ManyRows With(IReadOnlyList<object> rows) => new(_statement, [.. _statement.Columns.Select((column, i) => Varies[i] || column.DiffersIn(rows))]);

        private static bool IsInsert(RowStatement statement) => statement.Sql.StartsWith("INSERT ", StringComparison.Ordinal);

        private static string TextOf(RowStatement statement, bool[] varies)
        {
            var columns = statement.Columns.Select((column, i) => (column.Name, Number: $"${i + 1}", IsList: varies[i])).ToList();
            var values = columns.ToDictionary(column => column.Name, column => column.IsList ? $"given.\"{column.Name}\"" : column.Number);
            var lists = columns.Where(column => column.IsList).ToList();
            var names = string.Join(", ", lists.Select(column => $"\"{column.Name}\""));
            var text = Name().Replace(statement.Sql, match => values[match.Groups[1].Value]);
            if (IsInsert(statement))
            {
                var rows = $"FROM unnest({string.Join(", ", lists.Select(column => column.Number))}) AS given ({names})";
                return DoNothing().Replace(Values().Replace(text, match => $"SELECT {match.Groups[1].Value} {rows}", 1), "");
            }

            // Behind a query the planner does not see how long the lists are, so it has no reason to plan each time anew.
            var joined = statement.Sql.StartsWith("DELETE ", StringComparison.Ordinal) ? "USING" : "FROM";
            return Where().Replace(text, _ => $"{joined} unnest({string.Join(", ", lists.Select(column => $"(SELECT {column.Number})"))}) AS given ({names})\nWHERE ", 1);
        }
    }
}
