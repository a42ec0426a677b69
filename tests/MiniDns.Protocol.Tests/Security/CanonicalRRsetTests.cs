using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Protocol.Tests.Security;

public sealed class CanonicalRRsetTests
{
    private static readonly DnsName Zone = DnsName.Parse("example.");

    [Fact]
    public void Rfc4034_6_order_doubles_and_case_make_no_difference() => Prop.ForAll(
        Gen.Choose(0, 20).ListOf().ToArbitrary(),
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        (numbers, seed) =>
        {
            string[] names = [.. numbers.Select(n => $"{n % 7} {(n % 2 == 0 ? "Mail" : "mail")}{n}.Example.")];
            string[] shuffled = [.. names.Concat(names.Take(seed % 5)).OrderBy(n => n.GetHashCode(StringComparison.Ordinal) ^ seed)];
            string[] lower = [.. shuffled.Select(n => n.ToLowerInvariant())];
            return Octets("WWW.example.", DnsRecordType.MX, names).SequenceEqual(Octets("www.EXAMPLE.", DnsRecordType.MX, lower));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Rfc4034_6_3_records_stand_in_the_order_of_their_octets()
    {
        byte[] octets = Octets("a.example.", DnsRecordType.TXT, "\"b\"", "\"aa\"", "\"a\"", "\"b\"");
        byte[] head = Octets("a.example.", DnsRecordType.TXT);
        Assert.Equal([0, 2, 1, (byte)'a', 0, 2, 1, (byte)'b', 0, 3, 2, (byte)'a', (byte)'a'], octets[head.Length..]);
    }

    [Theory]
    [InlineData("a.example.", "b.example.", DnsRecordType.A, DnsRecordType.A)]
    [InlineData("a.example.", "a.example.", DnsRecordType.NS, DnsRecordType.PTR)]
    public void Another_owner_or_type_is_another_content(string one, string other, DnsRecordType type, DnsRecordType otherType)
    {
        string data = type == DnsRecordType.A ? "192.0.2.1" : "x.example.";
        Assert.NotEqual(Octets(one, type, data), Octets(other, otherType, data));
    }

    [Fact]
    public void What_is_malformed_or_too_much_is_refused()
    {
        var records = new CanonicalRRset();
        records.Begin(Zone.View, Zone.View, DnsRecordType.A, DnsRecordClass.IN, 0);
        Assert.False(records.TryAdd([1, 2, 3]));
        records.Begin(Zone.View, Zone.View, DnsRecordType.NULL, DnsRecordClass.IN, 0);
        byte[] large = new byte[60_000];
        Assert.True(records.TryAdd(large));
        Assert.True(records.TryAdd(large));
        Assert.False(records.TryAdd(large));
    }

    [Fact]
    public void Rfc4470_3_nothing_lies_between_a_name_and_its_successor() => Prop.ForAll(
        Names.ToArbitrary(),
        Names.ToArbitrary(),
        (name, other) =>
        {
            Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
            int length = NameSuccessor.Write(name.View, Zone.View, wire);
            Assert.True(DnsNameView.TryRead(wire[..length], out DnsNameView next));
            Assert.Equal(length, next.Length);
            bool isLast = next.Equals(Zone.View);
            Assert.True(isLast || next.CompareCanonical(name.View) > 0);
            Assert.True(other.View.CompareCanonical(name.View) <= 0 || (!isLast && other.View.CompareCanonical(next) >= 0));

            // Beside it: what is below the name may lie between, and nothing else.
            length = NameSuccessor.WriteBeside(name.View, Zone.View, wire);
            Assert.True(DnsNameView.TryRead(wire[..length], out next));
            isLast = next.Equals(Zone.View);
            Assert.True(isLast || (next.CompareCanonical(name.View) > 0 && !next.IsSubdomainOf(name.View)));
            Assert.True(other.View.CompareCanonical(name.View) <= 0 || other.IsSubdomainOf(name) || (!isLast && other.View.CompareCanonical(next) >= 0));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("A NS SOA MX", "A", "NS SOA MX")]
    [InlineData("A NS SOA MX", "MX", "A NS SOA")]
    [InlineData("A URI CAA", "CAA", "A URI")]
    [InlineData("A NS", "AAAA", "A NS")]
    [InlineData("A URI CAA", "TYPE65400", "A URI CAA")]
    public void A_type_can_be_taken_out_of_a_list(string types, string removed, string left)
    {
        byte[] bitmap = TypeBitmap.Of([.. types.Split(' ').Select(Type)]);
        byte[] rest = new byte[bitmap.Length];
        int length = TypeBitmap.Remove(bitmap, Type(removed), rest);
        Assert.Equal(left, RdataText.Format(DnsRecordType.NSEC, [0, .. rest[..length]]).Split(' ', 2)[1]);
    }

    // Names below "example.": short ones, so that neighbours meet, and those that leave no room for more.
    private static Gen<DnsName> Names
    {
        get
        {
            Gen<byte> octet = Gen.Elements<byte>(0, (byte)'@', (byte)'[', (byte)'a', (byte)'z', 0xFF);
            Gen<byte[]> few = Gen.Choose(1, 3).SelectMany(n => octet.ArrayOf(n));
            Gen<byte[]> many = Gen.Choose(60, 63).SelectMany(n => octet.SelectMany(o => octet.Select(last => (byte[])[.. Enumerable.Repeat(o, n - 1), last])));
            return Gen.OneOf(few.ArrayOf(1), few.ArrayOf(2), few.ArrayOf(3), many.ArrayOf(3), many.ArrayOf(4)).Select(ToName);
        }
    }

    private static DnsName ToName(byte[][] labels)
    {
        byte[] wire = [.. Zone.Wire];
        foreach (byte[] label in labels)
        {
            if (wire.Length + label.Length + 1 > DnsNameView.MaxLength)
            {
                int room = DnsNameView.MaxLength - wire.Length - 1;
                return room > 0 ? Below(label[..Math.Min(room, label.Length)], wire) : Below([], wire);
            }

            wire = [(byte)label.Length, .. label, .. wire];
        }

        return Below([], wire);
    }

    private static DnsName Below(byte[] label, byte[] wire)
    {
        Assert.True(DnsName.TryFromWire(label.Length == 0 ? wire : [(byte)label.Length, .. label, .. wire], out DnsName? name));
        return name;
    }

    private static DnsRecordType Type(string mnemonic)
    {
        Assert.True(DnsTypeText.TryParse(mnemonic, out DnsRecordType type));
        return type;
    }

    private static byte[] Octets(string owner, DnsRecordType type, params string[] rdatas)
    {
        var records = new CanonicalRRset();
        records.Begin(Zone.View, DnsName.Parse(owner).View, type, DnsRecordClass.IN, 3600);
        foreach (string rdata in rdatas)
        {
            Assert.True(records.TryAdd(RdataText.Parse(type, rdata)));
        }

        records.Complete();
        return records.Octets.ToArray();
    }
}
