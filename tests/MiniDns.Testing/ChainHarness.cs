using System.Net;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Testing;

/// <summary>Drives handlers without a socket: a question in, octets out.</summary>
/// <remarks>Not for parallel use. <c>new ChainHarness(handler).Ask("www.example.org.", DnsRecordType.A)</c></remarks>
public sealed class ChainHarness(IDnsHandler handler)
{
    private static readonly DnsFailure NobodyClaimed = new(DnsResponseCode.ServerFailure, "no next plugin found");

    private readonly DnsQuery _query = new(4096, 4096);

    /// <summary>Whom the questions go to.</summary>
    public IDnsHandler Handler => handler;

    /// <summary>The query object of the last question.</summary>
    public DnsQuery Query => _query;

    /// <summary>The last outcome.</summary>
    public DnsOutcome Outcome { get; private set; }

    /// <summary>Who asks.</summary>
    public IPEndPoint Client { get; set; } = new(IPAddress.Loopback, 40000);

    /// <summary>Asks, and encodes the reply into the query's send buffer.</summary>
    /// <returns>The reply; empty when there is none.</returns>
    public ReadOnlyMemory<byte> Ask(string name, DnsRecordType type, bool dnssecOk = false, DnsTransport transport = DnsTransport.Udp, DnsRecordClass @class = DnsRecordClass.IN) =>
        AskAsync(name, type, dnssecOk, transport, @class).AsTask().GetAwaiter().GetResult();

    /// <summary>Asks, and encodes the reply into the query's send buffer.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(string name, DnsRecordType type, bool dnssecOk = false, DnsTransport transport = DnsTransport.Udp, DnsRecordClass @class = DnsRecordClass.IN)
    {
        Begin(name, type, dnssecOk, transport, @class);
        Outcome = await handler.HandleAsync(_query);
        return Encode();
    }

    /// <summary>Puts a question into the query object; <see cref="Run"/> then asks it, again and again.</summary>
    /// <returns>The message's length in octets.</returns>
    public int Begin(string name, DnsRecordType type, bool dnssecOk = false, DnsTransport transport = DnsTransport.Udp, DnsRecordClass @class = DnsRecordClass.IN)
    {
        int length = _query.WriteQuestion(DnsName.Parse(name).View, type, @class, 0x0100, dnssecOk);
        BeginAgain(length, transport);
        return length;
    }

    /// <summary>Starts the query object's next life with the message that is already in its receive buffer.</summary>
    public void BeginAgain(int length, DnsTransport transport = DnsTransport.Udp)
    {
        QueryVerdict verdict = _query.Begin(length, transport);
        if (verdict != QueryVerdict.Accept)
        {
            throw new InvalidOperationException($"the question was not accepted: {verdict}");
        }

        _query.Client = ClientAddress.From(Client);
    }

    /// <summary>Asks what <see cref="Begin"/> put in place; for a handler that completes synchronously. Allocates nothing itself.</summary>
    /// <returns>The reply's length in octets; 0 when there is none.</returns>
    public int Run()
    {
        ValueTask<DnsOutcome> pending = handler.HandleAsync(_query);
        Outcome = pending.IsCompletedSuccessfully ? pending.Result : throw new InvalidOperationException("the handler did not complete at once");
        return Finish();
    }

    private ReadOnlyMemory<byte> Encode()
    {
        // Encoding may put a larger buffer in place.
        int length = Finish();
        return length == 0 ? default : _query.SendBuffer.AsMemory(0, length);
    }

    /// <summary>Encodes the reply and tells who wants to know of it, as the server does.</summary>
    private int Finish()
    {
        int length = Outcome == DnsOutcome.Replied ? ResponseEncoder.Encode(_query) : 0;
        if (!_query.IsObserved)
        {
            return length;
        }

        if (Outcome == DnsOutcome.Unclaimed)
        {
            _query.Fail(NobodyClaimed);
            _query.NoteFinished(ResponseEncoder.Encode(_query));
            return 0;
        }

        _query.NoteFinished(length);
        return length;
    }
}
