using System.Net;

namespace MiniDns.Plugins;

/// <summary>A small HTTP page beside DNS: health, readiness, metrics. Pages of one address share its listener.</summary>
/// <param name="Address">Where to listen; an unspecified IPv6 address means every address of both families.</param>
/// <param name="Path">The page's path, <c>/health</c>.</param>
/// <param name="GetAsync">Makes the page's content at every request; takes the query string, with its question mark, or an empty text.</param>
/// <param name="Plugin">The plugin's name, for messages about the address.</param>
public sealed record HttpSideEndpoint(IPEndPoint Address, string Path, Func<string, CancellationToken, ValueTask<HttpSideReply>> GetAsync, string Plugin);
