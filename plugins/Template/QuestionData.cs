using MiniDns.Plugins.Template.Engine;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Template;

/// <summary>A query's question, with the fields that it has in CoreDNS.</summary>
internal sealed class QuestionData(DnsQuery query) : TemplateObject
{
    /// <inheritdoc/>
    public override bool TryGet(string field, out TemplateValue value)
    {
        TemplateValue? found = field switch
        {
            "Name" => TemplateValue.From(query.AskedName.ToString()),
            "Qtype" => TemplateValue.From((ulong)query.Type),
            "Qclass" => TemplateValue.From((ulong)query.Class),
            _ => null,
        };
        value = found ?? default;
        return found is not null;
    }

    /// <inheritdoc/>
    public override string Print() => $";{query.AskedName.ToString()}\t{DnsClassText.Format(query.Class)}\t {DnsTypeText.Format(query.Type)}";
}
