using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MiniDns.Testing;

/// <summary>Writes files of the MaxMind DB format: networks and what is known of each.</summary>
/// <remarks>Values are texts, numbers, booleans, maps (<see cref="Dictionary{TKey,TValue}"/> of texts) and lists. A value that was written before is pointed
/// to, keys included, as MaxMind's own writer does.</remarks>
public sealed class MmdbWriter(string kind, int recordBits = 24, bool isIPv6 = true)
{
    private readonly List<(int Left, int Right)> _nodes = [(Empty, Empty)];
    private readonly MemoryStream _data = new();
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    private const int Empty = -1;

    /// <summary>When it is said to be made, in seconds since 1970.</summary>
    public ulong BuiltAt { get; init; } = 1_700_000_000;

    /// <summary>Adds a network; a later one that lies within an earlier one is not taken.</summary>
    /// <param name="network">Such as <c>192.0.2.0/24</c>.</param>
    /// <param name="value">What is known of it.</param>
    public MmdbWriter Add(string network, object value)
    {
        var parsed = IPNetwork.Parse(network);
        byte[] address = parsed.BaseAddress.GetAddressBytes();
        int length = parsed.PrefixLength;
        if (isIPv6 && parsed.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
        {
            address = [.. new byte[12], .. address];
            length += 96;
        }

        int leaf = -2 - Place(value);
        int node = 0;
        for (int bit = 0; bit < length; bit++)
        {
            bool isRight = (address[bit / 8] & (0x80 >> (bit % 8))) != 0;
            int next = isRight ? _nodes[node].Right : _nodes[node].Left;
            if (bit == length - 1 && next == Empty)
            {
                Set(node, isRight, leaf);
            }
            else if (next == Empty)
            {
                _nodes.Add((Empty, Empty));
                Set(node, isRight, _nodes.Count - 1);
                next = _nodes.Count - 1;
            }

            if (next < 0)
            {
                break;
            }

            node = next;
        }

        return this;
    }

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        var file = new MemoryStream();
        Span<byte> pair = stackalloc byte[recordBits / 4];
        foreach ((int left, int right) in _nodes)
        {
            uint first = Record(left);
            uint second = Record(right);
            switch (recordBits)
            {
                case 24:
                    WriteThree(pair, first);
                    WriteThree(pair[3..], second);
                    break;
                case 28:
                    WriteThree(pair, first);
                    pair[3] = (byte)((first >> 24 << 4) | (second >> 24));
                    WriteThree(pair[4..], second);
                    break;
                default:
                    BinaryPrimitives.WriteUInt32BigEndian(pair, first);
                    BinaryPrimitives.WriteUInt32BigEndian(pair[4..], second);
                    break;
            }

            file.Write(pair);
        }

        file.Write(new byte[16]);
        file.Write(_data.ToArray());
        file.Write([0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8]);
        var metadata = new Dictionary<string, object>
        {
            ["binary_format_major_version"] = (ushort)2,
            ["binary_format_minor_version"] = (ushort)0,
            ["build_epoch"] = BuiltAt,
            ["database_type"] = kind,
            ["description"] = new Dictionary<string, object> { ["en"] = "made by a test" },
            ["ip_version"] = (ushort)(isIPv6 ? 6 : 4),
            ["languages"] = new object[] { "en", "de" },
            ["node_count"] = (uint)_nodes.Count,
            ["record_size"] = (ushort)recordBits,
        };
        Write(file, metadata, canPoint: false);
        return file.ToArray();
    }

    private static void WriteThree(Span<byte> destination, uint value)
    {
        destination[0] = (byte)(value >> 16);
        destination[1] = (byte)(value >> 8);
        destination[2] = (byte)value;
    }

    private static void WriteHeader(Stream to, int type, int size)
    {
        int first = size < 29 ? size : size < 285 ? 29 : size < 65821 ? 30 : 31;
        to.WriteByte((byte)((type > 7 ? 0 : type << 5) | first));
        if (type > 7)
        {
            to.WriteByte((byte)(type - 7));
        }

        int more = first switch { 29 => size - 29, 30 => size - 285, 31 => size - 65821, _ => 0 };
        for (int octet = first - 28; octet > 0; octet--)
        {
            to.WriteByte((byte)(more >> (8 * (octet - 1))));
        }
    }

