using Microsoft.EntityFrameworkCore;
using Relier.EntityFramework;

namespace EntityFrameworkShop;

/// <summary>The shop's own database model, with Relier's tables to read beside its orders.</summary>
public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Order>().HasKey(order => order.Number);
        modelBuilder.UseRelierTables();
    }
}

/// <summary>What somebody bought in the shop.</summary>
public sealed class Order
{
    public required string Number { get; init; }

    public required string Phone { get; init; }

    public required string Amount { get; init; }

    /// <summary>The top-up that delivers it.</summary>
    public string? TopUp { get; set; }
}
