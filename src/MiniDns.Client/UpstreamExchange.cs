using System.Buffers.Binary;
using System.Numerics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client;

/// <summary>One message to an upstream and its answer. Made once and used again and again, for one try at a time.</summary>
public sealed class UpstreamExchange
{
    // Most questions are short. There are many exchanges while upstreams are dead, and most of those never see an answer.
    private const int InitialSize = 128;
    private const int LeastResponse = 512;
    private const int OptFixedSize = 11;

    private byte[] _message = new byte[InitialSize];
    private byte[] _request = GC.AllocateUninitializedArray<byte>(InitialSize + UpstreamGuard.MaxAddition, pinned: true);
    private byte[] _response = [];
    private int _responseLength;
    private int _messageLength;
    private int _optAt;

    /// <summary>Makes an exchange.</summary>
    /// <param name="observer">Who is told when a try ends.</param>
    public UpstreamExchange(IExchangeObserver observer) => Observer = observer;

    /// <summary>How the last try ended.</summary>
    public ExchangeStatus Status { get; internal set; }

    /// <summary>What the last try went over.</summary>
    public UpstreamProtocol Protocol { get; internal set; }

    /// <summary>When the last try was started, as a timestamp.</summary>
    public long StartedAt { get; internal set; }

    /// <summary>The message to send, as it was written: every try chooses an id, and a case and a cookie where that makes sense.</summary>
    public ReadOnlySpan<byte> Request => _message.AsSpan(0, _messageLength);

    /// <summary>The answer, when the status is <see cref="ExchangeStatus.Answered"/>; its id means nothing.</summary>
    public ReadOnlySpan<byte> Response => _response.AsSpan(0, _responseLength);

    /// <summary>True to send the name in the case that the message has, for upstreams that compare octets. Set it after <see cref="SetRequest"/>.</summary>
    public bool KeepsCase { get; set; }

    /// <summary>True to offer a cookie only now and then to an upstream that has not sent one yet: the options of the message are somebody's choice. Set it
    /// after <see cref="SetRequest"/>.</summary>
    public bool OffersFewCookies { get; set; }

    internal IExchangeObserver Observer { get; }

    internal byte[] RequestBuffer => _request;

    /// <summary>The length in octets of what this try sends.</summary>
    internal int RequestLength { get; private set; }

    /// <summary>What this try sends.</summary>
    internal ReadOnlySpan<byte> Sent => _request.AsSpan(0, RequestLength);

    /// <summary>The offset after the request's question.</summary>
    internal int QuestionEnd { get; private set; }

    internal ushort Id { get; set; }

    internal long Deadline { get; set; }

    /// <summary>How long a try may take, in ticks of the clock.</summary>
    internal long Patience { get; set; }

    /// <summary>Whom the try is for.</summary>
    internal Upstream? Upstream { get; set; }

    /// <summary>Why the question is being asked over TCP instead.</summary>
    internal AnswerDoubt Doubt { get; set; }

    /// <summary>True when the answer over TCP repeated the case that was asked in.</summary>
    internal bool CheckRepeatedCase { get; private set; }

    /// <summary>True when the upstream has asked for another cookie once.</summary>
    internal bool HasAskedAgain { get; set; }

    /// <summary>How many letters of the name have a random case; 0 when it is the client's.</summary>
    internal int RandomizedLetters { get; private set; }

    /// <summary>True when the message ends with an OPT record.</summary>
    internal bool HasOpt => _optAt > 0;

    /// <summary>True when the message is nothing but a question.</summary>
    internal bool MayAddOpt { get; private set; }

    /// <summary>True when an option of ours was put into the request.</summary>
    internal bool HasAppendedOption => RequestLength > _messageLength;

    /// <summary>True when the upstream turned the message down with a cookie in it.</summary>
    internal bool WithoutCookie { get; set; }

    /// <summary>True when the answer has to have a cookie.</summary>
    internal bool ExpectsCookie { get; set; }

    /// <summary>The connection's count of how often this exchange was taken over to another connection.</summary>
    internal int Reconnects { get; set; }

    /// <summary>Gives room for the message; <see cref="SetRequest"/> follows.</summary>
    /// <param name="octets">The most octets that will be written.</param>
    public Span<byte> BeginRequest(int octets)
    {
        if (_message.Length < octets)
        {
            _message = new byte[BitOperations.RoundUpToPowerOf2((uint)octets)];
        }

        return _message;
    }