    private static void WritePointer(Stream to, int target)
    {
        if (target < 2048)
        {
            to.Write([(byte)(0x20 | (target >> 8)), (byte)target]);
        }
        else if (target < 526336)
        {
            int rest = target - 2048;
            to.Write([(byte)(0x28 | (rest >> 16)), (byte)(rest >> 8), (byte)rest]);
        }
        else
        {
            to.Write([0x38, (byte)(target >> 24), (byte)(target >> 16), (byte)(target >> 8), (byte)target]);
        }
    }

    private static void WriteNumber(Stream to, int type, ulong value)
    {
        int octets = 0;
        while (octets < 8 && value >> (8 * octets) != 0)
        {
            octets++;
        }

        WriteHeader(to, type, octets);
        for (int i = octets - 1; i >= 0; i--)
        {
            to.WriteByte((byte)(value >> (8 * i)));
        }
    }

    private void Set(int node, bool isRight, int target) =>
        _nodes[node] = isRight ? (_nodes[node].Left, target) : (target, _nodes[node].Right);

    private uint Record(int target) => target == Empty ? (uint)_nodes.Count : target >= 0 ? (uint)target : (uint)(_nodes.Count + 16 + (-2 - target));

    /// <summary>Where a value stands in the data, which it is added to when it is not there yet.</summary>
    private int Place(object value)
    {
        string key = KeyOf(value);
        if (!_places.TryGetValue(key, out int place))
        {
            // What it consists of comes first, so that it can be pointed to.
            var own = new MemoryStream();
            Write(own, value, canPoint: true);
            place = (int)_data.Length;
            own.WriteTo(_data);
            _places.Add(key, place);
        }

        return place;
    }

    private void WriteShared(Stream to, object value)
    {
        if (value is string or IDictionary<string, object>)
        {
            WritePointer(to, Place(value));
        }
        else
        {
            Write(to, value, canPoint: true);
        }
    }

    private void Write(Stream to, object value, bool canPoint)
    {
        Action<Stream, object> inside = canPoint ? WriteShared : (s, v) => Write(s, v, canPoint: false);
        switch (value)
        {
            case string text:
                WriteHeader(to, 2, Encoding.UTF8.GetByteCount(text));
                to.Write(Encoding.UTF8.GetBytes(text));
                break;
            case double number:
                WriteHeader(to, 3, 8);
                Span<byte> octets = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(octets, number);
                to.Write(octets);
                break;
            case float number:
                WriteHeader(to, 15, 4);
                Span<byte> four = stackalloc byte[4];
                BinaryPrimitives.WriteSingleBigEndian(four, number);
                to.Write(four);
                break;
            case byte[] raw:
                WriteHeader(to, 4, raw.Length);
                to.Write(raw);
                break;
            case ushort number:
                WriteNumber(to, 5, number);
                break;
            case uint number:
                WriteNumber(to, 6, number);
                break;
            case ulong number:
                WriteNumber(to, 9, number);
                break;
            case int number:
                WriteHeader(to, 8, 4);
                to.Write([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
                break;
            case bool flag:
                WriteHeader(to, 14, flag ? 1 : 0);
                break;
            case IDictionary<string, object> map:
                WriteHeader(to, 7, map.Count);
                foreach ((string key, object item) in map)
                {
                    inside(to, key);
                    inside(to, item);
                }

                break;
            case object[] list:
                WriteHeader(to, 11, list.Length);
                foreach (object item in list)
                {
                    inside(to, item);
                }

                break;
            default:
                throw new ArgumentException($"{value.GetType()} has no place in the format", nameof(value));
        }
    }

    private static string KeyOf(object value) => value switch
    {
        IDictionary<string, object> map => "{" + string.Join(',', map.Select(p => KeyOf(p.Key) + ":" + KeyOf(p.Value))) + "}",
        object[] list => "[" + string.Join(',', list.Select(KeyOf)) + "]",
        byte[] raw => "0x" + Convert.ToHexString(raw),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value.GetType().Name} '{value}'"),
    };
}
