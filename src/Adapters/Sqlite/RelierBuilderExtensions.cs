using Relier.Sqlite;

namespace Relier;

/// <summary>Choosing SQLite.</summary>
public static class SqliteRelierBuilderExtensions
{
    /// <summary>Keeps everything in one SQLite file: <c>Data Source=relier.db</c>. Bring its schema up to date with <see cref="Storage.IStorage.MigrateAsync"/>.</summary>
    public static RelierBuilder UseSqlite(this RelierBuilder builder, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseStorage(_ => SqliteStorage.Create(connectionString));
    }
}
