using System.Buffers.Binary;
using MiniDns.Plugins.Cache;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>A cache from a Corefile stanza with a source behind it.</summary>
internal sealed class CacheBench
{
    public CacheBench(string stanza, CacheBench? previous = null)
    {
        Source = previous?.Source ?? new FakeSource();
        Harness = PluginHarness.Stanza(stanza + "\nsource", previous?.Harness, [new CachePlugin(), Source]);
        Assert.True(Harness.IsAccepted, Harness.Errors);
    }

    public FakeSource Source { get; }

    public PluginHarness Harness { get; }

    public static CacheBench With(string stanza, Func<DnsQuery, DnsOutcome> answer)
    {
        var bench = new CacheBench(stanza);
        bench.Source.Answer = answer;
        return bench;
    }

    public void Advance(double seconds) => Harness.Time.Advance(TimeSpan.FromSeconds(seconds));

    public Reply Ask(string name, DnsRecordType type = DnsRecordType.A, bool dnssecOk = false, ushort flags = DnsHeader.RecursionDesiredFlag, DnsRecordClass @class = DnsRecordClass.IN)
    {
        Begin(name, type, dnssecOk, flags, @class);
        int length = Harness.Chain.Run();
        return Reply.Read(Harness.Chain.Query.SendBuffer.AsSpan(0, length));
    }

    public async Task<Reply> AskAsync(string name, DnsRecordType type = DnsRecordType.A, bool dnssecOk = false) =>
        Reply.Read((await Harness.Chain.AskAsync(name, type, dnssecOk)).Span);

    public void Begin(string name, DnsRecordType type = DnsRecordType.A, bool dnssecOk = false, ushort flags = DnsHeader.RecursionDesiredFlag, DnsRecordClass @class = DnsRecordClass.IN) =>
        Harness.Chain.BeginAgain(Harness.Chain.Query.WriteQuestion(DnsName.Parse(name).View, type, @class, flags, dnssecOk));

    /// <summary>The value of a series of the cache, summed over its labels.</summary>
    public double Metric(string name, string? type = null) => Harness.Metrics.Snapshot()
        .Where(s => (s.Name == "coredns_cache_" + name || s.Name == "minidns_cache_" + name) && (type is null || s.Labels.Any(l => l.Key == "type" && l.Value == type)))
        .Sum(s => s.Read());
}

/// <summary>What a reply says.</summary>
internal sealed record Reply(DnsResponseCode Code, DnsHeader Header, string Question, int Answers, uint[] Ttls, byte[][] Rdatas, ushort? ExtendedError)
{
    public uint Ttl => Assert.Single(Ttls.Distinct());

    public string Address => new System.Net.IPAddress(Rdatas[0]).ToString();

    public static Reply Read(ReadOnlySpan<byte> message)
    {
        Assert.True(DnsHeader.TryRead(message, out DnsHeader header));
        var reader = new DnsReader(message);
        Assert.True(reader.TryReadQuestion(out DnsQuestionView question));
        var ttls = new List<uint>();
        var rdatas = new List<byte[]>();
        ushort? extendedError = null;
        int records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        for (int i = 0; i < records; i++)
        {
            Assert.True(reader.TryReadRecord(out DnsRecordView record));
            if (record.Type == DnsRecordType.OPT)
            {
                Assert.True(EdnsView.TryRead(message, record, out EdnsView edns));
                extendedError = edns.TryGetOption(message, EdnsOptionCode.ExtendedError, out ReadOnlySpan<byte> data) ? BinaryPrimitives.ReadUInt16BigEndian(data) : null;
                continue;
            }

            ttls.Add(record.Ttl);
            rdatas.Add(message.Slice(record.RdataOffset, record.RdataLength).ToArray());
        }

        Assert.Equal(message.Length, reader.Position);
        string asked = new DnsNameView(message[question.NameOffset..(question.End - 4)]).ToString();
        return new Reply(header.ResponseCode, header, asked, header.AnswerCount, [.. ttls], [.. rdatas], extendedError);
    }
}
