namespace MiniDns.Plugins.Dns64;

/// <summary>What the directive says.</summary>
internal sealed record Dns64Options
{
    /// <summary>Where IPv4 addresses are put; the well-known prefix by default (RFC 6052 §2.1).</summary>
    public TranslationPrefix Prefix { get; init; } = TranslationPrefix.WellKnown;

    /// <summary>True to translate names that have IPv6 addresses too.</summary>
    public bool TranslateAll { get; init; }

    /// <summary>True to translate for clients that ask over IPv4 too.</summary>
    public bool AllowIPv4 { get; init; }
}
