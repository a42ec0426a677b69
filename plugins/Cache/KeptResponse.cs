namespace MiniDns.Plugins.Cache;

/// <summary>What became of a response.</summary>
/// <param name="Entry">The entry it is kept as; null when it is not kept.</param>
/// <param name="IsRefresh">True when it takes the place of an expired one: the name was found to exist or not to exist (RFC 8767 §4).</param>
internal readonly record struct KeptResponse(CacheEntry? Entry, bool IsRefresh);
