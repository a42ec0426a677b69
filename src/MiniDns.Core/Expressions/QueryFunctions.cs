using System.Net;
using System.Text;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using Arguments = System.ReadOnlySpan<MiniDns.Expressions.ExpressionValue>;

namespace MiniDns.Expressions;

/// <summary>The functions that tell an expression about a query.</summary>
public static class QueryFunctions
{
    /// <summary>The longest name as text, each octet an escape of four characters.</summary>
    private const int LongestName = 1024;

    /// <summary>The functions.</summary>
    public static IReadOnlyList<ExpressionFunction> All { get; } =
    [
        new("name", [], ExpressionType.String, Name),
        new("type", [], ExpressionType.String, Type),
        new("class", [], ExpressionType.String, Class),
        new("proto", [], ExpressionType.String, static (ExpressionContext c, Arguments _, out ExpressionValue v) =>
        {
            v = ExpressionValue.From(Protocol(c.Query!));
            return true;
        }),
        Number("bufsize", static q => q.Transport != DnsTransport.Udp ? DnsQuery.MaxMessageSize : Math.Max(DnsQuery.MinUdpSize, (int)q.Edns.UdpPayloadSize)),
        Number("id", static q => q.Header.Id),
        Number("opcode", static q => (long)q.Header.Opcode),
        Number("size", static q => q.WireLength),
        new("do", [], ExpressionType.Bool, static (ExpressionContext c, Arguments _, out ExpressionValue v) =>
        {
            v = ExpressionValue.From(c.Query!.DnssecOk);
            return true;
        }),
        Address("client_ip", isClient: true),
        Address("server_ip", isClient: false),
        new("port", [], ExpressionType.String, static (ExpressionContext c, Arguments _, out ExpressionValue v) => ExpressionBuiltins.Write(c, c.Query!.Client.Port, 5, out v)),
        new("server_port", [], ExpressionType.String, static (ExpressionContext c, Arguments _, out ExpressionValue v) => ExpressionBuiltins.Write(c, c.Query!.Local.Port, 5, out v)),
        new("incidr", [ExpressionType.String, ExpressionType.String], ExpressionType.Bool, IsIn) { Make = MakeIsIn },
        new("metadata", [ExpressionType.String], ExpressionType.String, static (ExpressionContext c, Arguments _, out ExpressionValue v) =>
        {
            v = default;
            return c.Fail("metadata: a label in quotes is expected");
        }) { Make = MakeMetadata },
    ];

    private static ExpressionFunction Number(string name, Func<DnsQuery, long> read) =>
        new(name, [], ExpressionType.Int, (ExpressionContext c, Arguments _, out ExpressionValue v) =>
        {
            v = ExpressionValue.From(read(c.Query!));
            return true;
        });

    private static ExpressionFunction Address(string name, bool isClient) =>
        new(name, [], ExpressionType.String, (ExpressionContext c, Arguments _, out ExpressionValue v) => WriteAddress(c, isClient ? c.Query!.Client : c.Query!.Local, out v))
        {
            Make = (ExpressionNode[] _, out string? error) =>
            {
                error = null;
                return new QueryAddress(isClient);
            },
        };

    private static bool Name(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        value = default;
        if (!context.TryRoom(LongestName, out Span<char> room))
        {
            return false;
        }

        value = context.Take(DnsNameText.Format(context.Query!.LowerName, room));
        return true;
    }

    private static bool Type(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        Span<byte> text = stackalloc byte[DnsTypeText.MaxLength];
        DnsTypeText.TryFormat(context.Query!.Type, text, out int length);
        return WriteOctets(context, text[..length], out value);
    }

    private static bool Class(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        Span<byte> text = stackalloc byte[DnsTypeText.MaxLength];
        DnsClassText.TryFormat(context.Query!.Class, text, out int length);
        return WriteOctets(context, text[..length], out value);
    }

    /// <summary><c>udp</c> or <c>tcp</c>; of the server's own questions, that of the client they are for.</summary>
    private static string Protocol(DnsQuery query)
    {
        for (int i = 0; query.Transport == DnsTransport.Internal && query.Parent is { } parent && i < IQueryRunner.MaxDepth; i++)
        {
            query = parent;
        }

        return query.Transport is DnsTransport.Udp or DnsTransport.Internal ? "udp" : "tcp";
    }

