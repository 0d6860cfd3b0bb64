using System.Reflection;
using FluentAssertions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using NUnit.Framework;
using Relier.EntityFramework;

namespace Relier.Adapters.Tests.EntityFramework;

/// <summary>The model has what the database has, and reads what is there; nothing is listed here, so that a new table or column without its mapping is named.</summary>
public sealed class TableTests
{
    private const string Columns = """
        SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type || CASE c.is_nullable WHEN 'YES' THEN ' null' ELSE '' END
        FROM information_schema.columns AS c
        JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name LIKE 'relier\_%'
        """;

    private const string Keys = """
        SELECT t.table_name || ' (' || string_agg(k.column_name, ', ' ORDER BY k.ordinal_position) || ')'
        FROM information_schema.table_constraints AS t
        JOIN information_schema.key_column_usage AS k ON k.constraint_schema = t.constraint_schema AND k.constraint_name = t.constraint_name
        WHERE t.table_schema = 'public' AND t.constraint_type = 'PRIMARY KEY' AND t.table_name LIKE 'relier\_%'
        GROUP BY t.table_name
        """;

    private Storefront _store = null!;
    private StoreContext _context = null!;

    [OneTimeSetUp]
    public async Task Begin()
    {
        _store = await Storefront.OpenAsync();
        _context = _store.Context();
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await _context.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Test]
    public async Task Every_column_of_every_table_is_mapped_with_its_type_and_whether_it_may_be_missing() =>
        Mapped(_context).Should().BeEquivalentTo(await _store.TextsAsync(Columns));

    [Test]
    public async Task Every_table_is_mapped_with_its_key()
    {
        var keys = RelierTables.RowTypes.Select(type => type.GetCustomAttribute<RelierTableAttribute>()!)
            .Select(table => $"{table.Table} ({string.Join(", ", table.Key.Select(RelierTables.ColumnOf))})");

        keys.Should().BeEquivalentTo(await _store.TextsAsync(Keys));
    }

    [Test]
    public async Task A_column_and_a_table_without_their_mapping_are_named()
    {
        await using var store = await Storefront.OpenAsync();
        await store.ExecuteAsync("ALTER TABLE relier_topup ADD COLUMN colour TEXT; CREATE TABLE relier_colour (tenant_id TEXT NOT NULL PRIMARY KEY)");
        await using var context = store.Context();

        (await store.TextsAsync(Columns)).Except(Mapped(context)).Should().BeEquivalentTo("relier_topup.colour text null", "relier_colour.tenant_id text");
    }

    [Test]
    public async Task Every_row_is_read_as_it_is_stored_also_where_nothing_is()
    {
        await using var store = await Storefront.OpenAsync();
        await using var context = store.Context();
        await store.FillAsync(
            from type in RelierTables.RowTypes from property in context.Model.FindEntityType(type)!.GetProperties() where property.ClrType == typeof(bool) select property.GetColumnName());

        foreach (var type in RelierTables.RowTypes)
        {
            var entity = context.Model.FindEntityType(type)!;
            var stored = await store.RowsAsync(entity.GetViewName()!);
            stored.Should().HaveCountGreaterThanOrEqualTo(2, entity.GetViewName());
            Read(context, entity).Should().BeEquivalentTo(stored, entity.GetViewName());
        }
    }

