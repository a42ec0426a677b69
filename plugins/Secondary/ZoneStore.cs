using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>Keeps zones in a directory: a zone file each, whose modification time says when a primary last confirmed the data.</summary>
/// <remarks>A file is written under another name, forced to disk and renamed: at any moment there is one whole version.</remarks>
internal sealed class ZoneStore(string directory)
{
    private const string Suffix = ".zone";
    private const int MaxFileName = 200;
    private const int BlockSize = 64 * 1024;

    private static int s_count;

    /// <summary>Makes the directory if it is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Prepare() => Directory.CreateDirectory(directory);

    /// <summary>The file of a zone.</summary>
    public string PathOf(DnsName origin) => Path.Combine(directory, FileNameOf(origin));

    /// <summary>Reads a zone.</summary>
    /// <param name="origin">The zone's name.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="confirmedAt">When a primary last confirmed it.</param>
    /// <param name="failure">Why there is none, unless it was never kept.</param>
    public bool TryLoad(DnsName origin, out Zone? zone, out DateTimeOffset confirmedAt, out string? failure)
    {
        zone = null;
        failure = null;
        confirmedAt = default;
        string path = PathOf(origin);
        try
        {
            if (!File.Exists(path))
            {
                return false;
            }

            // The time first: if the file is replaced in between, its data is taken for older than it is.
            confirmedAt = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
            var problems = new ZoneProblems();
            zone = ZoneLoader.FromText(File.ReadAllBytes(path), path, origin, problems);
            failure = zone is null ? problems.Errors.FirstOrDefault()?.ToString() ?? "it cannot be read" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = e.Message;
        }

        return zone is not null;
    }

    /// <summary>Keeps a version.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Save(Zone zone, DateTimeOffset confirmedAt)
    {
        string path = PathOf(zone.Origin);
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}.new");
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
            {
                Write(zone, file);
                file.Flush(flushToDisk: true);
            }

            File.SetLastWriteTimeUtc(temporary, confirmedAt.UtcDateTime);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Notes that the version that is kept was confirmed.</summary>
    /// <returns>False when its file is gone.</returns>
    /// <exception cref="IOException">It cannot be noted.</exception>
    public bool TryConfirm(DnsName origin, DateTimeOffset confirmedAt)
    {
        try
        {
            File.SetLastWriteTimeUtc(PathOf(origin), confirmedAt.UtcDateTime);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Forgets a zone.</summary>
    /// <exception cref="IOException">Its file cannot be removed.</exception>
    public void Delete(DnsName origin) => File.Delete(PathOf(origin));

    /// <summary>A file name that no other zone has, whatever octets are in the name.</summary>
    internal static string FileNameOf(DnsName origin)
    {
        if (origin.IsRoot)
        {
            return "@" + Suffix;
        }

        var text = new StringBuilder();
        ReadOnlySpan<byte> wire = origin.ToLower().Wire;
        for (int at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            if (at > 0)
            {
                text.Append('.');
            }

            foreach (byte octet in wire.Slice(at + 1, wire[at]))
            {
                if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_')
                {
                    text.Append((char)octet);
                }
                else
                {
                    text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
                }
            }
        }

        // File systems take 255 octets, and a temporary name is longer.
        return (text.Length <= MaxFileName ? text.ToString() : "@" + Convert.ToHexString(SHA256.HashData(wire))) + Suffix;
    }

    private static void Write(Zone zone, FileStream file)
    {
        var buffer = new ArrayBufferWriter<byte>(BlockSize);
        var writer = new ZoneFileWriter(buffer);
        buffer.Write(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"; zone {zone.Origin}, serial {zone.Serial}: a copy from its primary. The time of this file is when a primary last confirmed it.\n")));
        foreach (RRsetView set in zone.Records)
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
