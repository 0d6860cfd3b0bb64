using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Relier.EntityFramework;

/// <summary>Relier's tables in an application's own EF Core model.</summary>
public static partial class RelierTables
{
    internal static IReadOnlyList<Type> RowTypes { get; } =
    [
        .. typeof(RelierTables).Assembly.GetTypes().Where(type => type.GetCustomAttribute<RelierTableAttribute>() is not null).OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Adds every table of Relier to the model, to be read with <c>context.Set&lt;TopUpRow&gt;()</c> and the like; call it in
    /// <c>OnModelCreating</c>. Rows are always read from the database and never tracked, so that a balance is what it is now.
    /// They cannot be written: <c>Add</c>, <c>ExecuteUpdate</c> and <c>ExecuteDelete</c> throw
    /// <see cref="InvalidOperationException"/>. Migrations of the context neither create nor change nor drop the tables:
    /// Relier's own do. All rows of all tenants are seen: filter by <c>TenantId</c>.
    /// </summary>
    /// <param name="modelBuilder">The model of the application's context.</param>
    /// <param name="schema">The schema that Relier's tables are in; null for the model's default schema, else the connection's search path.</param>
    public static ModelBuilder UseRelierTables(this ModelBuilder modelBuilder, string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        foreach (var type in RowTypes) Map(modelBuilder.Entity(type), type.GetCustomAttribute<RelierTableAttribute>()!.Table, schema ?? modelBuilder.Model.GetDefaultSchema());
        return modelBuilder;
    }

    /// <summary>The column of a property: <c>TopUpId</c> is topup_id, <c>FaceAmountMicros</c> is face_amount.</summary>
    internal static string ColumnOf(string property) =>
        Capital().Replace(Unit().Replace(property, "").Replace("TopUp", "Topup", StringComparison.Ordinal), "_$0").ToLowerInvariant();

    private static void Map(EntityTypeBuilder row, string table, string? schema)
    {
        var nulls = new NullabilityInfoContext();
        // As a view without a key: EF Core then refuses to track or write it, and its migrations pass over it.
        row.HasNoKey();
        row.ToView(table, schema);
        foreach (var property in row.Metadata.ClrType.GetProperties().Where(property => property.SetMethod is not null))
        {
            var column = row.Property(property.PropertyType, property.Name).HasColumnName(ColumnOf(property.Name));
            if (property.PropertyType == typeof(bool)) column.HasConversion<long>();
            column.HasColumnType(property.PropertyType == typeof(string) ? "text" : "bigint");
            // EF Core's own conventions take what is named Id for a key, and forget afterwards that it is never missing.
            column.IsRequired(nulls.Create(property).ReadState == NullabilityState.NotNull);
        }
    }

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex("(Micros|Billionths)$")]
    private static partial Regex Unit();
}
