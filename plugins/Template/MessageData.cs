using MiniDns.Plugins.Template.Engine;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Template;

/// <summary>A query's message: its header and question, with the names that they have in CoreDNS. Its records are not there.</summary>
internal sealed class MessageData(DnsQuery query) : TemplateObject
{
    /// <inheritdoc/>
    public override bool TryGet(string field, out TemplateValue value)
    {
        DnsHeader header = query.Header;
        TemplateValue? found = field switch
        {
            "Id" => TemplateValue.From((ulong)header.Id),
            "Response" => TemplateValue.From(header.IsResponse),
            "Opcode" => TemplateValue.From((long)header.Opcode),
            "Authoritative" => TemplateValue.From(header.IsAuthoritative),
            "Truncated" => TemplateValue.From(header.IsTruncated),
            "RecursionDesired" => TemplateValue.From(header.RecursionDesired),
            "RecursionAvailable" => TemplateValue.From((header.Flags & DnsHeader.RecursionAvailableFlag) != 0),
            "AuthenticatedData" => TemplateValue.From(header.AuthenticData),
            "CheckingDisabled" => TemplateValue.From(header.CheckingDisabled),
            "Rcode" => TemplateValue.From((long)header.ResponseCode),
            "Question" => TemplateValue.From(new TemplateArray([TemplateValue.From(new QuestionData(query))])),
            _ => null,
        };
        value = found ?? default;
        return found is not null;
    }
}