    private static bool WriteAddress(ExpressionContext context, in ClientAddress address, out ExpressionValue value)
    {
        value = default;
        if (!context.TryRoom(ClientAddress.MaxTextLength, out Span<char> room))
        {
            return false;
        }

        value = context.Take(address.FormatAddress(room));
        return true;
    }

    private static bool WriteOctets(ExpressionContext context, scoped ReadOnlySpan<byte> octets, out ExpressionValue value)
    {
        value = default;
        if (!context.TryRoom(octets.Length, out Span<char> room))
        {
            return false;
        }

        value = context.Take(Encoding.UTF8.GetChars(octets, room));
        return true;
    }

    private static bool IsIn(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        value = default;
        return TryParseNetwork(arguments[1].Text, out ClientNetwork network)
            ? IsIn(context, arguments[0], network, out value)
            : context.Fail($"incidr: '{arguments[1]}' is not a network such as 10.0.0.0/8");
    }

    private static bool IsIn(ExpressionContext context, in ExpressionValue address, in ClientNetwork network, out ExpressionValue value)
    {
        value = default;
        if (address.Type != ExpressionType.String || !AddressText.TryParseAddress(address.Text, out IPAddress? parsed))
        {
            return context.Fail($"incidr: '{address}' is not an IP address");
        }

        value = ExpressionValue.From(network.Contains(ClientAddress.From(new IPEndPoint(parsed, 0))));
        return true;
    }

    private static bool TryParseNetwork(ReadOnlySpan<char> text, out ClientNetwork network)
    {
        bool isNetwork = ClientNetwork.TryParse(text, out ClientNetwork? parsed) && text.Contains('/');
        network = parsed.GetValueOrDefault();
        return isNetwork;
    }

    /// <summary>Reads a network that is written in the expression once.</summary>
    private static ExpressionNode? MakeIsIn(ExpressionNode[] arguments, out string? error)
    {
        error = null;
        if (arguments[1] is not ExpressionNode.Literal literal)
        {
            return new ExpressionNode.Call(All.First(f => f.Name == "incidr"), arguments);
        }

        if (TryParseNetwork(literal.Constant.Text, out ClientNetwork network))
        {
            return new InNetwork(arguments[0], network);
        }

        error = $"'{literal.Constant}' is not a network such as '10.0.0.0/8' or '2001:db8::/32'";
        return null;
    }

    private static MetadataValue? MakeMetadata(ExpressionNode[] arguments, out string? error)
    {
        error = arguments[0] is ExpressionNode.Literal ? null : "'metadata' takes text in quotes only";
        return arguments[0] is ExpressionNode.Literal literal ? new MetadataValue(new MetadataLabel(literal.Constant.ToString())) : null;
    }

    /// <summary>The value of a label of metadata; empty when there is none.</summary>
    internal sealed class MetadataValue(MetadataLabel label) : ExpressionNode(ExpressionType.String)
    {
        /// <summary>The label.</summary>
        public MetadataLabel Label => label;

        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = ExpressionValue.From("");
            Span<byte> octets = stackalloc byte[MetadataLabel.MaxValueLength];
            return context.Step() && (!label.TryRead(context.Query!, octets, out int length) || WriteOctets(context, octets[..length], out value));
        }
    }

    /// <summary>The address of the client or of the server.</summary>
    private sealed class QueryAddress(bool isClient) : ExpressionNode(ExpressionType.String)
    {
        /// <summary>The address.</summary>
        public ClientAddress Of(DnsQuery query) => isClient ? query.Client : query.Local;

        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            return context.Step() && WriteAddress(context, Of(context.Query!), out value);
        }
    }

    /// <summary>Whether an address is in a network; of the query's own addresses no text is made.</summary>
    private sealed class InNetwork(ExpressionNode address, ClientNetwork network) : ExpressionNode(ExpressionType.Bool)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            if (address is QueryAddress known)
            {
                value = ExpressionValue.From(network.Contains(known.Of(context.Query!)));
                return context.Step();
            }

            value = default;
            return address.TryEvaluate(context, out ExpressionValue text) && context.Step() && IsIn(context, text, network, out value);
        }
    }
}
