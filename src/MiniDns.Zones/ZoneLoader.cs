using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Makes zones of zone files.</summary>
public static class ZoneLoader
{
    /// <summary>About how many octets of text a record takes, for a guess at how many there are.</summary>
    private const int TextPerRecord = 24;

    /// <summary>Zone text from which on the memory used for loading is given back to the system at once, in octets.</summary>
    private const int LargeText = 8 << 20;

    /// <summary>Loads a file, its includes too.</summary>
    /// <param name="path">The file.</param>
    /// <param name="origin">The zone's name.</param>
    /// <param name="problems">Takes what is wrong, a file that cannot be read included.</param>
    /// <returns>Null when there are errors.</returns>
    public static Zone? FromFile(string path, DnsName origin, ZoneProblems problems)
    {
        try
        {
            Load(path, origin, null, problems, out Zone? zone, out _);
            return zone;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            problems.Error(new ZonePlace(path), $"cannot be read: {e.Message}");
            return null;
        }
    }

    /// <summary>Loads text.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <param name="name">The file's name, for messages and includes.</param>
    /// <param name="origin">The zone's name.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="include">Reads the files that <c>$INCLUDE</c> names; null forbids it.</param>
    /// <returns>Null when there are errors.</returns>
    public static Zone? FromText(ReadOnlyMemory<byte> text, string name, DnsName origin, ZoneProblems problems, Func<string, ReadOnlyMemory<byte>>? include = null)
    {
        Load(text, name, origin, null, problems, include, out Zone? zone);
        return zone;
    }

    /// <summary>Loads a file unless its serial number is a given one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="origin">The zone's name.</param>
    /// <param name="serial">The serial number that is not to be loaded; null to load in any case.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="zone">The zone, when it was loaded.</param>
    /// <param name="hasIncludes">True when the file includes others.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    internal static ZoneFileOutcome Load(string path, DnsName origin, uint? serial, ZoneProblems problems, out Zone? zone, out bool hasIncludes)
    {
        ZoneFileOutcome outcome = LoadFile(path, origin, serial, problems, out zone, out hasIncludes, out bool isLarge);
        if (isLarge)
        {
            // What loading needed is several times the zone itself. It is garbage only after LoadFile's frame is gone.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        return outcome;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ZoneFileOutcome LoadFile(string path, DnsName origin, uint? serial, ZoneProblems problems, out Zone? zone, out bool hasIncludes, out bool isLarge)
    {
        byte[] text = ReadAll(path);
        isLarge = text.Length >= LargeText;
        bool included = false;
        ReadOnlyMemory<byte> Include(string file)
        {
            included = true;
            return ReadAll(file);
        }

        ZoneFileOutcome outcome = Load(text, path, origin, serial, problems, Include, out zone);
        hasIncludes = included;
        return outcome;
    }

    /// <summary>Reads a file of a length that is known beforehand: a device such as /dev/zero, which never ends, counts as empty.</summary>
    private static byte[] ReadAll(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        long length = RandomAccess.GetLength(file);
        if (length > Array.MaxLength)
        {
            throw new IOException($"it has {length} octets; {Array.MaxLength} are the most");
        }

        byte[] text = GC.AllocateUninitializedArray<byte>((int)length);
        int at = 0;
        while (at < text.Length)
        {
            int read = RandomAccess.Read(file, text.AsSpan(at), at);
            if (read == 0)
            {
                // Somebody has cut it meanwhile.
                return text[..at];
            }

            at += read;
        }

        return text;
    }

    private static ZoneFileOutcome Load(ReadOnlyMemory<byte> text, string name, DnsName origin, uint? serial, ZoneProblems problems, Func<string, ReadOnlyMemory<byte>>? include, out Zone? zone)
    {
        zone = null;
        var options = new ZoneFileOptions { FileName = name, Origin = origin, Include = include, MaxErrors = ZoneProblems.Limit };
        var reader = new ZoneFileReader(text, options);
        int lines = text.Span.Count((byte)'\n');
        var builder = new ZoneBuilder(origin, problems, Math.Min(lines, text.Length / TextPerRecord));
        while (reader.TryRead())
        {
            if (serial is not null && reader.Type == DnsRecordType.SOA && BinaryPrimitives.ReadUInt32BigEndian(reader.Rdata[^20..]) == serial)
            {
                return ZoneFileOutcome.SameSerial;
            }

            builder.Add(reader.Owner, reader.Type, reader.Class, reader.Ttl, reader.Rdata, new ZonePlace(reader.File, reader.Line, reader.Column));
        }

        foreach (ZoneFileError error in reader.Errors)
        {
            problems.Error(new ZonePlace(error.File, error.Line, error.Column), error.Message);
        }

        zone = reader.Errors.Count == 0 ? builder.TryBuild() : null;
        return zone is null ? ZoneFileOutcome.Refused : ZoneFileOutcome.Loaded;
    }
}
