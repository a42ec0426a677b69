using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client.Transfers;

/// <summary>A conversation with a primary about one zone: which version it has, and the transfer of it, on one TCP connection.</summary>
/// <remarks>
/// The question for the version goes over TCP too: that costs nothing when a transfer follows, and nobody can forge the answer
/// (RFC 1034 §4.3.5 leaves the choice). A primary that closes the connection between two questions is connected to again.
/// For one question at a time.
/// </remarks>
public sealed class TransferSession : IDisposable
{
    private const int PrefixSize = 2;
    private const int RequestSize = 1024;
    private const int BufferSize = PrefixSize + ushort.MaxValue;

    private readonly TransferPrimary _primary;
    private readonly DnsName _zone;
    private readonly TransferOptions _options;
    private readonly TimeProvider _time;
    private readonly UpstreamRandom _random;
    private readonly byte[] _buffer;
    private Socket? _socket;
    private bool _isUsed;                // the connection has carried a whole answer
    private int _start;                  // where octets that were received, but not used, start and end
    private int _end;

    /// <summary>Prepares a conversation; connects with the first question.</summary>
    /// <param name="primary">The primary.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="options">What it may cost.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Ids.</param>
    public TransferSession(TransferPrimary primary, DnsName zone, TransferOptions options, TimeProvider time, UpstreamRandom random)
    {
        _primary = primary;
        _zone = zone;
        _options = options;
        _time = time;
        _random = random;
        _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    }

    /// <summary>Asks which version the primary has.</summary>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public async Task<SoaResult> AskVersionAsync(CancellationToken cancellationToken)
    {
        ushort id = _random.Next();
        ITransferSignature? signature = _primary.Key?.Start();
        SoaResult result = new(default, null);
        TransferFailure? failure = await AskAsync(Request(id, DnsRecordType.SOA, default, signature), Take, cancellationToken).ConfigureAwait(false);
        return failure is null ? result : new SoaResult(default, failure);

        TransferProgress Take(ReadOnlySpan<byte> message, out TransferFailure? why)
        {
            if (signature is not null && !signature.TryVerify(message, isLast: true, out string? problem))
            {
                why = new TransferFailure(TransferError.BadSignature, problem ?? "the answer's signature is wrong");
                return TransferProgress.Failed;
            }

            why = ReadVersion(message, id, out ZoneVersion version);
            result = new SoaResult(version, why);
            return why is null ? TransferProgress.Done : TransferProgress.Failed;
        }
    }

