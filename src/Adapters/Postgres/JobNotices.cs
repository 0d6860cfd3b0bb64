using Npgsql;

namespace Relier.Postgres;

/// <summary>
/// Says to other processes, and hears from them, that there are due jobs. A notice is nothing but haste: whoever misses one
/// finds the jobs by looking, so nothing here is ever worth an error.
/// </summary>
internal sealed class JobNotices(NpgsqlDataSource source, string connectionString)
{
    private const string Channel = "relier_jobs";

    /// <summary>Between two notices of one process: with any number of commits a second, others are woken a hundred times.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(10);

    /// <summary>Before a lost connection is made again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How often a silent connection is tried, so that one whose other end is gone is noticed.</summary>
    private const int KeepAliveSeconds = 15;

    private readonly string _self = Guid.NewGuid().ToString("N");
    private int _asked;

    /// <summary>Tells the others soon. Calls while one is under way become one more.</summary>
    public void Tell()
    {
        if (Interlocked.Increment(ref _asked) == 1) _ = Task.Run(SendAsync);
    }

    /// <summary>Calls at each notice of another process, and after each new connection, until cancelled.</summary>
    public async Task ListenAsync(Action wake, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await HearAsync(wake, cancellationToken);
            }
            catch (Exception)
            {
                // Cancelled, or the connection is lost or cannot be made: those who look find the jobs meanwhile.
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HearAsync(Action wake, CancellationToken cancellationToken)
    {
        // Its own connection, outside the pool: it is held for as long as the process lives.
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = KeepAliveSeconds }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        connection.Notification += (_, notice) =>
        {
            if (notice.Payload != _self) wake();
        };
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection)) await listen.ExecuteNonQueryAsync(cancellationToken);

        // What was said while nobody listened.
        wake();
        while (true) await connection.WaitAsync(cancellationToken);
    }

    private async Task SendAsync()
    {
        int told;
        do
        {
            told = Volatile.Read(ref _asked);
            try
            {
                await using var notify = source.CreateCommand("SELECT pg_notify($1, $2)");
                notify.Parameters.Add(new NpgsqlParameter { Value = Channel });
                notify.Parameters.Add(new NpgsqlParameter { Value = _self });
                await notify.ExecuteNonQueryAsync();
            }
            catch (Exception)
            {
                // Not told; those who look find the jobs.
            }

            await Task.Delay(Gap);
        }
        while (Interlocked.CompareExchange(ref _asked, 0, told) != told);
    }
}
