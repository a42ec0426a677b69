using MiniDns.Client.Secure;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Forward;

/// <summary>Reads what a <c>forward</c> directive says about TLS.</summary>
internal static class ForwardTlsDirective
{
    /// <summary>Reads <c>tls</c>, <c>tls CA</c>, <c>tls CERT KEY</c> or <c>tls CERT KEY CA</c>, and the files.</summary>
    public static TlsFiles? ReadFiles(DirectiveReader property, TimeProvider time)
    {
        if (!property.ArgumentCount(0, 3, "tls [CERT KEY] [CA]"))
        {
            property.Rest();
            return null;
        }

        int count = property.ArgumentsLeft;
        string? certificate = null;
        string? key = null;
        string? authority = null;
        if (count >= 2 && !(property.TryPath(out certificate, "the path of a certificate") && property.TryPath(out key, "the path of a private key")))
        {
            return null;
        }

        if (count is 1 or 3 && !property.TryPath(out authority, "the path of the certificates of authorities"))
        {
            return null;
        }

        if (!TlsFiles.TryLoad(certificate, key, authority, time, out TlsFiles? files, out string? error))
        {
            property.Error(error);
        }

        return files;
    }

    /// <summary>Reads <c>tls_servername NAME</c>.</summary>
    public static string? ReadServerName(DirectiveReader property)
    {
        string text = property.Word("the name in the certificates of the upstreams");
        if (text.Length > 0 && (!DnsName.TryParse(text, out DnsName? name) || name.IsRoot))
        {
            property.Error($"'{text}' is not the name of a server");
            return null;
        }

        return text.Length > 0 ? text.TrimEnd('.') : null;
    }
}
