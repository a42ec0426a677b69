using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.CommandLine;

/// <summary>Asks one server one question: UDP with retries, TCP when the answer is cut or TCP is wanted.</summary>
internal sealed class QueryClient(IPEndPoint server, TimeSpan timeout, TimeProvider time)
{
    /// <summary>What fits through nearly every network (DNS flag day 2020), in octets.</summary>
    private const ushort UdpSize = 1232;

    /// <summary>Makes a question with an id that nobody can guess and an OPT record.</summary>
    public static byte[] Question(QuestionWords words)
    {
        ReadOnlySpan<byte> name = words.Name!.View.Wire;
        byte[] message = new byte[DnsHeader.Size + name.Length + 4 + 11];
        ushort flags = words.Recurse ? DnsHeader.RecursionDesiredFlag : (ushort)0;
        new DnsHeader((ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), flags, 1, 0, 0, 1).Write(message);
        name.CopyTo(message.AsSpan(DnsHeader.Size));
        Span<byte> rest = message.AsSpan(DnsHeader.Size + name.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)words.Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)words.Class);
        rest = rest[5..];       // the root's single octet is zero
        BinaryPrimitives.WriteUInt16BigEndian(rest, 41);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], UdpSize);
        rest[6] = words.Dnssec ? (byte)0x80 : (byte)0;
        return message;
    }

    /// <summary>How long the answer took from when the question was sent.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Asks over UDP.</summary>
    /// <param name="question">The message.</param>
    /// <param name="tries">How often.</param>
    /// <returns>The answer; null when none came in time.</returns>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <remarks>It waits in the calling thread: starting what asynchronous sockets need takes longer than a server near by needs to answer,
    /// and <see cref="Elapsed"/> would tell of that.</remarks>
    public byte[]? AskUdp(byte[] question, int tries)
    {
        byte[] buffer = new byte[DnsQuery.MaxMessageSize];
        for (int i = 0; i < tries; i++)
        {
            // Each try from a port of its own, and only what comes from the server is taken.
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                socket.Connect(server);
                long start = time.GetTimestamp();
                socket.Send(question);
                while (time.GetElapsedTime(start) < timeout)
                {
                    socket.ReceiveTimeout = Left(start);
                    int length = socket.Receive(buffer);
                    Elapsed = time.GetElapsedTime(start);
                    if (Answers(buffer.AsSpan(0, length), question))
                    {
                        return buffer[..length];
                    }
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                // The next try.
            }
            catch (SocketException) when (i + 1 < tries)
            {
                // Refused, perhaps by a server that is just starting.
            }
        }

        return null;
    }

    /// <summary>Asks over TCP.</summary>
    /// <returns>The answer; null when none came in time.</returns>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<byte[]?> AskTcpAsync(byte[] question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await socket.ConnectAsync(server, limit.Token);
            using var stream = new NetworkStream(socket);
            byte[] framed = new byte[2 + question.Length];
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
            question.CopyTo(framed, 2);
            long start = time.GetTimestamp();
            stream.Write(framed);
            while (time.GetElapsedTime(start) < timeout)
            {
                socket.ReceiveTimeout = Left(start);
                byte[] prefix = new byte[2];
                stream.ReadExactly(prefix);
                byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                stream.ReadExactly(message);
                Elapsed = time.GetElapsedTime(start);
                if (Answers(message, question))
                {
                    return message;
                }
            }

            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
        {
            return null;
        }
    }

    /// <summary>The milliseconds left of a try; at least one, as none would mean for ever.</summary>
    private int Left(long start) => Math.Max(1, (int)(timeout - time.GetElapsedTime(start)).TotalMilliseconds);

    /// <summary>True for a response with the question's id and, where it repeats a question, the same one.</summary>
    private static bool Answers(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        if (!DnsHeader.TryRead(message, out DnsHeader header) || !header.IsResponse || !message[..2].SequenceEqual(question[..2]))
        {
            return false;
        }

        int end = question.Length - 11;
        return header.QuestionCount == 0 || (message.Length >= end && message[DnsHeader.Size..end].SequenceEqual(question[DnsHeader.Size..end]));
    }
}
