using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Queries;

/// <summary>The reply being assembled: records by reference, or a finished wire image. Reused from query to query.</summary>
/// <remarks>Setting one form drops the other. <see cref="ResponseEncoder"/> turns either into octets.</remarks>
public sealed class DnsResponse
{
    /// <summary>The most memory that synthesized records of one response may take, in octets.</summary>
    public const int ArenaLimit = 128 * 1024;

    /// <summary>The most octets of EDNS options a response carries.</summary>
    public const int OptionsLimit = 512;

    /// <summary>Memory that a response keeps from query to query, in octets; more is given back.</summary>
    private const int KeptMemory = 16 * 1024;

    // Memory comes when it is needed: a query that waits for an upstream needs none.
    private byte[] _options = [];
    private ResponseEntry[] _entries = [];
    private int _count;
    private byte[] _arena = [];
    private int _arenaUsed;
    private byte[] _wire = [];
    private int _wireLength;
    private ushort[] _wireTtls = [];
    private int _wireTtlCount;
    private WireImage? _image;
    private int _optionsLength;

    /// <summary>The response code; the bits above 15 are sent only to clients that speak EDNS.</summary>
    public DnsResponseCode Code { get; set; }

    /// <summary>The flags.</summary>
    public DnsResponseFlags Flags { get; set; }

    /// <summary>How the records are held.</summary>
    public ResponseForm Form { get; private set; }

    /// <summary>The records, when <see cref="Form"/> is <see cref="ResponseForm.Records"/>.</summary>
    public ReadOnlySpan<ResponseEntry> Entries => _entries.AsSpan(0, _count);

    /// <summary>What happens to the TTLs of a wire form.</summary>
    public TtlMode TtlMode { get; private set; }

    /// <summary>The seconds that <see cref="TtlMode"/> speaks of.</summary>
    public uint TtlSeconds { get; private set; }

    /// <summary>The message without OPT, when <see cref="Form"/> is <see cref="ResponseForm.Wire"/>; its id means nothing.</summary>
    public ReadOnlySpan<byte> WireMessage => _image is null ? _wire.AsSpan(0, _wireLength) : _image.Message;

    /// <summary>Where the TTLs of <see cref="WireMessage"/> stand.</summary>
    public ReadOnlySpan<ushort> WireTtlOffsets => _image is null ? _wireTtls.AsSpan(0, _wireTtlCount) : _image.TtlOffsets;

    /// <summary>The image that the response refers to, when it does.</summary>
    public WireImage? Image => _image;

    /// <summary>EDNS options to send, in wire form; left out of a reply without OPT (<see cref="DnsQuery.RepliesWithEdns"/>).</summary>
    public ReadOnlySpan<byte> Options => _options.AsSpan(0, _optionsLength);

    /// <summary>Adds an RRset by reference.</summary>
    public void Add(DnsSection section, in RRsetView records) => Add(section, records, records.Ttl);

    /// <summary>Adds an RRset by reference, with another TTL in seconds.</summary>
    public void Add(DnsSection section, in RRsetView records, uint ttl)
    {
        BecomeRecords();
        Push(new ResponseEntry(section, records, ttl, 0, 0));
    }

    /// <summary>Adds an RRset by reference under another owner (a wildcard's expansion, RFC 4592 §2.1).</summary>
    public void Add(DnsSection section, in RRsetView records, DnsNameView owner)
    {
        BecomeRecords();
        int at = Keep(owner.Wire);
        Push(new ResponseEntry(section, records, records.Ttl, at, owner.Length));
    }

