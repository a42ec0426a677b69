using MiniDns.Client.Transfers;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;
using MiniDns.Testing;

namespace MiniDns.Client.Tests.Transfers;

public sealed class TsigTransferKeyTests
{
    private readonly TestTimeProvider _clientClock = new();
    private readonly TestTimeProvider _serverClock = new();

    [Fact]
    public void Rfc8945_5_3_1_the_last_message_is_signed()
    {
        ITransferSignature signature = Key([1]).Start();
        TsigResponder server = Receive(signature, Key8([1]));
        Assert.True(signature.TryVerify(Reply(server), isLast: false, out string? problem), problem);
        Assert.True(signature.TryVerify(Message(), isLast: false, out problem), problem);
        Assert.False(signature.TryVerify(Message(), isLast: true, out problem));
        Assert.Equal("the last message is not signed", problem);
    }

    [Theory]
    [InlineData(1, 0, "the server has another secret for the key (BADSIG)")]
    [InlineData(0, 3600, "the server's clock differs: it has 2026-01-01 01:00:00Z (BADTIME)")]
    public void What_the_server_says_is_wrong_is_said(byte difference, int secondsAhead, string expected)
    {
        _serverClock.Advance(TimeSpan.FromSeconds(secondsAhead));
        ITransferSignature signature = Key([1]).Start();
        TsigResponder server = Receive(signature, Key8([(byte)(1 + difference)]));
        Assert.False(signature.TryVerify(Reply(server), isLast: true, out string? problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void A_reply_that_is_not_signed_is_not_believed()
    {
        ITransferSignature signature = Key([1]).Start();
        Receive(signature, Key8([1]));
        Assert.False(signature.TryVerify(Message(), isLast: true, out string? problem));
        Assert.Equal("a message that has to be signed is not", problem);
    }

    private static TsigKey Key8(byte[] secret) => new(DnsName.Parse("a.key."), secret);

    private static byte[] Message()
    {
        byte[] message = [.. new byte[DnsHeader.Size], 0, 0, 252, 0, 1];
        new DnsHeader(7, 0x8000, 1, 0, 0, 0).Write(message);
        return message;
    }

    private static byte[] Reply(TsigResponder server)
    {
        byte[] message = Message();
        byte[] buffer = new byte[1024];
        message.CopyTo(buffer, 0);
        return buffer[..server.Sign(buffer, message.Length)];
    }

    private TsigTransferKey Key(byte[] secret) => new(Key8(secret), _clientClock);

    private TsigResponder Receive(ITransferSignature signature, TsigKey key)
    {
        byte[] request = Message();
        byte[] buffer = new byte[request.Length + signature.MaxSize];
        request.CopyTo(buffer, 0);
        int length = signature.Sign(buffer, request.Length);
        Assert.Equal(buffer.Length, length);
        TsigResponder server = new();
        Assert.True(TsigRecord.TryLocate(buffer, out int offset));
        server.Verify(buffer, offset, new TsigKeyring([key]), _serverClock);
        return server;
    }
}
