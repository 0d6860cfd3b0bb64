using Npgsql;
using NpgsqlTypes;

namespace Relier.Postgres;

/// <summary>Rows of text and whole numbers by binary COPY.</summary>
internal static class PostgresCopy
{
    /// <summary>Sends the rows; how many they were.</summary>
    public static async Task<int> SendAsync(NpgsqlConnection connection, string copy, IEnumerable<IEnumerable<object?>> rows, CancellationToken cancellationToken)
    {
        await using var writer = await connection.BeginBinaryImportAsync(copy, cancellationToken);
        foreach (var row in rows)
        {
            await writer.StartRowAsync(cancellationToken);
            foreach (var cell in row)
            {
                if (cell is null) await writer.WriteNullAsync(cancellationToken);
                else if (cell is long number) await writer.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken);
                else await writer.WriteAsync((string)cell, NpgsqlDbType.Text, cancellationToken);
            }
        }

        return (int)await writer.CompleteAsync(cancellationToken);
    }
}
