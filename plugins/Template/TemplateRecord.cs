using MiniDns.Plugins.Template.Engine;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Template;

/// <summary>A record of a template's answer.</summary>
/// <param name="Section">Where it goes.</param>
/// <param name="Template">What makes it.</param>
/// <param name="Constant">The record, when it is the same for every query; it was then made when the configuration was read.</param>
internal sealed record TemplateRecord(DnsSection Section, CompiledTemplate Template, RRset? Constant)
{
    /// <summary>The section, as metrics name it.</summary>
    public string SectionName => Section switch
    {
        DnsSection.Answer => "answer",
        DnsSection.Authority => "authority",
        _ => "additional",
    };
}
