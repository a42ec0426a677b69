using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Testing;

/// <summary>A primary of a test's own on loopback: it knows every version of its zones that was published, and answers SOA, AXFR and IXFR over TCP.</summary>
public sealed class FakePrimary : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, List<List<PrimaryRecord>>> _zones = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<PrimaryQuestion> _questions = new();
    private readonly ConcurrentDictionary<Socket, bool> _connections = new();
    private TcpListener _listener;
    private Task _accepting;
    private int _open;
    private int _mostOpen;

    /// <summary>Starts listening.</summary>
    public FakePrimary(IPAddress? address = null)
    {
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        Address = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<string> Questions => [.. _questions.Select(q => q.ToString())];

    /// <summary>Whether IXFR is answered with changes; else with the whole zone.</summary>
    public bool SendsChanges { get; set; } = true;

    /// <summary>How many records a message of a transfer has.</summary>
    public int RecordsPerMessage { get; set; } = 100;

    /// <summary>Whether a connection ends after each answer.</summary>
    public bool ClosesAfterAnswer { get; set; }

    /// <summary>Answers in its own way: messages, or null for the usual answer.</summary>
    public Func<PrimaryQuestion, IReadOnlyList<byte[]>?>? Script { get; set; }

    /// <summary>Answers only once this is completed.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The most questions that waited for their answers at one time.</summary>
    public int MostAtOnce => Volatile.Read(ref _mostOpen);

    /// <summary>Makes a version the zone's newest.</summary>
    /// <param name="zone">The zone's name.</param>
    /// <param name="text">All records, the SOA first.</param>
    public void Publish(string zone, string text)
    {
        List<List<PrimaryRecord>> versions = _zones.GetOrAdd(zone, _ => []);
        lock (versions)
        {
            versions.Add(PrimaryRecord.Parse(zone, text));
        }
    }

    /// <summary>Forgets a zone.</summary>
    public void Withdraw(string zone) => _zones.TryRemove(zone, out _);

    /// <summary>Stops listening and drops all connections.</summary>
    public async Task StopAsync()
    {
        _listener.Stop();
        foreach (Socket socket in _connections.Keys)
        {
            socket.Dispose();
        }

        await _accepting;
    }

    /// <summary>Listens again, at the same address.</summary>
    public void Restart()
    {
        _listener = new TcpListener(Address);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task AcceptAsync(TcpListener listener)
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync();
                _connections[socket] = true;
                serving.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            byte[] prefix = new byte[2];
            while (true)
            {
                await stream.ReadExactlyAsync(prefix);
                byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(message);
                var question = new PrimaryQuestion(message);
                _questions.Enqueue(question);
                int open = Interlocked.Increment(ref _open);
                int most;
                while ((most = Volatile.Read(ref _mostOpen)) < open && Interlocked.CompareExchange(ref _mostOpen, open, most) != most)
                {
                }

                await Gate;
                Interlocked.Decrement(ref _open);
                foreach (byte[] answer in Script?.Invoke(question) ?? Answer(question))
                {
                    byte[] framed = [(byte)(answer.Length >> 8), (byte)answer.Length, .. answer];
                    await stream.WriteAsync(framed);
                }

                if (ClosesAfterAnswer)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The client, or the test, has closed it.
        }
        finally
        {
            _connections.TryRemove(socket, out _);
        }
    }

    private List<byte[]> Answer(PrimaryQuestion question)
    {
        if (!_zones.TryGetValue(question.Zone, out List<List<PrimaryRecord>>? versions))
        {
            return [TransferMessage.Of(question.Id, question.Question, [], DnsResponseCode.NotAuthoritative)];
        }

        lock (versions)
        {
            List<PrimaryRecord> newest = versions[^1];
            IReadOnlyList<PrimaryRecord> records = question.Type switch
            {
                DnsRecordType.SOA => [newest[0]],
                DnsRecordType.AXFR => [.. newest, newest[0]],
                DnsRecordType.IXFR => Changes(versions, question.Serial),
                _ => [],
            };
            List<byte[]> messages = [];
            foreach (PrimaryRecord[] chunk in records.Chunk(RecordsPerMessage))
            {
                messages.Add(TransferMessage.Of(question.Id, messages.Count == 0 ? question.Question : [], chunk));
            }

            return messages;
        }
    }

    private IReadOnlyList<PrimaryRecord> Changes(List<List<PrimaryRecord>> versions, uint serial)
    {
        List<PrimaryRecord> newest = versions[^1];
        int from = versions.FindIndex(v => v[0].Serial == serial);
        if (from == versions.Count - 1)
        {
            return [newest[0]];
        }

        if (!SendsChanges || from < 0)
        {
            return [.. newest, newest[0]];
        }

        List<PrimaryRecord> changes = [newest[0]];
        for (; from < versions.Count - 1; from++)
        {
            List<PrimaryRecord> before = versions[from];
            List<PrimaryRecord> after = versions[from + 1];
            changes.Add(before[0]);
            changes.AddRange(before.Skip(1).Except(after));
            changes.Add(after[0]);
            changes.AddRange(after.Skip(1).Except(before));
        }

        changes.Add(newest[0]);
        return changes;
    }
}
