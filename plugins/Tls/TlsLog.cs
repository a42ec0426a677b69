using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Tls;

internal static partial class TlsLog
{
    [LoggerMessage(1, LogLevel.Information, "read {Path}: a certificate that is valid until {NotAfter:yyyy-MM-dd}")]
    public static partial void Read(ILogger logger, string path, DateTime notAfter);

    [LoggerMessage(2, LogLevel.Error, "{Reason}; what was read before stays in use")]
    public static partial void Unusable(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Directory} cannot be watched: {Reason}; the certificate is looked at every {Seconds} seconds")]
    public static partial void Unwatched(ILogger logger, string directory, string reason, double seconds);
}