    /// <summary>Adds one record, copied into the response's own memory.</summary>
    /// <param name="section">Where it goes.</param>
    /// <param name="owner">The owner name.</param>
    /// <param name="type">The type.</param>
    /// <param name="class">The class.</param>
    /// <param name="ttl">The time to live in seconds.</param>
    /// <param name="rdata">The rdata, names uncompressed.</param>
    /// <param name="keepsCase">True to send the owner in this case; else it is sent in the question's, as far as it is a part of that name.</param>
    /// <exception cref="InvalidOperationException">The response holds more than <see cref="ArenaLimit"/> octets.</exception>
    public void AddSynthesized(DnsSection section, DnsNameView owner, DnsRecordType type, DnsRecordClass @class, uint ttl, ReadOnlySpan<byte> rdata, bool keepsCase = false)
    {
        BecomeRecords();
        int ownerAt = Keep(owner.Wire);
        int rdataAt = Keep(rdata);
        Push(new ResponseEntry(section, type, @class, ttl, ownerAt, owner.Length, rdataAt, rdata.Length) { KeepsCase = keepsCase });
    }

    /// <summary>Adds one record as <see cref="AddSynthesized"/> does, if there is room for it.</summary>
    /// <returns>False, and nothing changed, when the response would hold more than <see cref="ArenaLimit"/> octets.</returns>
    public bool TryAddSynthesized(DnsSection section, DnsNameView owner, DnsRecordType type, DnsRecordClass @class, uint ttl, ReadOnlySpan<byte> rdata)
    {
        if (!TryReserve(owner.Length + rdata.Length))
        {
            return false;
        }

        AddSynthesized(section, owner, type, @class, ttl, rdata);
        return true;
    }

    /// <summary>Sets the TTL to send of one entry, in seconds.</summary>
    public void SetTtl(int index, uint ttl) => _entries[index] = _entries[index].WithTtl(ttl);

    /// <summary>Sends one entry under another owner.</summary>
    /// <returns>False, and nothing changed, when the response would hold more than <see cref="ArenaLimit"/> octets.</returns>
    public bool TrySetOwner(int index, DnsNameView owner)
    {
        if (!TryReserve(owner.Length))
        {
            return false;
        }

        _entries[index] = _entries[index].WithOwner(Keep(owner.Wire), owner.Length);
        return true;
    }

    /// <summary>Replaces the rdata of one entry that is a single record (<see cref="TrySplit"/>).</summary>
    /// <param name="index">The entry.</param>
    /// <param name="rdata">The rdata, names uncompressed.</param>
    /// <returns>False, and nothing changed, when the response would hold more than <see cref="ArenaLimit"/> octets.</returns>
    /// <exception cref="InvalidOperationException">The entry is an RRset.</exception>
    public bool TrySetRdata(int index, ReadOnlySpan<byte> rdata)
    {
        if (_entries[index].IsRRset)
        {
            throw new InvalidOperationException("an RRset by reference is not changed");
        }

        if (!TryReserve(rdata.Length))
        {
            return false;
        }

        _entries[index] = _entries[index].WithRdata(Keep(rdata), rdata.Length);
        return true;
    }

    /// <summary>Sets the order in which the records of one entry's RRset are sent.</summary>
    public void SetOrder(int index, RRsetOrder order) => _entries[index] = _entries[index].WithOrder(order);

    /// <summary>Moves the entry at an index to another place, keeping the order of the rest.</summary>
    public void Move(int from, int to)
    {
        ResponseEntry entry = _entries[from];
        if (from < to)
        {
            _entries.AsSpan(from + 1, to - from).CopyTo(_entries.AsSpan(from));
        }
        else
        {
            _entries.AsSpan(to, from - to).CopyTo(_entries.AsSpan(to + 1));
        }

        _entries[to] = entry;
    }

    /// <summary>Moves the first entries of a range to its end, keeping the order of either part.</summary>
    /// <param name="start">Where the range starts.</param>
    /// <param name="end">The index after the range.</param>
    /// <param name="count">How many entries go to the end.</param>
    public void Rotate(int start, int end, int count)
    {
        _entries.AsSpan(start, count).Reverse();
        _entries.AsSpan(start + count, end - start - count).Reverse();
        _entries.AsSpan(start, end - start).Reverse();
    }

