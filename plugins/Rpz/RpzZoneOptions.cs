using MiniDns.Configuration;
using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rpz;

/// <summary>What the directive says of one policy zone.</summary>
internal sealed record RpzZoneOptions
{
    /// <summary>The longest that rewritten answers are kept by default, in seconds: policies change.</summary>
    public const uint DefaultMaxTtl = 300;

    /// <summary>The zone's name.</summary>
    public required DnsName Origin { get; init; }

    /// <summary>Where it is named in the configuration.</summary>
    public SourceSpan Place { get; init; }

    /// <summary>The file that the zone is read from; null when it is transferred.</summary>
    public string? Path { get; init; }

    /// <summary>Where it is transferred from; null when it is read from a file.</summary>
    public TransferSource? Source { get; init; }

    /// <summary>What is done in the place of what the records say; null for what they say.</summary>
    public PolicyRule? Override { get; init; }

    /// <summary>True when matches are told and counted, and nothing is done.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>The longest TTL of rewritten answers, in seconds.</summary>
    public uint MaxTtl { get; init; } = DefaultMaxTtl;

    /// <summary>The extended error that goes with rewritten answers (RFC 8914); null for none.</summary>
    public ushort? ErrorCode { get; init; }

    /// <summary>True when each match gets a line in the log.</summary>
    public bool LogsMatches { get; init; }

    /// <summary>True when the zone's SOA record is put into the additional section of rewritten answers.</summary>
    public bool AddsSoa { get; init; } = true;
}
