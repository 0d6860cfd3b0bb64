using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relier.Scenarios.Chaos;

/// <summary>What becomes of a COMMIT whose connection is cut.</summary>
public enum CommitCut
{
    /// <summary>The server never gets it: nothing was done.</summary>
    BeforeTheServer,

    /// <summary>Cut as soon as it was passed on: done or not, nobody knows.</summary>
    OnItsWay,

    /// <summary>The server did it and said so; the answer is not passed on.</summary>
    BeforeTheAnswer,
}

/// <summary>
/// The line between a host and its PostgreSQL, on the loopback address and not encrypted. It can be cut, at any moment or at a
/// COMMIT.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private const int BufferBytes = 256 * 1024;
    private static readonly CommitCut[] Cuts = Enum.GetValues<CommitCut>();
    private static readonly byte[] Commit = [(byte)'Q', 0, 0, 0, 11, .. "COMMIT"u8, 0];

    /// <summary>The same behind statements that are sent with it.</summary>
    private static readonly byte[] CommitWithOthers = [(byte)'P', 0, 0, 0, 14, 0, .. "COMMIT"u8, 0, 0, 0];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<Line, bool> _lines = new();
    private readonly int _target;
    private readonly Task _accepting;
    private Aim? _aim;
    private int _commits;
    private int _commitsCut;

    public TcpProxy(int targetPort)
    {
        _target = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Of so many commits one is cut, in each of the ways in turn; 0 for none.</summary>
    public int CutsOneCommitOf { get; set; }

    /// <summary>How many commits were cut.</summary>
    public int CommitsCut => Volatile.Read(ref _commitsCut);

    /// <summary>The next commit of a transaction that has sent this text is cut, once.</summary>
    public void CutCommitOf(string statement, CommitCut cut) => Volatile.Write(ref _aim, new Aim(statement, cut));

    /// <summary>Cuts all that is connected now; who connects again is let through.</summary>
    public void CutAll()
    {
        foreach (var line in _lines.Keys) line.Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_over.Token));
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        var line = new Line(client, server);
        _lines[line] = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(PassToServerAsync(line), PassToClientAsync(line));
        }
        catch (SocketException)
        {
            // The server is away, and so is the line.
        }
        finally
        {
            line.Cut();
            _lines.TryRemove(line, out _);
        }
    }

    private async Task PassToServerAsync(Line line)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await line.Client.ReceiveAsync(buffer) is > 0 and var count)
            {
                var cut = CutOf(line, buffer.AsSpan(0, count));
                if (cut == CommitCut.BeforeTheServer) return;
                if (cut == CommitCut.BeforeTheAnswer) line.Swallows = true;
                for (var sent = 0; sent < count;) sent += await line.Server.SendAsync(buffer.AsMemory(sent, count - sent));
                if (cut == CommitCut.OnItsWay) return;
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
        }
    }

    private static async Task PassToClientAsync(Line line)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await line.Server.ReceiveAsync(buffer) is > 0 and var count)
            {
                if (line.Swallows) return;
                for (var sent = 0; sent < count;) sent += await line.Client.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
        }
    }

    private CommitCut? CutOf(Line line, ReadOnlySpan<byte> sent)
    {
        var aim = Volatile.Read(ref _aim);
        if (aim is not null && sent.IndexOf(aim.Statement) >= 0) line.HasSaid = aim;
        if (sent.IndexOf(Commit) < 0 && sent.IndexOf(CommitWithOthers) < 0) return null;

        var said = line.HasSaid;
        line.HasSaid = null;
        if (said is not null && Interlocked.CompareExchange(ref _aim, null, said) == said) return Counted(said.Cut);
        if (CutsOneCommitOf is not (> 0 and var share) || Interlocked.Increment(ref _commits) % share != 0) return null;
        return Counted(Cuts[CommitsCut % Cuts.Length]);
    }

    private CommitCut Counted(CommitCut cut)
    {
        Interlocked.Increment(ref _commitsCut);
        return cut;
    }

    private sealed record Aim(byte[] Statement, CommitCut Cut)
    {
        public Aim(string statement, CommitCut cut)
            : this(Encoding.UTF8.GetBytes(statement), cut)
        {
        }
    }

    private sealed class Line(Socket client, Socket server)
    {
        public Socket Client => client;

        public Socket Server => server;

        /// <summary>What the transaction under way has said that somebody waits for.</summary>
        public Aim? HasSaid { get; set; }

        /// <summary>The next answer of the server is kept back, and the line cut.</summary>
        public volatile bool Swallows;

        public void Cut()
        {
            // With a time of zero, the other end is told by a reset instead of a farewell.
            client.Close(0);
            server.Close(0);
        }
    }
}
