using System.Reflection;
using System.Runtime.Loader;
using Relier.Contracts;
using Relier.Sqlite;
using Relier.Storage;

namespace Relier.Adapters.Tests.Sql;

/// <summary>SQLite with the engine that the package brings.</summary>
[StorageContracts]
public sealed class OnSqlite : SqlEngine
{
    private static readonly SqliteFiles Files = new(SqliteStorage.Create);

    internal override string LiftGuards => SqliteFiles.LiftGuards;

    internal override Task<TestDatabase> CreateAsync(bool migrated = true) => Files.CreateAsync(migrated);
}

/// <summary>
/// SQLite with the operating system's engine. Which engine runs is settled once for each copy of the driver, so the
/// driver and what uses it are loaded a second time here: both engines run in one process, on different files.
/// </summary>
[StorageContracts]
public sealed class OnSystemSqlite : SqlEngine
{
    private static readonly Lazy<Assembly> Driver = new(() =>
    {
        var assembly = new SecondCopy().LoadFromAssemblyName(new AssemblyName("Relier.Sqlite"));
        var engine = assembly.GetType("Relier.Sqlite.SqliteEngine")!;
        return engine.GetMethod("UseSystemLibrary")!.Invoke(null, null) is true
            ? assembly
            : throw new InvalidOperationException("There is no libsqlite3 of at least 3.35 on this machine (apt-get install libsqlite3-0).");
    });

    private static readonly SqliteFiles Files = new(connectionString =>
        (IStorage)Driver.Value.GetType("Relier.Sqlite.SqliteStorage")!.GetMethod("Create")!.Invoke(null, [connectionString])!);

    internal static string Version =>
        (string)Driver.Value.GetType("Relier.Sqlite.SqliteEngine")!.GetProperty("Version")!.GetValue(null)!;

    internal override string LiftGuards => SqliteFiles.LiftGuards;

    internal override Task<TestDatabase> CreateAsync(bool migrated = true) => Files.CreateAsync(migrated);

    private sealed class SecondCopy() : AssemblyLoadContext("the operating system's SQLite")
    {
        private static readonly string[] Names =
        [
            "Relier.Sqlite", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", "SQLitePCLRaw.batteries_v2", "SQLitePCLRaw.provider.e_sqlite3",
        ];

        protected override Assembly? Load(AssemblyName name) =>
            Names.Contains(name.Name) ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll")) : null;
    }
}

/// <summary>Files for tests: copies of one that is migrated once, which is faster than migrating each.</summary>
internal sealed class SqliteFiles(Func<string, IStorage> open)
{
    public const string LiftGuards = "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'";

    private readonly Lazy<Task<string>> _template = new(async () =>
    {
        var file = NewFile();
        var storage = open(ConnectionString(file));
        await storage.MigrateAsync(default);
        await ((IAsyncDisposable)storage).DisposeAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(file);
        return file;
    });

    public async Task<TestDatabase> CreateAsync(bool migrated)
    {
        var file = NewFile();
        if (migrated) File.Copy(await _template.Value, file);
        return new TestDatabase(() => open(ConnectionString(file)), () =>
        {
            Delete(file);
            return ValueTask.CompletedTask;
        });
    }

    public static string NewFile() => Path.Combine(Path.GetTempPath(), $"relier-{Guid.NewGuid():N}.db");

    public static string ConnectionString(string file) => $"Data Source={file}";

    public static void Delete(string file)
    {
        foreach (var part in new[] { file, file + "-wal", file + "-shm" }) File.Delete(part);
    }
}
