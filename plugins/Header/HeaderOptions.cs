namespace MiniDns.Plugins.Header;

/// <summary>What the directive says.</summary>
/// <param name="Query">The change to the flags that the plugins behind this one see.</param>
/// <param name="Response">The change to the reply's flags.</param>
internal sealed record HeaderOptions(FlagChange Query, FlagChange Response);
