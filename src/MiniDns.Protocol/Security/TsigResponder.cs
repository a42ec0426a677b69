using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Security;

/// <summary>The server's side of a signed transaction: checks a request and signs its reply, or the messages of its reply.</summary>
/// <remarks>Used again and again, by one thread at a time. A reply is signed with the request's MAC before it, each later message of a
/// transfer with the MAC of the one before (RFC 8945 §5.3.1); every message is signed.</remarks>
public sealed class TsigResponder
{
    private readonly byte[] _names = new byte[TsigRecord.NamesLength];
    private readonly byte[] _prior = new byte[TsigAlgorithm.MaxMacLength];
    private readonly byte[] _last = new byte[TsigAlgorithm.MaxMacLength];
    private TimeProvider _time = TimeProvider.System;
    private TsigKey? _key;
    private TsigAlgorithm? _algorithm;
    private int _keyNameLength;
    private int _algorithmNameLength;
    private int _priorLength;
    private int _lastLength;
    private ulong _requestTime;
    private ushort _requestFudge;
    private bool _isFirst;

    /// <summary>What the check of the request came to.</summary>
    public TsigStatus Status { get; private set; }

    /// <summary>The key that signed the request; null unless <see cref="Status"/> is good.</summary>
    public TsigKey? Key => Status == TsigStatus.Good ? _key : null;

    /// <summary>The name of the key that the request names, known or not.</summary>
    public DnsNameView KeyName => new(_names.AsSpan(0, _keyNameLength));

    /// <summary>The octets that <see cref="Sign"/> adds to a message.</summary>
    public int Length => Status switch
    {
        TsigStatus.Good or TsigStatus.BadTruncation => TsigRecord.LengthOf(_keyNameLength, _algorithmNameLength, SignedLength, 0),
        TsigStatus.BadTime => TsigRecord.LengthOf(_keyNameLength, _algorithmNameLength, SignedLength, 6),
        TsigStatus.BadKey or TsigStatus.BadSignature => TsigRecord.LengthOf(_keyNameLength, _algorithmNameLength, 0, 0),
        _ => 0,
    };

    private int SignedLength => _key!.MacLengthWith(_algorithm!);

    /// <summary>Checks a request (RFC 8945 §5.2): key, MAC, time, truncation, in this order.</summary>
    /// <param name="request">The message as it was received.</param>
    /// <param name="offset">Where its TSIG record starts; the record is the last one.</param>
    /// <param name="keys">The keys that are known.</param>
    /// <param name="time">The clock, for this check and for the signatures of the reply.</param>
    /// <returns>What <see cref="Status"/> is then. <see cref="TsigStatus.Malformed"/> is answered FORMERR and unsigned, every other error
    /// NOTAUTH and through <see cref="Sign"/>.</returns>
    public TsigStatus Verify(ReadOnlySpan<byte> request, int offset, TsigKeyring keys, TimeProvider time)
    {
        _time = time;
        _key = null;
        _algorithm = null;
        _keyNameLength = 0;
        _algorithmNameLength = 0;
        _isFirst = true;
        if (!TsigRecord.TryRead(request, offset, _names, out TsigRecord record))
        {
            return Status = TsigStatus.Malformed;
        }

        _keyNameLength = record.KeyName.Length;
        _algorithmNameLength = record.AlgorithmName.Length;
        _requestTime = record.TimeSigned;
        _requestFudge = record.Fudge;
        return Status = Check(request, record, keys);
    }