    /// <summary>Exchanges two entries.</summary>
    public void Swap(int first, int second) => (_entries[first], _entries[second]) = (_entries[second], _entries[first]);

    /// <summary>Replaces an RRset by single records in the response's own memory, in the same place.</summary>
    /// <returns>False, and nothing changed, when they would take more than <see cref="ArenaLimit"/>.</returns>
    public bool TrySplit(int index)
    {
        ResponseEntry entry = _entries[index];
        if (entry.Records is not { } set)
        {
            return true;
        }

        if (!TryReserve(set.Body.Length + DnsNameView.MaxLength))
        {
            return false;
        }

        int ownerLength = OwnerOf(entry).Length;
        int owner = entry.OwnerLength > 0 ? entry.OwnerAt : Keep(set.Owner.Wire);
        int more = set.Count - 1;
        if (_count + more > _entries.Length)
        {
            Array.Resize(ref _entries, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_count + more)));
        }

        _entries.AsSpan(index + 1, _count - index - 1).CopyTo(_entries.AsSpan(index + 1 + more));
        _count += more;
        foreach (ReadOnlySpan<byte> rdata in set)
        {
            _entries[index++] = new ResponseEntry(entry.Section, entry.Type, entry.Class, entry.Ttl, owner, ownerLength, Keep(rdata), rdata.Length);
        }

        return true;
    }

    /// <summary>Removes the entry at an index, keeping the order of the rest.</summary>
    public void RemoveAt(int index)
    {
        _entries.AsSpan(index + 1, _count - index - 1).CopyTo(_entries.AsSpan(index));
        _count--;
    }

    /// <summary>Leaves the answer section and drops the records of the others, in whichever form they are.</summary>
    public void DropAfterAnswer()
    {
        if (Form == ResponseForm.Records)
        {
            int kept = 0;
            for (int i = 0; i < _count; i++)
            {
                if (_entries[i].Section == DnsSection.Answer)
                {
                    _entries[kept++] = _entries[i];
                }
            }

            _count = kept;
        }
        else if (Form == ResponseForm.Wire && DnsHeader.TryRead(WireMessage, out DnsHeader header) && header.AuthorityCount + header.AdditionalCount > 0)
        {
            Span<byte> message = OwnWire();
            _wireTtlCount = header.AnswerCount;
            if (_wireTtlCount == 0)
            {
                var reader = new DnsReader(message);
                reader.TryReadQuestion(out DnsQuestionView question);
                _wireLength = question.End;
            }
            else
            {
                int length = _wireTtls[_wireTtlCount - 1] + 4;      // behind the TTL of the last record that stays
                _wireLength = length + 2 + BinaryPrimitives.ReadUInt16BigEndian(message[length..]);
            }

            message.Slice(8, 4).Clear();                            // the counts of the two sections
        }
    }

    /// <summary>The message of a wire form, to be changed in place; an image that it refers to is copied first.</summary>
    /// <returns>The message. The places of its TTLs and its length must stay as they are.</returns>
    public Span<byte> OwnWire()
    {
        if (_image is { } image)
        {
            ReserveWire(image.Message.Length, image.TtlOffsets.Length);
            image.Message.CopyTo(_wire);
            image.TtlOffsets.CopyTo(_wireTtls);
            _wireLength = image.Message.Length;
            _wireTtlCount = image.TtlOffsets.Length;
            _image = null;
        }

        return _wire.AsSpan(0, _wireLength);
    }

    /// <summary>The owner name that an entry is sent under.</summary>
    public DnsNameView OwnerOf(in ResponseEntry entry) =>
        entry.OwnerLength > 0
            ? new DnsNameView(_arena.AsSpan(entry.OwnerAt, entry.OwnerLength))
            : entry.View.Owner;

    /// <summary>The rdata of an entry that is a single record.</summary>
    public ReadOnlySpan<byte> RdataOf(in ResponseEntry entry) => _arena.AsSpan(entry.RdataAt, entry.RdataLength);

    /// <summary>Refers to an image, whose TTLs are adjusted when it is sent. Code and flags become the image's.</summary>
    public void UseImage(WireImage image, TtlMode mode, uint seconds)
    {
        DropRecords();
        _image = image;
        Form = ResponseForm.Wire;
        TtlMode = mode;
        TtlSeconds = seconds;
        TakeHeader(image.Message);
        Code = image.Code;
    }

    /// <summary>Copies an upstream's response into the response. Code and flags become the message's; its OPT is dropped.</summary>
    /// <param name="message">The whole message; its question is the client's.</param>
    /// <returns>False, and nothing set, when the message is malformed.</returns>
    public bool SetWire(ReadOnlySpan<byte> message)
    {
        if (!WireIndex.TryScan(message, [], out WireScan scan))
        {
            return false;
        }

        DropRecords();
        if (!scan.OptIsLast)
        {
            if (!TryLoadRecords(message))
            {
                DropRecords();
                return false;
            }

            TakeHeader(message);
            Code = scan.Code;
            return true;
        }

        ReserveWire(scan.BodyLength, scan.RecordCount);
        WireIndex.CopyBody(message, scan, _wire);
        WireIndex.TryScan(_wire.AsSpan(0, scan.BodyLength), _wireTtls, out _);
        _wireLength = scan.BodyLength;
        _wireTtlCount = scan.RecordCount;
        Form = ResponseForm.Wire;
        TtlMode = TtlMode.Keep;
        TakeHeader(message);
        Code = scan.Code;
        return true;
    }

    /// <summary>Turns a wire form into records, for a handler that has to look at them or change them.</summary>
    /// <returns>False when the wire form is malformed or takes more than <see cref="ArenaLimit"/> octets with its names
    /// expanded; the response is then as it was.</returns>
    public bool TryMaterialize()
    {
        if (Form != ResponseForm.Wire)
        {
            return true;
        }

        ReadOnlySpan<byte> message = WireMessage;
        if (!TryLoadRecords(message))
        {
            _count = 0;
            _arenaUsed = 0;
            Form = ResponseForm.Wire;
            return false;
        }

        for (int i = 0; i < _count; i++)
        {
            SetTtl(i, AdjustTtl(_entries[i].Ttl));
        }

        _image = null;
        TtlMode = TtlMode.Keep;
        TtlSeconds = 0;
        Form = ResponseForm.Records;
        return true;
    }

    /// <summary>The TTL that a wire form's record is sent with, in seconds.</summary>
    public uint AdjustTtl(uint ttl) => TtlMode switch
    {
        TtlMode.Subtract => ttl > TtlSeconds ? ttl - TtlSeconds : 0,
        TtlMode.Replace => TtlSeconds,
        _ => ttl,
    };

    /// <summary>Adds an EDNS option to the reply.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool AddOption(EdnsOptionCode code, ReadOnlySpan<byte> data)
    {
        if (!TryReserveOptions(4 + data.Length))
        {
            return false;
        }

        Span<byte> at = _options.AsSpan(_optionsLength);
        BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)code);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)data.Length);
        data.CopyTo(at[4..]);
        _optionsLength += 4 + data.Length;
        return true;
    }

    /// <summary>Removes every EDNS option with a code from the reply.</summary>
    /// <returns>True when there was one.</returns>
    public bool RemoveOption(EdnsOptionCode code)
    {
        int before = _optionsLength;
        for (int at = 0; at < _optionsLength;)
        {
            int length = 4 + BinaryPrimitives.ReadUInt16BigEndian(_options.AsSpan(at + 2));
            if (BinaryPrimitives.ReadUInt16BigEndian(_options.AsSpan(at)) == (ushort)code)
            {
                _options.AsSpan(at + length, _optionsLength - at - length).CopyTo(_options.AsSpan(at));
                _optionsLength -= length;
            }
            else
            {
                at += length;
            }
        }

        return _optionsLength < before;
    }

    /// <summary>Tells the client more about a failure (RFC 8914).</summary>
    /// <param name="infoCode">The INFO-CODE.</param>
    /// <param name="text">EXTRA-TEXT in UTF-8, short.</param>
    /// <returns>False when there is no room for it.</returns>
    public bool AddExtendedError(ushort infoCode, ReadOnlySpan<byte> text)
    {
        int at = _optionsLength;
        if (!TryReserveOptions(6 + text.Length))
        {
            return false;
        }

        Span<byte> data = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(data, infoCode);
        AddOption(EdnsOptionCode.ExtendedError, data);
        text.CopyTo(_options.AsSpan(_optionsLength));
        _optionsLength += text.Length;
        BinaryPrimitives.WriteUInt16BigEndian(_options.AsSpan(at + 2), (ushort)(2 + text.Length));
        return true;
    }

    /// <summary>Empties the response: no records, no options, NOERROR, no flags.</summary>
    public void Clear()
    {
        DropRecords();
        Code = DnsResponseCode.NoError;
        Flags = DnsResponseFlags.None;
        _optionsLength = 0;
        GiveBackMemory();
    }

    /// <summary>Empties the response of its records and sets a code; options stay.</summary>
    public void SetEmpty(DnsResponseCode code)
    {
        DropRecords();
        Flags = DnsResponseFlags.None;
        Code = code;
    }

    /// <summary>Takes over everything that another response says, its records copied where they are not shared.</summary>
    public void CopyFrom(DnsResponse other)
    {
        CopyRecordsFrom(other);
        TryReserveOptions(other._optionsLength);
        other.Options.CopyTo(_options);
        _optionsLength = other._optionsLength;
    }

    /// <summary>Takes over what another response says about the question: code, flags and records, not the EDNS options, which may
    /// be meant for its client alone.</summary>
    public void CopyRecordsFrom(DnsResponse other)
    {
        Clear();
        switch (other.Form)
        {
            case ResponseForm.Wire when other._image is not null:
                _image = other._image;
                Form = ResponseForm.Wire;
                break;
            case ResponseForm.Wire:
                SetWire(other.WireMessage);
                break;
            case ResponseForm.Records:
                AddFrom(other);
                break;
            default:
                break;
        }

        TtlMode = other.TtlMode;
        TtlSeconds = other.TtlSeconds;
        Code = other.Code;
        Flags = other.Flags;
    }

    /// <summary>Appends the records of another response, which has to be in the form of records.</summary>
    public void AddFrom(DnsResponse other)
    {
        AddFrom(other, DnsSection.Answer);
        AddFrom(other, DnsSection.Authority);
        AddFrom(other, DnsSection.Additional);
    }

    /// <summary>Appends the records of one section of another response, which has to be in the form of records.</summary>
    public void AddFrom(DnsResponse other, DnsSection section)
    {
        BecomeRecords();
        foreach (ref readonly ResponseEntry entry in other.Entries)
        {
            if (entry.Section != section)
            {
                continue;
            }

            int owner = entry.OwnerLength > 0 ? Keep(other.OwnerOf(entry).Wire) : 0;
            Push(entry.IsRRset
                ? new ResponseEntry(entry.Section, entry.View, entry.Ttl, owner, entry.OwnerLength).WithOrder(entry.Order)
                : new ResponseEntry(entry.Section, entry.Type, entry.Class, entry.Ttl, owner, entry.OwnerLength, Keep(other.RdataOf(entry)), entry.RdataLength) { KeepsCase = entry.KeepsCase });
        }
    }

    private void TakeHeader(ReadOnlySpan<byte> message)
    {
        DnsHeader.TryRead(message, out DnsHeader header);
        Flags = (header.IsAuthoritative ? DnsResponseFlags.Authoritative : 0)
            | ((header.Flags & DnsHeader.RecursionAvailableFlag) != 0 ? DnsResponseFlags.RecursionAvailable : 0)
            | (header.AuthenticData ? DnsResponseFlags.AuthenticData : 0)
            | (header.IsTruncated ? DnsResponseFlags.Truncated : 0);
    }

    private bool TryLoadRecords(ReadOnlySpan<byte> message)
    {
        DnsHeader.TryRead(message, out DnsHeader header);
        var reader = new DnsReader(message);
        if (!reader.TryReadQuestion(out _))
        {
            return false;
        }

        Form = ResponseForm.Records;
        int records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        for (int i = 0; i < records; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return false;
            }

            if (record.Type is DnsRecordType.OPT or DnsRecordType.TSIG)
            {
                continue;
            }

            int ownerAt = _arenaUsed;
            var owner = new DnsReader(message, record.OwnerOffset);
            // An expanded record is at most its rdata and three names long.
            if (!TryReserve(record.RdataLength + (3 * DnsNameView.MaxLength))
                || !owner.TryReadName(_arena.AsSpan(ownerAt), out int ownerLength)
                || !RdataWire.TryExpand(message, record, _arena.AsSpan(ownerAt + ownerLength), out int rdataLength))
            {
                return false;
            }

            _arenaUsed = ownerAt + ownerLength + rdataLength;
            DnsSection section = i < header.AnswerCount ? DnsSection.Answer
                : i < header.AnswerCount + header.AuthorityCount ? DnsSection.Authority : DnsSection.Additional;
            Push(new ResponseEntry(section, record.Type, record.Class, record.Ttl, ownerAt, ownerLength, ownerAt + ownerLength, rdataLength));
        }

        return true;
    }

    private void ReserveWire(int octets, int records)
    {
        if (_wire.Length < octets)
        {
            _wire = new byte[Math.Max(512, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)octets))];
        }

        if (_wireTtls.Length < records)
        {
            _wireTtls = new ushort[Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)records))];
        }
    }

    private void BecomeRecords()
    {
        if (Form == ResponseForm.Wire)
        {
            DropRecords();
        }

        Form = ResponseForm.Records;
    }

    private void DropRecords()
    {
        // References are dropped with the count: the RRsets of a retired zone are not kept alive for long by a pool.
        _count = 0;
        _arenaUsed = 0;
        _image = null;
        _wireLength = 0;
        _wireTtlCount = 0;
        TtlMode = TtlMode.Keep;
        TtlSeconds = 0;
        Form = ResponseForm.Empty;
    }

    /// <summary>A rare large response does not stay in the memory of a pooled query for ever.</summary>
    private void GiveBackMemory()
    {
        if (_arena.Length > KeptMemory)
        {
            _arena = [];
        }

        if (_wire.Length > KeptMemory)
        {
            _wire = [];
        }

        if (_wireTtls.Length > KeptMemory / sizeof(ushort))
        {
            _wireTtls = [];
        }

        if (_entries.Length > 256)
        {
            _entries = [];
        }
    }

    private void Push(in ResponseEntry entry)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(8, _count * 2));
        }

        _entries[_count++] = entry;
    }

    private int Keep(ReadOnlySpan<byte> octets)
    {
        if (!TryReserve(octets.Length))
        {
            throw new InvalidOperationException($"a response holds at most {ArenaLimit} octets of its own records");
        }

        int at = _arenaUsed;
        octets.CopyTo(_arena.AsSpan(at));
        _arenaUsed += octets.Length;
        return at;
    }

    private bool TryReserveOptions(int octets)
    {
        if (_optionsLength + octets > OptionsLimit)
        {
            return false;
        }

        if (octets > 0 && _options.Length == 0)
        {
            _options = new byte[OptionsLimit];
        }

        return true;
    }

    private bool TryReserve(int octets)
    {
        if (_arenaUsed + octets <= _arena.Length)
        {
            return true;
        }

        if (_arenaUsed + octets > ArenaLimit)
        {
            return false;
        }

        Array.Resize(ref _arena, Math.Max(512, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_arenaUsed + octets))));
        return true;
    }
}
