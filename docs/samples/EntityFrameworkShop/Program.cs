if (args is not [var connectionString])
{
    Console.Error.WriteLine("usage: EntityFrameworkShop 'Host=…;Database=…;Username=…;Password=…'   (an empty PostgreSQL database)");
    return 64;
}

await EntityFrameworkShop.Shop.RunAsync(connectionString, Console.Out);
return 0;
