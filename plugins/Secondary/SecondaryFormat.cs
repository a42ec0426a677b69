using System.Buffers;
using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>The versions of a zone that is served.</summary>
internal sealed class SecondaryFormat : ITransferFormat<Zone>
{
    private const int BlockSize = 64 * 1024;

    private SecondaryFormat()
    {
    }

    /// <summary>The one.</summary>
    public static SecondaryFormat Instance { get; } = new();

    /// <inheritdoc/>
    public uint SerialOf(Zone version) => version.Serial;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> SoaOf(Zone version) => version.Soa.First;

    /// <inheritdoc/>
    public TransferUpdate<Zone> Update(DnsName origin, Zone? present, string source) => new ZoneUpdate(origin, present, source);

    /// <inheritdoc/>
    public Zone? Read(byte[] text, string path, DnsName origin, out string? failure)
    {
        var problems = new ZoneProblems();
        Zone? zone = ZoneLoader.FromText(text, path, origin, problems);
        failure = zone is null ? problems.Errors.FirstOrDefault()?.ToString() : null;
        return zone;
    }

    /// <inheritdoc/>
    public void Write(Zone version, Stream file)
    {
        var buffer = new ArrayBufferWriter<byte>(BlockSize);
        var writer = new ZoneFileWriter(buffer);
        foreach (RRsetView set in version.Records)
        {
            writer.Write(set);
            if (buffer.WrittenCount >= BlockSize)
            {
                file.Write(buffer.WrittenSpan);
                buffer.ResetWrittenCount();
            }
        }

        file.Write(buffer.WrittenSpan);
    }
}
