using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Client.Transfers;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Client.Tests.Transfers;

public sealed class TransferReaderTests
{
    private const ushort Id = 4711;
    private const string Zone = "example.org.";

    private static readonly DnsName Origin = DnsName.Parse(Zone);

    private readonly CollectingSink _sink = new();

    [Fact]
    public void Rfc5936_2_2_a_whole_zone_ends_with_the_SOA_it_starts_with()
    {
        TransferReader reader = Reader(null);
        Assert.Equal(TransferProgress.More, reader.Take(Message(DnsRecordType.AXFR, Soa(1), A("a", 1))));
        Assert.Equal(TransferProgress.More, reader.Take(Message(default, A("b", 2), A("c.b", 3))));
        Assert.Equal(TransferProgress.Done, reader.Take(Message(default, Soa(1))));
        Assert.Equal(TransferKind.Full, reader.Kind);
        Assert.Equal(TransferKind.Full, _sink.Kind);
        Assert.Equal(1u, _sink.Serial);
        Assert.Equal(["+ a.example.org. A 3600 C0000201", "+ b.example.org. A 3600 C0000202", "+ c.b.example.org. A 3600 C0000203"], _sink.Data);
        Assert.Single(_sink.Lines, l => l.Contains(" SOA ", StringComparison.Ordinal));
    }

    [Fact]
    public void Rfc5936_2_2_a_message_may_hold_one_record_and_the_zone_only_its_SOA()
    {
        TransferReader reader = Reader(null);
        Assert.Equal(TransferProgress.More, reader.Take(Message(DnsRecordType.AXFR, Soa(1))));
        Assert.Equal(TransferProgress.Done, reader.Take(Message(DnsRecordType.AXFR, Soa(1))));
        Assert.Equal(TransferKind.Full, reader.Kind);
        Assert.Single(_sink.Lines);
    }

    [Fact]
    public void Rfc1995_2_a_lone_SOA_that_is_not_newer_says_that_nothing_has_changed()
    {
        Assert.Equal(TransferProgress.Done, Reader(5).Take(Message(DnsRecordType.IXFR, Soa(5))));
        Assert.Equal(TransferKind.Current, _sink.Kind);
        Assert.Empty(_sink.Lines);
    }

    [Fact]
    public void Rfc1995_4_changes_come_version_by_version()
    {
        TransferReader reader = Reader(1);
        Assert.Equal(TransferProgress.More, reader.Take(Message(DnsRecordType.IXFR, Soa(3))));
        Assert.Equal(TransferProgress.More, reader.Take(Message(default, Soa(1), A("a", 1), Soa(2), A("b", 2), A("c", 3), Soa(2))));
        Assert.Equal(TransferProgress.Done, reader.Take(Message(default, A("b", 2), Soa(3), Soa(3))));
        Assert.Equal(TransferKind.Incremental, _sink.Kind);
        Assert.Equal(3u, _sink.Serial);
        Assert.Equal(["- a.example.org. A 3600 C0000201", "+ b.example.org. A 3600 C0000202", "+ c.example.org. A 3600 C0000203", "- b.example.org. A 3600 C0000202"], _sink.Data);
        Assert.Equal(['-', '+', '-', '+'], _sink.Lines.Where(l => l.Contains(" SOA ", StringComparison.Ordinal)).Select(l => l[0]));
    }

    [Fact]
    public void Rfc1995_4_an_incremental_question_may_be_answered_with_the_whole_zone()
    {
        TransferReader reader = Reader(1);
        Assert.Equal(TransferProgress.Done, reader.Take(Message(DnsRecordType.IXFR, Soa(9), A("a", 1), Soa(9))));
        Assert.Equal(TransferKind.Full, _sink.Kind);
    }

    [Fact]
    public void Rfc1982_serial_numbers_wrap_around()
    {
        TransferReader reader = Reader(uint.MaxValue);
        Assert.Equal(TransferProgress.Done, reader.Take(Message(DnsRecordType.IXFR, Soa(2), Soa(uint.MaxValue), Soa(2), A("a", 1), Soa(2))));
        Assert.Equal(TransferKind.Incremental, _sink.Kind);
    }

    [Fact]
    public void Records_outside_of_the_zone_are_left_out_and_counted()
    {
        TransferReader reader = Reader(null);
        PrimaryRecord foreign = new("www.example.com.", DnsRecordType.A, 1, "C0000201");
        Assert.Equal(TransferProgress.Done, reader.Take(Message(DnsRecordType.AXFR, Soa(1), foreign, A("a", 1), Soa(1))));
        Assert.Equal(1, reader.Foreign);
        Assert.Single(_sink.Data);
    }

    [Theory]
    [InlineData("no SOA first", "A")]
    [InlineData("records after the end", "1 A 1 A")]
    [InlineData("another version at the end", "1 A 2")]
    [InlineData("a SOA of a name below", "1 sub 1")]
    [InlineData("a type for questions", "1 ANY 1")]
    [InlineData("OPT among the records", "1 OPT 1")]
    public void Rfc5936_what_is_no_whole_zone_is_refused(string what, string records)
    {
        Assert.Equal(TransferProgress.Failed, Reader(null).Take(Message(DnsRecordType.AXFR, Records(records))));
        Assert.NotEqual("", what);
    }

