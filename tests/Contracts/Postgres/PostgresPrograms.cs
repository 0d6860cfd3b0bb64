using System.Diagnostics;

namespace Relier.Contracts;

/// <summary>Where PostgreSQL's programs are, and how to run them as a user it accepts.</summary>
internal sealed class PostgresPrograms
{
    private const string Variable = "RELIER_POSTGRES_BIN";
    private const string ServerUser = "postgres";
    private static readonly TimeSpan RunMax = TimeSpan.FromSeconds(60);
    private static readonly string[] Names = ["initdb", "pg_ctl", "postgres", "psql"];

    private readonly string _directory;
    private readonly string[] _asServerUser;

    private PostgresPrograms(string directory, string[] asServerUser)
    {
        _directory = directory;
        _asServerUser = asServerUser;
    }

    public static async Task<PostgresPrograms> FindAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("A PostgresCluster runs on Linux and macOS only.");
        var directory = FindDirectory();
        string[] asServerUser = Environment.IsPrivilegedProcess ? await AsServerUserAsync(cancellationToken) : [];
        return new PostgresPrograms(directory, asServerUser);
    }

    public string[] CommandLine(string program) => [.. _asServerUser, Path.Combine(_directory, program)];

    /// <summary>Makes a directory that only the server's user can enter.</summary>
    public Task CreateDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        string[] owner = _asServerUser.Length > 0 ? ["-o", ServerUser] : [];
        return ExecuteAsync(["install", "-d", "-m", "700", .. owner, path], cancellationToken);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed, or took longer than a minute.</exception>
    public Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken) =>
        ExecuteAsync([.. CommandLine(program), .. arguments], cancellationToken);

    public static ProcessStartInfo StartInfo(string[] commandLine)
    {
        // The server's user may not be allowed to enter our own directory.
        var start = new ProcessStartInfo(commandLine[0], commandLine[1..]) { WorkingDirectory = "/" };
        // PGHOST, PGOPTIONS and their like are meant for the developer's own server.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private static string FindDirectory()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen)
            return IsComplete(chosen) ? chosen : throw new InvalidOperationException($"{Variable} is '{chosen}', where {string.Join(", ", Names)} are not all found.");
        return Installed().Concat(OnPath()).FirstOrDefault(IsComplete)
            ?? throw new InvalidOperationException(
                $"PostgreSQL's {string.Join(", ", Names)} are not found under /usr/lib/postgresql nor on the PATH. Install them (apt-get install postgresql), or set {Variable} to their directory.");
    }

    private static bool IsComplete(string directory) => Names.All(name => File.Exists(Path.Combine(directory, name)));

    private static IEnumerable<string> Installed()
    {
        const string root = "/usr/lib/postgresql";
        return Directory.Exists(root)
            ? Directory.GetDirectories(root).OrderByDescending(Version).Select(version => Path.Combine(version, "bin"))
            : [];
    }

    private static int Version(string directory) => int.TryParse(Path.GetFileName(directory), out var version) ? version : 0;

    // Links lead to the directory that has all the programs.
    private static IEnumerable<string> OnPath() =>
        from directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        let initdb = new FileInfo(Path.Combine(directory, "initdb"))
        where initdb.Exists
        select Path.GetDirectoryName(initdb.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? initdb.FullName)!;

    // setpriv opens no login session, which runuser does, and which a container may forbid.
    private static async Task<string[]> AsServerUserAsync(CancellationToken cancellationToken)
    {
        string group;
        try
        {
            group = (await ExecuteAsync(["id", "-g", ServerUser], cancellationToken)).Trim();
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"PostgreSQL refuses to run as root, and there is no user '{ServerUser}' to run it as. Install PostgreSQL's server package (apt-get install postgresql), or add that user.", e);
        }
        return File.Exists("/usr/bin/setpriv")
            ? ["/usr/bin/setpriv", $"--reuid={ServerUser}", $"--regid={group}", "--init-groups", "--"]
            : ["runuser", "-u", ServerUser, "--"];
    }

    private static async Task<string> ExecuteAsync(string[] commandLine, CancellationToken cancellationToken)
    {
        var start = StartInfo(commandLine);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RunMax);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0
                ? await output
                : throw new InvalidOperationException($"{string.Join(' ', commandLine)} ended with exit code {process.ExitCode}:\n{await error}{await output}");
        }
        catch (OperationCanceledException)
        {
            // Not its children: a server that pg_ctl has started already is stopped in order by the keeper.
            process.Kill();
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException($"{string.Join(' ', commandLine)} took longer than {RunMax.TotalSeconds} seconds.");
        }
    }
}
