using System.Net;
using MiniDns.Client;
using MiniDns.Configuration;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Forward;

/// <summary>Where a <c>forward</c> sends queries.</summary>
internal sealed class ForwardAddresses(ForwardOptions options, SourceSpan span) : IUpstreamAddresses
{
    /// <inheritdoc/>
    public IReadOnlyList<DnsName> Zones => options.From;

    /// <inheritdoc/>
    public IReadOnlyList<IPEndPoint> Addresses =>
    [
        .. options.Targets
            .SelectMany(t => t.File is { } file ? ResolvConf.Read(file).Servers : [t])
            .Where(t => t is { Address: not null, Scheme: UpstreamScheme.Dns })
            .Select(t => new IPEndPoint(t.Address!, t.Port)),
    ];

    /// <inheritdoc/>
    public SourceSpan Span { get; } = span;
}
