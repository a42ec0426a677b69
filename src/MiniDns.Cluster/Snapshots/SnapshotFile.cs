using System.Buffers;
using System.Text.Json;
using MiniDns.Cluster.Api;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;

namespace MiniDns.Cluster.Snapshots;

/// <summary>A file with the objects of a store: a line that tells what it is, then a line of JSON for each object. Read and written object by
/// object.</summary>
internal static class SnapshotFile
{
    private static ReadOnlySpan<byte> Heading => "{\"kind\":\"MiniDnsClusterSnapshot\",\"version\":1}\n"u8;

    /// <summary>Writes a snapshot beside the file and puts it in the file's place.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, ClusterStore store)
    {
        string temporary = path + ".new";
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(Heading);
            using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
            foreach (ClusterResource resource in Enum.GetValues<ClusterResource>())
            {
                foreach (ClusterObject item in store.AllOf(resource).All())
                {
                    json.Reset();
                    SnapshotWriter.Write(json, item);
                    json.Flush();
                    buffer.Write("\n"u8);
                    if (buffer.WrittenCount > 48 * 1024)
                    {
                        file.Write(buffer.WrittenSpan);
                        buffer.ResetWrittenCount();
                    }
                }
            }

            file.Write(buffer.WrittenSpan);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads a snapshot into a store, which serves it as stale.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="JsonException">It is no snapshot.</exception>
    public static void Read(string path, ClusterStore store, ClusterFields fields)
    {
        ObjectReader[] readers = [.. Enum.GetValues<ClusterResource>().Select(r => new ObjectReader(r, fields))];
        string[] names = [.. Enum.GetValues<ClusterResource>().Select(r => $"{{\"kind\":\"{r}\",")];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        byte[] buffer = new byte[64 * 1024];
        int filled = 0;
        bool isFirst = true;
        while (true)
        {
            int read = file.Read(buffer, filled, buffer.Length - filled);
            filled += read;
            int start = 0;
            for (int length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n'); length >= 0; length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n'))
            {
                ReadOnlySpan<byte> line = buffer.AsSpan(start, length);
                if (isFirst && !line.SequenceEqual(Heading[..^1]))
                {
                    throw new JsonException("it is no snapshot of this version");
                }

                if (!isFirst)
                {
                    ReadLine(line, readers, names, store);
                }

                isFirst = false;
                start += length + 1;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (read == 0)
            {
                return;
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static void ReadLine(ReadOnlySpan<byte> line, ObjectReader[] readers, string[] names, ClusterStore store)
    {
        for (int i = 0; i < names.Length; i++)
        {
            if (line.Length > names[i].Length && System.Text.Ascii.Equals(line[..names[i].Length], names[i]))
            {
                var reader = new Utf8JsonReader(line);
                reader.Read();
                if (readers[i].Read(ref reader, out ClusterObject? item) == ClusterBuildOutcome.Built)
                {
                    store.PutStale(item!);
                }
            }
        }
    }
}
