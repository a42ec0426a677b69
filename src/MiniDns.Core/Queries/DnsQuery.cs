using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Queries;

/// <summary>One query on its way through the server. Pooled and mutable: never keep a reference after completing it.</summary>
/// <remarks>
/// There are two questions: the one that was <em>asked</em>, which the reply echoes octet for octet, and the one that the
/// chain <em>works on</em> (<see cref="LowerName"/>, <see cref="Type"/>), the same until a handler rewrites it.
/// </remarks>
public sealed class DnsQuery
{
    /// <summary>The largest message, in octets.</summary>
    public const int MaxMessageSize = ushort.MaxValue;

    /// <summary>The smallest UDP reply limit: what a client without EDNS can take (RFC 1035 §2.3.4).</summary>
    public const int MinUdpSize = 512;

    private const int KeptOptions = 4096;

    private readonly byte[] _lower = new byte[DnsNameView.MaxLength + 1];
    private readonly int _udpLimit;
    private readonly bool _isPinned;
    private int _lowerLength;
    private object?[] _slots = [];
    private TsigResponder? _responder;
    private IReplyObserver?[] _observers = [];
    private int _observerCount;
    private byte[] _options = [];
    private int _optionsLength;
    private uint _stamp;
    private volatile bool _isAbandoned;

    /// <summary>Makes a query object with buffers of its own.</summary>
    /// <param name="receiveSize">Octets of the receive buffer.</param>
    /// <param name="sendSize">Octets of the send buffer, and the most that a UDP reply from it can have.</param>
    /// <param name="pinned">True when a system call will be given the buffers' addresses.</param>
    /// <param name="firstSendSize">Octets of the send buffer before a longer reply makes it grow; <paramref name="sendSize"/> when null.</param>
    public DnsQuery(int receiveSize, int sendSize, bool pinned = false, int? firstSendSize = null)
    {
        ReceiveBuffer = GC.AllocateUninitializedArray<byte>(receiveSize, pinned);
        SendBuffer = GC.AllocateUninitializedArray<byte>(firstSendSize ?? sendSize, pinned);
        _udpLimit = sendSize;
        _isPinned = pinned;
    }

    /// <summary>Where the transport puts the message.</summary>
    public byte[] ReceiveBuffer { get; private set; }

    /// <summary>Where the reply is encoded.</summary>
    public byte[] SendBuffer { get; private set; }

    /// <summary>The message's length in octets.</summary>
    public int WireLength { get; private set; }

    /// <summary>The message as it was received.</summary>
    public ReadOnlySpan<byte> Wire => ReceiveBuffer.AsSpan(0, WireLength);

    /// <summary>The message's header.</summary>
    public DnsHeader Header { get; private set; }

    /// <summary>The offset after the asked question; <see cref="DnsHeader.Size"/> when there is none.</summary>
    public int QuestionEnd { get; private set; }

    /// <summary>The asked question's octets: name as sent, type, class.</summary>
    public ReadOnlySpan<byte> AskedQuestion => ReceiveBuffer.AsSpan(DnsHeader.Size, QuestionEnd - DnsHeader.Size);

    /// <summary>The asked name, case as sent.</summary>
    public DnsNameView AskedName => new(ReceiveBuffer.AsSpan(DnsHeader.Size, QuestionEnd - DnsHeader.Size - 4));

    /// <summary>The name that the chain works on, in lower case.</summary>
    public DnsNameView LowerName => new(_lower.AsSpan(0, _lowerLength));

    /// <summary>The hash of <see cref="LowerName"/>.</summary>
    public ulong NameHash { get; private set; }

    /// <summary>The type that the chain works on.</summary>
    public DnsRecordType Type { get; private set; }

    /// <summary>The class that the chain works on.</summary>
    public DnsRecordClass Class { get; private set; }

    /// <summary>What the query's OPT record says.</summary>
    public EdnsView Edns { get; private set; }

    /// <summary>The EDNS options that the handlers behind work on and an upstream is sent, in wire form: the client's, until a handler
    /// sets others.</summary>
    public ReadOnlySpan<byte> EdnsOptions => HasOwnEdnsOptions ? _options.AsSpan(0, _optionsLength) : Wire.Slice(Edns.OptionsOffset, Edns.OptionsLength);

    /// <summary>True when a handler set <see cref="EdnsOptions"/>: an upstream is then sent OPT, whether the client sent it or not.</summary>
    public bool HasOwnEdnsOptions { get; private set; }

