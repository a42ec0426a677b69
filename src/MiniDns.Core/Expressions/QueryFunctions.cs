using System.Globalization;
using System.Net;
using MiniDns.Configuration;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Expressions;

/// <summary>The functions that tell an expression about a query.</summary>
public static class QueryFunctions
{
    /// <summary>The functions.</summary>
    public static IReadOnlyList<ExpressionFunction> All { get; } =
    [
        Number("bufsize", static q => q.Edns.IsPresent ? Math.Max((int)q.Edns.UdpPayloadSize, DnsQuery.MinUdpSize) : q.Transport == DnsTransport.Udp ? DnsQuery.MinUdpSize : DnsQuery.MaxMessageSize),
        Text("class", static q => DnsClassText.Format(q.Class)),
        Text("client_ip", static q => Address(q.Client)),
        new("do", [], ExpressionType.Bool, static (ExpressionContext c, ReadOnlySpan<ExpressionValue> _, out ExpressionValue v) =>
        {
            v = ExpressionValue.From(c.Query!.DnssecOk);
            return true;
        }),
        Number("id", static q => q.Header.Id),
        Text("name", static q => q.LowerName.ToString()),
        Number("opcode", static q => (long)q.Header.Opcode),
        Text("port", static q => q.Client.Port.ToString(CultureInfo.InvariantCulture)),
        Text("proto", static q => q.Transport == DnsTransport.Udp ? "udp" : "tcp"),
        Text("server_ip", static q => Address(q.Local)),
        Text("server_port", static q => q.Local.Port.ToString(CultureInfo.InvariantCulture)),
        Number("size", static q => q.WireLength),
        Text("type", static q => DnsTypeText.Format(q.Type)),
        new("incidr", [ExpressionType.String, ExpressionType.String], ExpressionType.Bool, InCidr),
        new("metadata", [ExpressionType.String], ExpressionType.String, static (ExpressionContext c, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
        {
            v = ExpressionValue.From(c.Metadata(a[0].Text));
            return true;
        }) { TakesLiterals = true },
    ];

    private static ExpressionFunction Text(string name, Func<DnsQuery, string> read) =>
        new(name, [], ExpressionType.String, (ExpressionContext c, ReadOnlySpan<ExpressionValue> _, out ExpressionValue v) =>
        {
            v = ExpressionValue.From(read(c.Query!));
            return true;
        });

    private static ExpressionFunction Number(string name, Func<DnsQuery, long> read) =>
        new(name, [], ExpressionType.Int, (ExpressionContext c, ReadOnlySpan<ExpressionValue> _, out ExpressionValue v) =>
        {
            v = ExpressionValue.From(read(c.Query!));
            return true;
        });

    private static string Address(in ClientAddress address) => address.ToIPAddress().ToString().Split('%')[0];

    private static bool InCidr(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
    {
        value = default;
        if (!AddressText.TryParseAddress(arguments[0].Text, out IPAddress? address))
        {
            return context.Fail($"incidr: '{arguments[0].Text}' is not an IP address");
        }

        string network = arguments[1].Text;
        int slash = network.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !AddressText.TryParseAddress(network.AsSpan(0, slash), out IPAddress? prefix)
            || !int.TryParse(network.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            || length > (prefix.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128))
        {
            return context.Fail($"incidr: '{network}' is not a network such as 10.0.0.0/8");
        }

        var known = ClientAddress.From(new IPEndPoint(prefix, 0));
        value = ExpressionValue.From(known.IsIPv6 || length <= 32
            ? ClientAddress.From(new IPEndPoint(address, 0)).IsIn(known, length)
            : ClientAddress.From(new IPEndPoint(address, 0)).IsIn(known, Math.Max(length - 96, 0)));
        return true;
    }
}
