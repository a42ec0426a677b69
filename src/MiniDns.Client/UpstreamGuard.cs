using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Client;

/// <summary>What makes answers of one upstream over UDP hard to forge, besides ids and ports: the case of names, and cookies (RFC 7873).</summary>
/// <remarks>
/// An answer that lacks what the upstream is known for is not believed and not waited out either: its question goes over TCP. What comes back there
/// tells whether the first answer was forged, or the upstream does not know this protection (any more); then it is done without.
/// </remarks>
internal sealed class UpstreamGuard
{
    /// <summary>The most octets that <see cref="Prepare"/> adds to a message: OPT and the longest cookie.</summary>
    public const int MaxAddition = OptFixedSize + 4 + ClientCookieSize + 32;

    private const int OptFixedSize = 11;
    private const int ClientCookieSize = 8;

    /// <summary>After so many checks over TCP in a row without any answer, the upstream is believed to have no TCP.</summary>
    private const int MaxFailedChecks = 3;

    /// <summary>Of so many messages whose options are somebody's choice one offers a cookie.</summary>
    private const int OfferInterval = 64;

    /// <summary>A name with fewer letters proves nothing about an upstream that kept their case.</summary>
    private const int TellingLetters = 6;

    private readonly UpstreamRandom _random;
    private readonly IUpstreamMeter _meter;
    private readonly byte[] _clientCookie = new byte[ClientCookieSize];
    private volatile byte[] _option;        // a whole COOKIE option, made anew when the server's part changes
    private volatile bool _randomizesCase;
    private volatile bool _keepsCase;
    private volatile bool _usesCookies;
    private volatile bool _expectsCookie;
    private int _failedChecks;
    private int _withheld;

    public UpstreamGuard(UpstreamOptions options, UpstreamRandom random, IUpstreamMeter meter)
    {
        _random = random;
        _meter = meter;
        _randomizesCase = options.RandomizeCase;
        _usesCookies = options.Cookies;
        for (int i = 0; i < ClientCookieSize; i += sizeof(ushort))
        {
            BinaryPrimitives.WriteUInt16BigEndian(_clientCookie.AsSpan(i), random.Next());
        }

        _option = OptionOf([]);
    }

    /// <summary>Makes a request ready for UDP.</summary>
    public void Prepare(UpstreamExchange exchange)
    {
        if (_randomizesCase && !exchange.KeepsCase && (exchange.HasOpt || exchange.MayAddOpt))
        {
            // Anything else may be signed as a whole (RFC 8945).
            exchange.RandomizeCase(_random);
        }

        // Cookies are offered where there is OPT anyway; a message without it gets one only when the upstream is known to understand.
        bool expects = _expectsCookie;
        if (_usesCookies && !exchange.WithoutCookie && ((exchange.HasOpt && (expects || Offers(exchange))) || (expects && exchange.MayAddOpt)))
        {
            exchange.AppendOption(_option);
            exchange.ExpectsCookie = expects;
        }
    }

    /// <summary>True when a cookie is offered to an upstream that has sent none yet. Where the options are somebody's choice that is done now and
    /// then: an upstream that is asked nothing else would never be known to send cookies.</summary>
    private bool Offers(UpstreamExchange exchange) => !exchange.OffersFewCookies || (Interlocked.Increment(ref _withheld) & (OfferInterval - 1)) == 0;

    /// <summary>Judges a message that has the exchange's id and came from the upstream's address.</summary>
    public AnswerVerdict Judge(UpstreamExchange exchange, ReadOnlySpan<byte> message)
    {
        if (!exchange.IsAnswer(message))
        {
            return AnswerVerdict.Ignore;
        }

        if (exchange.RandomizedLetters > 0)
        {
            if (!exchange.RepeatsCase(message))
            {
                return Doubt(exchange, AnswerDoubt.Case);
            }

            if (!_keepsCase && exchange.RandomizedLetters >= TellingLetters)
            {
                _keepsCase = true;
            }
        }

        if (exchange.HasAppendedOption)
        {
            if (!TryFindCookie(message[exchange.QuestionEnd..], out ReadOnlySpan<byte> server))
            {
                if (exchange.ExpectsCookie)
                {
                    return Doubt(exchange, AnswerDoubt.Cookie);
                }

                // A server that does not know an option should ignore it (RFC 6891 §6.1.2); not every one does.
                exchange.WithoutCookie = CodeOf(message) == DnsResponseCode.FormatError;
                return exchange.WithoutCookie ? AnswerVerdict.AskAgain : AnswerVerdict.Take;
            }

            Learn(server);
            if (IsBadCookie(message))
            {
                return AnswerVerdict.AskAgain;
            }
        }
        else if (exchange.WithoutCookie && CodeOf(message) != DnsResponseCode.FormatError)
        {
            GiveUp(AnswerDoubt.Cookie);
        }

        return AnswerVerdict.Take;
    }

