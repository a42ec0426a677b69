using MiniDns.Configuration;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>The server block that a plugin is set up for.</summary>
/// <param name="Index">The block's number in the Corefile, from 0.</param>
/// <param name="Zones">The block's zones, in lower case; a CIDR key gives one or more reverse zones.</param>
/// <param name="ConfigDirectory">The directory of the Corefile.</param>
public sealed record ServerBlockInfo(int Index, IReadOnlyList<DnsName> Zones, string ConfigDirectory)
{
    /// <summary>How the block's keys say that it is asked: plain DNS, TLS, HTTPS …</summary>
    public IReadOnlyList<ServerScheme> Schemes { get; init; } = [ServerScheme.Dns];

    /// <summary>What relative paths are relative to (<c>root</c>); the process's working directory by default, as in CoreDNS.</summary>
    public string Root { get; set; } = ".";

    /// <summary>True when <c>debug</c> is in the block.</summary>
    public bool Debug { get; set; }

    /// <summary>True when the block takes queries of classes other than IN (<c>chaos</c>, <c>forward</c>); else they are refused.</summary>
    public bool TakesOtherClasses { get; set; }

    /// <summary>The plugins that stand in an order of the block's own (<c>order</c>); empty for the usual one.</summary>
    public IReadOnlyList<CorefileToken> Order { get; set; } = [];

    /// <summary>The plugins of the block, in chain order; complete once every plugin is set up.</summary>
    public IReadOnlyList<string> Plugins { get; set; } = [];

    /// <summary>The addresses that the block is served at; known once every block is set up.</summary>
    public IReadOnlyList<ServerEndpoint> Servers { get; set; } = [];

    /// <summary>The name of the block's view; empty when it has none.</summary>
    public string ViewName { get; set; } = "";

    /// <summary>True when queries are to know which plugin answered them (<see cref="DnsQuery.Answerer"/>).</summary>
    public bool TracksPlugins { get; set; }

    /// <summary>True when queries may be traced (<see cref="DnsQuery.Spans"/>), plugin by plugin.</summary>
    public bool TracesPlugins { get; set; }

    /// <summary>True when an exception of a handler is logged with its stack trace (<c>errors</c>).</summary>
    public bool StackTrace { get; set; }

    /// <summary>Makes a path absolute or relative to <see cref="Root"/>.</summary>
    public string ResolvePath(string path) => Path.Combine(Root, path);
}