    /// <summary>True when a client subnet (RFC 7871) among <see cref="EdnsOptions"/> is a handler's doing, so that it is to be sent on.</summary>
    public bool HasOwnSubnet { get; private set; }

    /// <summary>True when the reply has an OPT record: when the query had one, or a handler wants it all the same.</summary>
    public bool RepliesWithEdns { get; set; }

    /// <summary>True when an upstream is asked for the name in lower case, as it stands here, and not in random case: some that are asked
    /// only for names of a rule's making compare octets.</summary>
    public bool KeepsNameCase { get; set; }

    /// <summary>True when a handler on the way back gives names in the answer other names (<c>rewrite</c>). They may belong together where
    /// nothing in the message says so, and whoever judges them has to do it before.</summary>
    public bool RenamesAnswer { get; set; }

    /// <summary>What answers the query's COOKIE option; null when it has none, or nobody does.</summary>
    public CookieJar? Cookies { get; set; }

    /// <summary>Where the query's TSIG record starts (RFC 8945); 0 when it has none.</summary>
    public int TsigOffset { get; private set; }

    /// <summary>What checked the query's signature and signs the reply; null when nobody did.</summary>
    public TsigResponder? Tsig { get; private set; }

    /// <summary>True when the client wants DNSSEC records (DO).</summary>
    public bool DnssecOk => Edns.DnssecOk;

    /// <summary>True when the reply's length is not to tell what was asked: the query came encrypted, and padded (RFC 8467 §4).</summary>
    public bool WantsPadding => Edns.HasPadding && Transport is DnsTransport.Tls or DnsTransport.Https;

    /// <summary>How the query came.</summary>
    public DnsTransport Transport { get; private set; }

    /// <summary>Who asked.</summary>
    public ClientAddress Client { get; set; }

    /// <summary>The address the query was sent to.</summary>
    public ClientAddress Local { get; set; }

    /// <summary>When the query arrived, as a timestamp of the server's <see cref="TimeProvider"/>.</summary>
    public long ReceivedAt { get; set; }

    /// <summary>The zone of the server block that the query was routed to.</summary>
    public DnsName Zone { get; set; } = DnsName.Root;

    /// <summary>How many queries of the server itself led to this one; 0 for a client's.</summary>
    public int Depth { get; set; }

    /// <summary>The query whose answer this one's goes into; null for a client's own.</summary>
    /// <remarks>A question in the background may outlive its parent: nothing that matters may be read from it then.</remarks>
    public DnsQuery? Parent { get; set; }

    /// <summary>True when who the client is decided about a question of the server's own that the answer to this one rests on
    /// (<c>acl</c>): what comes of it is for this client and not to be kept for others.</summary>
    public bool IsForOneClient { get; private set; }

    /// <summary>The trace that the client says its query is a part of: the header <c>traceparent</c> (W3C Trace Context) of DNS over HTTPS, as it was
    /// sent. Null when there is none.</summary>
    public string? TraceParent { get; set; }

    /// <summary>What the transport needs to route and answer the query; meaningless to plugins.</summary>
    public object? Origin { get; set; }

    /// <summary>The reply.</summary>
    public DnsResponse Response { get; } = new();

    /// <summary>The most octets that the reply may have: the client's limit, which a handler may lower.</summary>
    public int MaxReplySize { get; set; }

    /// <summary>False when so many queries wait already that this one must be answered at once or not at all. A handler that
    /// would wait for somebody else then says <see cref="DnsOutcome.Dropped"/>; what is in memory is still answered.</summary>
    public bool MayWait { get; set; } = true;

    /// <summary>What the query waits for, when that can let go of it early; set by whoever makes it wait, and cleared by the same.</summary>
    public IQueryWait? Wait { get; set; }

    /// <summary>True when nobody wants the reply any more. Whoever works on the query ends it as soon as it can, with
    /// <see cref="DnsOutcome.Dropped"/>; nothing that it might still answer is sent.</summary>
    public bool IsAbandoned => _isAbandoned;

    /// <summary>The messages that follow the first one; null for an ordinary reply. Ignored over UDP.</summary>
    public IReplySequence? Continuation { get; set; }

    /// <summary>The address that the query came to.</summary>
    public ServerEndpoint Endpoint { get; set; } = ServerEndpoint.None;

    /// <summary>The last plugin that the query got to, where that is kept track of; null elsewhere.</summary>
    public PluginMark? Answerer { get; set; }