    /// <summary>Signs a reply, or says in it, signed or not, what was wrong with the request's signature (RFC 8945 §5.3.2).</summary>
    /// <remarks>The same message may be signed again; <see cref="Advance"/> goes on to the next one.</remarks>
    /// <param name="message">The message, with <see cref="Length"/> octets free behind it.</param>
    /// <param name="length">The message's length in octets.</param>
    /// <returns>The length with the record.</returns>
    public int Sign(Span<byte> message, int length)
    {
        ushort id = BinaryPrimitives.ReadUInt16BigEndian(message);
        DnsNameView algorithm = new(_names.AsSpan(_keyNameLength, _algorithmNameLength));
        if (Status is TsigStatus.BadKey or TsigStatus.BadSignature)
        {
            DnsResponseCode code = Status == TsigStatus.BadKey ? DnsResponseCode.BadKey : DnsResponseCode.BadVersion;
            return TsigRecord.Append(message, length, TsigRecord.Make(KeyName, algorithm, 0, TsigRecord.DefaultFudge, default, id, code, default));
        }

        if (Status is not (TsigStatus.Good or TsigStatus.BadTime or TsigStatus.BadTruncation))
        {
            return length;
        }

        Span<byte> computed = stackalloc byte[TsigAlgorithm.MaxMacLength];
        Span<byte> clock = stackalloc byte[6];
        ulong now = TsigDigest.Now(_time);
        TsigRecord.WriteTime(clock, now);
        TsigRecord record = Status switch
        {
            // The client's own time, for it to take the error as one of this transaction; ours beside it (§5.2.3).
            TsigStatus.BadTime => TsigRecord.Make(KeyName, algorithm, _requestTime, _requestFudge, default, id, DnsResponseCode.BadTime, clock),
            TsigStatus.BadTruncation => TsigRecord.Make(KeyName, algorithm, now, TsigRecord.DefaultFudge, default, id, DnsResponseCode.BadTruncation, default),
            _ => TsigRecord.Make(KeyName, algorithm, now, TsigRecord.DefaultFudge, default, id, DnsResponseCode.NoError, default),
        };
        TsigMac mac = _key!.Rent(_algorithm!);
        TsigDigest.AppendPrior(mac, _prior.AsSpan(0, _priorLength));
        TsigDigest.AppendMessage(mac, message[..length], id, isCounted: false);
        if (_isFirst)
        {
            TsigDigest.AppendVariables(mac, record);
        }
        else
        {
            TsigDigest.AppendTimers(mac, record);
        }

        mac.Finish(computed[.._algorithm!.HashLength]);
        _key.Return(_algorithm, mac);
        _lastLength = SignedLength;
        computed[.._lastLength].CopyTo(_last);
        return TsigRecord.Append(message, length, TsigRecord.Make(KeyName, algorithm, record.TimeSigned, record.Fudge, computed[.._lastLength], id, record.Error, record.OtherData));
    }

    /// <summary>Goes on to the next message of a reply that has several: what was signed last is on its way.</summary>
    public void Advance()
    {
        _last.AsSpan(0, _lastLength).CopyTo(_prior);
        _priorLength = _lastLength;
        _isFirst = false;
    }

    private TsigStatus Check(ReadOnlySpan<byte> request, in TsigRecord record, TsigKeyring keys)
    {
        if (!keys.TryGet(record.KeyName, out _key)
            || !TsigAlgorithm.TryFind(record.AlgorithmName, out _algorithm)
            || !_key.IsFor(_algorithm))
        {
            return TsigStatus.BadKey;
        }

        if (!TsigDigest.IsPossible(record.Mac.Length, _algorithm))
        {
            return TsigStatus.Malformed;
        }

        TsigMac mac = _key.Rent(_algorithm);
        TsigDigest.AppendMessage(mac, request[..record.Offset], record.OriginalId, isCounted: true);
        TsigDigest.AppendVariables(mac, record);
        bool holds = TsigDigest.FinishAndCompare(mac, _algorithm, record.Mac);
        _key.Return(_algorithm, mac);
        if (!holds)
        {
            return TsigStatus.BadSignature;
        }

        record.Mac.CopyTo(_prior);
        _priorLength = record.Mac.Length;
        return !TsigDigest.IsTimely(record, TsigDigest.Now(_time)) ? TsigStatus.BadTime
            : record.Mac.Length < _key.MacLengthWith(_algorithm) ? TsigStatus.BadTruncation
            : TsigStatus.Good;
    }
}
