using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>Writes the fields of well-formed rdata as dig does.</summary>
internal static class RdataFormatter
{
    /// <summary>Writes all fields.</summary>
    /// <returns>False when some field holds what its text cannot say; the <c>\#</c> form then says it.</returns>
    internal static bool TryFormat(RdataDescriptor descriptor, scoped ReadOnlySpan<byte> rdata, ref PresentationWriter text)
    {
        int at = 0;
        bool first = true;
        foreach (RdataField field in descriptor.Fields)
        {
            int octets = RdataMeasure.Measure(field, rdata, at);
            if (octets < 0)
            {
                return false;
            }

            // a field that runs to the end and is empty, or writes its own blanks, has no blank before it
            if (!first && field.Kind is not (RdataFieldKind.TypeBitmap or RdataFieldKind.NxtBitmap or RdataFieldKind.SvcParams) && !IsAbsent(field, octets))
            {
                text.Append((byte)' ');
            }

            first = false;
            if (!TryFormat(field, rdata.Slice(at, octets), at >= 2 ? rdata[at - 2] : (byte)0, ref text))
            {
                return false;
            }

            at += octets;
        }

        return at == rdata.Length;
    }

    private static bool IsAbsent(RdataField field, int octets) =>
        octets == 0 && field.Kind is RdataFieldKind.Base64Rest or RdataFieldKind.HexRest or RdataFieldKind.OptionalCharacterString;

    private static bool TryFormat(RdataField field, scoped ReadOnlySpan<byte> value, byte twoBefore, ref PresentationWriter text)
    {
        switch (field.Kind)
        {
            case RdataFieldKind.UInt8 or RdataFieldKind.Algorithm:
                text.AppendNumber(value[0]);
                return true;
            case RdataFieldKind.UInt16:
                text.AppendNumber(BinaryPrimitives.ReadUInt16BigEndian(value));
                return true;
            case RdataFieldKind.UInt32 or RdataFieldKind.Seconds:
                text.AppendNumber(BinaryPrimitives.ReadUInt32BigEndian(value));
                return true;
            case RdataFieldKind.UInt48:
                text.AppendNumber(((long)BinaryPrimitives.ReadUInt16BigEndian(value) << 32) | BinaryPrimitives.ReadUInt32BigEndian(value[2..]));
                return true;
            case RdataFieldKind.Timestamp:
                TimestampText.Format(BinaryPrimitives.ReadUInt32BigEndian(value), ref text);
                return true;
            case RdataFieldKind.RecordType:
                text.AppendMnemonic(DnsTypeText.Table, BinaryPrimitives.ReadUInt16BigEndian(value));
                return true;
            case RdataFieldKind.CertificateType:
                text.AppendMnemonic(Mnemonics.Certificates, BinaryPrimitives.ReadUInt16BigEndian(value));
                return true;
            case RdataFieldKind.AlgorithmMnemonic:
                text.AppendMnemonic(Mnemonics.Algorithms, value[0]);
                return true;
            case RdataFieldKind.DsyncScheme:
                text.AppendMnemonic(Mnemonics.DsyncSchemes, value[0]);
                return true;
            case RdataFieldKind.TransactionError:
                text.AppendMnemonic(Mnemonics.TransactionErrors, BinaryPrimitives.ReadUInt16BigEndian(value));
                return true;
            case RdataFieldKind.IPv4:
                AddressText.FormatIPv4(value, ref text);
                return true;
            case RdataFieldKind.IPv6:
                AddressText.FormatIPv6(value, ref text);
                return true;
            case RdataFieldKind.Name:
                text.AppendName(new DnsNameView(value));
                return true;
            case RdataFieldKind.CharacterString:
                text.AppendQuoted(value[1..]);
                return true;
            case RdataFieldKind.OptionalCharacterString or RdataFieldKind.CharacterStrings:
                FormatStrings(value, ref text);
                return true;
            case RdataFieldKind.TextRest:
                text.AppendQuoted(value);
                return true;
            case RdataFieldKind.Tag:
                text.Append(value[1..]);
                return true;
            case RdataFieldKind.Base64Rest:
                text.AppendBase64(value);
                return true;
            case RdataFieldKind.Base64OrDashRest when value.IsEmpty:
                text.Append((byte)'-');
                return true;
            case RdataFieldKind.Base64OrDashRest:
                text.AppendBase64(value);
                return true;
            case RdataFieldKind.HexRest:
                text.AppendHex(value, upperCase: true);
                return true;
            case RdataFieldKind.NsapRest:
                text.Append("0x"u8);
                text.AppendHex(value, upperCase: false);
                return true;
            case RdataFieldKind.SizedBase64:
                text.AppendNumber(value.Length - 2);
                if (value.Length > 2)
                {
                    text.Append((byte)' ');
                    text.AppendBase64(value[2..]);
                }

                return true;
            case RdataFieldKind.Salt when value.Length == 1:
                text.Append((byte)'-');
                return true;
            case RdataFieldKind.Salt:
                text.AppendHex(value[1..], upperCase: true);
                return true;
            case RdataFieldKind.HashedOwner:
                text.AppendBase32Hex(value[1..]);
                return true;
            case RdataFieldKind.TypeBitmap:
                TypeBitmapText.Format(value, ref text);
                return true;
            case RdataFieldKind.NxtBitmap:
                TypeBitmapText.FormatBits(value, 0, ref text);
                return true;
            case RdataFieldKind.SvcParams:
                SvcParamText.Format(value, ref text);
                return true;
            case RdataFieldKind.IpsecGateway:
                FormatGateway(twoBefore, value, ref text);
                return true;
            case RdataFieldKind.AmtRelay:
                return TryFormatRelay(value, ref text);
            case RdataFieldKind.AddressPrefixes:
                return TryFormatPrefixes(value, ref text);
            case RdataFieldKind.Location:
                LocationText.Format(value, ref text);
                return true;
            case RdataFieldKind.Eui48 or RdataFieldKind.Eui64:
                FormatEui(value, ref text);
                return true;
            case RdataFieldKind.NodeId:
                for (int i = 0; i < 8; i += 2)
                {
                    if (i > 0)
                    {
                        text.Append((byte)':');
                    }

                    AddressText.FormatGroup(BinaryPrimitives.ReadUInt16BigEndian(value[i..]), ref text);
                }

                return true;
            case RdataFieldKind.Services:
                return TryFormatServices(value, ref text);
            case RdataFieldKind.AddressSuffix:
                return TryFormatSuffix(value, ref text);
            case RdataFieldKind.HostIdentity:
                FormatHostIdentity(value, ref text);
                return true;
            case RdataFieldKind.AtmAddress:
                return TryFormatAtm(value, ref text);
            default:
                return false;       // opaque, and options
        }
    }

