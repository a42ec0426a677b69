using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Secondary;

/// <summary>What the plugin says of catalogs.</summary>
internal static partial class SecondaryLog
{
    [LoggerMessage(13, LogLevel.Error, "catalog {Catalog} is broken: {Reason}; its members stay as they are")]
    public static partial void BrokenCatalog(ILogger logger, string catalog, string reason);

    [LoggerMessage(14, LogLevel.Information, "catalog {Catalog} lists {Members} zones: {Added} added, {Removed} removed, {Reset} started anew, {Skipped} left out")]
    public static partial void CatalogApplied(ILogger logger, string catalog, int members, int added, int removed, int reset, int skipped);

    [LoggerMessage(15, LogLevel.Warning, "catalog {Catalog}: member {Zone} is left out, for the zone is there already")]
    public static partial void MemberClash(ILogger logger, string catalog, string zone);

    [LoggerMessage(16, LogLevel.Information, "member {Zone} has moved from catalog {From} to {To}{How}")]
    public static partial void MemberMoved(ILogger logger, string zone, string from, string to, string how);
}
