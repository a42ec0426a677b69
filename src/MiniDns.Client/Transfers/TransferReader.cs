using System.Buffers.Binary;
using System.Globalization;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client.Transfers;

/// <summary>Reads the messages that answer an AXFR or IXFR question (RFC 5936 §2.2, RFC 1995 §4) and hands their records on.</summary>
/// <remarks>
/// <para>Nothing is believed: ids, questions and codes must fit, the zone's SOA record must come first and last, the versions
/// of an incremental transfer must follow each other from the present one on, all rdata must have the form of its type.</para>
/// <para>Records outside of the zone are left out and counted, as other servers do it.</para>
/// </remarks>
public sealed class TransferReader
{
    private readonly DnsName _zone;
    private readonly ushort _id;
    private readonly uint? _present;
    private readonly long _maxOctets;
    private readonly ITransferSink _sink;
    private readonly byte[] _owner = new byte[DnsNameView.MaxLength];
    private readonly byte[] _rdata = new byte[RdataWire.MaxLength];
    private byte[] _firstSoa = [];
    private uint _firstSoaTtl;
    private uint _version;               // incremental: the version that the current part starts from or leads to
    private State _state = State.Start;

    /// <summary>Starts reading.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="present">The serial number that an IXFR question told; null for AXFR.</param>
    /// <param name="maxOctets">The most octets that all messages may have together.</param>
    /// <param name="sink">Takes the records.</param>
    public TransferReader(DnsName zone, ushort id, uint? present, long maxOctets, ITransferSink sink)
    {
        _zone = zone;
        _id = id;
        _present = present;
        _maxOctets = maxOctets;
        _sink = sink;
    }

    private enum State
    {
        Start,              // nothing has come
        Second,             // the first SOA has come, and nothing else
        Full,               // records of a whole zone
        Removing,           // an incremental transfer's removed records
        Adding,             // an incremental transfer's added records
        Done,
    }

    /// <summary>What the transfer brings; known after the second record.</summary>
    public TransferKind Kind { get; private set; }

    /// <summary>The serial number of the version that the transfer leads to; known after the first record.</summary>
    public uint Serial { get; private set; }

    /// <summary>Octets of all messages.</summary>
    public long Octets { get; private set; }

    /// <summary>Records handed on.</summary>
    public long Records { get; private set; }

    /// <summary>Records that were left out because their owners are not in the zone.</summary>
    public long Foreign { get; private set; }

    /// <summary>Why the last message was not good.</summary>
    public TransferFailure? Failure { get; private set; }

    /// <summary>Takes the next message.</summary>
    public TransferProgress Take(ReadOnlySpan<byte> message)
    {
        Octets += message.Length;
        if (Octets > _maxOctets)
        {
            return Fail(TransferError.TooLarge, string.Create(CultureInfo.InvariantCulture, $"the transfer is larger than {_maxOctets} octets"));
        }

        var reader = new DnsReader(message);
        if (!TryReadStart(ref reader, out DnsHeader header))
        {
            return TransferProgress.Failed;
        }

        for (int i = 0; i < header.AnswerCount; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return Fail(TransferError.Malformed, "a message of the transfer is malformed");
            }

            if (!TryTake(message, record))
            {
                return TransferProgress.Failed;
            }
        }

        if (_state == State.Second && _present is { } present && !SerialNumber.IsNewer(Serial, present))
        {
            // A lone SOA that is not newer says that there is nothing to bring (RFC 1995 §2). A newer one may stand alone in
            // the first of several messages.
            Kind = TransferKind.Current;
            _sink.Begin(Kind, Serial);
            _state = State.Done;
        }

