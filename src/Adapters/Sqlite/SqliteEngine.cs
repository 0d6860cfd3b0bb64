using System.Runtime.InteropServices;
using SQLitePCL;

namespace Relier.Sqlite;

/// <summary>
/// Which SQLite runs. The package brings its own, which works everywhere; the operating system's is usually newer and is
/// patched with the system.
/// </summary>
public static class SqliteEngine
{
    private const string Bundled = "e_sqlite3";

    /// <summary>3.35.0: the first with RETURNING, which our statements need.</summary>
    private const int VersionNumberMin = 3_035_000;

    private static readonly Lock Choice = new();
    private static bool _systemLibrary;

    /// <summary>The version of the engine that runs: <c>3.40.1</c>. Reading it settles which that is.</summary>
    public static string Version
    {
        get
        {
            Load();
            return raw.sqlite3_libversion().utf8_to_string();
        }
    }

    /// <summary>Whether the operating system's library runs.</summary>
    public static bool IsSystemLibrary
    {
        get
        {
            Load();
            return _systemLibrary;
        }
    }

    /// <summary>
    /// Prefers the operating system's library, if there is one of at least 3.35, else the bundled one stays; the answer
    /// says which. For the program itself to call, once, before anything else in the process uses SQLite: it changes
    /// what every other user of the same driver in the process gets, so a library must not decide it. Throws
    /// <see cref="InvalidOperationException"/> when it is too late or the program has its own resolver for the driver.
    /// </summary>
    public static bool UseSystemLibrary()
    {
        lock (Choice)
        {
            if (_systemLibrary) return true;
            if (IsLoaded) throw new InvalidOperationException("SQLite is already in use; choose the engine before.");
            if (SystemLibrary() is not { } library) return false;

            NativeLibrary.SetDllImportResolver(
                typeof(SQLite3Provider_e_sqlite3).Assembly,
                (name, _, _) => name == Bundled ? library : IntPtr.Zero);
            return _systemLibrary = true;
        }
    }

    /// <summary>Makes the chosen engine ready. One that the program made ready itself is left as it is.</summary>
    internal static void Load()
    {
        lock (Choice)
        {
            if (!IsLoaded) Batteries_V2.Init();
        }
    }

    /// <summary>Whether the driver has an engine. It has no other way to say no than to throw.</summary>
    private static bool IsLoaded
    {
        get
        {
            try
            {
                return raw.GetNativeLibraryName() is not null;
            }
            catch (Exception)
            {
                return false;
            }
        }
    }

    private static IntPtr? SystemLibrary()
    {
        string[] names =
            OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
            : OperatingSystem.IsMacOS() ? ["/usr/lib/libsqlite3.dylib"]
            : ["libsqlite3.so.0"];
        foreach (var name in names)
        {
            if (!NativeLibrary.TryLoad(name, out var library)) continue;
            if (NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var export)
                && Marshal.GetDelegateForFunctionPointer<VersionNumber>(export)() >= VersionNumberMin)
                return library;
            NativeLibrary.Free(library);
        }

        return null;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}
