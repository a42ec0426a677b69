using System.Net;
using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Local;

internal static partial class LocalLog
{
    [LoggerMessage(1, LogLevel.Debug, "intercepting localhost query for {Name} {Type}, from {Client}")]
    public static partial void Intercepted(ILogger log, string name, string type, IPAddress client);
}
