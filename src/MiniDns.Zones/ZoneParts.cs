using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>What a version of a zone is made of.</summary>
internal sealed record ZoneParts
{
    /// <summary>The zone's name.</summary>
    public required DnsName Origin { get; init; }

    /// <summary>The octets of the blocks; those of the version before come first.</summary>
    public required byte[][] Chunks { get; init; }

    /// <summary>Node id → block.</summary>
    public required Pages<uint> References { get; init; }

    /// <summary>The hash table: 0 = free; else tag &lt;&lt; 32 | block. Its size is a power of two.</summary>
    public required Pages<ulong> Slots { get; init; }

    /// <summary>How many nodes are names of the zone: all but phantoms.</summary>
    public required int NameCount { get; init; }

    /// <summary>The most labels that a name has.</summary>
    public required int MaxDepth { get; init; }

    /// <summary>The octets of blocks that changes added since the zone was last built whole.</summary>
    public long PatchOctets { get; init; }

    /// <summary>How many chunks they are in.</summary>
    public int PatchChunks { get; init; }

    /// <summary>The nodes that are not as they were in the version before, in canonical order; null when it was built whole.</summary>
    public int[]? Touched { get; init; }
}
