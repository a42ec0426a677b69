using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace MiniDns.Server.Transport;

/// <summary>TLS on one connection: takes the place of the connection's octets, whatever is spoken over them.</summary>
internal sealed class TlsSession : IDuplexPipe, ITlsConnectionFeature, ITlsApplicationProtocolFeature, IAsyncDisposable
{
    private const int BufferSize = 4096;

    private readonly SslStream _stream;

    private TlsSession(SslStream stream)
    {
        _stream = stream;

        // An idle connection reads nothing into nothing: its buffers are rented when octets come.
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(MemoryPool<byte>.Shared, BufferSize, leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(MemoryPool<byte>.Shared, BufferSize, leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>The client's certificate, when it showed one.</summary>
    public X509Certificate2? ClientCertificate
    {
        get => _stream.RemoteCertificate as X509Certificate2;
        set => throw new NotSupportedException();
    }

    public ReadOnlyMemory<byte> ApplicationProtocol => _stream.NegotiatedApplicationProtocol.Protocol;

    /// <summary>Makes the handshake; from then on the connection's octets are those inside.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up: the client takes too long.</param>
    /// <exception cref="AuthenticationException">It fails.</exception>
    /// <exception cref="IOException">The client goes.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static async Task<TlsSession> BeginAsync(ConnectionContext context, SslServerAuthenticationOptions options, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new PipeStream(context.Transport), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsServerAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var session = new TlsSession(stream);
        context.Transport = session;
        context.Features.Set<ITlsConnectionFeature>(session);
        context.Features.Set<ITlsApplicationProtocolFeature>(session);
        return session;
    }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

    /// <summary>Tells the client that nothing follows (close_notify), so that it can tell an end from an attack.</summary>
    public Task EndAsync() => _stream.ShutdownAsync();

    public ValueTask DisposeAsync()
    {
        // Nobody reads any more, but replies may still be under way to a client that has gone: the writer is left to the collector.
        Input.Complete();
        return _stream.DisposeAsync();
    }
}
