using System.Buffers.Binary;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>A fact about the query.</summary>
internal sealed class VariableData(QueryVariable variable) : EdnsData
{
    private static readonly Dictionary<string, QueryVariable> Names = new(StringComparer.Ordinal)
    {
        ["{qname}"] = QueryVariable.Name,
        ["{qtype}"] = QueryVariable.Type,
        ["{client_ip}"] = QueryVariable.ClientAddress,
        ["{client_port}"] = QueryVariable.ClientPort,
        ["{protocol}"] = QueryVariable.Protocol,
        ["{server_ip}"] = QueryVariable.ServerAddress,
        ["{server_port}"] = QueryVariable.ServerPort,
    };

    /// <summary>The variables as they are written.</summary>
    public static IReadOnlyCollection<string> Known => Names.Keys;

    /// <inheritdoc/>
    public override bool NeedsText => variable == QueryVariable.Name;

    /// <summary>Reads a variable as it is written.</summary>
    public static bool TryParse(string text, out QueryVariable variable) => Names.TryGetValue(text, out variable);

    /// <inheritdoc/>
    public override bool TryRead(DnsQuery query, ReadOnlySpan<byte> name, Span<byte> scratch, out ReadOnlySpan<byte> data)
    {
        switch (variable)
        {
            case QueryVariable.Name:
                data = name;
                break;
            case QueryVariable.Type:
                data = Number(scratch, (ushort)query.Type);
                break;
            case QueryVariable.ClientAddress:
                data = scratch[..query.Client.WriteOctets(scratch)];
                break;
            case QueryVariable.ClientPort:
                data = Number(scratch, query.Client.Port);
                break;
            case QueryVariable.ServerAddress:
                data = scratch[..query.Local.WriteOctets(scratch)];
                break;
            case QueryVariable.ServerPort:
                data = Number(scratch, query.Local.Port);
                break;
            default:
                data = query.Transport is DnsTransport.Udp or DnsTransport.Internal ? "udp"u8 : "tcp"u8;
                break;
        }

        return true;
    }

    private static ReadOnlySpan<byte> Number(Span<byte> scratch, ushort number)
    {
        BinaryPrimitives.WriteUInt16BigEndian(scratch, number);
        return scratch[..2];
    }
}
