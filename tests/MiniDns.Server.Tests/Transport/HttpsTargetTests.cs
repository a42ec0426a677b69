using System.Buffers.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Queries;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Tests.Transport;

/// <summary>Messages in targets, and ages of replies: for whatever comes.</summary>
public class HttpsTargetTests
{
    [Fact]
    public void Every_message_is_read_back() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>().Filter(m => m is not null), message =>
        {
            var query = new DnsQuery(512, 512);
            string text = Base64Url.EncodeToString(message);
            return new[] { $"?dns={text}", $"dns={text}", $"?ct=x&dns={text}&dnsx=1", "?dns=" + text.Replace("-", "%2D", StringComparison.Ordinal) }.All(target =>
                HttpsTarget.Decode(target, query, out int length) == 200 && query.ReceiveBuffer.AsSpan(0, length).SequenceEqual(message));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_comes_has_a_status() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(t => t is not null), text =>
        {
            var query = new DnsQuery(512, 512);
            return HttpsTarget.Decode(text, query, out _) is 400 or 200 && HttpsTarget.Decode("?dns=" + text, query, out int length) is 400 or 200 && length <= query.ReceiveBuffer.Length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_reply_makes_the_reading_of_its_age_fail() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>().Filter(m => m is not null), octets =>
        {
            // Whatever follows a header that promises records: none of it is read beyond the end.
            byte[] reply = [0, 1, 0x80, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, .. octets];
            _ = HttpsFreshness.SecondsOf(reply);
            _ = HttpsFreshness.SecondsOf(octets);
            return true;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(60_000, 200)]
    [InlineData(65_535, 200)]
    [InlineData(65_536, 413)]
    public void A_message_has_65535_octets_at_most(int octets, int status) =>
        Assert.Equal(status, HttpsTarget.Decode("dns=" + Base64Url.EncodeToString(new byte[octets]), new DnsQuery(512, 512), out _));
}