    /// <summary>Says how long the message is that was written.</summary>
    /// <param name="length">The message's length in octets.</param>
    /// <exception cref="ArgumentException">It is not a message with one question.</exception>
    public void SetRequest(int length)
    {
        ReadOnlySpan<byte> message = _message.AsSpan(0, length);
        if (!DnsHeader.TryRead(message, out DnsHeader header) || header.QuestionCount != 1
            || !DnsNameView.TryRead(message[DnsHeader.Size..], out DnsNameView name) || message.Length < DnsHeader.Size + name.Length + 4)
        {
            throw new ArgumentException("a message with one question is expected", nameof(length));
        }

        _messageLength = length;
        KeepsCase = false;
        OffersFewCookies = false;
        QuestionEnd = DnsHeader.Size + name.Length + 4;
        int records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        ReadOnlySpan<byte> rest = message[QuestionEnd..];
        MayAddOpt = records == 0 && rest.IsEmpty;
        _optAt = records == 1 && header.AdditionalCount == 1 && rest.Length >= OptFixedSize && rest is [0, 0, (byte)DnsRecordType.OPT, ..]
            && OptFixedSize + BinaryPrimitives.ReadUInt16BigEndian(rest[9..]) == rest.Length ? QuestionEnd : 0;
    }

    internal void SetId(ushort id)
    {
        Id = id;
        BinaryPrimitives.WriteUInt16BigEndian(_request, id);
    }

    /// <summary>Begins a try: what it sends is the message as it was written, until more is done to it.</summary>
    internal void BeginTry()
    {
        if (_request.Length < _messageLength + UpstreamGuard.MaxAddition)
        {
            _request = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)(_messageLength + UpstreamGuard.MaxAddition)), pinned: true);
        }

        Request.CopyTo(_request);
        RequestLength = _messageLength;
        RandomizedLetters = 0;
        ExpectsCookie = false;
    }

    /// <summary>Gives each letter of the name a random case.</summary>
    internal void RandomizeCase(UpstreamRandom random)
    {
        Span<byte> name = _request.AsSpan(DnsHeader.Size, QuestionEnd - DnsHeader.Size - 4);
        int bits = 0;
        int letters = 0;
        for (int i = 0; i < name.Length; i++)
        {
            // Length octets are below the letters.
            int octet = name[i];
            if ((uint)((octet | 0x20) - 'a') <= 'z' - 'a')
            {
                bits = (letters & 15) == 0 ? random.Next() : bits >> 1;
                name[i] = (byte)((octet & ~0x20) | (bits & 1) << 5);
                letters++;
            }
        }

        RandomizedLetters = letters;
    }

    /// <summary>True when a message that answers the request repeats its name octet for octet.</summary>
    internal bool RepeatsCase(ReadOnlySpan<byte> message) => message[DnsHeader.Size..QuestionEnd].SequenceEqual(Sent[DnsHeader.Size..QuestionEnd]);

    /// <summary>Puts an option behind those of the request's OPT record, which is made when there is none.</summary>
    internal void AppendOption(ReadOnlySpan<byte> option)
    {
        Span<byte> at = _request.AsSpan(_messageLength);
        if (HasOpt)
        {
            int length = _messageLength - _optAt - OptFixedSize + option.Length;
            BinaryPrimitives.WriteUInt16BigEndian(_request.AsSpan(_optAt + 9), (ushort)length);
            option.CopyTo(at);
            RequestLength = _messageLength + option.Length;
        }
        else
        {
            // The size is what holds without OPT, so that the answer is the one that the asker would get.
            ReadOnlySpan<byte> opt = [0, 0, (byte)DnsRecordType.OPT, 512 >> 8, 0, 0, 0, 0, 0, 0, (byte)option.Length];
            opt.CopyTo(at);
            option.CopyTo(at[OptFixedSize..]);
            _request[11] = 1;
            RequestLength = _messageLength + OptFixedSize + option.Length;
        }
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
            _response = new byte[Math.Max(LeastResponse, (int)BitOperations.RoundUpToPowerOf2((uint)message.Length))];
        }

        message.CopyTo(_response);
        _responseLength = message.Length;
        Status = ExchangeStatus.Answered;
        CheckRepeatedCase = RandomizedLetters == 0 || RepeatsCase(message);
        if (RandomizedLetters > 0)
        {
            WriteAskedCase();
        }
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
        if (Doubt != AnswerDoubt.None && Upstream!.GoesOn(this))
        {
            return;
        }

        Observer.Finished(this);
    }

    /// <summary>Nobody but us and the upstream sees the random case: names in the answer get the asker's.</summary>
    private void WriteAskedCase()
    {
        ReadOnlySpan<byte> asked = Request[DnsHeader.Size..(QuestionEnd - 4)];
        Span<byte> response = _response.AsSpan(0, _responseLength);
        asked.CopyTo(response[DnsHeader.Size..]);
        if (response.Length <= QuestionEnd || response[QuestionEnd] >= 0xC0)
        {
            return;     // owners are pointers to the question, as nearly everywhere
        }

        ReadOnlySpan<byte> sent = Sent.Slice(DnsHeader.Size, asked.Length);
        var reader = new DnsReader(response, QuestionEnd);
        while (reader.Position < response.Length && reader.TryReadRecord(out DnsRecordView record))
        {
            Span<byte> owner = response[record.OwnerOffset..];
            if (owner.StartsWith(sent))
            {
                asked.CopyTo(owner);
            }
        }
    }
}