    /// <summary>Takes down what takes how long, for a query that is traced; null for all others.</summary>
    public QuerySpans? Spans { get; set; }

    /// <summary>The span of <see cref="Spans"/> that what is done now belongs to.</summary>
    public int Span { get; set; }

    /// <summary>Why the query failed, when a handler said so.</summary>
    public DnsFailure? Failure { get; private set; }

    /// <summary>Looks at a message of <paramref name="length"/> octets in <see cref="ReceiveBuffer"/> and starts a new life as it.</summary>
    /// <param name="length">The message's length in octets.</param>
    /// <param name="transport">How it came.</param>
    public QueryVerdict Begin(int length, DnsTransport transport)
    {
        _stamp++;
        WireLength = length;
        Transport = transport;
        QuestionEnd = DnsHeader.Size;
        _lowerLength = 0;
        Type = default;
        Class = default;
        Edns = default;
        ResetEdnsOptions();
        RepliesWithEdns = false;
        KeepsNameCase = false;
        RenamesAnswer = false;
        Cookies = null;
        TsigOffset = 0;
        Tsig = null;
        Failure = null;
        Continuation = null;
        Answerer = null;
        ForgetObservers();
        Spans = null;
        Wait = null;
        _isAbandoned = false;
        Depth = 0;
        Parent = null;
        IsForOneClient = false;
        Zone = DnsName.Root;
        Response.Clear();
        MaxReplySize = transport == DnsTransport.Udp ? MinUdpSize : MaxMessageSize;
        if (!DnsHeader.TryRead(Wire, out DnsHeader header))
        {
            Header = default;
            return QueryVerdict.Drop;
        }

        Header = header;
        if (header.IsResponse)
        {
            return QueryVerdict.Drop;
        }

        // Even a message that is turned down is read as far as it goes: the reply echoes its question and its OPT.
        bool isWellFormed = header.QuestionCount == 1 && TryReadQuestion() && TryReadRecords();
        if (header.Opcode is not (DnsOpcode.Query or DnsOpcode.Notify))
        {
            return QueryVerdict.NotImplemented;
        }

        return !isWellFormed || !Edns.HasRightCookieLength ? QueryVerdict.FormatError
            : Edns.Version != 0 ? QueryVerdict.BadVersion
            : header.Opcode == DnsOpcode.Notify ? QueryVerdict.Notification : QueryVerdict.Accept;
    }

    /// <summary>True when somebody waits for the query's end.</summary>
    public bool IsObserved => _observerCount > 0;

    /// <summary>Has an observer see the query when its reply is encoded. Those that asked first see it first.</summary>
    public void Observe(IReplyObserver observer)
    {
        if (_observerCount == _observers.Length)
        {
            // Once in the life of a pooled query: there are as many as plugins that look on.
            Array.Resize(ref _observers, _observerCount + 4);
        }

        _observers[_observerCount++] = observer;
    }

    /// <summary>Tells the observers, if there are any, at the first call; called by what sends the reply.</summary>
    /// <param name="replyLength">The reply's length in octets, and it lies in <see cref="SendBuffer"/>; 0 when none is sent.</param>
    public void NoteFinished(int replyLength)
    {
        for (int i = 0; i < _observerCount; i++)
        {
            _observers[i]!.Finished(this, replyLength);
        }

        ForgetObservers();
        Spans = null;
    }

    /// <summary>Replies REFUSED, without records.</summary>
    public DnsOutcome Refuse()
    {
        Response.SetEmpty(DnsResponseCode.Refused);
        return DnsOutcome.Replied;
    }

    /// <summary>Replies with a code and no records.</summary>
    public DnsOutcome Reply(DnsResponseCode code)
    {
        Response.SetEmpty(code);
        return DnsOutcome.Replied;
    }

    /// <summary>Replies with a code because something went wrong, and says what, for the log.</summary>
    /// <param name="code">The response code.</param>
    /// <param name="reason">What went wrong.</param>
    /// <param name="cause">The exception behind it, if there was one.</param>
    public DnsOutcome Fail(DnsResponseCode code, string reason, Exception? cause = null) => Fail(new DnsFailure(code, reason, cause));

    /// <summary>Replies with a failure; a failure that happens often is made once and shared.</summary>
    public DnsOutcome Fail(DnsFailure failure)
    {
        Failure = failure;
        Response.SetEmpty(failure.Code);
        return DnsOutcome.Replied;
    }