        return _state == State.Done ? TransferProgress.Done : TransferProgress.More;
    }

    private bool TryReadStart(ref DnsReader reader, out DnsHeader header)
    {
        if (!DnsHeader.TryRead(reader.Message, out header) || !header.IsResponse || header.Opcode != DnsOpcode.Query || header.QuestionCount > 1)
        {
            return Reject("a message of the transfer is not an answer");
        }

        if (header.Id != _id)
        {
            return Reject("a message of the transfer answers another question");
        }

        if (header.ResponseCode != DnsResponseCode.NoError)
        {
            Fail(TransferError.Refused, $"the primary answered {DnsResponseCodeText.Format(header.ResponseCode)}");
            return false;
        }

        if (header.IsTruncated)
        {
            return Reject("a message of the transfer is cut");
        }

        // The question must be in the first message; later ones may do without (RFC 5936 §2.2.1), and some primaries always do.
        if (header.QuestionCount == 1)
        {
            int at = reader.Position;
            if (!reader.TryReadQuestion(out DnsQuestionView question))
            {
                return Reject("a message of the transfer is malformed");
            }

            DnsRecordType asked = _present is null ? DnsRecordType.AXFR : DnsRecordType.IXFR;
            var names = new DnsReader(reader.Message, at);
            if (question.Type != asked || question.Class != DnsRecordClass.IN || !names.TryReadName(_owner, out int length)
                || !new DnsNameView(_owner.AsSpan(0, length)).Equals(_zone.View))
            {
                return Reject("a message of the transfer answers another question");
            }
        }

        return true;
    }

    private bool TryTake(ReadOnlySpan<byte> message, in DnsRecordView view)
    {
        var names = new DnsReader(message, view.OwnerOffset);
        if (!names.TryReadName(_owner, out int ownerLength) || !RdataWire.TryExpand(message, view, _rdata, out int rdataLength))
        {
            return Reject("a record of the transfer is malformed");
        }

        // Types for questions and messages only: OPT, and 128 to 255 (RFC 6895 §3.1).
        if (view.Class != DnsRecordClass.IN || view.Type is DnsRecordType.OPT or (>= (DnsRecordType)128 and <= DnsRecordType.ANY) || view.Type == 0)
        {
            return Reject($"a record of the transfer has type {DnsTypeText.Format(view.Type)} and class {DnsClassText.Format(view.Class)}, which no zone has");
        }

        // The highest bit of a TTL means nothing (RFC 2181 §8).
        uint ttl = view.Ttl > int.MaxValue ? 0 : view.Ttl;
        var record = new TransferRecord(new DnsNameView(_owner.AsSpan(0, ownerLength)), view.Type, ttl, _rdata.AsSpan(0, rdataLength));
        if (_state == State.Done)
        {
            return Reject("records follow the end of the transfer");
        }

        if (record.Type == DnsRecordType.SOA)
        {
            return record.Owner.Equals(_zone.View) ? TryTakeSoa(record) : Reject($"{record.Owner.ToString()} has a SOA record, which only {_zone} can have");
        }

        switch (_state)
        {
            case State.Start:
                return Reject("the transfer does not start with the zone's SOA record");
            case State.Second:
                BeginFull();
                break;
            default:
                break;
        }

        HandOn(record);
        return true;
    }

    private bool TryTakeSoa(in TransferRecord soa)
    {
        uint serial = BinaryPrimitives.ReadUInt32BigEndian(soa.Rdata[^20..]);
        switch (_state)
        {
            case State.Start:
                Serial = serial;
                _firstSoa = soa.Rdata.ToArray();
                _firstSoaTtl = soa.Ttl;
                _state = State.Second;
                return true;

            case State.Second when _present is not null && serial != Serial:
                if (serial != _present)
                {
                    return Reject(string.Create(CultureInfo.InvariantCulture, $"the changes start at version {serial}, not at the present one, {_present}"));
                }

                Kind = TransferKind.Incremental;
                _sink.Begin(Kind, Serial);
                _version = serial;
                _state = State.Removing;
                HandOn(soa);
                return true;

            case State.Second:
            case State.Full:
                if (_state == State.Second)
                {
                    BeginFull();
                }

                return serial == Serial
                    ? End()
                    : Reject(string.Create(CultureInfo.InvariantCulture, $"the transfer starts with version {Serial} and ends with {serial}"));

            case State.Removing:
                if (!SerialNumber.IsNewer(serial, _version))
                {
                    return Reject(string.Create(CultureInfo.InvariantCulture, $"a change leads from version {_version} back to {serial}"));
                }

                _version = serial;
                _state = State.Adding;
                HandOn(soa);
                return true;

            case State.Adding when serial == Serial && _version == Serial:
                return End();

            default:
                if (serial != _version)
                {
                    return Reject(string.Create(CultureInfo.InvariantCulture, $"a change starts at version {serial}, but the one before it ends at {_version}"));
                }

                _state = State.Removing;
                HandOn(soa);
                return true;
        }
    }

    private void BeginFull()
    {
        Kind = TransferKind.Full;
        _sink.Begin(Kind, Serial);
        _state = State.Full;
        Records++;
        _sink.Add(new TransferRecord(_zone.View, DnsRecordType.SOA, _firstSoaTtl, _firstSoa));
    }

    private void HandOn(in TransferRecord record)
    {
        if (!record.Owner.IsSubdomainOf(_zone.View))
        {
            Foreign++;
            return;
        }

        Records++;
        if (_state == State.Removing)
        {
            _sink.Remove(record);
        }
        else
        {
            _sink.Add(record);
        }
    }

    private bool End()
    {
        _state = State.Done;
        return true;
    }

    private bool Reject(string reason)
    {
        Fail(TransferError.Malformed, reason);
        return false;
    }

    private TransferProgress Fail(TransferError error, string reason)
    {
        Failure = new TransferFailure(error, reason);
        return TransferProgress.Failed;
    }
}