    /// <summary>Transfers the zone, or what has changed.</summary>
    /// <param name="present">The version whose changes are asked for (IXFR); null asks for the whole zone (AXFR).</param>
    /// <param name="sink">Takes the records.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public async Task<TransferResult> TransferAsync(ZoneVersion? present, ITransferSink sink, CancellationToken cancellationToken)
    {
        ushort id = _random.Next();
        ITransferSignature? signature = _primary.Key?.Start();
        var reader = new TransferReader(_zone, id, present?.Serial, _options.MaxOctets, sink);
        byte[] request = Request(id, present is null ? DnsRecordType.AXFR : DnsRecordType.IXFR, present?.SoaRdata ?? default, signature);
        TransferFailure? failure = await AskAsync(request, Take, cancellationToken).ConfigureAwait(false);
        return new TransferResult(reader.Kind, reader.Serial, failure, reader.Octets, reader.Records, reader.Foreign);

        TransferProgress Take(ReadOnlySpan<byte> message, out TransferFailure? why)
        {
            TransferProgress progress = reader.Take(message);
            why = reader.Failure;

            // An error code is more telling than the signature that such an answer may lack, except for NOTAUTH, behind which
            // the TSIG record says what is wrong with ours (RFC 8945 §5.2).
            bool isAboutKeys = DnsHeader.TryRead(message, out DnsHeader header) && header.ResponseCode == DnsResponseCode.NotAuthoritative;
            if ((progress != TransferProgress.Failed || isAboutKeys) && signature is not null && !signature.TryVerify(message, progress == TransferProgress.Done, out string? problem))
            {
                why = new TransferFailure(TransferError.BadSignature, problem ?? "the transfer's signature is wrong");
                return TransferProgress.Failed;
            }

            return progress;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket?.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private TransferFailure? ReadVersion(ReadOnlySpan<byte> message, ushort id, out ZoneVersion version)
    {
        version = default;
        var reader = new DnsReader(message);
        Span<byte> name = stackalloc byte[DnsNameView.MaxLength];
        if (!DnsHeader.TryRead(message, out DnsHeader header) || !header.IsResponse || header.Opcode != DnsOpcode.Query || header.Id != id || header.QuestionCount != 1
            || !reader.TryReadQuestion(out DnsQuestionView question) || question.Type != DnsRecordType.SOA || question.Class != DnsRecordClass.IN
            || !new DnsReader(message).TryReadName(name, out int length) || !new DnsNameView(name[..length]).Equals(_zone.View))
        {
            return new TransferFailure(TransferError.Malformed, "the primary did not answer the question for the SOA record");
        }

        if (header.ResponseCode != DnsResponseCode.NoError)
        {
            return new TransferFailure(TransferError.Refused, $"the primary answered {DnsResponseCodeText.Format(header.ResponseCode)} to the question for the SOA record");
        }

        if (!header.IsAuthoritative)
        {
            return new TransferFailure(TransferError.NotAuthoritative, "the primary is not authoritative for the zone");
        }

        byte[] rdata = new byte[(2 * DnsNameView.MaxLength) + 20];
        for (int i = 0; i < header.AnswerCount; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                break;
            }

            if (record.Type == DnsRecordType.SOA && record.Class == DnsRecordClass.IN && new DnsReader(message, record.OwnerOffset).TryReadName(name, out length)
                && new DnsNameView(name[..length]).Equals(_zone.View) && RdataWire.TryExpand(message, record, rdata, out int octets))
            {
                version = new ZoneVersion(rdata.AsMemory(0, octets));
                return null;
            }
        }

        return new TransferFailure(TransferError.Malformed, "the primary's answer has no SOA record of the zone");
    }

    private byte[] Request(ushort id, DnsRecordType type, ReadOnlyMemory<byte> soaRdata, ITransferSignature? signature)
    {
        byte[] buffer = new byte[PrefixSize + RequestSize + (signature?.MaxSize ?? 0)];
        Span<byte> message = buffer.AsSpan(PrefixSize);
        NameCompressor names = default;
        var writer = new DnsWriter(message[..RequestSize], ref names);
        Span<byte> header = stackalloc byte[DnsHeader.Size];
        new DnsHeader(id, 0, 1, 0, (ushort)(soaRdata.IsEmpty ? 0 : 1), 0).Write(header);

        // A kilobyte holds three names of full length.
        writer.TryWrite(header);
        writer.TryWrite(_zone.Wire);
        writer.TryWriteUInt16((ushort)type);
        writer.TryWriteUInt16((ushort)DnsRecordClass.IN);
        if (!soaRdata.IsEmpty)
        {
            writer.TryWriteRecord(_zone.View, DnsRecordType.SOA, DnsRecordClass.IN, 0, soaRdata.Span);
        }

        int length = signature?.Sign(message, writer.Length) ?? writer.Length;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        Array.Resize(ref buffer, PrefixSize + length);
        return buffer;
    }

    /// <summary>Sends a request and hands over messages until one of them is the last.</summary>
    private async Task<TransferFailure?> AskAsync(byte[] request, MessageTaker take, CancellationToken cancellationToken)
    {
        using var total = new CancellationTokenSource(_options.TotalTimeout, _time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token);
        try
        {
            bool mayReconnect = _isUsed;
            while (true)
            {
                bool answered = false;
                try
                {
                    await ConnectAsync(limited.Token).ConfigureAwait(false);
                    await SendAsync(request, limited.Token).ConfigureAwait(false);
                    while (true)
                    {
                        int length = await ReceiveAsync(limited.Token).ConfigureAwait(false);
                        if (length >= 0)
                        {
                            answered = true;
                            TransferProgress progress = take(_buffer.AsSpan(_start - length, length), out TransferFailure? failure);
                            if (progress == TransferProgress.More)
                            {
                                continue;
                            }

                            _isUsed = true;
                            if (progress == TransferProgress.Failed)
                            {
                                // What else comes on this connection belongs to the failed answer.
                                Disconnect();
                            }

                            return failure;
                        }

                        break;
                    }
                }
                catch (SocketException) when (mayReconnect && !answered)
                {
                    // The primary had closed the connection before the request came.
                }

                Disconnect();
                if (answered || !mayReconnect)
                {
                    return new TransferFailure(TransferError.Closed, "the primary closed the connection");
                }

                mayReconnect = false;
            }
        }
        catch (SocketException e)
        {
            Disconnect();
            bool unreachable = !_isUsed && e.SocketErrorCode is not (SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown);
            return new TransferFailure(unreachable ? TransferError.Unreachable : TransferError.Closed, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Disconnect();
            return new TransferFailure(TransferError.TimedOut, "the primary took too long");
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_socket is not null)
        {
            return;
        }

        _start = _end = 0;
        var socket = new Socket(_primary.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = new CancellationTokenSource(_options.ConnectTimeout, _time);
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            await socket.ConnectAsync(_primary.Address, limited.Token).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _socket = socket;
    }

    private async Task SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.MessageTimeout, _time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        while (!octets.IsEmpty)
        {
            octets = octets[await _socket!.SendAsync(octets, limited.Token).ConfigureAwait(false)..];
        }
    }

    /// <summary>Receives a message; it then ends at <see cref="_start"/>.</summary>
    /// <returns>Its length in octets; -1 when the connection has ended.</returns>
    private async ValueTask<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (TryTakeMessage(out int length))
        {
            return length;
        }

        using var limit = new CancellationTokenSource(_options.MessageTimeout, _time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        do
        {
            int received = await _socket!.ReceiveAsync(_buffer.AsMemory(_end), limited.Token).ConfigureAwait(false);
            if (received == 0)
            {
                return -1;
            }

            _end += received;
        }
        while (!TryTakeMessage(out length));
        return length;
    }

    private bool TryTakeMessage(out int length)
    {
        length = _end - _start < PrefixSize ? int.MaxValue - PrefixSize : BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
        if (_end - _start < PrefixSize + length)
        {
            return false;
        }

        _start += PrefixSize + length;
        return true;
    }

    private void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private delegate TransferProgress MessageTaker(ReadOnlySpan<byte> message, out TransferFailure? failure);
}
