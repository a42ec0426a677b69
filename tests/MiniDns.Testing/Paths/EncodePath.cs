using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Testing.Paths;

/// <summary>From a response to its octets: an RRset by reference, or an image whose TTLs are set.</summary>
internal sealed class EncodePath(bool fromImage) : QueryPath
{
    private readonly DnsQuery _query = new(2048, 4096);
    private readonly RRset _records = new(DnsName.Parse("www.example.org."), DnsRecordType.A, DnsRecordClass.IN, 60, [(ReadOnlyMemory<byte>)new byte[] { 192, 0, 2, 1 }]);
    private WireImage? _image;

    public override void Run()
    {
        _query.Response.Clear();
        if (_image is not null)
        {
            _query.Response.UseImage(_image, TtlMode.Subtract, 5);
        }
        else
        {
            _query.Response.Add(DnsSection.Answer, _records, _query.LowerName);
        }

        if (ResponseEncoder.Encode(_query) <= _query.QuestionEnd)
        {
            throw new InvalidOperationException("the reply has no record");
        }
    }

    protected override Task SetUpAsync()
    {
        int length = _query.WriteQuestion(_records.Owner.View, DnsRecordType.A, DnsRecordClass.IN, DnsHeader.RecursionDesiredFlag, dnssecOk: false);
        _query.Begin(length, DnsTransport.Udp);
        if (fromImage)
        {
            _query.Response.Add(DnsSection.Answer, _records, _query.LowerName);
            length = ResponseEncoder.Encode(_query);
            if (!WireImage.TryCreate(_query.SendBuffer.AsSpan(0, length), out _image))
            {
                throw new InvalidOperationException("no image could be made");
            }
        }

        return Task.CompletedTask;
    }
}
