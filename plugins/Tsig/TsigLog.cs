using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Tsig;

/// <summary>What the plugin says.</summary>
internal static partial class TsigLog
{
    [LoggerMessage(1, LogLevel.Debug, "rejected {Client}'s message about {Name} {Type}: {Status}, key {Key}")]
    public static partial void Rejected(ILogger logger, string client, string name, DnsRecordType type, TsigStatus status, string key);
}
