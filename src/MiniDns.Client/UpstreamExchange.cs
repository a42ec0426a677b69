using System.Buffers.Binary;
using System.Numerics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Client;

/// <summary>One message to an upstream and its answer. Made once and used again and again, for one try at a time.</summary>
public sealed class UpstreamExchange
{
    private const int InitialSize = 512;

    private byte[] _request = GC.AllocateUninitializedArray<byte>(InitialSize, pinned: true);
    private byte[] _response = new byte[InitialSize];
    private int _responseLength;

    /// <summary>Makes an exchange.</summary>
    /// <param name="observer">Who is told when a try ends.</param>
    public UpstreamExchange(IExchangeObserver observer) => Observer = observer;

    /// <summary>How the last try ended.</summary>
    public ExchangeStatus Status { get; internal set; }

    /// <summary>What the last try went over.</summary>
    public UpstreamProtocol Protocol { get; internal set; }

    /// <summary>When the last try was started, as a timestamp.</summary>
    public long StartedAt { get; internal set; }

    /// <summary>The message to send, without the id, which every try chooses anew.</summary>
    public ReadOnlySpan<byte> Request => _request.AsSpan(0, RequestLength);

    /// <summary>The answer, when the status is <see cref="ExchangeStatus.Answered"/>; its id means nothing.</summary>
    public ReadOnlySpan<byte> Response => _response.AsSpan(0, _responseLength);

    internal IExchangeObserver Observer { get; }

    internal byte[] RequestBuffer => _request;

    internal int RequestLength { get; private set; }

    /// <summary>The offset after the request's question.</summary>
    internal int QuestionEnd { get; private set; }

    internal ushort Id { get; set; }

    internal long Deadline { get; set; }

    /// <summary>The connection's count of how often this exchange was taken over to another connection.</summary>
    internal int Reconnects { get; set; }

    /// <summary>True when the connection was in use before this exchange came to it.</summary>
    internal bool OnKeptConnection { get; set; }

    /// <summary>Gives room for the message; <see cref="SetRequest"/> follows.</summary>
    /// <param name="octets">The most octets that will be written.</param>
    public Span<byte> BeginRequest(int octets)
    {
        if (_request.Length < octets)
        {
            _request = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)octets), pinned: true);
        }

        return _request;
    }

    /// <summary>Says how long the message is that was written.</summary>
    /// <param name="length">The message's length in octets.</param>
    /// <exception cref="ArgumentException">It is not a message with one question.</exception>
    public void SetRequest(int length)
    {
        ReadOnlySpan<byte> message = _request.AsSpan(0, length);
        if (!DnsHeader.TryRead(message, out DnsHeader header) || header.QuestionCount != 1
            || !DnsNameView.TryRead(message[DnsHeader.Size..], out DnsNameView name) || message.Length < DnsHeader.Size + name.Length + 4)
        {
            throw new ArgumentException("a message with one question is expected", nameof(length));
        }

        RequestLength = length;
        QuestionEnd = DnsHeader.Size + name.Length + 4;
    }

    internal void SetId(ushort id)
    {
        Id = id;
        BinaryPrimitives.WriteUInt16BigEndian(_request, id);
    }

    /// <summary>True when a message answers the request: a response to the same question, which it repeats in full. Ids are the caller's business.</summary>
    internal bool IsAnswer(ReadOnlySpan<byte> message)
    {
        // The octets of the question itself are compared, so a name that is as long but not the same is seen (RFC 5452 §9.1).
        if (!DnsHeader.TryRead(message, out DnsHeader header) || !header.IsResponse || header.Opcode != DnsOpcode.Query
            || header.QuestionCount != 1 || message.Length < QuestionEnd)
        {
            return false;
        }

        int nameLength = QuestionEnd - DnsHeader.Size - 4;
        ReadOnlySpan<byte> asked = Request[DnsHeader.Size..QuestionEnd];
        ReadOnlySpan<byte> answered = message[DnsHeader.Size..QuestionEnd];
        return new DnsNameView(asked[..nameLength]).Equals(new DnsNameView(answered[..nameLength]))
            && asked[nameLength..].SequenceEqual(answered[nameLength..]);
    }

    internal void TakeAnswer(ReadOnlySpan<byte> message)
    {
        if (_response.Length < message.Length)
        {
            _response = new byte[BitOperations.RoundUpToPowerOf2((uint)message.Length)];
        }

        message.CopyTo(_response);
        _responseLength = message.Length;
        Status = ExchangeStatus.Answered;
    }

    /// <summary>Takes an answer of which only the beginning is there: as one that says that it was cut.</summary>
    internal void TakeCutAnswer(ReadOnlySpan<byte> message)
    {
        TakeAnswer(message[..QuestionEnd]);
        DnsHeader.TryRead(message, out DnsHeader header);
        new DnsHeader(header.Id, (ushort)(header.Flags | DnsHeader.TruncatedFlag), 1, 0, 0, 0).Write(_response);
    }

    internal void Finish(ExchangeStatus status)
    {
        Status = status;
        Observer.Finished(this);
    }
}
