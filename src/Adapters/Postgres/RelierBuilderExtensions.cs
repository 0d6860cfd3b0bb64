using Relier.Postgres;

namespace Relier;

/// <summary>Choosing PostgreSQL.</summary>
public static class PostgresRelierBuilderExtensions
{
    /// <summary>Keeps everything in a PostgreSQL database: <c>Host=…;Database=…</c>. Bring its schema up to date with <see cref="Storage.IStorage.MigrateAsync"/>.</summary>
    public static RelierBuilder UsePostgres(this RelierBuilder builder, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseStorage(_ => PostgresStorage.Create(connectionString));
    }
}
