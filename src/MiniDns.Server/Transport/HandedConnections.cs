using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace MiniDns.Server.Transport;

/// <summary>Gives connections that were accepted, and encrypted, elsewhere to Kestrel, which takes them for its own.</summary>
internal sealed class HandedConnections(EndPoint address) : IConnectionListenerFactory, IConnectionListener
{
    // Not bounded here: as many come as are let in before.
    private readonly Channel<ConnectionContext> _waiting = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true });

    /// <inheritdoc/>
    public EndPoint EndPoint => address;

    /// <summary>Hands a connection over.</summary>
    /// <returns>False when no more are taken.</returns>
    public bool TryHand(ConnectionContext connection) => _waiting.Writer.TryWrite(connection);

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_waiting.Reader.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _waiting.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => UnbindAsync();
}
