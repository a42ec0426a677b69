using System.Buffers.Binary;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Tests.Records;

/// <summary>Makes random well-formed rdata of any type, as its descriptor says.</summary>
internal static class RdataGenerator
{
    public static readonly DnsRecordType[] Types = [.. RdataTable.KnownTypes, (DnsRecordType)65280];

    public static byte[] Next(DnsRecordType type, Random random)
    {
        List<byte> rdata = [];
        foreach (RdataField field in RdataDescriptor.For(type).Fields)
        {
            Append(field, rdata, random);
        }

        return [.. rdata];
    }

    public static byte[] Name(Random random, int maxLength = 255)
    {
        List<byte> wire = [];
        int labels = random.Next(5);
        for (int i = 0; i < labels; i++)
        {
            int length = random.Next(8) == 0 ? random.Next(1, 64) : random.Next(1, 8);
            if (wire.Count + length + 2 > maxLength)
            {
                break;
            }

            wire.Add((byte)length);
            wire.AddRange(random.Next(6) == 0 ? Octets(random, length) : Letters(random, length));
        }

        wire.Add(0);
        return [.. wire];
    }

    public static byte[] Octets(Random random, int length)
    {
        byte[] octets = new byte[length];
        random.NextBytes(octets);
        return octets;
    }

    private static byte[] Letters(Random random, int length)
    {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++)
        {
            octets[i] = (byte)"abcXYZ-0_*9"[random.Next(11)];
        }

