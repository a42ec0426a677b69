using System.Net.Security;
using MiniDns.Configuration;

namespace MiniDns.Plugins;

/// <summary>What an address is encrypted with (<c>tls</c>).</summary>
public interface IServerTls
{
    /// <summary>Where the Corefile asks for it.</summary>
    SourceSpan Span { get; }

    /// <summary>True when clients have to show a certificate, so that the server cannot ask itself as a client would.</summary>
    bool RequiresClientCertificate { get; }

    /// <summary>How the next handshake is made. For any thread; reads no file.</summary>
    /// <param name="scheme">What is spoken after it: DNS (RFC 7858) or HTTP (RFC 8484). It decides which protocols are negotiated (ALPN, RFC 7301).</param>
    SslServerAuthenticationOptions OptionsFor(ServerScheme scheme);

    /// <summary>True when the other one is made from the same files in the same way: blocks that share an address have to agree.</summary>
    bool IsSameAs(IServerTls other);
}