    /// <summary>Draws the conclusions from a check over TCP.</summary>
    /// <param name="exchange">The exchange, whose check has ended.</param>
    /// <returns>True when the question is to be asked again over UDP, now that less is expected.</returns>
    public bool Conclude(UpstreamExchange exchange)
    {
        AnswerDoubt doubt = exchange.Doubt;
        exchange.Doubt = AnswerDoubt.None;
        if (exchange.Status == ExchangeStatus.Answered)
        {
            Interlocked.Exchange(ref _failedChecks, 0);
            bool stands = doubt == AnswerDoubt.Case ? exchange.CheckRepeatedCase : TryFindCookie(exchange.Response[exchange.QuestionEnd..], out _);
            if (!stands)
            {
                GiveUp(doubt);
            }

            return false;
        }

        if (exchange.Status is ExchangeStatus.Busy or ExchangeStatus.Stopped)
        {
            return false;
        }

        // Nobody answers over TCP. An upstream that never kept the case most likely does not; one that did is believed to for a while.
        if ((doubt == AnswerDoubt.Case && !_keepsCase) || Interlocked.Increment(ref _failedChecks) >= MaxFailedChecks)
        {
            Interlocked.Exchange(ref _failedChecks, 0);
            GiveUp(doubt);
            return true;
        }

        return false;
    }

    private static DnsResponseCode CodeOf(ReadOnlySpan<byte> message) => (DnsResponseCode)(message[3] & 0xF);

    private static bool IsBadCookie(ReadOnlySpan<byte> message)
    {
        var reader = new DnsReader(message);
        if ((int)CodeOf(message) != ((int)DnsResponseCode.BadCookie & 0xF) || !reader.TryReadQuestion(out _))
        {
            return false;
        }

        while (reader.TryReadRecord(out DnsRecordView record))
        {
            if (record.Type == DnsRecordType.OPT)
            {
                return record.Ttl >> 24 == (uint)DnsResponseCode.BadCookie >> 4;
            }
        }

        return false;
    }

    private AnswerVerdict Doubt(UpstreamExchange exchange, AnswerDoubt doubt)
    {
        exchange.Doubt = doubt;
        _meter.AnswerDoubted(doubt);
        return AnswerVerdict.Doubt;
    }

    private void GiveUp(AnswerDoubt protection)
    {
        lock (_clientCookie)
        {
            if (protection == AnswerDoubt.Case ? !_randomizesCase : !_usesCookies)
            {
                return;
            }

            if (protection == AnswerDoubt.Case)
            {
                _randomizesCase = false;
            }
            else
            {
                _usesCookies = false;
                _expectsCookie = false;
            }
        }

        _meter.ProtectionGivenUp(protection);
    }

    /// <summary>Finds our cookie with a server's behind it. Nobody else knows its eight octets: where they stand does not matter.</summary>
    private bool TryFindCookie(ReadOnlySpan<byte> records, out ReadOnlySpan<byte> server)
    {
        server = default;
        int at = records.IndexOf(_clientCookie);
        if (at < 4)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(records[(at - 2)..]);
        if (BinaryPrimitives.ReadUInt16BigEndian(records[(at - 4)..]) != (ushort)EdnsOptionCode.Cookie || length is < 16 or > 40 || at + length > records.Length)
        {
            return false;
        }

        server = records[(at + ClientCookieSize)..(at + length)];
        return true;
    }

    private void Learn(ReadOnlySpan<byte> server)
    {
        if (!_option.AsSpan(4 + ClientCookieSize).SequenceEqual(server))
        {
            _option = OptionOf(server);
            _expectsCookie = _usesCookies;
        }
    }

    private byte[] OptionOf(ReadOnlySpan<byte> server)
    {
        byte[] option = new byte[4 + ClientCookieSize + server.Length];
        BinaryPrimitives.WriteUInt16BigEndian(option, (ushort)EdnsOptionCode.Cookie);
        BinaryPrimitives.WriteUInt16BigEndian(option.AsSpan(2), (ushort)(ClientCookieSize + server.Length));
        _clientCookie.CopyTo(option, 4);
        server.CopyTo(option.AsSpan(4 + ClientCookieSize));
        return option;
    }
}
