using MiniDns.Client.Secure;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Tls;

/// <summary>The directive <c>tls</c>: what <c>tls://</c> and <c>https://</c> addresses are encrypted with.</summary>
public sealed class TlsPlugin : IDnsPlugin
{
    private const string Syntax = "tls CERT KEY [CA]";

    private static readonly Dictionary<string, ClientAuthentication> Authentications = new(StringComparer.Ordinal)
    {
        ["nocert"] = ClientAuthentication.None,
        ["request"] = ClientAuthentication.Request,
        ["require"] = ClientAuthentication.Require,
        ["verify_if_given"] = ClientAuthentication.VerifyIfGiven,
        ["require_and_verify"] = ClientAuthentication.RequireAndVerify,
    };

    private static readonly string[] AcmeProperties = ["acme", "email", "ca", "storage", "ca_root", "resolver"];

    /// <inheritdoc/>
    public string Name => "tls";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        Directive directive = setup.Directives[0];
        DirectiveReader reader = new(directive, setup.Diagnostics, root: setup.Block.Root);
        if (!setup.Block.Schemes.Any(s => s != ServerScheme.Dns))
        {
            reader.Warning("no key of this block begins with 'tls://' or 'https://', so this has no effect");
        }

        if (reader.ArgumentsLeft == 1 && reader.TakeIf("off"))
        {
            reader.End();
            setup.Endpoint.IsTlsOff = true;
            return;
        }

        if (directive.Body.FirstOrDefault(line => AcmeProperties.Contains(line.Name.Text, StringComparer.Ordinal)) is { } acme)
        {
            reader.Error(acme.Span, $"CoreDNS's '{acme.Name.Text}' is not part of MiniDns yet: have certbot, lego or cert-manager renew the files, which are read when they change, and write '{Syntax}'");
            return;
        }

        CertificatePaths? paths = ReadPaths(reader);
        ClientAuthentication clients = ClientAuthentication.None;
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["client_auth"] = p => clients = p.Choice(Authentications, ClientAuthentication.None),
            ["keylog"] = p =>
            {
                p.Rest();
                p.Error(p.Directive.Span, "the keys of connections cannot be written to a file here; leave it out");
            },
        });
        if (paths is null)
        {
            return;
        }

        if (!TlsFiles.TryLoad(paths.Certificate, paths.Key, paths.Authorities, setup.Services.Time, out TlsFiles? read, out string? error))
        {
            reader.Error(directive.Span, error);
            return;
        }

        var files = new CertificateFiles(directive.Span, paths, read, clients, setup.Services);
        if (files.NotAfter < setup.Services.Time.GetUtcNow().UtcDateTime)
        {
            reader.Warning($"the certificate in '{paths.Certificate}' ended on {files.NotAfter:yyyy-MM-dd}; clients that check it turn away");
        }

        setup.Endpoint.Tls = files;
        setup.Run(files);
    }

    private static CertificatePaths? ReadPaths(DirectiveReader reader)
    {
        if (!reader.ArgumentCount(2, 3, Syntax)
            || !reader.TryPath(out string? certificate, "the path of a certificate")
            || !reader.TryPath(out string? key, "the path of a private key"))
        {
            reader.Rest();
            return null;
        }

        string? authorities = null;
        return reader.HasArgument && !reader.TryPath(out authorities, "the path of the certificates of authorities")
            ? null
            : new CertificatePaths(certificate, key, authorities);
    }
}