        return octets;
    }

    private static byte[] Text(Random random, int length) => random.Next(2) == 0 ? Letters(random, length) : Octets(random, length);

    private static void Append(RdataField field, List<byte> rdata, Random random)
    {
        if (field.FixedLength >= 0 && field.Kind != RdataFieldKind.Location)
        {
            rdata.AddRange(Octets(random, field.FixedLength));
            return;
        }

        switch (field.Kind)
        {
            case RdataFieldKind.Name:
                rdata.AddRange(Name(random));
                break;
            case RdataFieldKind.CharacterString or RdataFieldKind.Salt:
                AppendString(random.Next(20));
                break;
            case RdataFieldKind.OptionalCharacterString:
                if (random.Next(2) == 0)
                {
                    AppendString(random.Next(5));
                }

                break;
            case RdataFieldKind.CharacterStrings:
                for (int i = random.Next(1, 4); i > 0; i--)
                {
                    AppendString(random.Next(10) == 0 ? 255 : random.Next(30));
                }

                break;
            case RdataFieldKind.HashedOwner:
                AppendString(random.Next(1, 33));
                break;
            case RdataFieldKind.Tag:
                rdata.AddRange([5, .. "issue"u8]);
                break;
            case RdataFieldKind.SizedBase64:
                int size = random.Next(20);
                rdata.AddRange([0, (byte)size, .. Octets(random, size)]);
                break;
            case RdataFieldKind.TypeBitmap:
                for (int window = random.Next(3); window < 256; window += random.Next(1, 200))
                {
                    int length = random.Next(1, 33);
                    byte[] bits = Octets(random, length);
                    bits[^1] |= 1;
                    rdata.AddRange([(byte)window, (byte)length, .. bits]);
                }

                break;
            case RdataFieldKind.NxtBitmap:
                byte[] types = Octets(random, random.Next(1, 17));
                types[0] &= 0x7F;
                types[^1] |= 1;
                rdata.AddRange(types);
                break;
            case RdataFieldKind.SvcParams:
                AppendParameters();
                break;
            case RdataFieldKind.IpsecGateway:
                rdata[^2] = (byte)random.Next(4);
                AppendGateway(rdata[^2]);
                break;
            case RdataFieldKind.AmtRelay:
                byte relay = (byte)random.Next(random.Next(8) == 0 ? 128 : 4);
                rdata.Add((byte)(relay | (random.Next(2) << 7)));
                AppendGateway(relay);
                break;
            case RdataFieldKind.AddressPrefixes:
                for (int i = random.Next(4); i > 0; i--)
                {
                    int family = random.Next(1, 3);
                    int width = family == 1 ? 4 : 16;
                    byte[] address = Octets(random, random.Next(width + 1));
                    if (address.Length > 0)
                    {
                        address[^1] |= 1;
                    }

                    rdata.AddRange([0, (byte)family, (byte)random.Next((width * 8) + 1), (byte)(address.Length | (random.Next(2) << 7)), .. address]);
                }

                break;
            case RdataFieldKind.Location:
                byte[] location = new byte[16];
                for (int i = 1; i <= 3; i++)
                {
                    location[i] = (byte)((random.Next(1, 10) << 4) | random.Next(10));
                }

                BinaryPrimitives.WriteUInt32BigEndian(location.AsSpan(4), (uint)(0x80000000 + random.Next(-90 * 3600_000, (90 * 3600_000) + 1)));
                BinaryPrimitives.WriteUInt32BigEndian(location.AsSpan(8), (uint)(0x80000000 + random.Next(-180 * 3600_000, (180 * 3600_000) + 1)));
                random.NextBytes(location.AsSpan(12));
                rdata.AddRange(location);
                break;
            case RdataFieldKind.Services:
                byte[] ports = Octets(random, random.Next(30));
                if (ports.Length > 0)
                {
                    ports[^1] |= 1;
                }

                rdata.AddRange([(byte)random.Next(256), .. ports]);
                break;
            case RdataFieldKind.AddressSuffix:
                int prefix = random.Next(129);
                byte[] suffix = Octets(random, (128 - prefix + 7) / 8);
                if (suffix.Length > 0)
                {
                    suffix[0] &= (byte)(0xFF >> (prefix % 8));
                }

                rdata.AddRange([(byte)prefix, .. suffix]);
                if (prefix > 0)
                {
                    rdata.AddRange(Name(random));
                }

                break;
            case RdataFieldKind.HostIdentity:
                int tag = random.Next(1, 17);
                int key = random.Next(1, 40);
                rdata.AddRange([(byte)tag, (byte)random.Next(256), 0, (byte)key, .. Octets(random, tag + key)]);
                for (int i = random.Next(3); i > 0; i--)
                {
                    rdata.AddRange(Name(random));
                }

                break;
            case RdataFieldKind.AtmAddress:
                rdata.AddRange(random.Next(2) == 0 ? [0, .. Octets(random, random.Next(1, 20))] : [1, .. "61200001234"u8]);
                break;
            case RdataFieldKind.EdnsOptions:
                for (int i = random.Next(4); i > 0; i--)
                {
                    int length = random.Next(20);
                    rdata.AddRange([0, (byte)random.Next(20), 0, (byte)length, .. Octets(random, length)]);
                }

                break;
            case RdataFieldKind.TextRest:
                rdata.AddRange(Text(random, random.Next(10) == 0 ? 300 : random.Next(40)));
                break;
            default:
                rdata.AddRange(Octets(random, random.Next(field.MinLength, 50)));
                break;
        }

        void AppendString(int length) => rdata.AddRange([(byte)length, .. Text(random, length)]);

        void AppendGateway(int type) => rdata.AddRange(type switch
        {
            0 => [],
            1 => Octets(random, 4),
            2 => Octets(random, 16),
            3 => Name(random),
            _ => Octets(random, random.Next(10)),
        });

        void AppendParameters()
        {
            bool mandatory = random.Next(3) == 0;
            if (mandatory)
            {
                Parameter(0, 0, 1, 0, 3);
            }

            bool alpn = mandatory || random.Next(2) == 0;
            if (alpn)
            {
                Parameter(1, [2, .. Octets(random, 2), 4, .. "a,b\\"u8]);
                if (random.Next(2) == 0)
                {
                    Parameter(2);
                }
            }

            if (mandatory || random.Next(2) == 0)
            {
                Parameter(3, Octets(random, 2));
            }

            if (random.Next(2) == 0)
            {
                Parameter(4, Octets(random, 4 * random.Next(1, 4)));
            }

            if (random.Next(2) == 0)
            {
                Parameter(5, Octets(random, random.Next(1, 30)));
                Parameter(6, Octets(random, 16 * random.Next(1, 3)));
                Parameter(7, Text(random, random.Next(1, 30)));
                Parameter(9, Octets(random, 2 * random.Next(1, 3)));
            }

            if (random.Next(2) == 0)
            {
                Parameter(random.Next(10, 256), Text(random, random.Next(30)));
            }
        }

        void Parameter(int key, params byte[] value) => rdata.AddRange([0, (byte)key, 0, (byte)value.Length, .. value]);
    }
}
