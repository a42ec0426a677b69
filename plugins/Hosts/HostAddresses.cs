namespace MiniDns.Plugins.Hosts;

/// <summary>The address sets of one name, as indexes into the store's RRsets; 0 means none.</summary>
/// <param name="V4">The A RRset.</param>
/// <param name="V6">The AAAA RRset.</param>
internal readonly record struct HostAddresses(int V4, int V6);
