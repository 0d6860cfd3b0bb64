using System.Data.Common;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Relier.Contracts;

/// <summary>
/// A throw-away PostgreSQL server in a temporary directory, for tests on the real engine: empty, encoding UTF8,
/// locale C, time zone UTC, at most 200 connections, reachable on 127.0.0.1 with a password of its own.
/// <code>
/// await using var cluster = await PostgresCluster.StartAsync();
/// var connectionString = await cluster.CreateDatabaseAsync();
/// </code>
/// It needs the programs initdb, pg_ctl, postgres and psql (<c>apt-get install postgresql</c>), found in the directory
/// that RELIER_POSTGRES_BIN names, else the newest under /usr/lib/postgresql, else on the PATH; Linux and macOS.
/// PostgreSQL refuses to run as root: started by root, the server runs as the user postgres.
/// However this process ends, also killed, the server is stopped and its directory deleted shortly afterwards.
/// </summary>
/// <remarks>
/// Databases may be created from several threads; starting, stopping and disposing is one caller's business.
/// Start and stop wait at most 60 seconds, then throw <see cref="InvalidOperationException"/>.
/// </remarks>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Superuser = "relier";
    private const string WaitSeconds = "50";
    private const int PortAttemptsMax = 5;

    private static readonly Lazy<Task<PostgresCluster>> Shared = new(StartSharedAsync);

    private readonly PostgresPrograms _programs;
    private readonly string _directory;
    private readonly string _password = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly Process _keeper;
    private bool _isShared;
    private bool _isRunning;
    private bool _isDisposed;
    private int _databases;

    private PostgresCluster(PostgresPrograms programs, string directory)
    {
        _programs = programs;
        _directory = directory;
        _keeper = StartKeeper(programs, directory);
    }

    /// <summary>The TCP port on 127.0.0.1; it stays the same over a restart.</summary>
    public int Port { get; private set; }

    private string DataDirectory => Path.Combine(_directory, "data");

    private string SocketDirectory => Path.Combine(_directory, "socket");

    private string LogFile => Path.Combine(_directory, "log");

    /// <summary>Makes a new cluster and starts it; this takes one to three seconds.</summary>
    /// <param name="options">Absent: fast, on a free port.</param>
    /// <param name="cancellationToken">Cancelled: nothing is left behind.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed (the message says what to install), or
    /// does not start (the message has its words).</exception>
    public static async Task<PostgresCluster> StartAsync(PostgresClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PostgresClusterOptions();
        var programs = await PostgresPrograms.FindAsync(cancellationToken);
        // Short, because the path of a Unix socket may have 107 bytes at most.
        var directory = Path.Combine(Path.GetTempPath(), $"relier-pg-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var cluster = new PostgresCluster(programs, directory);
        try
        {
            await cluster.InitializeAsync(options, cancellationToken);
            await cluster.StartOnPortAsync(options.Port, cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The one cluster that all tests of this process share, with the default options; the first caller starts it. It is stopped
    /// and deleted when the process ends, and disposing it does nothing. Do not stop or restart it.
    /// </summary>
    /// <exception cref="InvalidOperationException">As for <see cref="StartAsync"/>; every caller gets it.</exception>
    public static Task<PostgresCluster> SharedAsync() => Shared.Value;

    /// <summary>How Npgsql reaches a database of this cluster, as its superuser. The database need not exist.</summary>
    public string ConnectionStringFor(string database) => new DbConnectionStringBuilder
    {
        ["Host"] = IPAddress.Loopback.ToString(),
        ["Port"] = Port,
        ["Database"] = database,
        ["Username"] = Superuser,
        ["Password"] = _password,
    }.ConnectionString;

    /// <summary>Makes an empty database with a name never used before in this cluster.</summary>
    /// <returns>Its connection string.</returns>
    /// <exception cref="InvalidOperationException">PostgreSQL refused, for example because it is stopped.</exception>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var database = $"relier_{Interlocked.Increment(ref _databases)}";
        await _programs.RunAsync(
            "psql",
            ["--no-psqlrc", "--quiet", "--host", SocketDirectory, "--port", $"{Port}", "--username", Superuser, "--dbname", "postgres", "--command", $"create database {database}"],
            cancellationToken);
        return ConnectionStringFor(database);
    }

    /// <summary>Stops the server, ending its connections, and starts it again on the same port and data. A stopped one is started.</summary>
    /// <param name="immediate">Stop as in a crash of the server: nothing is written first, and the start recovers from
    /// its log. What was committed is there again.</param>
    /// <param name="cancellationToken">Cancelled: the server may be stopped or running.</param>
    /// <exception cref="InvalidOperationException">It does not stop or start; the message has its words.</exception>
    public async Task RestartAsync(bool immediate, CancellationToken cancellationToken = default)
    {
        await StopAsync(immediate, cancellationToken);
        await StartServerAsync(cancellationToken);
    }

    /// <summary>
    /// Stops the server, ending its connections, and keeps the data: what an application meets when its database is
    /// down. <see cref="RestartAsync"/> brings it back. Stopping a stopped one does nothing.
    /// </summary>
    /// <param name="immediate">As for <see cref="RestartAsync"/>.</param>
    /// <param name="cancellationToken">Cancelled: the server may be stopped or running.</param>
    /// <exception cref="InvalidOperationException">It does not stop; the message has its words.</exception>
    public async Task StopAsync(bool immediate = false, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isRunning)
            return;
        await _programs.RunAsync("pg_ctl", ["stop", "--pgdata", DataDirectory, "--mode", immediate ? "immediate" : "fast", "--wait", "--timeout", WaitSeconds], cancellationToken);
        _isRunning = false;
    }

    /// <summary>Stops the server and deletes its directory. A second time, and on the shared cluster, it does nothing.</summary>
    /// <exception cref="InvalidOperationException">The directory is still there; the message says which.</exception>
    public async ValueTask DisposeAsync()
    {
        if (_isShared || _isDisposed)
            return;
        _isDisposed = true;
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
        _keeper.Dispose();
        if (Directory.Exists(_directory))
            throw new InvalidOperationException($"The PostgreSQL cluster in {_directory} could not be deleted; stop its server and delete the directory by hand.");
    }

    private static async Task<PostgresCluster> StartSharedAsync()
    {
        var cluster = await StartAsync();
        cluster._isShared = true;
        return cluster;
    }

    // The keeper is a shell that waits for the end of its input, which comes when we close it or when this process
    // ends in whatever way; then it stops the server and deletes the directory, more than once when an initdb or a
    // start was under way and still writes. It has a session of its own, so that a signal to our process group does
    // not end it too.
    private static Process StartKeeper(PostgresPrograms programs, string directory)
    {
        const string script = """
            exec >/dev/null 2>&1
            trap '' HUP INT TERM
            directory=$1
            shift
            cat
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
                "$@" stop --pgdata "$directory/data" --mode immediate --wait --timeout 10
                rm -rf -- "$directory" && exit
                sleep 0.5
            done
            """;
        string[] shell = ["sh", "-c", script, "relier-postgres-keeper", directory];
        string[] session = File.Exists("/usr/bin/setsid") ? ["/usr/bin/setsid"] : [];
        var start = PostgresPrograms.StartInfo([.. session, .. shell, .. programs.CommandLine("pg_ctl")]);
        start.RedirectStandardInput = true;
        return Process.Start(start)!;
    }

    private async Task InitializeAsync(PostgresClusterOptions options, CancellationToken cancellationToken)
    {
        await _programs.CreateDirectoryAsync(_directory, cancellationToken);
        await _programs.CreateDirectoryAsync(SocketDirectory, cancellationToken);
        var passwordFile = Path.Combine(_directory, "password");
        await File.WriteAllTextAsync(passwordFile, _password, cancellationToken);
        // Only the server's user and root can enter the socket's directory, so that no password is asked there.
        await _programs.RunAsync(
            "initdb",
            ["--pgdata", DataDirectory, "--username", Superuser, "--pwfile", passwordFile, "--auth-local", "trust", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
            cancellationToken);
        await File.AppendAllTextAsync(Path.Combine(DataDirectory, "postgresql.conf"), Settings(options.Fsync), cancellationToken);
    }

    private string Settings(bool fsync)
    {
        // synchronous_commit stays on: turning it off gains nothing measurable once fsync is off, and would lose the
        // last commits over an immediate restart.
        var durable = fsync ? "on" : "off";
        return $"""

            listen_addresses = '127.0.0.1'
            unix_socket_directories = '{SocketDirectory}'
            max_connections = 200
            shared_buffers = 128MB
            jit = off
            timezone = 'UTC'
            log_timezone = 'UTC'
            fsync = {durable}
            full_page_writes = {durable}

            """;
    }

    // Between looking for a free port and the server taking it, somebody else may.
    private async Task StartOnPortAsync(int port, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = port == 0 ? FreePort() : port;
            try
            {
                await StartServerAsync(cancellationToken);
                return;
            }
            catch (InvalidOperationException) when (port == 0 && attempt < PortAttemptsMax && ServerLog().Contains("Address already in use", StringComparison.Ordinal))
            {
            }
        }
    }

    private async Task StartServerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _programs.RunAsync(
                "pg_ctl",
                ["start", "--pgdata", DataDirectory, "--log", LogFile, "--options", $"-p {Port}", "--wait", "--timeout", WaitSeconds],
                cancellationToken);
            _isRunning = true;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{e.Message}\nThe server's log:\n{ServerLog()}", e);
        }
    }

    private string ServerLog() => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "(none)";

    // Below the range from which systems hand out ports by themselves (32768 and up): a port from there could be
    // taken by anybody's outgoing connection while the server restarts.
    private static int FreePort()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
        throw new InvalidOperationException("No free TCP port between 20000 and 31999 was found on 127.0.0.1.");
    }
}
