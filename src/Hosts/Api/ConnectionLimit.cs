using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Relier.Api;

/// <summary>
/// Closes the connections beyond a number, each before the next one is accepted. The server's own limit closes them some time
/// later: a crowd that comes at once has then taken every file, and a server without files stops listening for good.
/// </summary>
internal sealed class ConnectionLimit(IConnectionListenerFactory listeners, long max) : IConnectionListenerFactory
{
    // Of all addresses together: they share the files of the process.
    private long _open;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await listeners.BindAsync(endpoint, cancellationToken), this);

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= max) return true;
        Leave();
        return false;
    }

    private void Leave() => Interlocked.Decrement(ref _open);

    private sealed class Listener(IConnectionListener listener, ConnectionLimit limit) : IConnectionListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await listener.AcceptAsync(cancellationToken) is { } connection)
            {
                if (limit.TryEnter()) return new Connection(connection, limit.Leave);
                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }

    /// <summary>Another's connection that tells when its file has been given back.</summary>
    private sealed class Connection(ConnectionContext connection, Action released) : ConnectionContext
    {
        private Action? _released = released;

        public override string ConnectionId { get => connection.ConnectionId; set => connection.ConnectionId = value; }

        public override IFeatureCollection Features => connection.Features;

        public override IDictionary<object, object?> Items { get => connection.Items; set => connection.Items = value; }

        public override IDuplexPipe Transport { get => connection.Transport; set => connection.Transport = value; }

        public override EndPoint? LocalEndPoint { get => connection.LocalEndPoint; set => connection.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => connection.RemoteEndPoint; set => connection.RemoteEndPoint = value; }

        public override CancellationToken ConnectionClosed { get => connection.ConnectionClosed; set => connection.ConnectionClosed = value; }

        public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);

        public override async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            Interlocked.Exchange(ref _released, null)?.Invoke();
        }
    }
}
