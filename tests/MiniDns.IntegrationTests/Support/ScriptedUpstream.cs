using System.Net;
using System.Net.Sockets;

namespace MiniDns.IntegrationTests.Support;

/// <summary>An upstream on the loopback interface that answers over UDP when a test lets it: every A query with one address.</summary>
internal sealed class ScriptedUpstream : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public ScriptedUpstream()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    /// <summary>Where it listens, <c>127.0.0.1:12345</c>.</summary>
    public string Address => _socket.LocalEndPoint!.ToString()!;

    /// <summary>Waits for a query.</summary>
    public async Task<(byte[] Query, EndPoint From)> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        byte[] buffer = new byte[4096];
        SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), deadline.Token);
        return (buffer[..received.ReceivedBytes], received.RemoteEndPoint);
    }

    /// <summary>Answers a query with 203.0.113.9.</summary>
    public async Task AnswerAsync((byte[] Query, EndPoint From) received)
    {
        (byte[] query, EndPoint from) = received;
        int endOfName = 12;
        while (query[endOfName] != 0)
        {
            endOfName += query[endOfName] + 1;
        }

        // The question as it came, one answer that points at its name; no OPT.
        int endOfQuestion = endOfName + 5;
        byte[] header = [query[0], query[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
        byte[] answer = [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 9];
        byte[] reply = [.. header, .. query.AsSpan(12, endOfQuestion - 12), .. answer];
        await _socket.SendToAsync(reply, SocketFlags.None, from);
    }

    public void Dispose() => _socket.Dispose();
}