    /// <summary>Says that nobody wants the reply any more. Only for whoever waits for the query's end, and only before that.</summary>
    /// <returns>False when others depend on the query: it goes on.</returns>
    public bool TryAbandon()
    {
        if (Wait is { } wait && !wait.TryLetGo(this))
        {
            return false;
        }

        _isAbandoned = true;
        return true;
    }

    /// <summary>Says that another client might get another answer, to all queries that this one's answer goes into.</summary>
    /// <param name="itself">True to say it of this query's own answer too: what stands before the caller must not keep it either.</param>
    public void KeepForClient(bool itself = false)
    {
        IsForOneClient |= itself;
        DnsQuery? query = Parent;
        for (int i = 0; i < Plugins.IQueryRunner.MaxDepth && query is not null; i++)
        {
            query.IsForOneClient = true;
            query = query.Parent;
        }
    }

    /// <summary>Forgets a failure: a handler found another way to answer.</summary>
    public void ClearFailure() => Failure = null;

    /// <summary>Makes the chain work on another question; the reply still echoes the asked one.</summary>
    /// <param name="name">The name; it may be this query's own.</param>
    /// <param name="type">The type.</param>
    public void SetQuestion(DnsNameView name, DnsRecordType type)
    {
        name.CopyLowerTo(_lower);
        _lowerLength = name.Length;
        NameHash = LowerName.Hash;
        Type = type;
    }

    /// <summary>Makes the chain work on another question; the reply still echoes the asked one.</summary>
    /// <param name="name">The name; it may be this query's own.</param>
    /// <param name="type">The type.</param>
    /// <param name="class">The class.</param>
    public void SetQuestion(DnsNameView name, DnsRecordType type, DnsRecordClass @class)
    {
        SetQuestion(name, type);
        Class = @class;
    }

    /// <summary>Gives the handlers behind this one, and upstreams, other EDNS options than the client's.</summary>
    /// <param name="options">All options, in wire form and whole; copied.</param>
    /// <param name="hasOwnSubnet">True when a client subnet among them is not the client's own.</param>
    public void SetEdnsOptions(ReadOnlySpan<byte> options, bool hasOwnSubnet)
    {
        if (_options.Length < options.Length)
        {
            _options = new byte[(int)BitOperationsRoundUp(options.Length)];
        }

        options.CopyTo(_options);
        _optionsLength = options.Length;
        HasOwnEdnsOptions = true;
        HasOwnSubnet = hasOwnSubnet;
    }

    /// <summary>Goes back to the client's EDNS options.</summary>
    public void ResetEdnsOptions()
    {
        // A rare long list does not stay in the memory of a pooled query for ever.
        if (_options.Length > KeptOptions)
        {
            _options = [];
        }

        HasOwnEdnsOptions = false;
        HasOwnSubnet = false;
    }

    /// <summary>Checks the query's TSIG record; from then on the reply is signed, or tells what is wrong with the signature.</summary>
    /// <param name="keys">The keys that are known.</param>
    /// <param name="time">The clock.</param>
    public TsigStatus VerifyTsig(TsigKeyring keys, TimeProvider time)
    {
        Tsig = _responder ??= new TsigResponder();
        return Tsig.Verify(Wire, TsigOffset, keys, time);
    }

    /// <summary>Changes the header's flags for the handlers behind this one; RD is echoed in the reply as it stands at the end.</summary>
    /// <param name="flags">All sixteen bits, the opcode included.</param>
    public void SetFlags(ushort flags) => Header = Header with { Flags = flags };

    /// <summary>A handler's own state in this query; default at first use in each query.</summary>
    public ref T? Slot<T>(QuerySlot<T> slot)
    {
        if (slot.Index >= _slots.Length)
        {
            Array.Resize(ref _slots, slot.Index + 4);
        }

        // A pooled query outlives configurations: the place may hold what another plan kept there.
        SlotBox<T> box = _slots[slot.Index] as SlotBox<T> ?? NewBox(slot);
        if (box.Stamp != _stamp)
        {
            box.Stamp = _stamp;
            box.Value = default;
        }

        return ref box.Value;
    }

    /// <summary>Makes the receive buffer hold at least so many octets; what it held is lost.</summary>
    public void EnsureReceiveBuffer(int octets)
    {
        if (ReceiveBuffer.Length < octets)
        {
            ReceiveBuffer = GC.AllocateUninitializedArray<byte>((int)BitOperationsRoundUp(octets));
        }
    }

