using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Testing;

/// <summary>A server of the tests' own, on UDP and TCP of one port of the loopback interface, that does what a script says.</summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    private readonly Socket? _udp;
    private readonly Socket? _tcp;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _tasks = [];
    private readonly Func<FakeQuery, Task> _script;
    private readonly SslServerAuthenticationOptions? _tls;
    private int _connections;

    /// <summary>Starts to listen.</summary>
    /// <param name="script">What to do with each query.</param>
    /// <param name="udp">Whether somebody listens on UDP.</param>
    /// <param name="tcp">Whether somebody listens on TCP.</param>
    /// <param name="tls">How connections are encrypted; null when they are not.</param>
    /// <param name="address">Where; a free port of 127.0.0.1 by default.</param>
    public FakeUpstream(Func<FakeQuery, Task> script, bool udp = true, bool tcp = true, IPEndPoint? address = null, SslServerAuthenticationOptions? tls = null)
    {
        _script = script;
        _tls = tls;
        for (int i = 0; ; i++)
        {
            // A port that is to stay closed is outside the range from which the system gives ports away.
            IPEndPoint wanted = address ?? new IPEndPoint(IPAddress.Loopback, udp ? 0 : Random.Shared.Next(10_000, 32_000));
            try
            {
                // UDP is bound in any case, to find a port that nobody has.
                _udp = new Socket(wanted.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
                _udp.Bind(wanted);
                Address = (IPEndPoint)_udp.LocalEndPoint!;
                if (tcp)
                {
                    _tcp = new Socket(wanted.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                    _tcp.Bind(Address);
                    _tcp.Listen();
                }

                break;
            }
            catch (SocketException) when (i < 20 && (address is null || address.Port == 0))
            {
                _udp?.Dispose();
                _tcp?.Dispose();
            }
        }

        if (udp)
        {
            _tasks.Add(Task.Run(ServeUdpAsync));
        }
        else
        {
            _udp.Dispose();
        }

        if (_tcp is not null)
        {
            _tasks.Add(Task.Run(ServeTcpAsync));
        }
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Every query that came.</summary>
    public ConcurrentQueue<FakeQuery> Queries { get; } = new();

    /// <summary>How many TCP connections were accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The certificate that each encrypted connection showed; null for none.</summary>
    public ConcurrentQueue<X509Certificate?> Shown { get; } = new();

    /// <summary>One that answers every query with an A record.</summary>
    public static FakeUpstream Answering(string address = "192.0.2.1") => new(q => q.SendAsync(q.Answer(address)));

    /// <summary>One that answers every query with an A record, but none before the task has ended.</summary>
    public static FakeUpstream AnsweringAfter(Task release, string address = "192.0.2.1") => new(async q =>
    {
        await release;
        await q.SendAsync(q.Answer(address));
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _udp?.Dispose();
        _tcp?.Dispose();
        await Task.WhenAll(_tasks.ToArray());
        _stopping.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        byte[] buffer = new byte[65_535];
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received = await _udp!.ReceiveFromAsync(buffer, new IPEndPoint(_udp.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), _stopping.Token);
                var from = (IPEndPoint)received.RemoteEndPoint;
                Run(new FakeQuery(buffer[..received.ReceivedBytes], isTcp: false, from, m => _udp.SendToAsync(m, from), () => { }));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Stopped, or an earlier reply met a closed port.
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket client = await _tcp!.AcceptAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                _ = ServeConnectionAsync(client);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeConnectionAsync(Socket client)
    {
        using Socket socket = client;
        using var plain = new NetworkStream(client);
        using SslStream? encrypted = _tls is null ? null : new SslStream(plain);
        Stream stream = encrypted ?? (Stream)plain;
        using var writing = new SemaphoreSlim(1);
        var from = (IPEndPoint)client.RemoteEndPoint!;
        byte[] prefix = new byte[2];
        try
        {
            if (encrypted is not null)
            {
                await encrypted.AuthenticateAsServerAsync(_tls!, _stopping.Token);
                Shown.Enqueue(encrypted.RemoteCertificate);
            }

            while (true)
            {
                await stream.ReadExactlyAsync(prefix, _stopping.Token);
                byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(message, _stopping.Token);
                Run(new FakeQuery(
                    message,
                    isTcp: true,
                    from,
                    async m =>
                    {
                        byte[] framed = new byte[m.Length + 2];
                        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)m.Length);
                        m.CopyTo(framed.AsMemory(2));
                        await writing.WaitAsync();
                        try
                        {
                            await stream.WriteAsync(framed);
                        }
                        finally
                        {
                            writing.Release();
                        }
                    },
                    client.Close));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
        {
            // The other side or the script closed it.
        }
    }

    private void Run(FakeQuery query)
    {
        Queries.Enqueue(query);
        _ = Task.Run(async () =>
        {
            try
            {
                await _script(query);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The test is over.
            }
        });
    }
}
