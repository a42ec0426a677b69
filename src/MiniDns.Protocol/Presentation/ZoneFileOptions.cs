using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>How a zone file is read.</summary>
public sealed record ZoneFileOptions
{
    /// <summary>The file's name, for errors and as the place that <c>$INCLUDE</c> paths are relative to.</summary>
    public string FileName { get; init; } = "zone";

    /// <summary>The origin until <c>$ORIGIN</c> sets another.</summary>
    public DnsName Origin { get; init; } = DnsName.Root;

    /// <summary>The time to live, in seconds, of records before any <c>$TTL</c> or time to live in the file; null makes a missing one an error.</summary>
    public uint? DefaultTtl { get; init; }

    /// <summary>The class of records that do not tell theirs.</summary>
    public DnsRecordClass DefaultClass { get; init; } = DnsRecordClass.IN;

    /// <summary>Reads the file that <c>$INCLUDE</c> names, by its path; null, which is the default, forbids <c>$INCLUDE</c>.</summary>
    /// <remarks>An <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> becomes an error of the zone file.</remarks>
    public Func<string, ReadOnlyMemory<byte>>? Include { get; init; }

    /// <summary>How deep includes may nest.</summary>
    public int MaxIncludeDepth { get; init; } = 8;

    /// <summary>How many includes there may be in all, those of included files counted.</summary>
    public int MaxIncludes { get; init; } = 1000;

    /// <summary>The most octets that files included again, after the first time, may have together: they multiply a zone at no cost.</summary>
    public long MaxRepeatedText { get; init; } = 16 << 20;

    /// <summary>The most records one <c>$GENERATE</c> may make.</summary>
    public int MaxGenerate { get; init; } = 65_536;

    /// <summary>The most records that all <c>$GENERATE</c> together may make.</summary>
    public int MaxGenerated { get; init; } = 1 << 20;

    /// <summary>The most octets of text that all <c>$GENERATE</c> together may make.</summary>
    public long MaxGeneratedText { get; init; } = 64 << 20;

    /// <summary>After this many errors reading stops.</summary>
    public int MaxErrors { get; init; } = 100;
}
