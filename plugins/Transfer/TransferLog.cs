using System.Net;
using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Transfer;

internal static partial class TransferLog
{
    [LoggerMessage(1, LogLevel.Information, "sent {Kind} of zone {Zone}, serial {Serial}, to {Client}: {Records} records in {Messages} messages")]
    public static partial void Sent(this ILogger logger, string kind, DnsName zone, uint serial, ClientAddress client, long records, int messages);

    [LoggerMessage(2, LogLevel.Warning, "transfer of zone {Zone} to {Client} ended after {Records} records: the connection is gone")]
    public static partial void CutShort(this ILogger logger, DnsName zone, ClientAddress client, long records);

    [LoggerMessage(3, LogLevel.Error, "transfer of zone {Zone} to {Client} failed: a record is larger than {Limit} octets, which no message can hold")]
    public static partial void RecordTooLarge(this ILogger logger, DnsName zone, ClientAddress client, int limit);

    [LoggerMessage(4, LogLevel.Debug, "zone {Zone}: {Server} took the notification")]
    public static partial void Notified(this ILogger logger, DnsName zone, IPEndPoint server);

    [LoggerMessage(5, LogLevel.Warning, "zone {Zone}: {Server} did not take the notification: {Reason}")]
    public static partial void NotNotified(this ILogger logger, DnsName zone, IPEndPoint server, string reason);

    [LoggerMessage(6, LogLevel.Warning, "{Server} is to be notified of more than {Limit} zones at once; it is not told of the rest and finds out by itself when it refreshes them")]
    public static partial void TooManyNotifications(this ILogger logger, IPEndPoint server, int limit);
}