    [Test]
    public void Units_are_what_they_say()
    {
        var rate = new ExchangeRateRow { TenantId = "t", Base = "MXN", Quote = "USD", AsOfMicros = 1_795_176_000_000_001, RateBillionths = 54_400_000, Source = "bank" };
        var hold = new HoldRow { TenantId = "t", Subject = "RLR1", AccountId = "a", AmountMicros = 1_090_000, Currency = "USD", State = "open", OpenedAtMicros = 0 };

        rate.Rate.Should().Be(0.0544m);
        rate.AsOf.Should().Be(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero).AddTicks(10));
        (hold.Amount, hold.OpenedAt, hold.EndedAt).Should().Be((1.09m, DateTimeOffset.UnixEpoch, null));
        RelierUnits.MicrosOf(rate.AsOf).Should().Be(1_795_176_000_000_001);
        RelierUnits.MicrosOf(DateTimeOffset.UnixEpoch.AddTicks(-1)).Should().Be(-1, "the microsecond it lies in");
        RelierUnits.MicrosOf(1.09m).Should().Be(1_090_000);
        FluentActions.Invoking(() => RelierUnits.MicrosOf(0.0000001m)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Test]
    public async Task Rows_are_read_afresh_and_never_tracked()
    {
        await using var store = await Storefront.OpenAsync();
        await using var context = store.Context();
        var before = await context.Set<AccountRow>().SingleAsync(row => row.TenantId == "main");

        await store.OrderAsync("A-1");

        (await context.Set<AccountRow>().SingleAsync(row => row.TenantId == "main")).Held.Should().Be(before.Held + 20.00m);
        context.ChangeTracker.Entries().Should().BeEmpty();
    }

    [Test]
    public async Task Rows_cannot_be_written()
    {
        var row = new TenantRow { Id = "x", Name = "X", Zone = "UTC", CreatedAtMicros = 0 };

        FluentActions.Invoking(() => _context.Add(row)).Should().Throw<InvalidOperationException>().WithMessage("Unable to track*TenantRow*");
        FluentActions.Invoking(() => _context.Remove(row)).Should().Throw<InvalidOperationException>();
        await FluentActions.Awaiting(() => _context.Set<TenantRow>().ExecuteDeleteAsync()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*not mapped to a table*");
        await FluentActions.Awaiting(() => _context.Set<TenantRow>().ExecuteUpdateAsync(set => set.SetProperty(tenant => tenant.Name, "Y")))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*not mapped to a table*");
        (await _store.CountAsync("relier_tenant")).Should().Be(2);
    }

    [Test]
    public void Migrations_of_the_application_know_nothing_of_the_tables()
    {
        _context.Database.GenerateCreateScript().Should().Contain("shop_order").And.NotContain("relier_");
        _context.Model.GetRelationalModel().Tables.Select(table => table.Name).Should().Equal("shop_order");
    }

    [Test]
    public void The_schema_is_the_one_that_is_said()
    {
        using var context = new ElsewhereContext();

        context.Model.FindEntityType(typeof(TopUpRow))!.GetViewSchema().Should().Be("billing");
        context.Set<TopUpRow>().ToQueryString().Should().Contain("FROM billing.relier_topup");
    }

    [Test]
    public async Task Flags_and_bounds_can_be_asked_for()
    {
        var since = RelierUnits.MicrosOf(DateTimeOffset.UnixEpoch);

        (await _context.Set<JobRow>().CountAsync(row => !row.IsDead && row.RunAtMicros >= since)).Should().Be(0);
    }

    private static IEnumerable<string> Mapped(DbContext context) =>
        from type in RelierTables.RowTypes
        let entity = context.Model.FindEntityType(type)!
        from property in entity.GetProperties()
        select $"{entity.GetViewName()}.{property.GetColumnName()} {property.GetColumnType()}{(property.IsNullable ? " null" : "")}";

    private static IEnumerable<IDictionary<string, object?>> Read(DbContext context, IEntityType entity)
    {
        var rows = (IEnumerable<object>)typeof(DbContext).GetMethod(nameof(DbContext.Set), [])!.MakeGenericMethod(entity.ClrType).Invoke(context, null)!;
        return rows.ToList().Select(row => entity.GetProperties().ToDictionary(
            property => property.GetColumnName(),
            property => property.PropertyInfo!.GetValue(row) is bool flag ? (flag ? 1L : 0L) : property.PropertyInfo.GetValue(row)));
    }

    private sealed class ElsewhereContext : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseNpgsql(new NpgsqlConnectionStringBuilder { Host = "nowhere" }.ConnectionString);

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.UseRelierTables("billing");
    }
}
