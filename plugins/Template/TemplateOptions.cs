using MiniDns.Configuration;
using MiniDns.Expressions;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Template;

/// <summary>What one <c>template</c> directive says.</summary>
internal sealed record TemplateOptions
{
    /// <summary>The zones it is for, in lower case.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>The class it is for; ANY for all.</summary>
    public required DnsRecordClass Class { get; init; }

    /// <summary>The type it is for; ANY for all.</summary>
    public required DnsRecordType Type { get; init; }

    /// <summary>The expressions of which one has to match the name; none matches every name.</summary>
    public IReadOnlyList<GoRegex> Patterns { get; init; } = [];

    /// <summary>The variables, in the order they are evaluated.</summary>
    public IReadOnlyList<(string Name, Expression Value)> Variables { get; init; } = [];

    /// <summary>What has to be true too for the directive to answer.</summary>
    public IReadOnlyList<Expression> Conditions { get; init; } = [];

    /// <summary>The labels of metadata that variables and conditions ask for.</summary>
    public IEnumerable<MetadataLabel> Labels => Variables.Select(v => v.Value).Concat(Conditions).SelectMany(e => e.Labels);

    /// <summary>The records, the answer's first, then those of the additional and of the authority section.</summary>
    public IReadOnlyList<TemplateRecord> Records { get; init; } = [];

    /// <summary>The response code.</summary>
    public DnsResponseCode Code { get; init; }

    /// <summary>The INFO-CODE to send (RFC 8914); null for none.</summary>
    public ushort? ErrorCode { get; init; }

    /// <summary>The EXTRA-TEXT to send with it, in UTF-8.</summary>
    public ReadOnlyMemory<byte> ErrorText { get; init; }

    /// <summary>Which names go on when no expression matches.</summary>
    public Fallthrough Fallthrough { get; init; } = Fallthrough.None;
}
