using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MiniDns.Plugins.Cache;

/// <summary>The file format of a snapshot: a header, entries, and a SHA-256 digest of all that.</summary>
/// <remarks>
/// Header: <c>MDCS</c>, version (16 bits), length of the text (16 bits), when it was written (64 bits, milliseconds since
/// 1970), the text: the zones, a space, what stands for the directives that the content comes from. Entry: length of the message (16 bits, not 0), selector (64), lifetime (32) and age (32) in seconds, the message. A
/// length of 0 ends the entries. All numbers are in network order.
/// </remarks>
internal static class SnapshotFile
{
    private const ushort Version = 2;
    private const int HeaderSize = 16;
    private const int EntrySize = 18;

    private static ReadOnlySpan<byte> Magic => "MDCS"u8;

    /// <summary>What is kept of an entry.</summary>
    /// <param name="Message">The response.</param>
    /// <param name="Selector">Type, class, DO and CD.</param>
    /// <param name="Lifetime">How long it is good, in seconds.</param>
    /// <param name="Age">How long it was there when the file was written, in seconds.</param>
    internal readonly record struct Item(ReadOnlyMemory<byte> Message, ulong Selector, uint Lifetime, uint Age);

    /// <summary>Writes a file, in the place of the one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="zones">Whose cache it is.</param>
    /// <param name="source">Stands for the directives that the content comes from.</param>
    /// <param name="writtenAt">The time.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="ageOf">Tells an entry's age in seconds.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, string zones, string source, DateTimeOffset writtenAt, IEnumerable<CacheEntry> entries, Func<CacheEntry, uint> ageOf)
    {
        // Whoever reads it finds the old file or the whole new one. It tells what clients asked for: only the server may read it.
        string draft = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(draft, options))
        using (var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            byte[] text = Encoding.UTF8.GetBytes($"{zones} {source}");
            Span<byte> header = stackalloc byte[HeaderSize];
            Magic.CopyTo(header);
            BinaryPrimitives.WriteUInt16BigEndian(header[4..], Version);
            BinaryPrimitives.WriteUInt16BigEndian(header[6..], (ushort)text.Length);
            BinaryPrimitives.WriteInt64BigEndian(header[8..], writtenAt.ToUnixTimeMilliseconds());
            Put(header);
            Put(text);
            Span<byte> fields = stackalloc byte[EntrySize];
            foreach (CacheEntry entry in entries)
            {
                BinaryPrimitives.WriteUInt16BigEndian(fields, (ushort)entry.Message.Length);
                BinaryPrimitives.WriteUInt64BigEndian(fields[2..], entry.Selector);
                BinaryPrimitives.WriteUInt32BigEndian(fields[10..], entry.Lifetime);
                BinaryPrimitives.WriteUInt32BigEndian(fields[14..], ageOf(entry));
                Put(fields);
                Put(entry.Message);
            }

            Put([0, 0]);
            stream.Write(digest.GetHashAndReset());
            stream.Flush(flushToDisk: true);

            void Put(ReadOnlySpan<byte> octets)
            {
                stream.Write(octets);
                digest.AppendData(octets);
            }
        }

        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Reads a file that is as it was written: the digest is checked before the first entry is given out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="zones">Whose cache it must be.</param>
    /// <param name="source">What must stand for the directives that the content comes from.</param>
    /// <param name="sizeLimit">The most octets that it may have.</param>
    /// <param name="take">Takes an entry, and when the file was written.</param>
    /// <exception cref="InvalidDataException">It is no such file, or damaged; the message says how.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void Read(string path, string zones, string source, long sizeLimit, Action<Item, DateTimeOffset> take)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        long content = stream.Length - SHA256.HashSizeInBytes;
        if (content < HeaderSize + 2)
        {
            throw new InvalidDataException("it is too short");
        }

        if (stream.Length > sizeLimit)
        {
            throw new InvalidDataException($"it has {stream.Length} octets; at most {sizeLimit} are read");
        }

        CheckDigest(stream, content);
        stream.Position = 0;
        Span<byte> header = stackalloc byte[HeaderSize];
        stream.ReadExactly(header);
        if (!header.StartsWith(Magic))
        {
            throw new InvalidDataException("it is no snapshot of a cache");
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(header[4..]) is var version && version != Version)
        {
            throw new InvalidDataException($"it has version {version}; version {Version} is read");
        }

        byte[] text = new byte[BinaryPrimitives.ReadUInt16BigEndian(header[6..])];
        stream.ReadExactly(text);
        string[] owner = Encoding.UTF8.GetString(text).Split(' ');
        if (owner[0] != zones)
        {
            throw new InvalidDataException($"it is of a cache for {owner[0]}");
        }

        if (owner[^1] != source)
        {
            throw new InvalidDataException("the directives that its answers came from have changed");
        }

        long milliseconds = BinaryPrimitives.ReadInt64BigEndian(header[8..]);
        if (milliseconds < 0 || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            throw new InvalidDataException("it does not say when it was written");
        }

        var writtenAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        byte[] message = ArrayPool<byte>.Shared.Rent(ushort.MaxValue);
        Span<byte> fields = stackalloc byte[EntrySize];
        try
        {
            while (true)
            {
                stream.ReadExactly(fields[..2]);
                int length = BinaryPrimitives.ReadUInt16BigEndian(fields);
                if (length == 0)
                {
                    return;
                }

                stream.ReadExactly(fields[2..]);
                stream.ReadExactly(message, 0, length);
                take(
                    new Item(
                        message.AsMemory(0, length),
                        BinaryPrimitives.ReadUInt64BigEndian(fields[2..]),
                        BinaryPrimitives.ReadUInt32BigEndian(fields[10..]),
                        BinaryPrimitives.ReadUInt32BigEndian(fields[14..])),
                    writtenAt);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    private static void CheckDigest(FileStream stream, long content)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        for (long left = content; left > 0;)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                throw new InvalidDataException("it is too short");
            }

            digest.AppendData(buffer, 0, read);
            left -= read;
        }

        Span<byte> told = stackalloc byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(told);
        if (!told.SequenceEqual(digest.GetHashAndReset()))
        {
            throw new InvalidDataException("its checksum does not fit");
        }
    }
}