    /// <summary>Makes the send buffer hold at least so many octets; what it held is lost, but for so many octets as are to be kept.</summary>
    public void EnsureSendBuffer(int octets, int kept = 0)
    {
        if (SendBuffer.Length < octets)
        {
            byte[] old = SendBuffer;
            SendBuffer = GC.AllocateUninitializedArray<byte>((int)BitOperationsRoundUp(octets), _isPinned);
            old.AsSpan(0, kept).CopyTo(SendBuffer);
        }
    }

    /// <summary>Writes a query message of the server's own into <see cref="ReceiveBuffer"/>, ready for <see cref="Begin"/>.</summary>
    /// <param name="name">The name to ask.</param>
    /// <param name="type">The type to ask.</param>
    /// <param name="class">The class to ask.</param>
    /// <param name="flags">Header flags: RD, CD, AD.</param>
    /// <param name="dnssecOk">Adds an OPT record with DO.</param>
    /// <returns>The message's length in octets.</returns>
    public int WriteQuestion(DnsNameView name, DnsRecordType type, DnsRecordClass @class, ushort flags, bool dnssecOk)
    {
        Span<byte> at = ReceiveBuffer;
        new DnsHeader(0, flags, 1, 0, 0, (ushort)(dnssecOk ? 1 : 0)).Write(at);
        at = at[DnsHeader.Size..];
        name.Wire.CopyTo(at);
        at = at[name.Length..];
        BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)@class);
        int length = DnsHeader.Size + name.Length + 4;
        if (dnssecOk)
        {
            ReadOnlySpan<byte> opt = [0, 0, 41, 0x10, 0, 0, 0, 0x80, 0, 0, 0];
            opt.CopyTo(at[4..]);
            length += opt.Length;
        }

        return length;
    }

    /// <summary>A pooled query outlives configurations: it must not keep what belongs to one.</summary>
    private void ForgetObservers()
    {
        for (; _observerCount > 0; _observerCount--)
        {
            _observers[_observerCount - 1] = null;
        }
    }

    private static uint BitOperationsRoundUp(int octets) => System.Numerics.BitOperations.RoundUpToPowerOf2((uint)octets);

    private SlotBox<T> NewBox<T>(QuerySlot<T> slot)
    {
        var box = new SlotBox<T>();
        _slots[slot.Index] = box;
        return box;
    }

    private bool TryReadQuestion()
    {
        ReadOnlySpan<byte> rest = Wire[DnsHeader.Size..];
        if (!DnsNameView.TryRead(rest, out DnsNameView name) || rest.Length < name.Length + 4)
        {
            return false;
        }

        Class = (DnsRecordClass)BinaryPrimitives.ReadUInt16BigEndian(rest[(name.Length + 2)..]);
        QuestionEnd = DnsHeader.Size + name.Length + 4;
        SetQuestion(name, (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(rest[name.Length..]));
        return true;
    }

    private bool TryReadRecords()
    {
        // An IXFR question carries a SOA in the authority section (RFC 1995 §3); nothing else has business outside the
        // additional section, and nobody needs more than OPT, TSIG and a signature there.
        if (Header.AnswerCount > 1 || Header.AuthorityCount > 1 || Header.AdditionalCount > 3)
        {
            return false;
        }

        int records = Header.AnswerCount + Header.AuthorityCount + Header.AdditionalCount;
        var reader = new DnsReader(Wire, QuestionEnd);
        for (int i = 0; i < records; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return false;
            }

            if (record.Type == DnsRecordType.TSIG)
            {
                // The last record, or the message is malformed (RFC 8945 §5.1).
                if (i != records - 1 || Header.AdditionalCount == 0 || reader.Position != WireLength)
                {
                    return false;
                }

                TsigOffset = record.OwnerOffset;
            }
            else if (record.Type == DnsRecordType.OPT)
            {
                if (Edns.IsPresent || i < Header.AnswerCount + Header.AuthorityCount || !EdnsView.TryRead(Wire, record, out EdnsView edns))
                {
                    return false;
                }

                Edns = edns;
                RepliesWithEdns = true;
                if (Transport == DnsTransport.Udp)
                {
                    MaxReplySize = Math.Clamp(edns.UdpPayloadSize, MinUdpSize, Math.Max(MinUdpSize, _udpLimit));
                }
            }
        }

        return true;
    }

    private sealed class SlotBox<T>
    {
        public T? Value;
        public uint Stamp;
    }
}