    private static void FormatStrings(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        for (bool first = true; !value.IsEmpty; first = false)
        {
            if (!first)
            {
                text.Append((byte)' ');
            }

            text.AppendQuoted(value.Slice(1, value[0]));
            value = value[(value[0] + 1)..];
        }
    }

    private static void FormatEui(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        for (int i = 0; i < value.Length; i++)
        {
            if (i > 0)
            {
                text.Append((byte)'-');
            }

            text.AppendHex(value.Slice(i, 1), upperCase: false);
        }
    }

    private static void FormatGateway(byte type, scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        switch (type)
        {
            case 0:
                text.Append((byte)'.');
                break;
            case 1:
                AddressText.FormatIPv4(value, ref text);
                break;
            case 2:
                AddressText.FormatIPv6(value, ref text);
                break;
            default:
                text.AppendName(new DnsNameView(value));
                break;
        }
    }

    private static bool TryFormatRelay(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        byte type = (byte)(value[0] & 0x7F);
        if (type > 3)
        {
            return false;
        }

        text.AppendNumber(value[0] >> 7);
        text.Append((byte)' ');
        text.AppendNumber(type);
        text.Append((byte)' ');
        FormatGateway(type, value[1..], ref text);
        return true;
    }

    private static bool TryFormatPrefixes(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        Span<byte> address = stackalloc byte[16];
        for (bool first = true; !value.IsEmpty; first = false)
        {
            int family = BinaryPrimitives.ReadUInt16BigEndian(value);
            int length = value[3] & 0x7F;
            if (family is not (1 or 2))
            {
                return false;
            }

            if (!first)
            {
                text.Append((byte)' ');
            }

            if ((value[3] & 0x80) != 0)
            {
                text.Append((byte)'!');
            }

            text.AppendNumber(family);
            text.Append((byte)':');
            address.Clear();
            value.Slice(4, length).CopyTo(address);
            if (family == 1)
            {
                AddressText.FormatIPv4(address, ref text);
            }
            else
            {
                AddressText.FormatIPv6(address, ref text);
            }

            text.Append((byte)'/');
            text.AppendNumber(value[2]);
            value = value[(4 + length)..];
        }

        return true;
    }

    private static bool TryFormatServices(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        if (value.Length > 1 && value[^1] == 0)
        {
            return false;           // a longer bit map than the ports need would not come back
        }

        text.AppendNumber(value[0]);
        for (int port = 0; port < (value.Length - 1) * 8; port++)
        {
            if ((value[1 + (port >> 3)] & (0x80 >> (port & 7))) != 0)
            {
                text.Append((byte)' ');
                text.AppendNumber(port);
            }
        }

        return true;
    }

    private static bool TryFormatSuffix(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        int prefix = value[0];
        RdataMeasure.AddressSuffixLength(value, out int nameAt);
        int octets = nameAt - 1;
        if (octets > 0 && prefix % 8 != 0 && value[1] >> (8 - (prefix % 8)) != 0)
        {
            return false;           // bits of the prefix inside the suffix
        }

        text.AppendNumber(prefix);
        if (octets > 0)
        {
            Span<byte> address = stackalloc byte[16];
            address.Clear();
            value[1..nameAt].CopyTo(address[(16 - octets)..]);
            text.Append((byte)' ');
            AddressText.FormatIPv6(address, ref text);
        }

        if (prefix > 0)
        {
            text.Append((byte)' ');
            text.AppendName(new DnsNameView(value[nameAt..]));
        }

        return true;
    }

    private static void FormatHostIdentity(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        int tag = value[0];
        int key = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
        text.AppendNumber(value[1]);
        text.Append((byte)' ');
        text.AppendHex(value.Slice(4, tag), upperCase: true);
        text.Append((byte)' ');
        text.AppendBase64(value.Slice(4 + tag, key));
        ReadOnlySpan<byte> servers = value[(4 + tag + key)..];
        while (DnsNameView.TryRead(servers, out DnsNameView name))
        {
            text.Append((byte)' ');
            text.AppendName(name);
            servers = servers[name.Length..];
        }
    }

    private static bool TryFormatAtm(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        switch (value[0])
        {
            case 0:
                text.AppendHex(value[1..], upperCase: false);
                return true;
            case 1 when value[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0:
                text.Append((byte)'+');
                text.Append(value[1..]);
                return true;
            default:
                return false;
        }
    }
}
