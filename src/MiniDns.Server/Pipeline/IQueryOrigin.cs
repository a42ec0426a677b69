namespace MiniDns.Server.Pipeline;

/// <summary>Where a query came in, as far as routing is concerned; what <see cref="Queries.DnsQuery.Origin"/> holds.</summary>
internal interface IQueryOrigin
{
    /// <summary>The routes that the query was matched against.</summary>
    RoutingTable Routes { get; }
}