    [Theory]
    [InlineData("changes from another version", "3 2 A 3 A 3")]
    [InlineData("a gap between versions", "4 1 2 3 4 4")]
    [InlineData("a version that goes back", "3 1 0")]
    [InlineData("records after the end", "2 1 A 2 A 2 A")]
    public void Rfc1995_changes_that_do_not_follow_are_refused(string what, string records)
    {
        TransferReader reader = Reader(1);
        Assert.Equal(TransferProgress.Failed, reader.Take(Message(DnsRecordType.IXFR, Records(records))));
        Assert.Equal(TransferError.Malformed, reader.Failure?.Error);
        Assert.NotEqual("", what);
    }

    [Fact]
    public void A_message_that_answers_something_else_is_refused()
    {
        Assert.Equal(TransferProgress.Failed, Reader(null).Take(TransferMessage.Of(Id + 1, TransferMessage.Question(Zone, DnsRecordType.AXFR), [Soa(1)])));
        Assert.Equal(TransferProgress.Failed, Reader(null).Take(Message(DnsRecordType.IXFR, Soa(1))));
        Assert.Equal(TransferProgress.Failed, Reader(null).Take(TransferMessage.Of(Id, TransferMessage.Question("example.net.", DnsRecordType.AXFR), [Soa(1)])));
        Assert.Equal(TransferProgress.Failed, Reader(null).Take(TransferMessage.Of(Id, [], [Soa(1)], flags: DnsHeader.TruncatedFlag)));
        byte[] query = TransferMessage.Of(Id, TransferMessage.Question(Zone, DnsRecordType.AXFR), [Soa(1)]);
        query[2] &= 0x7F;
        Assert.Equal(TransferProgress.Failed, Reader(null).Take(query));
        Assert.Null(_sink.Kind);
    }

    [Theory]
    [InlineData(DnsResponseCode.Refused)]
    [InlineData(DnsResponseCode.NotAuthoritative)]
    [InlineData(DnsResponseCode.NotImplemented)]
    public void An_error_code_is_the_reason(DnsResponseCode code)
    {
        TransferReader reader = Reader(null);
        Assert.Equal(TransferProgress.Failed, reader.Take(TransferMessage.Of(Id, [], [], code)));
        Assert.Equal(TransferError.Refused, reader.Failure!.Error);
        Assert.Contains(DnsResponseCodeText.Format(code), reader.Failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transfer_that_does_not_end_is_stopped_at_its_limit()
    {
        var reader = new TransferReader(Origin, Id, null, 1000, _sink);
        Assert.Equal(TransferProgress.More, reader.Take(Message(DnsRecordType.AXFR, Soa(1))));
        int messages = 0;
        while (reader.Take(Message(default, A("a", 1))) == TransferProgress.More)
        {
            Assert.True(++messages < 1000);
        }

        Assert.Equal(TransferError.TooLarge, reader.Failure!.Error);
    }

    [Fact]
    public void Damaged_octets_never_throw_and_never_pass_a_record_outside_of_the_zone()
    {
        byte[] whole = Message(DnsRecordType.IXFR, Soa(3), Soa(1), A("a", 1), Soa(2), A("b", 2), Soa(2), A("b", 2), Soa(3), A("c", 3), Soa(3));
        Prop.ForAll(
            Gen.Choose(0, whole.Length - 1).Two().ToArbitrary(),
            Gen.Choose(0, 255).ToArbitrary(),
            Gen.Choose(0, whole.Length).ToArbitrary(),
            (at, value, length) =>
            {
                byte[] damaged = whole[..length];
                foreach (int place in new[] { at.Item1, at.Item2 })
                {
                    if (place < length)
                    {
                        damaged[place] = (byte)value;
                    }
                }

                var sink = new CollectingSink();
                new TransferReader(Origin, Id, 1, 65536, sink).Take(damaged);
                return sink.Lines.TrueForAll(l => l.Split(' ')[1].EndsWith(Zone, StringComparison.OrdinalIgnoreCase));
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(0, 1, false)]
    [InlineData(5, 5, false)]
    [InlineData(0, uint.MaxValue, true)]
    [InlineData(100, 4294967200, true)]
    [InlineData(2147483647, 0, true)]
    [InlineData(2147483648, 0, false)]
    [InlineData(0, 2147483648, false)]
    public void Rfc1982_3_2_comparison(uint candidate, uint current, bool newer) => Assert.Equal(newer, SerialNumber.IsNewer(candidate, current));

    private static PrimaryRecord Soa(uint serial, string owner = Zone) =>
        PrimaryRecord.Parse(Zone, string.Create(CultureInfo.InvariantCulture, $"{owner} SOA ns hostmaster {serial} 3600 600 86400 300\n"))[0];

    private static PrimaryRecord A(string owner, int last) => new($"{owner}.{Zone}", DnsRecordType.A, 3600, $"C00002{last:X2}");

    private static PrimaryRecord[] Records(string words) =>
    [
        .. words.Split(' ').Select(w => w switch
        {
            "A" => A("a", 1),
            "sub" => Soa(1, "sub.example.org."),
            "ANY" => new PrimaryRecord(Zone, DnsRecordType.ANY, 1, ""),
            "OPT" => new PrimaryRecord(Zone, DnsRecordType.OPT, 1, ""),
            _ => Soa(uint.Parse(w, CultureInfo.InvariantCulture)),
        }),
    ];

    private static byte[] Message(DnsRecordType question, params PrimaryRecord[] records) =>
        TransferMessage.Of(Id, question == default ? [] : TransferMessage.Question(Zone, question), records);

    private TransferReader Reader(uint? present) => new(Origin, Id, present, 1 << 20, _sink);
}
