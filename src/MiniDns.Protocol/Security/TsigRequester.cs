using System.Buffers.Binary;
using MiniDns.Protocol.Messages;

namespace MiniDns.Protocol.Security;

/// <summary>The client's side of a signed transaction: signs a request and checks the reply, or the messages of the reply.</summary>
/// <remarks>Used again and again, by one thread at a time. In a reply of many messages up to 99 in a row may be unsigned; they are part of
/// the next signature (RFC 8945 §5.3.1), so nothing may be believed before <see cref="IsComplete"/>.</remarks>
public sealed class TsigRequester : IDisposable
{
    /// <summary>The most unsigned messages in a row (RFC 8945 §5.3.1: every hundredth is signed).</summary>
    public const int MaxUnsigned = 99;

    private readonly byte[] _prior = new byte[TsigAlgorithm.MaxMacLength];
    private readonly TsigKey _key;
    private readonly TsigAlgorithm _algorithm;
    private readonly TimeProvider _time;
    private int _priorLength;
    private TsigMac? _running;
    private bool _isFirst;
    private int _unsigned;

    /// <summary>Makes one for a key.</summary>
    public TsigRequester(TsigKey key, TimeProvider time)
    {
        _key = key;
        _algorithm = key.Algorithm ?? TsigAlgorithm.HmacSha256;
        _time = time;
    }

    /// <summary>The octets that <see cref="Sign"/> adds to a message.</summary>
    public int Length => TsigRecord.LengthOf(_key.Name.Length, _algorithm.Name.Length, _key.MacLengthWith(_algorithm), 0);

    /// <summary>True when the last message that was checked was signed, and well.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What the other side says was wrong with our signature: BADKEY, BADSIG (16), BADTIME, BADTRUNC.</summary>
    /// <remarks>BADKEY and BADSIG come unsigned: anybody may have sent them (RFC 8945 §5.4.1).</remarks>
    public DnsResponseCode PeerError { get; private set; }

    /// <summary>The other side's clock, in seconds since 1970, when it reports BADTIME.</summary>
    public ulong PeerTime { get; private set; }

    /// <summary>Signs a request; forgets whatever transaction was before.</summary>
    /// <param name="message">The message, with <see cref="Length"/> octets free behind it.</param>
    /// <param name="length">The message's length in octets.</param>
    /// <returns>The length with the record.</returns>
    public int Sign(Span<byte> message, int length)
    {
        Dispose();
        _isFirst = true;
        _unsigned = 0;
        IsComplete = false;
        PeerError = DnsResponseCode.NoError;
        ushort id = BinaryPrimitives.ReadUInt16BigEndian(message);
        TsigRecord record = TsigRecord.Make(_key.Name.View, _algorithm.Name.View, TsigDigest.Now(_time), TsigRecord.DefaultFudge, default, id, DnsResponseCode.NoError, default);
        Span<byte> computed = stackalloc byte[TsigAlgorithm.MaxMacLength];
        TsigMac mac = _key.Rent(_algorithm);
        TsigDigest.AppendMessage(mac, message[..length], id, isCounted: false);
        TsigDigest.AppendVariables(mac, record);
        mac.Finish(computed[.._algorithm.HashLength]);
        _key.Return(_algorithm, mac);
        _priorLength = _key.MacLengthWith(_algorithm);
        computed[.._priorLength].CopyTo(_prior);
        return TsigRecord.Append(message, length, TsigRecord.Make(_key.Name.View, _algorithm.Name.View, record.TimeSigned, record.Fudge, _prior.AsSpan(0, _priorLength), id, record.Error, default));
    }

    /// <summary>Checks the next message of the reply (RFC 8945 §5.4).</summary>
    /// <returns><see cref="TsigStatus.Good"/>; <see cref="TsigStatus.Unsigned"/> for a message that the next signature will be about;
    /// anything else ends the transaction.</returns>
    public TsigStatus Verify(ReadOnlySpan<byte> message)
    {
        IsComplete = false;
        if (!TsigRecord.TryLocate(message, out int offset))
        {
            return TsigStatus.Malformed;
        }

        if (offset == 0)
        {
            if (_isFirst || _unsigned == MaxUnsigned)
            {
                return TsigStatus.SignatureMissing;
            }

            _unsigned++;
            TsigDigest.AppendMessage(Running(), message, BinaryPrimitives.ReadUInt16BigEndian(message), isCounted: false);
            return TsigStatus.Unsigned;
        }

        Span<byte> names = stackalloc byte[TsigRecord.NamesLength];
        if (!TsigRecord.TryRead(message, offset, names, out TsigRecord record))
        {
            return TsigStatus.Malformed;
        }

        TsigStatus status = Check(message, record);
        IsComplete = status == TsigStatus.Good;
        return status;
    }

    /// <summary>Ends the transaction.</summary>
    public void Dispose()
    {
        // One that is in the middle of something is not worth cleaning.
        _running = null;
    }

    private TsigStatus Check(ReadOnlySpan<byte> message, in TsigRecord record)
    {
        if (!record.KeyName.Equals(_key.Name.View) || !record.AlgorithmName.Equals(_algorithm.Name.View))
        {
            return TsigStatus.BadKey;
        }

        PeerError = record.Error;
        if (record.Error is DnsResponseCode.BadKey or DnsResponseCode.BadVersion && record.Mac.IsEmpty)
        {
            return TsigStatus.PeerError;
        }

        if (!TsigDigest.IsPossible(record.Mac.Length, _algorithm))
        {
            return TsigStatus.Malformed;
        }

        TsigMac mac = Running();
        TsigDigest.AppendMessage(mac, message[..record.Offset], record.OriginalId, isCounted: true);
        if (_isFirst)
        {
            TsigDigest.AppendVariables(mac, record);
        }
        else
        {
            TsigDigest.AppendTimers(mac, record);
        }

        bool holds = TsigDigest.FinishAndCompare(mac, _algorithm, record.Mac);
        _running = null;
        _key.Return(_algorithm, mac);
        if (!holds)
        {
            return TsigStatus.BadSignature;
        }

        record.Mac.CopyTo(_prior);
        _priorLength = record.Mac.Length;
        _isFirst = false;
        _unsigned = 0;
        if (record.Error != DnsResponseCode.NoError)
        {
            PeerTime = record.Error == DnsResponseCode.BadTime && record.OtherData.Length == 6 ? TsigRecord.ReadTime(record.OtherData) : 0;
            return TsigStatus.PeerError;
        }

        return !TsigDigest.IsTimely(record, TsigDigest.Now(_time)) ? TsigStatus.BadTime
            : record.Mac.Length < _key.MacLengthWith(_algorithm) ? TsigStatus.BadTruncation
            : TsigStatus.Good;
    }

    /// <summary>The MAC that the next signature will be, begun with the one before.</summary>
    private TsigMac Running()
    {
        if (_running is null)
        {
            _running = _key.Rent(_algorithm);
            TsigDigest.AppendPrior(_running, _prior.AsSpan(0, _priorLength));
        }

        return _running;
    }
}
