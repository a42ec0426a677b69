using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Tsig;

/// <summary>What the directive says.</summary>
internal sealed record TsigOptions
{
    /// <summary>The zones whose queries are checked, in lower case.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>The keys of this directive.</summary>
    public IReadOnlyList<TsigKey> Keys { get; init; } = [];

    /// <summary>True when queries of every type have to be signed.</summary>
    public bool RequiresAllTypes { get; init; }

    /// <summary>The types whose queries have to be signed.</summary>
    public IReadOnlySet<DnsRecordType> RequiredTypes { get; init; } = new HashSet<DnsRecordType>();

    /// <summary>True when messages of every opcode have to be signed.</summary>
    public bool RequiresAllOpcodes { get; init; }

    /// <summary>The opcodes whose messages have to be signed.</summary>
    public IReadOnlySet<DnsOpcode> RequiredOpcodes { get; init; } = new HashSet<DnsOpcode>();

    /// <summary>True when a message has to be signed.</summary>
    public bool Requires(DnsRecordType type, DnsOpcode opcode) =>
        RequiresAllTypes || RequiresAllOpcodes || RequiredTypes.Contains(type) || RequiredOpcodes.Contains(opcode);
}
