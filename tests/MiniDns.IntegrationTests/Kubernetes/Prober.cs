using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MiniDns.IntegrationTests.Kubernetes;

/// <summary>Asks a server over UDP, one question after the other, and knows how long each answer took.</summary>
internal sealed class Prober : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
    private readonly byte[] _received = new byte[4096];
    private ushort _id;

    public Prober(IPEndPoint server) => _socket.Connect(server);

    /// <summary>Asks for addresses.</summary>
    /// <returns>The answer's code, the first address in it, and the time it took.</returns>
    public (int Code, IPAddress? Address, TimeSpan Time) Ask(string name)
    {
        byte[] query = Query(name, ++_id);
        long since = Stopwatch.GetTimestamp();
        _socket.Send(query);
        int length;
        do
        {
            length = _socket.Receive(_received);
        }
        while (length < 12 || BinaryPrimitives.ReadUInt16BigEndian(_received) != _id);

        TimeSpan time = Stopwatch.GetElapsedTime(since);

        // The answer's owner is the question's name: a pointer of two octets, then type, class, TTL, length.
        int answers = BinaryPrimitives.ReadUInt16BigEndian(_received.AsSpan(6));
        int at = query.Length + 12;
        return (_received[3] & 15, answers > 0 && length >= at + 4 ? new IPAddress(_received.AsSpan(at, 4)) : null, time);
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Query(string name, ushort id)
    {
        var query = new List<byte> { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (string label in name.Split('.'))
        {
            query.Add((byte)label.Length);
            query.AddRange(Encoding.ASCII.GetBytes(label));
        }

        query.AddRange([0, 0, 1, 0, 1]);
        return [.. query];
    }
}
